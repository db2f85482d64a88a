"""The libraries whose accuracy is measured, and what they call the functions.

relu_ufunc, NumPy, numexpr and numba take them from the declarations of the kernels.
"""

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache

import ml_dtypes
import numpy as np
from benchmarks.functions import FUNCTIONS
from comparison.peers import numba_ufuncs
from comparison.words import numexpr_outputs

import relu_ufunc

f16, bf16 = np.dtype(np.float16), np.dtype(ml_dtypes.bfloat16)
f32, f64 = np.dtype(np.float32), np.dtype(np.float64)
ALL = (f16, bf16, f32, f64)
NAMES = ("elu", "elu_grad", "leaky_relu")
SLOPE = FUNCTIONS["leaky_relu"].numbers["negative_slope"]


@dataclass
class Library:
    """A library: its functions by (function, dtype), each from an array to an array."""

    name: str
    version: str
    functions: dict[tuple[str, np.dtype], Callable] = field(default_factory=dict)
    set_threads: Callable | None = None


def for_all(calls, dtypes):
    return {(name, dtype): call for name, call in calls.items() for dtype in dtypes}


def relu_ufunc_library():
    functions = for_all({name: getattr(relu_ufunc, name) for name in NAMES}, ALL)
    text = f"{relu_ufunc.__version__}, {relu_ufunc.get_isa()}"
    return Library("relu_ufunc", text, functions, relu_ufunc.set_num_threads)


def numbers_for(name, x):
    """The parameters of a function as numbers of the dtype, for who takes them for float64."""
    return [x.dtype.type(number) for number in FUNCTIONS[name].numbers.values()]


def numpy_library():
    def call(name):
        return lambda x: FUNCTIONS[name].numpy(x, *numbers_for(name, x))

    functions = for_all({name: call(name) for name in NAMES}, ALL)
    simd = np.show_config(mode="dicts").get("SIMD Extensions", {}).get("found", [])
    return Library("NumPy expression", ", ".join([np.__version__, *simd[-1:]]).lower(), functions)


def pytorch_library():
    import torch
    import torch.nn.functional as F

    def to_torch(x):
        if x.dtype == bf16:
            return torch.from_numpy(x.view(np.int16)).view(torch.bfloat16)
        return torch.from_numpy(x)

    def to_numpy(y):
        if y.dtype == torch.bfloat16:
            return y.view(torch.int16).numpy().view(bf16)
        return y.numpy()

    def gradient(x):
        x = to_torch(x).requires_grad_()
        y = F.elu(x)
        return to_numpy(torch.autograd.grad(y, x, torch.ones_like(y))[0])

    calls = {
        "elu": lambda x: to_numpy(F.elu(to_torch(x))),
        "elu_grad": gradient,
        "leaky_relu": lambda x: to_numpy(F.leaky_relu(to_torch(x), SLOPE)),
    }
    functions = for_all(calls, ALL)
    text = f"{torch.__version__}, {torch.backends.cpu.get_cpu_capability().lower()}"
    return Library("PyTorch", text, functions, torch.set_num_threads)


def onnx_runtime_library():
    import onnxruntime as ort
    from onnx import helper

    ort.set_default_logger_severity(4)
    threads = [0]  # of the session to use: 0 is the default, one for each core

    def call(op, dtype, **attributes):
        element = helper.np_dtype_to_tensor_dtype(dtype)
        x, y = (helper.make_tensor_value_info(n, element, [None]) for n in "xy")
        graph = helper.make_graph([helper.make_node(op, ["x"], ["y"], **attributes)], "g", [x], [y])
        opset = helper.make_opsetid("", 16)
        model = helper.make_model(graph, opset_imports=[opset], ir_version=8).SerializeToString()

        @cache
        def session(count):
            options = ort.SessionOptions()
            options.intra_op_num_threads = count
            return ort.InferenceSession(model, options, providers=["CPUExecutionProvider"])

        session(0)
        return lambda x: session(threads[0]).run(None, {"x": x})[0]

    functions = {}
    for dtype in (f16, f32, f64):
        for name, op, parameters in (
            ("elu", "Elu", {"alpha": 1.0}),
            ("leaky_relu", "LeakyRelu", {"alpha": SLOPE}),
        ):
            try:
                functions[name, dtype] = call(op, dtype, **parameters)
            except Exception as error:  # onnxruntime has no common base class that says so
                if "NOT_IMPLEMENTED" not in str(error):
                    raise

    def set_threads(count):
        threads[0] = count

    return Library("ONNX Runtime", ort.__version__, functions, set_threads)


def jax_library():
    os.environ.setdefault("JAX_PLATFORMS", "cpu")
    import jax

    jax.config.update("jax_enable_x64", True)

    def gradient(x):
        y, backward = jax.vjp(jax.nn.elu, x)
        return backward(jax.numpy.ones_like(y))[0]

    def call(f):
        compiled = jax.jit(f)
        return lambda x: np.asarray(compiled(x))

    calls = {
        "elu": call(jax.nn.elu),
        "elu_grad": call(gradient),
        "leaky_relu": call(lambda x: jax.nn.leaky_relu(x, SLOPE)),
    }
    functions = for_all(calls, ALL)
    return Library("JAX", jax.__version__, functions)


def numexpr_library():
    import numexpr

    def call(name):
        def evaluated(x):
            inputs = dict(zip(FUNCTIONS[name].inputs, [x, *numbers_for(name, x)], strict=True))
            (source,), names = numexpr_outputs(name, inputs, x.dtype)
            return numexpr.evaluate(source, names)

        return evaluated

    functions = for_all({name: call(name) for name in NAMES}, (f32, f64))
    return Library("numexpr", numexpr.__version__, functions, numexpr.set_num_threads)


def numba_library():
    import numba

    def call(name):
        return lambda x: numba_ufuncs(name, x.dtype.name)[0](x, *numbers_for(name, x))

    functions = for_all({name: call(name) for name in NAMES}, (f32, f64))
    return Library("numba @vectorize", numba.__version__, functions)


MAKERS = {
    "relu_ufunc": relu_ufunc_library,
    "NumPy expression": numpy_library,
    "PyTorch": pytorch_library,
    "ONNX Runtime": onnx_runtime_library,
    "JAX": jax_library,
    "numexpr": numexpr_library,
    "numba @vectorize": numba_library,
}


def libraries():
    """A Library for each name, or None where it is not installed."""
    found = {}
    for name, make in MAKERS.items():
        try:
            found[name] = make()
        except ImportError:
            found[name] = None
    return found
