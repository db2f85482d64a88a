"""Dask: what is lazy stays lazy, with its chunks and dtype, and is never computed in silence."""

import numpy as np
import pytest
from oracle import OPERANDS, OUTPUTS, PARAMETERS

da = pytest.importorskip("dask.array")

import relu_ufunc as ru  # noqa: E402
from relu_ufunc._families import families  # noqa: E402
from relu_ufunc.testing import assert_same_bits  # noqa: E402

X = np.random.default_rng(0).standard_normal((60, 40)).astype(np.float32)


class Computed(Exception):
    pass


def never(block):
    raise Computed


def lazy():
    """An array whose blocks can't be computed."""
    return da.from_array(X, chunks=(20, 40)).map_blocks(never, dtype=X.dtype, meta=X[:0, :0])


def inputs_of(name, x):
    return [0.5 if o in PARAMETERS[name] else x for o in OPERANDS[name]]


def test_a_call_is_lazy_and_keeps_chunks_and_dtype():
    for name, outputs in OUTPUTS.items():
        if outputs == 1:
            y = getattr(ru, name)(*inputs_of(name, lazy()))
            assert isinstance(y, da.Array), name
            assert (y.chunks, y.dtype) == (lazy().chunks, X.dtype), name
            with pytest.raises(Computed):
                y.compute()


def test_values_are_those_of_arrays():
    x = da.from_array(X, chunks=(20, 15))
    for name in families():
        f = getattr(ru, name)
        assert_same_bits(f(*inputs_of(name, x)).compute(), f(*inputs_of(name, X)))
    y = ru.elu(x, alpha=0.5)
    assert y.dtype == X.dtype
    assert_same_bits(y.compute(), ru.elu(X, alpha=0.5))


def test_two_outputs_by_apply_gufunc():
    """As the page says."""
    with pytest.raises(TypeError):
        ru.swiglu_backward(lazy(), lazy(), lazy())
    dgate, dup = da.apply_gufunc(
        ru.swiglu_backward, "(),(),()->(),()", *[lazy()] * 3, output_dtypes=[X.dtype] * 2
    )
    assert dgate.chunks == dup.chunks == lazy().chunks and dgate.dtype == dup.dtype == X.dtype
    with pytest.raises(Computed):
        dup.compute()
    x = da.from_array(X, chunks=(20, 15))
    got = da.apply_gufunc(
        ru.swiglu_backward, "(),(),()->(),()", x, x, x, output_dtypes=[X.dtype] * 2
    )
    assert_same_bits(tuple(map(np.asarray, got)), ru.swiglu_backward(X, X, X))


def test_sums_are_refused_before_anything_is_computed():
    x = lazy()
    with pytest.raises(TypeError, match=r"prelu_vjp: x is a dask\.array"):
        ru.prelu_vjp(X, x, np.float32(0.25))
    for name in families():
        with pytest.raises(TypeError, match=rf"{name}_vjp: dy is a dask\.array"):
            ru.vjp(getattr(ru, name))(x, *inputs_of(name, X))
