"""relu_ufunc.onnx: ONNX's own test cases, dtypes, and an architecture beside ONNX Runtime."""

import warnings
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest

onnx = pytest.importorskip("onnx")
ml_dtypes = pytest.importorskip("ml_dtypes")  # comes with it

from onnx.backend.test.case import node  # noqa: E402
from onnx.backend.test.loader import load_model_tests  # noqa: E402
from onnx.helper import make_node  # noqa: E402
from onnx.numpy_helper import to_array  # noqa: E402
from onnx.reference import ReferenceEvaluator  # noqa: E402

import relu_ufunc as ru  # noqa: E402
import relu_ufunc.onnx  # noqa: E402
from relu_ufunc.testing import assert_same_bits  # noqa: E402

OPS = {op.__name__: op for op in relu_ufunc.onnx.new_ops()}
SHORT = (np.float16, ml_dtypes.bfloat16)
FLOATS = (*SHORT, np.float32, np.float64)


def run(op, *inputs, opset=None, **attributes):
    """One node of an operator, by the evaluator and our classes."""
    names = [f"x{i}" for i in range(len(inputs))]
    one = make_node(op, names, ["y"], **attributes)
    evaluator = ReferenceEvaluator(one, new_ops=relu_ufunc.onnx.new_ops())
    assert type(evaluator.rt_nodes_[0]) is OPS[op]
    if opset:
        evaluator.rt_nodes_[0].run_params["opsets"] = {"": opset}
    return evaluator.run(None, dict(zip(names, inputs, strict=True)))[0]


def cases():
    """ONNX's test cases of our operators, each with its model."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # numbers that overflow on purpose
        for op in OPS:
            import_module(f"{node.__name__}.{op.lower()}")  # which makes its cases
    converted = ("simple", "pytorch-operator", "pytorch-converted")
    others = [case for kind in converted for case in load_model_tests(kind=kind)]
    for case in [*node._NodeTestCases, *others]:
        model = case.model or onnx.load(f"{case.model_dir}/model.onnx")
        if not OPS.keys().isdisjoint(n.op_type for n in model.graph.node):
            yield case, model


def data_sets(case):
    """Inputs and outputs."""
    if case.data_sets is not None:
        yield from case.data_sets
        return
    for folder in sorted(Path(case.model_dir).glob("test_data_set_*")):
        yield tuple(
            [tensor(path) for path in sorted(folder.glob(f"{kind}_*.pb"))]
            for kind in ("input", "output")
        )


def tensor(path):
    return to_array(onnx.TensorProto.FromString(path.read_bytes()))


def as_array(value):
    return to_array(value) if isinstance(value, onnx.TensorProto) else np.asarray(value)


def test_all_of_onnxs_cases_of_these_operators():
    used, ran = set(), 0
    for case, model in cases():
        for inputs, outputs in data_sets(case):
            evaluator = ReferenceEvaluator(model, new_ops=relu_ufunc.onnx.new_ops())
            fed = dict(zip(evaluator.input_names, map(as_array, inputs), strict=False))
            got = evaluator.run(None, fed)
            for a, b in zip(got, map(as_array, outputs), strict=True):
                assert a.dtype == b.dtype and a.shape == b.shape, case.name
                a, b = (c.astype(np.float64) for c in (a, b))
                np.testing.assert_allclose(a, b, case.rtol, case.atol, err_msg=case.name)
            ran += 1
        used |= {n.op_type for n in model.graph.node}
    assert OPS.keys() <= used
    assert ran >= 50


def test_outputs_have_the_dtype_of_the_input():
    """Attributes are numpy.float32, which would make float32 of less."""
    for name in OPS:
        for dtype in FLOATS:
            x = np.linspace(-4, 4, 9).astype(dtype)
            inputs = (x, np.full(9, 0.5, dtype)) if name == "PRelu" else (x,)
            assert run(name, *inputs).dtype == dtype, (name, dtype)
    for dtype in SHORT:
        x = np.linspace(-4, 4, 9).astype(dtype)
        for name in ("Elu", "Celu", "LeakyRelu", "ThresholdedRelu", "Swish", "HardSigmoid", "Selu"):
            assert run(name, x, alpha=0.3).dtype == dtype, (name, dtype)


def test_attributes_are_the_parameters():
    x = np.linspace(-4, 4, 101, dtype=np.float32)
    third = float(np.float32(0.3))
    assert_same_bits(run("Elu", x, alpha=0.3), ru.elu(x, third))
    assert_same_bits(run("Celu", x, alpha=0.3), ru.celu(x, third))
    assert_same_bits(run("LeakyRelu", x, alpha=0.3), ru.leaky_relu(x, third))
    assert_same_bits(run("Swish", x, alpha=0.3), ru.silu(x, third))
    assert_same_bits(run("ThresholdedRelu", x, alpha=0.3), ru.thresholded_relu(x, third))
    assert_same_bits(run("HardSigmoid", x, alpha=0.3, beta=0.25), ru.hardsigmoid(x, third, 0.25))
    assert_same_bits(run("HardSigmoid", x), ru.hardsigmoid(x, float(np.float32(0.2)), 0.5))
    assert_same_bits(run("Selu", x), ru.selu(x))
    assert_same_bits(run("Selu", x, alpha=2.0, gamma=3.0), ru.elu(x, 2.0) * np.float32(3))
    assert_same_bits(run("Gelu", x), ru.gelu(x))
    assert_same_bits(run("Gelu", x, approximate="tanh"), ru.gelu_tanh(x))


def test_alpha_may_be_zero():
    """The evaluator's own classes take 0 for an alpha that is not given."""
    x = np.float32([-2, 3])
    assert run("LeakyRelu", x, alpha=0.0).tolist() == [0, 3]
    assert run("ThresholdedRelu", x, alpha=0.0).tolist() == [0, 3]


def test_integers():
    for dtype in (np.int32, np.int64, np.uint32, np.uint64):
        x = np.array([[1, 2], [7, 0]]).astype(dtype)
        assert_same_bits(run("PRelu", x, np.array([3, 2], dtype)), x)
    x = np.array([-3, 4], np.int64)
    assert_same_bits(run("PRelu", x, np.array([2], np.int64)), np.array([-6, 4]))
    assert_same_bits(run("Relu", np.array([-3, 4], np.int8)), np.array([0, 4], np.int8))


def test_slopes_of_old_models_are_those_of_channels():
    """Also where there are as many columns as channels."""
    x, slope = -np.ones((2, 3, 4, 3), np.float32), np.float32([1, 2, 3])
    got = run("PRelu", x, slope, opset=6)
    assert_same_bits(got, ru.prelu(x, slope.reshape(3, 1, 1)))
    assert_same_bits(run("PRelu", x, slope[:1], opset=6), x)
    assert_same_bits(run("PRelu", x, slope), ru.prelu(x, slope))


def test_squeezenet_is_what_onnx_runtime_gives():
    ort = pytest.importorskip("onnxruntime")
    import light_models

    model = light_models.model("squeezenet")
    image = light_models.image(model)
    session = ort.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    [want] = session.run(None, image)
    evaluator = ReferenceEvaluator(model, new_ops=relu_ufunc.onnx.new_ops())
    assert sum(type(n) is OPS["Relu"] for n in evaluator.rt_nodes_) == 26
    [got] = evaluator.run(None, image)
    assert np.ptp(want) > 10 * want.mean()  # it tells classes apart
    np.testing.assert_allclose(got, want, rtol=1e-4, atol=1e-7)
