"""Keras 3 on its NumPy backend, with our activations."""

from contextlib import ExitStack, contextmanager
from unittest.mock import patch

import numpy as np

import relu_ufunc as ru

from ._extras import from_extra

with from_extra("keras"):
    import keras

__all__ = ["accelerated"]


def _of(ufunc, *default):
    """A function of Keras's: of x, and of a parameter where it has a default.

    The parameter is a Python number, which keeps the dtype of x.
    """

    def function(x, *given, **named):
        return ufunc(x, *map(float, (*given, *named.values()) or default))

    return function


def _gelu(x, approximate=True):
    return (ru.gelu_tanh if approximate else ru.gelu)(x)


def _glu(x, axis=-1):
    up, gate = np.split(x, 2, axis)  # Keras has the gate behind
    return ru.glu(gate, up)


_FUNCTIONS = {
    "celu": _of(ru.celu, 1.0),
    "elu": _of(ru.elu, 1.0),
    "gelu": _gelu,
    "glu": _glu,
    "hard_sigmoid": _of(ru.hardsigmoid),
    "hard_silu": _of(ru.hardswish),
    "leaky_relu": _of(ru.leaky_relu, 0.2),
    "relu": _of(ru.relu),
    "relu6": _of(ru.relu6),
    "selu": _of(ru.selu),
    "sigmoid": _of(ru.sigmoid),
    "silu": _of(ru.silu),
    "softplus": _of(ru.softplus),
}


def _of_floats(ours, theirs, to_array):
    """Ours for arrays of floats, which theirs is for other types."""

    def function(x, *args, **kwargs):
        x = to_array(x)
        is_float = keras.backend.is_float_dtype(keras.backend.standardize_dtype(x.dtype))
        return (ours if is_float else theirs)(x, *args, **kwargs)

    return function


@contextmanager
def accelerated():
    """
    Have Keras 3 compute activations by this package, where its backend is NumPy.

    A context manager, and a decorator. Inside, celu, elu, gelu, glu, hard_sigmoid, hard_silu,
    leaky_relu, relu, relu6, selu, sigmoid, silu and softplus are ours, in layers, in
    ``keras.activations`` and in ``keras.ops``.

    Raises
    ------
    RuntimeError
        If the backend is another than ``"numpy"``, or has not got these functions.

    Notes
    -----
    Keras's NumPy backend runs networks, and trains none. Outputs have the dtype of the input,
    bfloat16 too. Integers are left to Keras. It holds in all threads of the process.

    Examples
    --------
    With ``KERAS_BACKEND=numpy`` in the environment:

    >>> import numpy as np
    >>> import keras
    >>> from relu_ufunc.keras import accelerated
    >>> with accelerated():
    ...     keras.activations.elu(np.array([-np.inf, 2.0]), alpha=0.5)
    array([-0.5,  2. ], dtype=float32)
    """
    if keras.backend.backend() != "numpy":
        raise RuntimeError(
            "relu_ufunc.keras is for Keras on its backend numpy, and this one is "
            f"{keras.backend.backend()}: KERAS_BACKEND=numpy in the environment chooses it"
        )
    from keras.src.backend.numpy import nn

    missing = [name for name in _FUNCTIONS if not hasattr(nn, name)]
    if missing:
        raise RuntimeError(
            f"relu_ufunc.keras does not know the inside of Keras {keras.__version__}, which has no "
            f"{', '.join(missing)}"
        )
    with ExitStack() as stack:
        for name, function in _FUNCTIONS.items():
            ours = _of_floats(function, getattr(nn, name), nn.convert_to_tensor)
            stack.enter_context(patch.object(nn, name, ours))
        yield
