"""Dtypes of operands and outputs: the doors take, refuse and convert the same."""

import pickle
import sys
from functools import partial
from itertools import product

import numpy as np
import oracle
import pytest
from arrays import SHAPE, alike, operand, operands, operands_with, outputs, table
from doors import call
from kinds import SIGNATURES, every_loop
from ml_dtypes import bfloat16, float8_e4m3fn
from samples import signalling_nans

NUMPY_DTYPES = {
    **{code: code for code in "?bBhHiIlLqQefdgFDGO"},
    "bfloat16": bfloat16,
    "float8": float8_e4m3fn,
    "byte-swapped f": ">f4" if sys.byteorder == "little" else "<f4",
    "byte-swapped h": ">i2" if sys.byteorder == "little" else "<i2",
    "bytes": "S4",
    "string": "U4",
    "variable-width string": np.dtypes.StringDType(),
    "void": "V4",
    "datetime": "M8[s]",
    "timedelta": "m8[s]",
    "structured": [("a", "f4")],
    "subarray": [("a", "f4", 2)],
    "metadata": np.dtype("f4", metadata={"unit": "m"}),
    "unpickled": pickle.loads(pickle.dumps(np.dtype("=f4"))),
}


def of_dtype(dtype, shape=SHAPE):
    """An array of any dtype, with numbers of all kinds where there are any."""
    dtype = np.dtype(dtype)
    if dtype.kind in "iuf" or dtype.type is bfloat16:
        native = "bfloat16" if dtype.type is bfloat16 else dtype.newbyteorder("=").char
        a = operand(native, shape)
        return a.astype(dtype) if not dtype.isnative else a.view(dtype)
    a = np.zeros(shape, dtype)
    if dtype.kind in "?cO":
        a[...] = np.arange(a.size).reshape(shape) % 3 - 1
    elif dtype.kind in "UT":
        a[...] = "1.5"
    return a


@table("dtype", NUMPY_DTYPES)
def test_dtype_of_all_operands(dtype):
    for name, shape in product(SIGNATURES, (SHAPE, (), (0,))):
        n = len(oracle.OPERANDS[name])
        alike(name, lambda n=n, shape=shape: call(*(of_dtype(dtype, shape) for _ in range(n))))
        alike(name, lambda n=n, shape=shape: call(*(of_dtype(dtype, (1,))[0] for _ in range(n))))


@table("dtype", NUMPY_DTYPES)
def test_dtype_of_one_operand(dtype):
    def make(name, i, other, shape):
        return call(*operands_with(name, i, of_dtype(dtype, shape), other))

    for name in SIGNATURES:
        for i in range(len(oracle.OPERANDS[name])):
            for other in ("f", "d", "bfloat16", *("lq" if name in oracle.FOR_INTEGERS else "e")):
                alike(name, partial(make, name, i, other, SHAPE))
            alike(name, partial(make, name, i, "f", ()))


@table("dtype", NUMPY_DTYPES)
def test_dtype_of_out(dtype):
    def make(name, inner):
        return call(*operands(name, inner), out=outputs(name, lambda: of_dtype(dtype)))

    for name in SIGNATURES:
        for inner in ("f", "d", "bfloat16", *("ql" if name in oracle.FOR_INTEGERS else "")):
            alike(name, partial(make, name, inner))


@pytest.mark.parametrize("dtype", oracle.FLOATS)
@every_loop
def test_nans_and_zeros(name, dtype):
    """Which NaN of several comes out, and which zero."""
    values = np.array([np.nan, -np.nan, 0.0, -0.0, 1, -1, np.inf, -np.inf], dtype)
    if dtype in ("e", "f", "d", "bfloat16"):
        values = np.concatenate([values, signalling_nans(dtype)])

    # Each value of each operand with each of the others.
    axes = np.meshgrid(*[values] * len(oracle.OPERANDS[name]))
    alike(name, lambda: call(*(a.ravel() for a in axes)))
    alike(name, lambda: call(*(a.T for a in axes)))
