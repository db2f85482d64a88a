"""Whom the tests of conformance are about: NumPy's own ufuncs first, then ours, by both doors.

What holds of NumPy's is what any ufunc does. A test knows nothing of a formula: it compares a
ufunc with itself, on plain arrays.
"""

import inspect
from contextlib import nullcontext
from functools import cache, wraps
from math import prod

import numpy as np
import oracle
import pytest
from cases import case
from doors import door
from kinds import SIGNATURES, one_of_each

import relu_ufunc
from relu_ufunc.testing import as_tuple

NUMPYS = [(f, None) for f in (np.negative, np.copysign, np.divmod)]
REST = [name for name in oracle.NAMES if name not in SIGNATURES]


def ours(names):
    """Each of them by each door."""
    return [(getattr(relu_ufunc, name), direct) for name in names for direct in (True, False)]


ALL = [
    pytest.param(NUMPYS, id="numpy"),
    pytest.param(ours(SIGNATURES), id="each signature"),
    pytest.param(ours(REST), id="the rest", marks=pytest.mark.exhaustive),
]
FEW = [
    pytest.param(NUMPYS[:2], id="numpy"),
    pytest.param(ours(one_of_each(lambda kernel: (kernel.nin, kernel.nout))), id="each arity"),
]


def of_any_ufunc(test, groups=ALL):
    """A test that asks for `ufunc` is made for each, in turn."""

    @pytest.mark.parametrize("ufuncs", groups)
    @wraps(test)
    def test_all(ufuncs, **kwargs):
        for ufunc, direct in ufuncs:
            way = nullcontext() if direct is None else door(direct)
            with case(ufunc, f"direct: {direct}"), way, np.errstate(all="ignore"):
                test(ufunc, **kwargs)

    asked = inspect.signature(test)
    others = [p for p in asked.parameters.values() if p.name != "ufunc"]
    group = inspect.Parameter("ufuncs", inspect.Parameter.POSITIONAL_OR_KEYWORD)
    test_all.__signature__ = asked.replace(parameters=[group, *others])
    return test_all


@cache
def _values(shape, dtype, seed):
    rng, dtype = np.random.default_rng(seed), np.dtype(dtype)
    numbers = rng.integers(1, 60, shape)
    if dtype.kind not in ("b", "u"):
        numbers = numbers * rng.choice([-1, 1], shape)
    return np.asarray(numbers / 16 if dtype.kind in "fcV" else numbers).astype(dtype)


def of_few_ufuncs(test):
    """The same, for what takes long."""
    return of_any_ufunc(test, FEW)


def values(shape=(4, 5), dtype="d", seed=0):
    """Ordinary numbers, of which none is 0: no ufunc warns of them."""
    return _values(shape, dtype, seed).copy()


def inputs_of(ufunc, shape=(4, 5), dtype="d"):
    """The last of several is positive, as a parameter may have to be."""
    inputs = [values(shape, dtype, seed) for seed in range(ufunc.nin)]
    return [*inputs[:-1], abs(inputs[-1])] if ufunc.nin > 1 else inputs


def rooms(ufunc, shape=(4, 5), dtype="d"):
    """Outputs, filled with what no result is."""
    return tuple(np.full(shape, 77, dtype) for _ in range(ufunc.nout))


def plain(ufunc, *inputs):
    """The results on new, contiguous arrays of one axis, in the shape that the inputs have."""
    together = np.broadcast_arrays(*inputs)
    shape = together[0].shape
    rows = [np.array(a, order="C", subok=False, copy=True).reshape(prod(shape)) for a in together]
    return tuple(result.reshape(shape) for result in as_tuple(ufunc(*rows)))
