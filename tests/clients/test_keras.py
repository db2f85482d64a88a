"""relu_ufunc.keras: layers and operations of Keras on its NumPy backend are ours inside."""

import numpy as np
import pytest

keras = pytest.importorskip("keras")
pytest.importorskip("jax")  # which Keras's NumPy backend imports

from ml_dtypes import bfloat16  # noqa: E402

import relu_ufunc as ru  # noqa: E402
from relu_ufunc.keras import _FUNCTIONS, accelerated  # noqa: E402
from relu_ufunc.testing import assert_same_bits  # noqa: E402

OURS = {
    "celu": ru.celu,
    "elu": ru.elu,
    "gelu": ru.gelu_tanh,
    "glu": lambda x: ru.glu(x[..., 4:], x[..., :4]),
    "hard_sigmoid": ru.hardsigmoid,
    "hard_silu": ru.hardswish,
    "leaky_relu": lambda x: ru.leaky_relu(x, 0.2),
    "relu": ru.relu,
    "relu6": ru.relu6,
    "selu": ru.selu,
    "sigmoid": ru.sigmoid,
    "silu": ru.silu,
    "softplus": ru.softplus,
}


def numbers(dtype=np.float32):
    return np.random.default_rng(0).uniform(-7, 7, (50, 8)).astype(dtype)


def test_operations_are_ours_and_near_kerass():
    assert OURS.keys() == _FUNCTIONS.keys()
    for name, f in OURS.items():
        for dtype, tolerance in ((np.float16, 1e-2), (bfloat16, 0.1), (np.float32, 1e-5)):
            x, operation = numbers(dtype), getattr(keras.ops, name)
            with accelerated():
                got = operation(x)
            assert_same_bits(got, f(x))
            got, want = (np.float32(a) for a in (got, operation(x)))
            np.testing.assert_allclose(got, want, tolerance, tolerance, err_msg=name)
    with accelerated():
        assert keras.ops.elu(numbers("d")).dtype == keras.ops.tanh(numbers("d")).dtype


def test_parameters():
    x = numbers()
    with accelerated():
        assert_same_bits(keras.ops.gelu(x, approximate=False), ru.gelu(x))
        assert_same_bits(keras.activations.elu(x, alpha=0.3), ru.elu(x, 0.3))
        assert_same_bits(keras.layers.LeakyReLU(negative_slope=0.3)(x), ru.leaky_relu(x, 0.3))
        assert_same_bits(keras.ops.celu(x, np.float64(0.3)), ru.celu(x, 0.3))
        assert_same_bits(keras.ops.glu(x, axis=0), ru.glu(x[25:], x[:25]))


def test_what_is_no_float_is_kerass():
    with accelerated():
        assert keras.ops.relu(np.int32([-1, 2])).tolist() == [0, 2]
        assert keras.ops.relu([-1.0, 2.0]).tolist() == [0, 2]


def test_a_model_predicts_as_before():
    keras.utils.set_random_seed(0)
    layers = [keras.layers.Dense(16, a) for a in ("relu", "silu", "gelu", "elu", "sigmoid")]
    model = keras.Sequential([keras.Input((8,)), *layers])
    x = numbers()
    want = model.predict(x, verbose=0)
    with accelerated():
        got = model.predict(x, verbose=0)
    np.testing.assert_allclose(got, want, 1e-5)


def test_everything_is_as_before_outside():
    from keras.src.backend.numpy import nn

    before = dict(vars(nn))
    with pytest.raises(ZeroDivisionError), accelerated():
        assert nn.relu is not before["relu"]
        raise ZeroDivisionError
    assert vars(nn) == before


def test_other_backends_are_refused(monkeypatch):
    monkeypatch.setattr(keras.backend, "backend", lambda: "torch")
    with pytest.raises(RuntimeError, match="this one is torch"):
        accelerated().__enter__()


def test_an_inside_that_is_not_known_is_refused(monkeypatch):
    from keras.src.backend.numpy import nn

    monkeypatch.delattr(nn, "hard_silu")
    with pytest.raises(RuntimeError, match="has no hard_silu"):
        accelerated().__enter__()
