"""relu_ufunc.thinc: the backend is found, does what thinc's does, and honours inplace."""

import tomllib

import numpy as np
import pytest
from processes import ROOT

pytest.importorskip("thinc")

from importlib.metadata import EntryPoint

from thinc.api import (
    Adam,
    CategoricalCrossentropy,
    NumpyOps,
    Relu,
    Softmax,
    chain,
    fix_random_seed,
    get_ops,
    use_ops,
)

import relu_ufunc as ru
from relu_ufunc.testing import assert_same_bits
from relu_ufunc.thinc import ReluUfuncOps

OURS, THEIRS = ReluUfuncOps(), NumpyOps()
FORWARD = {
    "relu": ru.relu,
    "sigmoid": ru.sigmoid,
    "relu_k": ru.relu6,
    "hard_sigmoid": lambda x: ru.hardsigmoid(x, 0.2, 0.5),
    "hard_swish_mobilenet": ru.hardswish,
    "swish": ru.silu,
    "gelu": ru.gelu,
    "gelu_approx": ru.gelu_tanh,
    "mish": ru.mish,
}
BACKWARD = {
    "relu": ru.relu_backward,
    "relu_k": ru.relu6_backward,
    "hard_sigmoid": lambda dy, x: ru.hardsigmoid_backward(dy, x, 0.2, 0.5),
    "hard_swish_mobilenet": ru.hardswish_backward,
    "swish": ru.silu_backward,
    "gelu": ru.gelu_backward,
    "gelu_approx": ru.gelu_tanh_backward,
    "mish": ru.mish_backward,
}


def numbers(dtype):
    rng = np.random.default_rng(0)
    return [rng.uniform(-6, 9, (20, 300)).astype(dtype) for _ in range(2)]


def test_it_is_found_by_its_name():
    with open(ROOT / "pyproject.toml", "rb") as file:
        declared = tomllib.load(file)["project"]["entry-points"]["thinc_ops"]
    for name, value in declared.items():
        assert EntryPoint(name, value, "thinc_ops").load().name == name
    assert type(get_ops("relu_ufunc")) is ReluUfuncOps
    with use_ops("relu_ufunc"):
        assert Relu(nO=2, nI=2).ops.name == "relu_ufunc"
    assert type(get_ops("cpu")) is not ReluUfuncOps


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_results_are_ours_and_near_thincs(dtype):
    for name, f in FORWARD.items():
        x, _ = numbers(dtype)
        got = getattr(OURS, name)(x.copy())
        assert_same_bits(got, f(x))
        np.testing.assert_allclose(got, getattr(THEIRS, name)(x), 2e-6, 2e-6, err_msg=name)
    for name, f in BACKWARD.items():
        dy, x = numbers(dtype)
        y = (FORWARD[name](x),) if name == "swish" else ()
        got = getattr(OURS, f"backprop_{name}")(dy.copy(), x, *y)
        assert_same_bits(got, f(dy, x))
        want = getattr(THEIRS, f"backprop_{name}")(dy, x, *y)
        np.testing.assert_allclose(got, want, 1e-4, 1e-4, err_msg=name)


def test_inplace_is_honoured():
    for name, f in FORWARD.items():
        x, _ = numbers("f")
        kept = x.copy()
        assert getattr(OURS, name)(x) is not x
        assert_same_bits(x, kept)
        assert getattr(OURS, name)(x, inplace=True) is x
        assert_same_bits(x, f(kept))
    for name, f in BACKWARD.items():
        dy, x = numbers("f")
        kept, y = dy.copy(), (x,) if name == "swish" else ()
        assert getattr(OURS, f"backprop_{name}")(dy, x, *y) is not dy
        assert_same_bits(dy, kept)
        assert getattr(OURS, f"backprop_{name}")(dy, x, *y, inplace=True) is dy
        assert_same_bits(dy, f(kept, x))


def test_other_parameters_mean_what_they_do_in_thinc():
    dy, x = numbers("d")
    for parameters in ({"n": 3.0}, {"n": 1.0}):
        np.testing.assert_allclose(OURS.relu_k(x, **parameters), THEIRS.relu_k(x, **parameters))
        got, want = (o.backprop_relu_k(dy, x, **parameters) for o in (OURS, THEIRS))
        np.testing.assert_allclose(got, want)
    parameters = {"slope": 0.3, "offset": 0.1, "min_val": -0.2, "max_val": 2.0}
    assert_same_bits(OURS.clipped_linear(x, **parameters), THEIRS.clipped_linear(x, **parameters))
    got, want = (o.backprop_clipped_linear(dy, x, **parameters) for o in (OURS, THEIRS))
    assert_same_bits(got, want)
    assert_same_bits(OURS.mish(x, threshold=2.0), THEIRS.mish(x, threshold=2.0))
    got, want = (o.backprop_mish(dy, x, threshold=2.0) for o in (OURS, THEIRS))
    assert_same_bits(got, want)


def test_shapes_that_differ_are_refused():
    for name in ("relu", "mish", "gelu"):
        with pytest.raises(ValueError, match="incompatible shapes"):
            getattr(OURS, f"backprop_{name}")(np.ones((2, 3), "f"), np.ones((1, 3), "f"))


def trained(ops):
    """The weights of a small network after some steps."""
    fix_random_seed(0)
    rng = np.random.default_rng(0)
    x = rng.standard_normal((256, 20), dtype=np.float32)
    y = np.eye(3, dtype=np.float32)[rng.integers(0, 3, 256)]
    with use_ops(ops):
        model = chain(Relu(nO=32, dropout=0.1), Relu(nO=32), Softmax())
        model.initialize(X=x, Y=y)
        assert model.ops.name == ops
        loss, optimizer = CategoricalCrossentropy(), Adam(0.01)
        for _ in range(30):
            yh, backprop = model.begin_update(x)
            backprop(loss.get_grad(yh, y))
            model.finish_update(optimizer)
    return [node.get_param(p) for node in model.walk() for p in ("W", "b") if node.has_param(p)]


def test_a_training_with_relu_is_bit_identical():
    ours, theirs = trained("relu_ufunc"), trained("numpy")
    assert len(ours) == 6
    for a, b in zip(ours, theirs, strict=True):
        assert_same_bits(a, b)
