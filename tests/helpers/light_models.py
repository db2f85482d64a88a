"""Architectures whose graphs come with the package onnx, without weights."""

from pathlib import Path

import numpy as np
import onnx
from onnx import numpy_helper
from onnx.helper import make_attribute


def model(name, seed=0):
    """A graph with random weights, of the size that keeps its values where they are."""
    data = Path(onnx.__file__).parent / "backend" / "test" / "data" / "light"
    found, rng = onnx.load(data / f"light_{name}.onnx"), np.random.default_rng(seed)
    graph = found.graph
    initializers = {i.name: i for i in graph.initializer}
    nodes = []
    for node in graph.node:
        if node.op_type == "ConstantOfShape":  # the place of weights
            shape = tuple(numpy_helper.to_array(initializers.pop(node.input[0])))
            scale = np.sqrt(2 / np.prod(shape[1:], initial=1))
            weights = (rng.standard_normal(shape) * scale).astype(np.float32)
            initializers[node.output[0]] = numpy_helper.from_array(weights, node.output[0])
        else:
            nodes.append(node)
        if node.op_type == "Softmax":  # as it is by default in this opset, but not in the newest
            node.attribute.append(make_attribute("axis", 1))
    inputs = [i for i in graph.input if not i.name.endswith("__SHAPE")]
    del graph.node[:], graph.initializer[:], graph.input[:]
    graph.input.extend(inputs)
    graph.node.extend(nodes)
    graph.initializer.extend(initializers.values())
    return found


def image(model, seed=1):
    """What to feed it with."""
    given = {i.name for i in model.graph.initializer}
    [wanted] = [i for i in model.graph.input if i.name not in given]
    shape = [d.dim_value for d in wanted.type.tensor_type.shape.dim]
    return {wanted.name: np.random.default_rng(seed).standard_normal(shape, np.float32)}
