"""reduce, accumulate, reduceat, outer and at: what they are in terms of calls, or an error."""

from functools import reduce

import numpy as np
import pytest
from subjects import of_any_ufunc, plain, rooms, values

from relu_ufunc.testing import assert_same_bits

X = values((4, 6))


def is_binary(ufunc):
    return ufunc.nin == 2 and ufunc.nout == 1


def fold(ufunc, rows):
    """From left to right, as a ufunc without an identity has it."""
    return reduce(ufunc, rows)


def in_steps(ufunc, rows):
    return np.stack([fold(ufunc, rows[: i + 1]) for i in range(len(rows))])


@of_any_ufunc
def test_reduce(ufunc):
    if not is_binary(ufunc):
        with pytest.raises(ValueError):
            ufunc.reduce(X)
        return
    for axis in (0, 1, -1):
        want = fold(ufunc, np.moveaxis(X, axis, 0))
        assert_same_bits(ufunc.reduce(X, axis=axis), want)
        assert_same_bits(ufunc.reduce(X, axis), want)
        assert_same_bits(ufunc.reduce(X, axis=axis, keepdims=True), np.expand_dims(want, axis))
        out = np.full(want.shape, 77.0)
        assert ufunc.reduce(X, axis=axis, out=out) is out
        assert_same_bits(out, want)
        begun = fold(ufunc, [np.full(want.shape, 0.25), *np.moveaxis(X, axis, 0)])
        assert_same_bits(ufunc.reduce(X, axis=axis, initial=0.25), begun)
    assert_same_bits(ufunc.reduce(X, dtype="f"), fold(ufunc, X.astype("f")))
    assert_same_bits(ufunc.reduce(X[:1]), X[0])
    with pytest.raises(ValueError, match="not reorderable"):
        ufunc.reduce(X, axis=None)
    with pytest.raises(ValueError, match="no identity"):
        ufunc.reduce(X[:0])
    with pytest.raises(ValueError):
        ufunc.reduce(X, axis=2)
    with pytest.raises(ValueError):
        ufunc.reduce(X, where=X > 0)


@of_any_ufunc
def test_accumulate(ufunc):
    if not is_binary(ufunc):
        with pytest.raises(ValueError):
            ufunc.accumulate(X)
        return
    for axis in (0, 1):
        want = np.moveaxis(in_steps(ufunc, np.moveaxis(X, axis, 0)), 0, axis)
        assert_same_bits(ufunc.accumulate(X, axis=axis), want)
        out = X.copy()
        ufunc.accumulate(out, axis=axis, out=out)
        assert_same_bits(out, want)
    assert ufunc.accumulate(X[:0]).shape == (0, 6)
    with pytest.raises(TypeError):
        ufunc.accumulate(np.float64(1))


@of_any_ufunc
def test_reduceat(ufunc):
    x, indices = X.ravel(), [0, 5, 3, 3, 20, 23]
    if not is_binary(ufunc):
        with pytest.raises(ValueError):
            ufunc.reduceat(x, indices)
        return
    ends = [*indices[1:], len(x)]
    parts = [x[i:j] if i < j else x[i : i + 1] for i, j in zip(indices, ends, strict=True)]
    assert_same_bits(ufunc.reduceat(x, indices), np.stack([fold(ufunc, part) for part in parts]))
    with pytest.raises(IndexError):
        ufunc.reduceat(x, [24])


@of_any_ufunc
def test_outer(ufunc):
    if ufunc.nin != 2:
        with pytest.raises(ValueError):
            ufunc.outer(X, X)
        return
    for a, b in ((X, X[0]), (X[0], X), (X[0, 0], X), (X[:0], X)):
        want = plain(ufunc, a.reshape(a.shape + (1,) * b.ndim), b)
        assert_same_bits(ufunc.outer(a, b), want)
        outs = rooms(ufunc, a.shape + b.shape)
        ufunc.outer(a, b, out=outs)
        assert_same_bits(outs, want)


@of_any_ufunc
def test_at(ufunc):
    x, indices = X.ravel(), [0, 3, 3, -1, 3]
    others = [values(5, seed=seed) for seed in range(1, ufunc.nin)]
    if ufunc.nin > 2 or ufunc.nout > 1:
        with pytest.raises((ValueError, TypeError)):
            ufunc.at(x.copy(), indices, *others)
        return
    want = x.copy()
    for i, *rest in zip(indices, *others, strict=True):
        want[i] = ufunc(want[i], *rest)
    got = x.copy()
    assert ufunc.at(got, indices, *others) is None
    assert_same_bits(got, want)
    spread = np.repeat(x, 3)[::3]
    ufunc.at(spread, indices, *others)
    assert_same_bits(spread, want)
    narrow = x.astype("f")
    with pytest.raises(IndexError):
        ufunc.at(got, [24], *[a[:1] for a in others])
    ufunc.at(narrow, slice(2, 4), *[a[:2].astype("f") for a in others])
    assert narrow.dtype == np.float32


@of_any_ufunc
def test_what_it_says_of_itself(ufunc):
    assert isinstance(ufunc, np.ufunc)
    assert ufunc.nargs == ufunc.nin + ufunc.nout
    assert ufunc.ntypes == len(ufunc.types)
    assert ufunc.identity is None and ufunc.signature is None
    assert repr(ufunc) == f"<ufunc '{ufunc.__name__}'>"
    assert ufunc.__doc__
