"""Uses of the package that type checkers accept, with the types that they are to see.

mypy and pyright read this file (`spin lint`), and tests/package/test_typing.py runs it.
"""

from collections.abc import Callable
from typing import Any, assert_type

import numpy as np
from numpy.typing import NDArray

import relu_ufunc as ru
from relu_ufunc import testing

x = np.linspace(-2.0, 2.0, 12, dtype=np.float32).reshape(3, 4)
integers = np.arange(-3, 4)
mask = x > 0


def matrix() -> NDArray[np.float64]:
    return np.ones((3, 4))


wide = matrix()

# Arrays, and what NumPy makes arrays of.
assert_type(ru.elu(x), NDArray[Any])
assert_type(ru.elu(x, 0.5), NDArray[Any])
assert_type(ru.elu(x, alpha=np.full(4, 0.5)), NDArray[Any])
assert_type(ru.prelu(x, slope=[[0.1], [0.2], [0.3]]), NDArray[Any])
assert_type(ru.relu(integers), NDArray[Any])
assert_type(ru.gelu([[1, 2.5], [3, 4]]), NDArray[Any])
assert_type(ru.gelu((wide, wide)), NDArray[Any])
assert_type(ru.elu_backward(1.0, x, alpha=0.5), NDArray[Any])
assert_type(ru.hardsigmoid(x, beta=0.25), NDArray[Any])
assert_type(ru.swiglu(x, x), NDArray[Any])

# Scalars.
assert_type(ru.elu(0.5), np.float64)
assert_type(ru.elu(1, alpha=2), np.float64)
assert_type(ru.elu(np.float32(0.5)), np.floating)
assert_type(ru.relu(0.5), np.float64)
assert_type(ru.relu(3), np.integer)
assert_type(ru.relu(np.int8(3)), np.integer | np.floating)
assert_type(ru.prelu(np.float16(1), 0.25), np.floating)
assert_type(ru.glu(0.5, 2.0), np.floating)
assert_type(ru.sigmoid(0.5, dtype=np.float32), np.floating)

# Given outputs.
assert_type(ru.elu(x, out=wide), NDArray[np.float64])
assert_type(ru.elu(x, 0.5, wide), NDArray[np.float64])
assert_type(ru.relu(x, out=(wide,)), NDArray[np.float64])
assert_type(ru.relu(x, wide, where=mask), NDArray[np.float64])
assert_type(ru.softplus(0.5, out=wide), NDArray[np.float64])

# Several outputs.
assert_type(ru.glu_backward(x, x, x), tuple[NDArray[Any], NDArray[Any]])
assert_type(ru.prelu_grad(x, 0.25), tuple[NDArray[Any], NDArray[Any]])
assert_type(ru.prelu_grad(0.5, 0.25), tuple[np.floating, np.floating])
assert_type(ru.prelu_grad(x, 0.25, out=(wide, None)), tuple[NDArray[np.float64], NDArray[Any]])
assert_type(ru.prelu_vjp(x, x, wide), tuple[NDArray[Any], NDArray[Any]])
assert_type(ru.prelu_vjp(x, x, 0.25), tuple[NDArray[Any], np.floating])


class Labelled:
    """Computes ufuncs by itself, as the types of pandas and xarray do."""

    def __init__(self, values: NDArray[Any]) -> None:
        self.values = values

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> NDArray[Any]:
        return np.asarray(self.values, dtype)

    def __array_ufunc__(
        self, ufunc: np.ufunc, method: str, *inputs: Any, **options: Any
    ) -> "Labelled":
        values = [each.values if isinstance(each, Labelled) else each for each in inputs]
        return Labelled(getattr(ufunc, method)(*values, **options))


labelled: Labelled = ru.elu(Labelled(x), alpha=0.5)


# What every ufunc takes, and has.
ru.relu(x, where=mask, out=np.zeros_like(x), casting="same_kind", order="C", subok=False)
ru.elu(x, dtype=np.float64)
ru.elu(x, signature="ff->f")
ru.elu.at(x.copy(), [[0, 1]], alpha=0.5)
ru.elu.outer(x[0], alpha=0.5)
assert_type(ru.elu.nin, int)
functions: list[np.ufunc] = [ru.relu, ru.elu, ru.swiglu, ru.prelu_backward]
activation: Callable[[NDArray[np.float32]], NDArray[np.float32]] = ru.gelu


def strict(values: NDArray[np.float32]) -> NDArray[np.float32]:
    return ru.elu(values)


def in_place(values: NDArray[np.float32]) -> NDArray[np.float32]:
    return ru.elu(values, out=values)


def number(value: float) -> float:
    return ru.elu(value)


# All else that is public.
assert_type(ru.get_num_threads(), int)
assert_type(ru.set_num_threads(ru.get_num_threads()), int)
assert_type(ru.show_config("dicts"), dict[str, Any])
assert_type(ru.__version__, str)
with ru.recycle_outputs(max_bytes=1 << 20):
    strict(x)


@ru.recycle_outputs()
def decorated(values: NDArray[np.float32]) -> NDArray[np.float32]:
    return strict(values)


assert_type(decorated(x), NDArray[np.float32])
assert_type(testing.same_bits(x, x), NDArray[np.bool] | np.bool)
assert_type(testing.raised_flags(np.exp, x), set[str])
testing.assert_one_answer(ru.relu, np.arange(100.0), variations=["where"])
