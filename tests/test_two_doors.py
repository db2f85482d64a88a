"""The direct entry is fast and otherwise invisible: NumPy's own gives the same, seen from anywhere.

A call either is served by the direct entry or goes on to NumPy. Each test makes one call both ways
and compares all that a caller can see (`doors.assert_alike`); the last ones tell which calls are
served.
"""

import gc
import inspect
import math
import pickle
import struct
import sys
import threading
import time
import tracemalloc
import warnings
from array import array
from contextlib import suppress
from decimal import Decimal
from fractions import Fraction
from functools import partial
from itertools import permutations, product

import hypothesis.extra.numpy as npst
import modes
import numpy as np
import oracle
import pytest
from doors import assert_alike, bits, call, describe, door, served
from hypothesis import given, settings
from hypothesis import strategies as st
from ml_dtypes import bfloat16, finfo, float8_e4m3fn
from numpy.lib.stride_tricks import as_strided
from processes import output, python
from samples import numbers, signalling_nans, slopes

import relu_ufunc
from relu_ufunc import _relu_ufunc
from relu_ufunc.testing import same_bits

SHAPE = (4, 5)
UFUNCS = {name: getattr(relu_ufunc, name) for name in oracle.NAMES}
WITH_PARAMETER = tuple(oracle.PARAMETER)
TWO_OUTPUTS = tuple(name for name in oracle.NAMES if oracle.OUTPUTS[name] == 2)
every_ufunc = pytest.mark.parametrize("name", oracle.NAMES)


def table(argument, cases):
    return pytest.mark.parametrize(argument, cases.values(), ids=cases)


def operand(role, dtype="f", shape=SHAPE, seed=0):
    size = math.prod(shape)
    plain = role in ("x", "y", "dy") or dtype in oracle.INTEGERS
    values = (numbers if plain else slopes)(dtype, max(size, 60), seed)
    return np.array(values[:size]).reshape(shape)


def operands(name, dtype="f", shape=SHAPE):
    """An array for each operand, with numbers of all kinds, made anew."""
    return [operand(role, dtype, shape, seed) for seed, role in enumerate(oracle.OPERANDS[name])]


def operands_with(name, i, argument, dtype="f", shape=SHAPE):
    """The same, but for one of them."""
    inputs = operands(name, dtype, shape)
    inputs[i] = argument
    return inputs


def outputs(name, make):
    """The tuple for `out=`, of outputs that `make` makes."""
    return tuple(make() for _ in range(oracle.OUTPUTS[name]))


def alike(name, make, **options):
    return assert_alike(UFUNCS[name], make, **options)


# Memory layouts


def room(shape, dtype):
    """An array filled with a value that no result has."""
    return np.full(shape, 77, dtype)


def filled(empty, a):
    empty[...] = a
    return empty


def misaligned(a):
    return filled(np.zeros(a.nbytes + 1, "u1")[1:].view(a.dtype).reshape(a.shape), a)


def with_strides(a, strides):
    return as_strided(a, a.shape, strides)


def lengths_of_one(a):
    """Axes of length 1, with strides that lead nowhere."""
    strides = (1 << 40, a.itemsize, -(1 << 50), 0, 3)
    return as_strided(a, (1, a.size, 1, 1, 1), strides)


def unpickled(a):
    """With a dtype that equals the built-in one, and is another object."""
    return a.view(pickle.loads(pickle.dumps(np.dtype(a.dtype.str))))


def with_metadata(a):
    return a.view(np.dtype(a.dtype, metadata={"unit": "m"}))


LAYOUTS = {
    "C": lambda a: a,
    "Fortran": np.asfortranarray,
    "cropped": lambda a: np.pad(a, 1)[1:-1, 1:-1],
    "rows reversed": lambda a: a[::-1].copy()[::-1],
    "columns reversed": lambda a: a[:, ::-1].copy()[:, ::-1],
    "rotated": lambda a: a[::-1, ::-1].copy()[::-1, ::-1],
    "Fortran, rotated": lambda a: np.asfortranarray(a[::-1, ::-1])[::-1, ::-1],
    "every third column": lambda a: np.repeat(a, 3, axis=1)[:, ::3],
    "every other row": lambda a: np.repeat(a, 2, axis=0)[::2],
    "Fortran, axes of length 1": lambda a: np.asfortranarray(a[:, None, :, None]),
    "misaligned": misaligned,
    "misaligned, Fortran": lambda a: misaligned(a.T).T,
    "odd byte stride": lambda a: filled(np.zeros(a.shape, [("v", a.dtype), ("", "u1")])["v"], a),
    "byte-swapped": lambda a: a.astype(a.dtype.newbyteorder()),
    "unpickled dtype": unpickled,
    "dtype with metadata": with_metadata,
    "one row for all": lambda a: np.broadcast_to(a[:1], a.shape),
    "one column for all": lambda a: np.broadcast_to(a[:, :1], a.shape),
    "one element for all": lambda a: np.broadcast_to(a[0, 0], a.shape),
    "overlapping rows": lambda a: with_strides(a, (a.itemsize, a.itemsize)),
    "read-only": lambda a: read_only(a.copy()),
    "1-d": np.ravel,
    "1-d, stride -2": lambda a: np.repeat(a.ravel(), 2)[::-2],
    "1-d, empty": lambda a: a.ravel()[:0],
    "one row": lambda a: a[:1],
    "one column": lambda a: a[:, 1:2],
    "one element": lambda a: a[1:2, 2:3],
    "no axes": lambda a: a[1, 2, ...],
    "no axes, misaligned": lambda a: misaligned(a)[1, 2, ...],
    "no rows": lambda a: a[:0],
    "no columns": lambda a: a[:, 2:2],
    "no columns, Fortran": lambda a: np.asfortranarray(a)[:, 2:2],
    "3-d": lambda a: a.reshape(2, 2, 5),
    "3-d, axes rotated": lambda a: a.reshape(2, 2, 5).transpose(1, 2, 0),
    "axes of length 1, odd strides": lengths_of_one,
    "9 axes": lambda a: np.resize(a, 512).reshape((2,) * 9).transpose(3, 1, 8, 0, 7, 2, 5, 4, 6),
    "32 axes": lambda a: a.reshape((2, 1) * 2 + (1,) * 27 + (5,)),
    "64 axes": lambda a: a.reshape((1,) * 30 + (4,) + (1,) * 32 + (5,)),
    "64 axes, Fortran": lambda a: a.reshape((1,) * 30 + (4,) + (1,) * 32 + (5,)).T,
    "long": lambda a: np.resize(a, 9001),
    "long rows, cropped": lambda a: np.resize(a, (3, 3001))[:, :-1],
    "long columns": lambda a: np.resize(a, (3, 3001)).T,
}


@table("lay_out", LAYOUTS)
@every_ufunc
def test_layout_of_all_operands(name, lay_out):
    for dtype in ("f", "b") if name in oracle.FOR_INTEGERS else ("f", "d", "e"):
        alike(name, lambda dtype=dtype: call(*map(lay_out, operands(name, dtype))))


@table("lay_out", LAYOUTS)
@pytest.mark.parametrize("name", [name for name in oracle.NAMES if len(oracle.OPERANDS[name]) > 1])
def test_layout_of_one_operand(name, lay_out):
    shape = lay_out(np.zeros(SHAPE, "f")).shape
    for i in range(len(oracle.OPERANDS[name])):

        def make(i=i):
            inputs = [np.resize(a, shape) for a in operands(name)]
            inputs[i] = lay_out(operands(name)[i])
            return call(*inputs)

        alike(name, make)


@table("lay_out", LAYOUTS)
@every_ufunc
def test_layout_of_out(name, lay_out):
    shape = lay_out(np.zeros(SHAPE, "f")).shape

    def make(laid):
        inputs = [lay_out(a) if laid else np.resize(a, shape) for a in operands(name)]
        return call(*inputs, out=outputs(name, lambda: lay_out(room(SHAPE, "f"))))

    alike(name, lambda: make(laid=False))
    alike(name, lambda: make(laid=True))


LAYOUTS_3D = {
    f"{''.join(map(str, axes))}{'+-'[flip]}": (axes, flip)
    for axes, flip in product(permutations(range(3)), (False, True))
}


def in_3d(a, axes, flip):
    """A 3-d array whose axes lie in memory in a given order, the second of them backwards."""
    step = -1 if flip else 1
    laid = np.empty([(2, 3, 4)[i] for i in axes], a.dtype).transpose(np.argsort(axes))
    return filled(laid[:, ::step], a)


@pytest.mark.parametrize("name", ["prelu", "prelu_grad", "elu_backward"])
@table("first", LAYOUTS_3D)
def test_layouts_of_two_operands(name, first):
    for second in LAYOUTS_3D.values():

        def make(second=second):
            inputs = operands(name, shape=(2, 3, 4))
            inputs[0], inputs[-1] = in_3d(inputs[0], *first), in_3d(inputs[-1], *second)
            return call(*inputs)

        alike(name, make)


@pytest.mark.parametrize("name", TWO_OUTPUTS)
@pytest.mark.parametrize("at", [0, 1])
@table("layout", LAYOUTS_3D)
def test_layout_of_a_new_output_beside_a_given_one(name, at, layout):
    def make():
        outs = [None, None]
        outs[at] = in_3d(room((2, 3, 4), "f"), *layout)
        return call(*operands(name, shape=(2, 3, 4)), out=tuple(outs))

    alike(name, make)


@every_ufunc
def test_order_of_new_outputs(name):
    """Operands with axes in any order in memory, some of them broadcast."""
    rng = np.random.default_rng(0)

    def one(shape, axes):
        return np.ones([shape[i] for i in axes], "f").transpose(np.argsort(axes))

    for _ in range(150):
        shape = rng.integers(1, 4, rng.integers(1, 6))
        laid = [
            (np.where(rng.random(len(shape)) < 0.4, 1, shape), rng.permutation(len(shape)))
            for _ in oracle.OPERANDS[name]
        ]
        alike(name, lambda laid=laid: call(*(one(*layout) for layout in laid)))


SHAPES = {
    "scalar-like": ((4, 5), ()),
    "one": ((4, 5), (1,)),
    "one by one": ((4, 5), (1, 1)),
    "row": ((4, 5), (5,)),
    "column": ((4, 5), (4, 1)),
    "channels": ((2, 3, 4, 5), (3, 1, 1)),
    "more axes in the parameter": ((5,), (4, 5)),
    "many more axes": ((5,), (1, 2, 1, 3, 5)),
    "the parameter alone has axes": ((), (4, 5)),
    "both broadcast": ((4, 1), (1, 5)),
    "three ways": ((2, 1, 4), (3, 1)),
    "empty": ((0,), (1,)),
    "empty by the parameter": ((4, 1), (0,)),
    "empty, three axes": ((3, 0, 2), (2,)),
    "both empty": ((0, 3), (2, 0, 1)),
    "64 axes": ((5,), (1,) * 63 + (5,)),
    "mismatch": ((4, 5), (4,)),
    "mismatch with empty": ((4, 0), (5,)),
    "mismatch in the middle": ((2, 3, 4), (2, 1)),
}


def joint(shapes):
    """What shapes broadcast to, of any number of axes; anything where they do not."""
    axes = max(map(len, shapes))
    padded = [(1,) * (axes - len(shape)) + shape for shape in shapes]
    return tuple(next((n for n in column if n != 1), 1) for column in zip(*padded, strict=True))


@table("shapes", SHAPES)
@pytest.mark.parametrize("given_out", [False, True], ids=["new", "out"])
@every_ufunc
def test_broadcasting(name, shapes, given_out):
    roles = oracle.OPERANDS[name]
    for order in product(shapes, repeat=len(roles)):
        shape = joint(order)

        def make(order=order, shape=shape):
            inputs = [operand(r, "f", s) for r, s in zip(roles, order, strict=True)]
            outs = {"out": outputs(name, lambda: room(shape, "f"))} if given_out else {}
            return call(*inputs, **outs)

        alike(name, make)


def test_huge_strides():
    memory = np.zeros((1 << 27) + 2, "u1")

    def make():
        memory[:4] = memory[-4:] = (1, 2, 3, 64)
        far = as_strided(memory[:4].view("f"), (2,), ((1 << 27) - 2,))
        return call(far, 0.5)

    for name in ("elu", "prelu_grad", "relu_backward"):
        alike(name, make)


def test_more_elements_than_there_is_memory():
    one = np.broadcast_to(np.float32(0), (1 << 60,))
    wide, high = np.broadcast_to(np.float32(0), (1, 1 << 40)), np.zeros((4, 1), "f")
    tall = np.broadcast_to(high[:1], (1 << 40, 1))
    alike("relu", lambda: call(one))
    for inputs in ((one, 0.5), (wide, tall), (tall, wide), (one, np.zeros((4, 1), "f"))):
        for name in ("elu", "prelu_grad", "relu_backward"):
            assert alike(name, lambda inputs=inputs: call(*inputs))["raised"]
            out = room(3, "f")
            alike(
                name, lambda inputs=inputs, out=out, name=name: call(*inputs, *outs_of(name, out))
            )


def outs_of(name, out):
    return (out,) * oracle.OUTPUTS[name]


# Dtypes

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
        a = operand("x", native, shape)
        return a.astype(dtype) if not dtype.isnative else a.view(dtype)
    a = np.zeros(shape, dtype)
    if dtype.kind in "?cO":
        a[...] = np.arange(a.size).reshape(shape) % 3 - 1
    elif dtype.kind in "UT":
        a[...] = "1.5"
    return a


@table("dtype", NUMPY_DTYPES)
def test_dtype_of_all_operands(dtype):
    for name, shape in product(oracle.NAMES, (SHAPE, (), (0,))):
        n = len(oracle.OPERANDS[name])
        alike(name, lambda n=n, shape=shape: call(*(of_dtype(dtype, shape) for _ in range(n))))
        alike(name, lambda n=n, shape=shape: call(*(of_dtype(dtype, (1,))[0] for _ in range(n))))


@table("dtype", NUMPY_DTYPES)
def test_dtype_of_one_operand(dtype):
    def make(name, i, other, shape):
        return call(*operands_with(name, i, of_dtype(dtype, shape), other))

    for name in oracle.NAMES:
        for i in range(len(oracle.OPERANDS[name])):
            for other in ("f", "d", "bfloat16", *("lq" if name in oracle.FOR_INTEGERS else "e")):
                alike(name, partial(make, name, i, other, SHAPE))
            alike(name, partial(make, name, i, "f", ()))


@table("dtype", NUMPY_DTYPES)
def test_dtype_of_out(dtype):
    def make(name, inner):
        return call(*operands(name, inner), out=outputs(name, lambda: of_dtype(dtype)))

    for name in oracle.NAMES:
        for inner in ("f", "d", "bfloat16", *("ql" if name in oracle.FOR_INTEGERS else "")):
            alike(name, partial(make, name, inner))


@pytest.mark.parametrize("dtype", oracle.FLOATS)
@every_ufunc
def test_nans_and_zeros(name, dtype):
    """Which NaN of several comes out, and which zero."""
    values = np.array([np.nan, -np.nan, 0.0, -0.0, 1, -1, np.inf, -np.inf], dtype)
    if dtype in ("e", "f", "d", "bfloat16"):
        values = np.concatenate([values, signalling_nans(dtype)])

    # Each value of each operand with each of the others.
    axes = np.meshgrid(*[values] * len(oracle.OPERANDS[name]))
    alike(name, lambda: call(*(a.ravel() for a in axes)))
    alike(name, lambda: call(*(a.T for a in axes)))


# Parameters, and everything else in their place


class Float(float):
    pass


class Int(int):
    pass


class Numeric:
    def __float__(self):
        return 0.5

    __index__ = None


class Named:
    """Shown without its address."""

    def __repr__(self):
        return type(self).__name__


class Overrider(Named):
    def __array_ufunc__(self, ufunc, method, *inputs, **kwargs):
        return ufunc, method, inputs, tuple(kwargs.items())


class OverridingFloat(Overrider, float):
    pass


class OverridingArray(np.ndarray):
    __array_ufunc__ = Overrider.__array_ufunc__


class RefusingArray(np.ndarray):
    __array_ufunc__ = None


class Refuser(Named):
    __array_ufunc__ = None


class Declining(Named):
    def __array_ufunc__(self, *args, **kwargs):
        return NotImplemented


class Failing(Named):
    def __array_ufunc__(self, *args, **kwargs):
        raise KeyError("on purpose")


class Tagged(np.ndarray):
    """A subclass that says nothing of its own about ufuncs."""


class Important(np.ndarray):
    __array_priority__ = 10.0


class Wrapping(np.ndarray):
    def __array_finalize__(self, origin):
        self.mask = f"finalized from {type(origin).__name__}"

    def __array_wrap__(self, a, context=None, return_scalar=False):
        return "wrapped", type(a), bits(np.asarray(a)), str(context and context[0]), return_scalar


class Arraylike:
    def __array__(self, dtype=None, copy=None):
        return np.full(SHAPE, -0.5, "f")


class WrappingArraylike(Arraylike):
    __array_priority__ = 5.0

    def __array_wrap__(self, a, context=None, return_scalar=False):
        return "wrapped", bits(a), return_scalar


class BrokenArraylike:
    def __array__(self, dtype=None, copy=None):
        raise KeyError("on purpose")


class Interfaced:
    def __init__(self):
        self.a = np.full(SHAPE, -0.5, "f")
        self.__array_interface__ = self.a.__array_interface__


VALUES = {
    # Python's numbers
    **{
        f"float {v!r}": lambda v=v: v
        for v in (0.25, -2.5, 0.1, 0.0, -0.0, math.inf, -math.inf, math.nan, -math.nan)
    },
    "float nan with payload": lambda: struct.unpack("<d", b"\x01\x02\x03\x04\x05\x06\xfc\xff")[0],
    "float signalling nan": lambda: struct.unpack("<d", b"\x01\x02\x03\x04\x05\x06\xf4\x7f")[0],
    "float beyond float32": lambda: 1e300,
    "float below -float32": lambda: -1e300,
    "float that rounds to infinity": lambda: 3.4028235677973366e38,
    "float that rounds to the largest float32": lambda: 3.4028235677973362e38,
    "float that rounds to infinity in float16": lambda: 65520.0,
    "float that rounds to the largest float16": lambda: 65519.99,
    "float below float32's least": lambda: 1e-46,
    "float subnormal in float32": lambda: 1.1e-40,
    "float subnormal in float16": lambda: 3e-8,
    "float subnormal": lambda: 5e-324,
    "float of a subclass": lambda: Float(0.5),
    **{f"int {v}": lambda v=v: v for v in (0, 2, -3, 127, 128, -129, 255, 256, 65520, 1 << 31)},
    "int beyond float64's digits": lambda: (1 << 53) + 1,
    "int that rounds twice": lambda: (1 << 54) + (1 << 30) + 1,
    "int 2**63": lambda: 1 << 63,
    "int 2**64": lambda: 1 << 64,
    "int beyond float32": lambda: 10**39,
    "int beyond float64": lambda: 10**400,
    "int below -float64": lambda: -(10**400),
    "int of a subclass": lambda: Int(2),
    "True": lambda: True,
    "False": lambda: False,
    "complex": lambda: 0.5j,
    # NumPy's
    **{
        f"numpy {np.dtype(t).name} {v}": lambda t=t, v=v: np.dtype(t).type(v)
        for t, v in [
            *product("efdg", (0.1, -2.5, math.nan)),
            *product([bfloat16], (0.1, -2.5)),
            *product("bBhHiIlLqQ", (1, 100)),
            *product("?FDG", (1,)),
        ]
    },
    "numpy signalling nan": lambda: signalling_nans("f")[0],
    "numpy str": lambda: np.str_("0.5"),
    "numpy void": lambda: np.void(b"abcd"),
    "numpy datetime": lambda: np.datetime64(1, "s"),
    **{
        f"0-d {np.dtype(t).name}": lambda t=t: np.array(0.1, t)
        for t in ("e", "f", "d", "g", "i", "?", bfloat16)
    },
    "0-d byte-swapped": lambda: np.array(0.1, ">f4"),
    "0-d misaligned": lambda: misaligned(np.array(0.1, "f")),
    "0-d signalling nan": lambda: np.array(signalling_nans("f")[0]),
    "0-d of a subclass": lambda: np.array(0.1, "f").view(Tagged),
    "0-d object": lambda: np.array(0.5, object),
    "dtype": lambda: np.dtype("f"),
    "dtype class": lambda: np.float32,
    # containers
    "list": lambda: [0.5, -1.0, 2.0, 0.0, 3.0],
    "list of one": lambda: [0.5],
    "empty list": lambda: [],
    "ragged list": lambda: [[1.0], [1.0, 2.0]],
    "list of arrays": lambda: [np.float32([-1, 2, 3, 4, 5])] * 4,
    "tuple": lambda: (0.5, -1.0, 2.0, 0.0, 3.0),
    "range": lambda: range(-2, 3),
    "array.array": lambda: array("f", [-2, 0.5, 0, 1, 2]),
    "memoryview": lambda: memoryview(array("f", [-2, 0.5, 0, 1, 2])),
    "bytearray": lambda: bytearray(b"abcd"),
    # of no number at all
    "None": lambda: None,
    "ellipsis": lambda: ...,
    "NotImplemented": lambda: NotImplemented,
    "str": lambda: "0.5",
    "bytes": lambda: b"0.5",
    "slice": lambda: slice(2),
    "object": object,
    "Decimal": lambda: Decimal("0.5"),
    "Fraction": lambda: Fraction(1, 2),
    "has __float__": Numeric,
    # arrays of other classes
    **{
        cls.__name__: lambda cls=cls: operand("x", seed=3).view(cls)
        for cls in (Tagged, Important, Wrapping, OverridingArray, RefusingArray)
    },
    "matrix": lambda: np.matrix(operand("x", seed=3)),
    "masked array": lambda: np.ma.masked_array(operand("x", seed=3), np.arange(20) % 3 == 0),
    "masked array, nothing masked": lambda: np.ma.masked_array(operand("x", seed=3)),
    "masked": lambda: np.ma.masked,
    "recarray": lambda: np.zeros(SHAPE, [("a", "f4")]).view(np.recarray),
    "field of a recarray": lambda: np.zeros(SHAPE, [("a", "f4"), ("b", "i1")]).view(np.recarray).a,
    "chararray": lambda: np.zeros(SHAPE, "S2").view(np.char.chararray),
    # objects with ideas of their own
    "overriding": Overrider,
    "overriding float": lambda: OverridingFloat(0.5),
    "__array_ufunc__ is None": Refuser,
    "declining": Declining,
    "failing": Failing,
    "__array__": Arraylike,
    "__array__ and __array_wrap__": WrappingArraylike,
    "failing __array__": BrokenArraylike,
    "__array_interface__": Interfaced,
}


@table("value", VALUES)
def test_anything_as_an_operand(value):
    def make(name, i, dtype, out):
        outs = {"out": outputs(name, lambda: room(SHAPE, dtype))} if out else {}
        return call(*operands_with(name, i, value(), dtype), **outs)

    for name in oracle.NAMES:
        last = len(oracle.OPERANDS[name]) - 1
        for i in range(last + 1):
            alike(name, partial(make, name, i, "f", out=False))
            alike(name, partial(make, name, i, "e", out=True))
        for dtype in ("d", "bfloat16", *("bQ" if name in oracle.FOR_INTEGERS else "")):
            alike(name, partial(make, name, last, dtype, out=False))


@table("value", VALUES)
def test_anything_as_a_parameter_by_keyword(value):
    def make(name, dtype, out):
        keywords = {oracle.PARAMETER[name]: value()}
        if out:
            keywords = {"out": outputs(name, lambda: room(SHAPE, dtype))} | keywords
        return call(*operands(name, dtype)[:-1], **keywords)

    for name in WITH_PARAMETER:
        for dtype, out in (("f", False), ("f", True), ("d", False), ("e", True)):
            alike(name, partial(make, name, dtype, out))


@table("value", VALUES)
def test_anything_as_every_operand(value):
    for name in oracle.NAMES:
        alike(name, lambda name=name: call(*(value() for _ in oracle.OPERANDS[name])))
        alike(name, lambda name=name: call(*[value()] * len(oracle.OPERANDS[name])))


@pytest.mark.parametrize("mode", modes.MODES)
@pytest.mark.parametrize("name", WITH_PARAMETER)
def test_a_parameter_is_rounded_alike_in_every_mode(name, mode):
    for value, dtype in product((0.1, -1e-40, 1e-46, 1 << 60 | 1, np.float32(0.1)), "efd"):

        def make(value=value, dtype=dtype):
            return call(*operands(name, dtype)[:-1], value)

        with modes.mode(mode):
            alike(name, make)


# Outputs


def cropped(dtype="f"):
    return room((6, 9), dtype)[1:-1, 2:-2]


def over_bytes(kind):
    return np.frombuffer(kind(bytes(80)), "f").reshape(SHAPE)


def from_broadcast_arrays(shape=SHAPE):
    """An array that warns when it is first written to."""
    return np.broadcast_arrays(room(shape[-1], "f"), np.zeros(shape))[0]


def writing_back(a):
    """An iterator of one float32 copy, which is written back to the array at its end."""
    return np.nditer(a, [], [["readwrite", "updateifcopy"]], op_dtypes=["f"], casting="unsafe")


def read_only(a):
    a.flags.writeable = False
    return a


OUTS = {
    "plain": lambda: room(SHAPE, "f"),
    "Fortran": lambda: room((5, 4), "f").T,
    "cropped": cropped,
    "rotated": lambda: cropped()[::-1, ::-1],
    "every other": lambda: room((8, 10), "f")[::2, ::2],
    "misaligned": lambda: misaligned(room(SHAPE, "f")),
    "byte-swapped": lambda: room(SHAPE, ">f4"),
    "float64": lambda: room(SHAPE, "d"),
    "float16": lambda: room(SHAPE, "e"),
    "bfloat16": lambda: room(SHAPE, bfloat16),
    "longdouble": lambda: room(SHAPE, "g"),
    "int32": lambda: room(SHAPE, "i"),
    "bool": lambda: room(SHAPE, "?"),
    "complex": lambda: room(SHAPE, "F"),
    "object": lambda: np.full(SHAPE, None),
    "unpickled dtype": lambda: unpickled(room(SHAPE, "f")),
    "dtype with metadata": lambda: with_metadata(room(SHAPE, "f")),
    "structured": lambda: np.zeros(SHAPE, [("a", "f")]),
    "field": lambda: np.zeros(SHAPE, [("a", "f"), ("b", "u1")])["a"],
    "read-only": lambda: read_only(room(SHAPE, "f")),
    "read-only and of the wrong shape": lambda: read_only(room((3, 3), "f")),
    "read-only and of the wrong dtype": lambda: read_only(room(SHAPE, "i")),
    "over a bytearray": lambda: over_bytes(bytearray),
    "over bytes": lambda: over_bytes(bytes),
    "broadcast, read-only": lambda: np.broadcast_to(room(5, "f"), SHAPE),
    "broadcast, warns": from_broadcast_arrays,
    "one row, warns": lambda: from_broadcast_arrays((1, 5)),
    "broadcast, writable": lambda: as_strided(room(5, "f"), SHAPE, (0, 4)),
    "one element, writable": lambda: as_strided(room(1, "f"), SHAPE, (0, 0)),
    "overlapping rows": lambda: as_strided(room(8, "f"), SHAPE, (4, 4)),
    "written back later": lambda: writing_back(room(SHAPE, "d")).operands[0],
    "wrong shape": lambda: room((3, 3), "f"),
    "one row": lambda: room((1, 5), "f"),
    "one column": lambda: room((4, 1), "f"),
    "too few axes": lambda: room(5, "f"),
    "one axis more": lambda: room((1, 4, 5), "f"),
    "one axis more, longer": lambda: room((2, 4, 5), "f"),
    "no axes": lambda: room((), "f"),
    "empty": lambda: room((0, 5), "f"),
    "64 axes": lambda: room((1,) * 62 + SHAPE, "f"),
    "subclass": lambda: room(SHAPE, "f").view(Tagged),
    "wrapping subclass": lambda: room(SHAPE, "f").view(Wrapping),
    "overriding subclass": lambda: room(SHAPE, "f").view(OverridingArray),
    "refusing subclass": lambda: room(SHAPE, "f").view(RefusingArray),
    "matrix": lambda: np.matrix(room(SHAPE, "f")),
    "masked": lambda: np.ma.masked_array(room(SHAPE, "f"), np.arange(20) % 3 == 0),
    "overriding": Overrider,
    "refusing": Refuser,
    "declining": Declining,
    "None": lambda: None,
    "ellipsis": lambda: ...,
    "list": lambda: [[77.0] * 5] * 4,
    "list of an array": lambda: [room(SHAPE, "f")],
    "tuple in a tuple": lambda: (room(SHAPE, "f"),),
    "str": lambda: "out",
    "float": lambda: 1.0,
    "numpy scalar": lambda: np.float32(1),
    "array.array": lambda: array("f", [77] * 20),
}
PLACES = [
    "keyword",
    "tuple",
    "position",
    "first",
    "first by position",
    "second",
    "second by position",
    "too long",
    "too short",
    "twice",
]


@table("make_out", OUTS)
@every_ufunc
def test_anything_as_out(name, make_out):
    def make(place, inputs):
        out, more = make_out(), outputs(name, make_out)[1:]
        args, keyword = {
            "keyword": ((), out),
            "tuple": ((), (out, *more)),
            "position": ((out, *more), None),
            "first": ((), (out, *(None for _ in more))),
            "first by position": ((out,), None),
            "second": ((), (*(None for _ in more), out)),
            "second by position": ((*(None for _ in more), out), None),
            "too long": ((), (out, *more, out)),
            "too short": ((), more),
            "twice": ((out, *more), (out, *more)),
        }[place]
        return call(*inputs(), *args, **({} if keyword is None else {"out": keyword}))

    for place in PLACES:
        alike(name, partial(make, place, partial(operands, name)))
    if name in oracle.DEFAULTS:
        alike(name, partial(make, "tuple", lambda: operands(name)[:-1]))
    n = len(oracle.OPERANDS[name])
    smaller = [
        lambda: [a[:1] for a in operands(name)],
        lambda: [operand("x", "f", ())] * n,
        lambda: [np.float32(-0.5)] * n,
    ]
    for inputs in smaller:
        alike(name, partial(make, "tuple", inputs))


def test_out_that_warns_when_written_warns():
    for shape in (SHAPE, (1, 5)):

        def make(shape=shape):
            return call(operand("x", shape=shape), out=from_broadcast_arrays(shape))

        assert alike("relu", make, filters="error")["raised"]


def test_a_copy_to_be_written_back_is_written_back():
    results = []
    for direct in (True, False):
        target = room(SHAPE, "d")
        with door(direct), writing_back(target) as it, np.errstate(all="ignore"):
            relu_ufunc.relu(operand("x"), out=it.operands[0])
        results.append(target.tobytes())
    assert results[0] == results[1] != room(SHAPE, "d").tobytes()


# Memory that inputs and outputs share

# Each takes a buffer and gives two views of it, an input and an output.
OVERLAPS = {
    "in place": lambda a: (a[1:-1], a[1:-1]),
    "in place, another object": lambda a: (a[1:-1], a[1:-1].view()),
    "one ahead": lambda a: (a[1:-1], a[2:]),
    "one behind": lambda a: (a[1:-1], a[:-2]),
    "upside down": lambda a: (a[1:-1], a[1:-1][::-1]),
    "rotated": lambda a: (a[1:-1], a[1:-1][::-1, ::-1]),
    "both rotated": lambda a: (a[1:-1][::-1, ::-1], a[1:-1][::-1, ::-1]),
    "transposed": lambda a: (a[:4, :4], a[:4, :4].T),
    "both transposed": lambda a: (a[:4, :4].T, a[:4, :4].T),
    "neighbouring columns": lambda a: (a[:, ::2], a[:, 1::2]),
    "columns the other way": lambda a: (a[:, ::2], a[:, ::-2]),
    "side by side": lambda a: (a[:, :3], a[:, 3:]),
    "overlapping columns": lambda a: (a[:, :4], a[:, 1:5]),
    "one row for all": lambda a: (np.broadcast_to(a[1], a.shape), a),
    "the last element for all": lambda a: (np.broadcast_to(a[-1, -1], a.shape), a),
    "one row": lambda a: (a[2:3], a),
    "one element": lambda a: (a[2:3, 1:2], a),
    "no axes": lambda a: (a[2, 1, ...], a),
    "out is broadcast": lambda a: (a[:, :1], as_strided(a, a.shape, (a.strides[0], 0))),
    "sliding windows": lambda a: (as_strided(a, (4, 4), a.strides[1:] * 2), a[1:5, :4]),
    "out of sliding windows": lambda a: (a[1:5, :4], as_strided(a, (4, 4), a.strides[1:] * 2)),
    "half an element ahead": lambda a: (
        a[:4],
        np.ndarray((4, 6), a.dtype, a, a.itemsize // 2),
    ),
    "1-d, shifted by a vector": lambda a: (a.ravel()[:20], a.ravel()[16:]),
    "1-d, reversed": lambda a: (a.ravel(), a.ravel()[::-1]),
    "1-d, one element": lambda a: (a.ravel()[3:4], a.ravel()[3:4]),
    "1-d, every other": lambda a: (a.ravel()[:18], a.ravel()[::2]),
    "empty": lambda a: (a[:0], a[:0]),
}


@table("overlap", OVERLAPS)
@every_ufunc
def test_output_over_an_input(name, overlap):
    def make(i, k, dtype, numbers):
        """The output k over the input i, and numbers for the last inputs."""
        given, out = overlap(operand("x", dtype, (6, 6), seed=i))
        inputs = [np.resize(a, given.shape) for a in operands(name, dtype, (6, 6))]
        inputs[i] = given
        inputs[len(inputs) - numbers :] = [0.5] * numbers
        outs = [None] * oracle.OUTPUTS[name]
        outs[k] = out
        return call(*inputs, out=tuple(outs))

    n = len(oracle.OPERANDS[name])
    for i, k in product(range(n), range(oracle.OUTPUTS[name])):
        for dtype in ("f", "e", "d"):
            alike(name, partial(make, i, k, dtype, 0))
        if i < n - 1:
            alike(name, partial(make, i, k, "f", 1))


@table("overlap", OVERLAPS)
@pytest.mark.parametrize("name", TWO_OUTPUTS)
def test_outputs_over_each_other(name, overlap):
    def make():
        outs = overlap(room((6, 6), "f"))
        shape = outs[1].shape
        return call(*operands(name, shape=shape), out=outs)

    alike(name, make)


@pytest.mark.parametrize("order", list(product(range(3), repeat=2)), ids=str)
@pytest.mark.parametrize("name", TWO_OUTPUTS)
def test_outputs_over_inputs(name, order):
    def make(shift):
        inputs = operands(name, shape=(12,))
        outs = [inputs[k % len(inputs)][shift:] for k in order]
        return call(*(a[: 12 - shift] for a in inputs), out=tuple(outs))

    alike(name, lambda: make(0))
    alike(name, lambda: make(1))


@every_ufunc
def test_one_array_for_everything(name):
    def make():
        x = operand("x")
        return call(*[x] * len(oracle.OPERANDS[name]), out=outputs(name, lambda: x))

    alike(name, make)


# Keywords and numbers of arguments


class Name(str):
    """A keyword that is not quite a str."""


def spelt(word):
    """The same word in a string of its own."""
    return "".join(list(word))


KEYWORDS = {
    **{f"{key}={value!r}": {key: value} for key, value in [
        *product(["where"], [True, False, np.True_, np.False_, np.array(True), None, 1, "yes"]),
        *product(["casting"], ["no", "equiv", "safe", "same_kind", "unsafe", "nonsense", None, 3]),
        *product(["order"], ["C", "F", "A", "K", "k", "Z", None, b"C"]),
        *product(["dtype"], ["f", "d", "e", "i", "g", "F", None, float, "nonsense", ">f4"]),
        *product(["subok"], [True, False, None, 1]),
        *product(["signature", "sig"], [None, "f", "ff->f", "d->d", "dd->d", "nonsense", "", 3]),
        *product(["signature"], [(None, None), (np.float64,) * 3, ("d", None, None)]),
        *product(["out"], [None, (), (None,), (None, None), [None], {}]),
        ("keepdims", True), ("axis", 0), ("axes", [0]), ("extobj", []), ("initial", 0),
        ("x", 1), ("dy", 1), ("alpha", 0.5), ("slope", 0.5), ("negative_slope", 0.5),
        ("Alpha", 0.5), ("alpha ", 0.5), ("älpha", 0.5), ("", 0.5), ("out\0", None),
        ("\ud800", 0.5),
    ]},
    "where=rows": {"where": np.arange(4)[:, None] % 2 > 0},
    "where of more axes": {"where": np.ones((2, 4, 5), bool)},
    "where of the wrong shape": {"where": np.ones(3, bool)},
    "where and casting": {"where": True, "casting": "unsafe"},
    "dtype and signature": {"dtype": "f", "signature": "f->f"},
    "sig and signature": {"sig": "f->f", "signature": "f->f"},
    "dtype and casting": {"dtype": "e", "casting": "same_kind"},
    "two unknown": {"beta": 1, "gamma": 2},
}  # fmt: skip


@table("keywords", KEYWORDS)
def test_keywords(keywords):
    fills = keywords.get("where", True) is True  # else memory is left as it was

    def make(name, dtype, left_out, given_out):
        inputs = operands(name, dtype)[: len(oracle.OPERANDS[name]) - left_out]
        outs = outputs(name, lambda: room(SHAPE, dtype))
        if given_out == "keyword":
            return call(*inputs, **{"out": outs, **keywords})
        return call(*inputs, *(outs if given_out == "position" else ()), **keywords)

    for name, dtype in product(oracle.NAMES, ("f", "d")):
        for left_out, given_out in ((0, "keyword"), (1, "keyword"), (0, "position")):
            alike(name, partial(make, name, dtype, left_out, given_out))
        if fills:
            alike(name, partial(make, name, dtype, 0, None))
            alike(name, partial(make, name, dtype, 1, None))


@pytest.mark.parametrize("spell", [sys.intern, spelt, Name], ids=["interned", "spelt", "subclass"])
@pytest.mark.parametrize("name", WITH_PARAMETER)
def test_however_a_keyword_is_spelt(name, spell):
    parameter = oracle.PARAMETER[name]
    for more in ({}, {"out": None}, {"where": True}, {"beta": 1}, {"order": "F"}):

        def make(more=more):
            keywords = {parameter: 0.5} | more
            if "out" in more:
                keywords["out"] = outputs(name, lambda: room(SHAPE, "f"))
            return call(*operands(name)[:-1], **{spell(k): v for k, v in keywords.items()})

        alike(name, make)
        alike(name, lambda make=make: (make()[0], dict(reversed(make()[1].items()))))


@every_ufunc
def test_number_of_arguments(name):
    n, nout = len(oracle.OPERANDS[name]), oracle.OUTPUTS[name]
    for count in [*range(n + nout + 3), 30, 40, 100]:
        for kind in (lambda: operand("x"), lambda: room(SHAPE, "f"), lambda: None, lambda: 0.5):

            def make(count=count, kind=kind):
                inputs = [operand("x") for _ in range(min(count, n))]
                return call(*inputs, *(kind() for _ in range(count - len(inputs))))

            alike(name, make)
            for keywords in ({"out": None}, {"slope": 0.5}, {"alpha": 0.5, "out": ()}):
                alike(name, lambda make=make, k=keywords: (make()[0], k))


@pytest.mark.parametrize("name", WITH_PARAMETER)
def test_a_parameter_given_twice(name):
    keywords = {oracle.PARAMETER[name]: 0.5}
    for more in ({}, {"out": None}, {"where": False}, {"beta": 1}):
        seen = alike(name, lambda more=more: call(*operands(name), **keywords, **more))
        assert seen["raised"][0] is TypeError
        alike(name, lambda more=more: call(*operands(name)[:-1], room(SHAPE, "f"), **keywords))


@every_ufunc
def test_methods(name):
    n = len(oracle.OPERANDS[name])
    function = UFUNCS[name]
    for method in ("reduce", "accumulate", "reduceat", "outer", "at"):
        arguments = [operand("x") for _ in range(n + (method in ("reduceat", "at")))]
        assert_alike(getattr(function, method), lambda arguments=arguments: call(*arguments))


# Floating-point errors


def erring(dtype="f", shape=SHAPE):
    """Operands whose products overflow and underflow, as the exponentials do in one dtype each."""
    info = finfo(dtype)
    return np.resize(np.array([-info.max, -info.tiny, -1, 2, -16, -95, -740], dtype), shape)


def erring_call(name, dtype="f", shape=SHAPE, **kwargs):
    return call(*(erring(dtype, shape) for _ in oracle.OPERANDS[name]), **kwargs)


KINDS = ["over", "under", "divide", "invalid"]


@pytest.mark.parametrize("mode", ["ignore", "warn", "raise", "call", "print", "log"])
@every_ufunc
def test_errstate(name, mode, capfd):
    log = []
    outs = {}

    def handle(*args):
        # The result is there already.
        log.append((args, [o.tobytes() for o in outs.get("out", ())]))

    class Log:
        def write(self, message):
            log.append(message)

    def make(given_out):
        outs.clear()
        log.append("call")
        capfd.readouterr()
        if given_out:
            outs["out"] = outputs(name, lambda: room(SHAPE, "f"))
        return erring_call(name, **outs)

    handler = {"call": handle, "log": Log()}.get(mode)
    for given_out in (False, True):
        for kind in ["all", *KINDS]:
            err = {"all": "ignore", kind: mode, "call": handler}
            seen = []
            for direct in (True, False):
                with door(direct):
                    log.clear()
                    args, kwargs = make(given_out)
                    seen.append((outcome(name, args, kwargs, err), log.copy(), capfd.readouterr()))
            assert seen[0] == seen[1], kind
            alike(name, lambda g=given_out: make(g), **err)


def outcome(name, args, kwargs, err):
    with np.errstate(**err), warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            return describe(UFUNCS[name](*args, **kwargs), kwargs.get("out", ())), len(caught)
        except FloatingPointError as error:
            return str(error), [o.tobytes() for o in kwargs.get("out", ())]


@pytest.mark.parametrize("filters", ["error", "always", "ignore", "default", "once"])
@every_ufunc
def test_warning_filters(name, filters):
    for given_out in (False, True):

        def make(given_out=given_out):
            out = outputs(name, (lambda: room(SHAPE, "f")) if given_out else lambda: None)
            return erring_call(name, out=out)

        alike(name, make, filters=filters)


@pytest.mark.parametrize("dtype", oracle.FLOATS)
@every_ufunc
def test_errors_in_arrays_of_every_size(name, dtype):
    for one in erring(dtype, (7,)):
        alike(name, lambda one=one: call(*(np.full(3, one) for _ in oracle.OPERANDS[name])))
    for shape in ((), (1,), (3,), (64,), (9001,), (3, 4), (0,)):
        alike(name, partial(erring_call, name, dtype, shape))
        alike(name, partial(erring_call, name, dtype, (*shape, 1)))


@pytest.mark.parametrize(
    ("dtype", "x", "slope", "error"),
    [
        ("bfloat16", -1.015625 * 2**127, 1.96875, "overflow"),
        ("bfloat16", -1.0078125 * 2**-126, 0.5, "underflow"),
        ("e", -1.0009765625 * 2**15, 1.9990234375, "overflow"),
        ("e", -1.0009765625 * 2**-14, 0.5, "underflow"),
        ("f", -1.5 * 2.0**127, 1.5, "overflow"),
        ("f", -1.00000011920928955078125 * 2**-126, 0.5, "underflow"),
        ("d", -1.5 * 2.0**1023, 1.5, "overflow"),
        ("d", -1.0000000000000002 * 2**-1022, 0.5, "underflow"),
    ],
    ids=lambda v: v if isinstance(v, str) else "",
)
def test_an_error_when_the_product_is_rounded(dtype, x, slope, error):
    """In the 16-bit floats, float32 holds the product."""
    for size in (1, 3, 70, 9001):
        for out in (None, np.zeros(size, dtype)):
            seen = alike(
                "prelu",
                lambda size=size, out=out: call(
                    np.full(size, x, dtype), np.full(size, slope, dtype), out=out
                ),
            )
            assert [w[1] for w in seen["warnings"]] == [f"{error} encountered in prelu"]


@pytest.mark.parametrize("direct", [True, False])
def test_a_warning_points_to_the_caller(direct):
    x, out = erring("f", (4,)), room(4, "f")
    with door(direct), pytest.warns(RuntimeWarning, match="^overflow encountered in") as seen:
        line = inspect.currentframe().f_lineno
        relu_ufunc.leaky_relu(x, 4)
        relu_ufunc.leaky_relu(x, negative_slope=np.float32(4), out=out)
        relu_ufunc.prelu(x, 1e300)
    places = [(w.filename, w.lineno - line) for w in seen]
    assert places == [(__file__, 1), (__file__, 2), (__file__, 3)]
    assert [str(w.message).split()[-1] for w in seen] == ["leaky_relu", "leaky_relu", "cast"]


@pytest.mark.parametrize("direct", [True, False])
def test_a_handler_may_fail_and_may_call_again(direct):
    x, out, inner = erring("f", (4,)), room(4, "f"), []

    def handle(*_):
        with np.errstate(all="ignore"):
            inner.append(relu_ufunc.leaky_relu(x, 4))
        raise KeyError("on purpose")

    with door(direct):
        with np.errstate(all="call", call=handle), pytest.raises(KeyError, match="on purpose"):
            relu_ufunc.leaky_relu(x, 4, out=out)
        assert same_bits(out, inner[0]).all()
        with np.errstate(all="call", call=None), pytest.raises(NameError):
            relu_ufunc.leaky_relu(x, 4, out=out)


@every_ufunc
def test_flags_left_by_others_are_not_reported(name):
    def after_errors(*args, huge=1e308, tiny=1e-308, infinity=math.inf):
        assert math.isnan(infinity - infinity) and huge * huge > tiny * tiny
        return UFUNCS[name](*args)

    n = len(oracle.OPERANDS[name])
    seen = assert_alike(after_errors, lambda: call(*(np.ones(SHAPE, "f") for _ in range(n))))
    assert not seen["warnings"]


def test_errstate_is_each_threads_own():
    def in_thread(found):
        x, slope = erring("f", (4,)), np.float32(4)
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            relu_ufunc.leaky_relu(x, slope)
            found.append([str(w.message) for w in caught])
            with np.errstate(over="raise"):
                try:
                    relu_ufunc.leaky_relu(x, slope)
                except FloatingPointError as error:
                    found.append(str(error))

    results = []
    for direct in (True, False):
        found = []
        with door(direct), np.errstate(all="ignore"):
            thread = threading.Thread(target=in_thread, args=(found,))
            thread.start()
            thread.join()
        results.append(found)
    assert results[0] == results[1]
    message = "overflow encountered in leaky_relu"
    assert results[0] == [[message], message]


def test_errstate_as_decorator_and_seterr():
    x = erring("f", (4,))
    for direct in (True, False):
        with door(direct):
            before = np.seterr(over="raise")
            try:
                with pytest.raises(FloatingPointError):
                    relu_ufunc.leaky_relu(x, 4)
            finally:
                np.seterr(**before)
            assert np.errstate(all="ignore")(relu_ufunc.leaky_relu)(x, 4).size == 4


# References and memory

LASTING = {
    "new": lambda n, x, o: call(*x),
    "out": lambda n, x, o: call(*x, out=o),
    "out by position": lambda n, x, o: call(*x, *o),
    "python number": lambda n, x, o: call(*x[:-1], 0.5 if len(x) > 1 else x[0]),
    "large int": lambda n, x, o: call(*x[:-1], 10**400),
    "numpy scalar": lambda n, x, o: call(*x[:-1], np.float32(0.5)),
    "0-d": lambda n, x, o: call(*x[:-1], x[-1][0, 0, ...]),
    "row": lambda n, x, o: call(*x[:-1], x[-1][0]),
    "strided": lambda n, x, o: call(*(a[:, ::2] for a in x)),
    "transposed": lambda n, x, o: call(*(a.T for a in x), out=tuple(a.T for a in o)),
    "in place": lambda n, x, o: call(*x, out=(x[0], *o[1:])),
    "overlapping": lambda n, x, o: call(
        *(a[1:] for a in x), out=(x[0][:-1],) + (None,) * len(o[1:])
    ),
    "two new": lambda n, x, o: call(*x, out=(None,) * len(o)),
    "no elements": lambda n, x, o: call(*(a[:0] for a in x)),
    "parameter too few": lambda n, x, o: call(*x[:-1]),
    "no arguments": lambda n, x, o: call(),
    "too many arguments": lambda n, x, o: call(*x, *o, *x),
    "keyword": lambda n, x, o: call(*x[:-1], **{oracle.PARAMETER.get(n, "out"): x[-1]}),
    "keyword and out": lambda n, x, o: call(
        *x[:-1], **{oracle.PARAMETER.get(n, "subok"): 0.5, "out": o}
    ),
    "keyword twice": lambda n, x, o: call(*x, **{oracle.PARAMETER.get(n, "y"): x[-1]}),
    "unknown keyword": lambda n, x, o: call(*x, beta=1, out=o),
    "where": lambda n, x, o: call(*x, where=True, out=o),
    "dtype": lambda n, x, o: call(*x, dtype="d"),
    "wrong shape": lambda n, x, o: call(*x[:-1], x[-1][:3, :3]),
    "wrong shape of out": lambda n, x, o: call(*x, out=tuple(a[:3] for a in o)),
    "wrong shape of the last out": lambda n, x, o: call(*x, out=(*o[:-1], o[-1][:3])),
    "wrong dtype of out": lambda n, x, o: call(*x, out=tuple(a.view("i") for a in o)),
    "read-only out": lambda n, x, o: call(*x, out=(*o[:-1], read_only(o[-1].view()))),
    "complex": lambda n, x, o: call(*x[:-1], 1j),
    "str": lambda n, x, o: call(*x[:-1], "1"),
    "too large": lambda n, x, o: call(np.broadcast_to(x[0][0, 0], (1 << 60,)), *(1 for _ in x[1:])),
}


@table("make", LASTING)
@every_ufunc
def test_nothing_is_kept_and_nothing_released(name, make):
    """No reference count changes, however often a call is made, succeeds or fails."""
    function = UFUNCS[name]
    inputs = [erring() for _ in oracle.OPERANDS[name]]
    outs = outputs(name, lambda: room(SHAPE, "f"))
    args, kwargs = make(name, inputs, outs)
    lasting = [*inputs, *outs, *args, *kwargs.values(), *kwargs, args, function]
    lasting += [np.dtype(c) for c in "fd"] + [float, np.ndarray, np.float32]

    def repeat(times):
        for _ in range(times):
            with suppress(Exception):
                function(*args, **kwargs)

    for direct, err in product((True, False), ("ignore", "raise", "warn")):
        with door(direct), np.errstate(all=err), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            repeat(2)
            gc.disable()  # so that nobody else gives back references meanwhile
            before = list(map(sys.getrefcount, lasting))
            repeat(20)
            after = list(map(sys.getrefcount, lasting))
            gc.enable()
        assert after == before, f"direct={direct}, {err}"


def test_results_hold_one_reference_to_their_dtype():
    x, dtype, counts = operand("x"), np.dtype("f"), []
    for direct in (True, False):
        with door(direct), np.errstate(all="ignore"):
            gc.disable()
            before = sys.getrefcount(dtype)
            kept = [relu_ufunc.elu(x) for _ in range(50)]
            counts.append((sys.getrefcount(dtype) - before, {sys.getrefcount(r) for r in kept}))
            gc.enable()
            del kept
    assert counts[0] == counts[1]


def test_no_memory_is_lost():
    def calls(case):
        for name in oracle.NAMES:
            inputs = [erring() for _ in oracle.OPERANDS[name]]
            outs = outputs(name, lambda: room(SHAPE, "f"))
            yield UFUNCS[name], *LASTING[case](name, inputs, outs)

    def grown(made, times):
        before = tracemalloc.get_traced_memory()[0]
        for _ in range(times):
            for function, args, kwargs in made:
                with suppress(Exception):
                    function(*args, **kwargs)
        return tracemalloc.get_traced_memory()[0] - before

    lost = {}
    tracemalloc.start()
    try:
        with np.errstate(all="ignore"), door(True):
            for case in LASTING:
                made = list(calls(case))
                grown(made, 3)
                lost[case] = grown(made, 30)
    finally:
        tracemalloc.stop()
    # An object lost at each call of one ufunc is larger.
    assert {case: size for case, size in lost.items() if size > 30 * 16} == {}


def test_new_outputs_are_accounted_for():
    x, sizes = np.zeros(1 << 18, "f"), []
    for direct in (True, False):
        with door(direct):
            relu_ufunc.relu(x)
            tracemalloc.start()
            try:
                kept = relu_ufunc.relu(x)
                sizes.append(tracemalloc.get_traced_memory()[0])
                del kept
            finally:
                tracemalloc.stop()
    assert min(sizes) >= x.nbytes
    assert abs(sizes[0] - sizes[1]) < 1000


# Anything, anywhere


@st.composite
def views(draw, shape):
    """Where the elements of a view lie in memory: its offset and strides, in halves of elements."""
    step = st.sampled_from([0, *(2 * [1, -1]), 2, -2, 3, 4, -5, 12])
    strides = [2 * draw(step) for _ in shape]
    if draw(st.booleans()):  # contiguous, in any order of axes
        length = 2
        for axis in draw(st.permutations(range(len(shape)))):
            strides[axis] = length * draw(st.sampled_from([1, 1, 1, -1]))
            length *= max(shape[axis], 1)
    offset = draw(st.integers(0, 8)) * 2 + draw(st.sampled_from([0, 0, 0, 1]))
    below = sum(min(0, s * (n - 1)) for s, n in zip(strides, shape, strict=True) if n)
    return shape, offset - below, tuple(strides)


def look(memory, dtype, view):
    shape, offset, strides = view
    half = np.dtype(dtype).itemsize // 2
    return np.ndarray(shape, dtype, memory, offset * half, [s * half for s in strides])


NUMBERS = [0.25, -2, 2**53 + 1, 1e300, 1e-46, math.nan, -0.0, np.float32(0.1), np.float64(0.1)]


@st.composite
def any_calls(draw, name):
    """A recipe for a call whose arguments lie anywhere, over each other too."""
    n, nout = len(oracle.OPERANDS[name]), oracle.OUTPUTS[name]
    shapes = draw(npst.mutually_broadcastable_shapes(num_shapes=n, max_dims=4, max_side=4))
    known = []

    def view(shape):
        alike = [old for old in known if old[0] == shape]
        known.append(
            draw(st.sampled_from(alike) if alike and draw(st.booleans()) else views(shape))
        )
        return known[-1], draw(st.integers(0, 1))  # in one of two pieces of memory

    inputs = [view(shape) for shape in shapes.input_shapes]
    if name in oracle.PARAMETER and draw(st.booleans()):
        inputs[-1] = draw(st.sampled_from(NUMBERS))
        if oracle.PARAMETER[name] in oracle.DEFAULTS and draw(st.booleans()):
            inputs.pop()
    longer = st.sampled_from([(), (), (), (), (2,), (1,)])
    outs = [
        view(draw(longer) + shapes.result_shape) if draw(st.booleans()) else None
        for _ in range(nout)
    ]
    dtype = draw(st.sampled_from(["f", "f", "d", "e", "bfloat16"]))
    how = draw(st.sampled_from(["keyword", "parameter by keyword", "position"]))
    return dtype, inputs, outs, how


def make_any(name, recipe):
    dtype, inputs, outs, how = recipe
    memory = [np.resize(numbers(dtype, 200, seed), 600) for seed in (0, 1)]

    def made(argument):
        if isinstance(argument, tuple):
            view, piece = argument
            return look(memory[piece], dtype, view)
        return argument

    inputs, outs, keywords = list(map(made, inputs)), tuple(map(made, outs)), {}
    if how == "position" and len(inputs) == len(oracle.OPERANDS[name]):
        return call(*inputs, *outs)
    named = how == "parameter by keyword" and name in oracle.PARAMETER
    if named and len(inputs) == len(oracle.OPERANDS[name]):
        keywords[oracle.PARAMETER[name]] = inputs.pop()
    if any(out is not None for out in outs):
        keywords["out"] = outs
    return call(*inputs, **keywords)


@every_ufunc
@settings(max_examples=60)
@given(data=st.data())
def test_any_call(name, data):
    recipe = data.draw(any_calls(name))
    alike(name, lambda: make_any(name, recipe))


# Threads


def test_threads_do_not_disturb_each_other():
    def work(seed, found):
        x = numbers("f", 60, seed)
        with np.errstate(all="ignore"):
            want = relu_ufunc.elu(x, 0.5).tobytes()
            found.append(all(relu_ufunc.elu(x, alpha=0.5).tobytes() == want for _ in range(300)))

    found = []
    threads = [threading.Thread(target=work, args=(seed, found)) for seed in range(4)]
    with door(True):
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert found == [True] * 4


@pytest.mark.parametrize(
    "inputs",
    [
        lambda x: (x,),
        lambda x: (x[::2],),
        lambda x: (x.reshape(-1, 1000).T,),
        lambda x: (x.reshape(-1, 1000), np.linspace(0, 1, 1000)),
    ],
    ids=["contiguous", "strided", "transposed", "broadcast"],
)
def test_other_threads_run_during_a_long_call(inputs):
    """The lock is given up: while it is held, the other thread gets none before a 1000 s wait."""
    count, stop = 0, threading.Event()

    def tick():
        nonlocal count
        while not stop.wait(1e-4):
            count += 1

    interval = sys.getswitchinterval()
    other = threading.Thread(target=tick)
    other.start()
    try:
        sys.setswitchinterval(1000)
        time.sleep(0.02)  # so that no wait with the old interval is left
        for size in (10**6, *[8 * 10**6] * 40):  # on a busy machine, the other may not run for long
            args = inputs(np.full(size, -0.5))
            out = np.empty(np.broadcast_shapes(*(a.shape for a in args)))
            with door(True):
                before = count
                relu_ufunc.elu(*args, out=out)
                after = count
            if after > before:
                break
        assert after > before
    finally:
        sys.setswitchinterval(interval)
        stop.set()
        other.join()


# Running out of memory


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="limits memory as Linux does")
@pytest.mark.parametrize("entry", ["direct", "numpy"])
def test_no_memory_for_an_output(entry):
    """The first of two outputs, made in vain, is given back."""
    code = """
        import resource
        import numpy as np
        import relu_ufunc as r

        row = np.broadcast_to(np.float32(-1), (100, 200_000))
        channel = np.ones((100, 1), "f")
        small = np.float32([-1, 2])
        r.elu(row[:2], channel[:2]), r.prelu_grad(row[:2], 0.5)
        in_use = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (in_use + 120_000_000,) * 2)
        for attempt in range(5):
            for f, *args in (r.prelu_grad, row, 0.5), (r.prelu_backward, row, row, channel):
                try:
                    f(*args)
                except MemoryError as error:
                    print(error)
                else:
                    print("there is memory for two outputs")
            assert r.elu(row, channel)[0, 0] == r.elu(np.float32(-1))
            assert r.relu(small).tolist() == [0, 2]
    """
    printed = output(python("-c", inspect.cleandoc(code), RELU_UFUNC_ENTRY=entry)).splitlines()
    assert len(printed) == 10
    assert set(printed) == {
        "Unable to allocate 76.3 MiB for an array with shape (100, 200000) and data type float32"
    }


def test_no_memory_for_an_object():
    """Each allocation fails in its turn: the call fails whole, or succeeds whole."""
    pytest.importorskip("_testcapi")
    code = """
        import sys
        import _testcapi
        import numpy as np
        import relu_ufunc as r
        from relu_ufunc import _relu_ufunc

        x, s, out = np.float32([[-1, 2], [3, -4]]), np.float32([1, 2]), np.zeros((2, 2), "f")
        column, named = s[:, None], {"alpha": 0.5, "out": out}
        lasting = [x, s, out, column, np.dtype("f"), r.relu, named]
        calls = [
            (r.relu, (x,), {}),
            (r.relu, (x, out), {}),
            (r.relu, (x.T,), {"out": out}),
            (r.elu, (x,), {}),
            (r.elu, (x,), named),
            (r.elu, (x, column), {}),
            (r.prelu, (x, s[0]), {}),
            (r.prelu, (x, 2), {"out": (out,)}),
            (r.prelu_grad, (x, s), {}),
            (r.prelu_grad, (x, s), {"out": (None, out)}),
            (r.prelu_backward, (x, x, 0.25), {}),
        ]
        _relu_ufunc.serve_directly(True)
        failures = 0
        for f, args, kwargs in calls:
            want = np.copy(f(*args, **kwargs))
            served = _relu_ufunc.calls_served()
            f(*args, **kwargs)
            assert _relu_ufunc.calls_served() == served + 1, f
            counts = list(map(sys.getrefcount, lasting))
            for start in range(1, 30):
                got = None
                _testcapi.set_nomemory(start, start + 1)
                try:
                    got = f(*args, **kwargs)
                except MemoryError:
                    failures += 1
                finally:
                    _testcapi.remove_mem_hooks()
                assert got is None or (np.copy(got) == want).all(), f
            got = None
            assert counts == list(map(sys.getrefcount, lasting)), f
        print(failures)
    """
    assert int(output(python("-c", inspect.cleandoc(code)))) > 0


# Which calls are served


def last_as(convert):
    """All operands, with the parameter made something else."""

    def make(name, dtype):
        inputs = operands(name, dtype)
        inputs[-1] = convert(inputs[-1])
        return call(*inputs)

    make.needs_parameter = True
    return make


def all_as(convert):
    return lambda name, dtype: call(*map(convert, operands(name, dtype)))


def first_as(convert):
    return lambda name, dtype: call(convert(operands(name, dtype)[0]), *operands(name, dtype)[1:])


def by_keyword(name, dtype):
    *inputs, parameter = operands(name, dtype)
    return call(*inputs, **{oracle.PARAMETER[name]: parameter})


def by_keyword_with_out(name, dtype):
    *inputs, _ = operands(name, dtype)
    out = outputs(name, lambda: room(SHAPE, dtype))
    return call(*inputs, **{"out": out, oracle.PARAMETER[name]: 0.5})


def by_default(name, dtype):
    return call(*operands(name, dtype)[:-1])


by_keyword.needs_parameter = by_keyword_with_out.needs_parameter = by_default.needs_default = True


def with_out(make_out, position=False):
    def make(name, dtype):
        outs = outputs(name, lambda: make_out(dtype))
        inputs = operands(name, dtype)
        return call(*inputs, *outs) if position else call(*inputs, out=outs)

    return make


def in_place(view):
    def make(name, dtype):
        inputs = operands(name, dtype, (4, 4))
        return call(*inputs, out=(view(inputs[0]),) + (None,) * (oracle.OUTPUTS[name] - 1))

    return make


def shifted_by_a_row(name, dtype):
    inputs = operands(name, dtype)
    rest = (None,) * (oracle.OUTPUTS[name] - 1)
    return call(*(a[1:] for a in inputs), out=(inputs[0][:-1], *rest))


SERVED = {
    "contiguous": all_as(lambda a: a),
    "strided": all_as(lambda a: a[::2, ::3]),
    "reversed": all_as(lambda a: a[::-1, ::-1]),
    "transposed": all_as(lambda a: a.T),
    "transposed, the first alone": lambda name, dtype: call(
        *(a.T if i == 0 else a for i, a in enumerate(operands(name, dtype, (4, 4))))
    ),
    "1-d": all_as(np.ravel),
    "3-d": all_as(lambda a: a.reshape(2, 2, 5).swapaxes(0, 1)),
    "long": all_as(lambda a: np.resize(a, 20_011)),
    "misaligned": all_as(misaligned),
    "read-only": all_as(lambda a: read_only(a.view())),
    "a row for a parameter": last_as(lambda a: a[0]),
    "a column for a parameter": last_as(lambda a: a[:, :1]),
    "a broadcast parameter": last_as(lambda a: np.broadcast_to(a[0], SHAPE)),
    "a Python float": last_as(lambda a: 0.25),
    "an inexact Python float": last_as(lambda a: 0.1),
    "a Python int": last_as(lambda a: 2),
    "a parameter without axes": last_as(lambda a: a[0, 0, ...]),
    "a parameter by keyword": by_keyword,
    "a parameter by keyword, and out": by_keyword_with_out,
    "a parameter left out": by_default,
    "out": with_out(lambda dtype: room(SHAPE, dtype)),
    "out by position": with_out(lambda dtype: room(SHAPE, dtype), position=True),
    "out in another order": with_out(lambda dtype: room((5, 4), dtype).T),
    "out cropped": with_out(cropped),
    "out misaligned": with_out(lambda dtype: misaligned(room(SHAPE, dtype))),
    "in place": in_place(lambda a: a),
    "in place, through a view": in_place(lambda a: a[:]),
}
NOT_SERVED = {
    "a subclass": first_as(lambda a: a.view(Tagged)),
    "a masked array": first_as(np.ma.masked_array),
    "a list": first_as(lambda a: a.tolist()),
    "an overriding object": first_as(lambda a: Overrider()),
    "byte-swapped": all_as(lambda a: a.astype(a.dtype.newbyteorder(">"))),
    "another dtype": last_as(lambda a: a.astype("d")),
    "a wider numpy scalar": last_as(lambda a: np.float64(0.5)),
    "bool for a parameter": last_as(lambda a: np.True_),
    "a complex number": last_as(lambda a: 1j),
    "a str": last_as(lambda a: "1"),
    "a subclass for a parameter": last_as(lambda a: a.view(Tagged)),
    "a subclass for out": with_out(lambda dtype: room(SHAPE, dtype).view(Tagged)),
    "out of another dtype": with_out(lambda dtype: room(SHAPE, "d")),
    "out byte-swapped": with_out(lambda dtype: room(SHAPE, np.dtype(dtype).newbyteorder(">"))),
    "out read-only": with_out(lambda dtype: read_only(room(SHAPE, dtype))),
    "out of the wrong shape": with_out(lambda dtype: room((3, 3), dtype)),
    "out broadcast": with_out(lambda dtype: as_strided(room(5, dtype), SHAPE, (0, 4))),
    "reversed in place": in_place(lambda a: a[::-1]),
    "transposed in place": in_place(lambda a: a.T),
    "shifted by a row": shifted_by_a_row,
    "too many arguments": lambda name, dtype: call(*[operand("x")] * 9),
    "no arguments": lambda name, dtype: call(),
    **{
        next(iter(keyword)): lambda name, dtype, keyword=keyword: call(
            *operands(name, dtype), **keyword
        )
        for keyword in (
            {"where": np.ones(SHAPE, bool)},
            {"dtype": "d"},
            {"casting": "unsafe"},
            {"order": "C"},
            {"subok": False},
            {"signature": "nonsense"},
            {"beta": 1},
        )
    },
}


def is_about(make, name):
    """Whether a case is one for this ufunc."""
    if getattr(make, "needs_default", False):
        return oracle.PARAMETER.get(name) in oracle.DEFAULTS
    return name in oracle.PARAMETER or not getattr(make, "needs_parameter", False)


def times_served(name, make, dtype="f"):
    args, kwargs = make(name, dtype)

    def attempt():
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                UFUNCS[name](*args, **kwargs)
            except (TypeError, ValueError):
                assert make in NOT_SERVED.values()

    return served(attempt)


def cases(makes):
    chosen = [(n, key) for key in makes for n in oracle.NAMES if is_about(makes[key], n)]
    return pytest.mark.parametrize(("name", "case"), chosen)


@cases(SERVED)
def test_served(name, case):
    for dtype in oracle.DTYPES[name]:
        if dtype != "g":
            with door(True):
                assert times_served(name, SERVED[case], dtype) == 1, dtype
            with door(False):
                assert times_served(name, SERVED[case], dtype) == 0, dtype
            alike(name, partial(SERVED[case], name, dtype))


@pytest.mark.parametrize("name", WITH_PARAMETER)
def test_numpy_scalars_are_served(name):
    for dtype in "efd":
        scalar = last_as(lambda a: a[1, 1])
        with door(True):
            assert times_served(name, scalar, dtype) == 1
        with door(False):
            assert times_served(name, scalar, dtype) == 0


@cases(NOT_SERVED)
def test_not_served(name, case):
    with door(True):
        assert times_served(name, NOT_SERVED[case]) == 0


@every_ufunc
def test_every_instruction_set_is_served(uf, name):
    function = getattr(uf, name)
    with door(True):
        assert served(function, *operands(name)) == 1
    assert_alike(function, lambda: call(*operands(name)))


@pytest.mark.parametrize(
    "route",
    [
        lambda f, *args: f.__call__(*args),
        lambda f, *args: partial(f, *args[:-1])(args[-1]),
        lambda f, *args: type(f).__call__(f, *args),
        lambda f, *args: next(map(f, *([a] for a in args))),
        lambda f, *args: pickle.loads(pickle.dumps(f))(*args),
    ],
    ids=["__call__", "partial", "type", "map", "pickle"],
)
def test_every_way_to_call_is_served(route):
    for name in ("relu", "elu", "prelu_backward"):
        with door(True):
            assert served(route, UFUNCS[name], *operands(name)) == 1
        assert_alike(partial(route, UFUNCS[name]), lambda name=name: call(*operands(name)))


def test_the_switch_gives_back_what_it_was():
    before = _relu_ufunc.serve_directly(True)
    try:
        assert _relu_ufunc.serve_directly(False) is True
        assert _relu_ufunc.serve_directly(False) is False
        assert _relu_ufunc.serve_directly(True) is False
    finally:
        _relu_ufunc.serve_directly(before)


@pytest.mark.parametrize(
    ("environment", "want"),
    [
        ({}, "1"),
        ({"RELU_UFUNC_ENTRY": "direct"}, "1"),
        ({"RELU_UFUNC_ENTRY": "numpy"}, "0"),
        ({"RELU_UFUNC_ENTRY": "NumPy"}, "0"),
    ],
    ids=["unset", "direct", "numpy", "NumPy"],
)
def test_the_environment_sets_the_switch(environment, want):
    code = (
        "import numpy as np, relu_ufunc; from relu_ufunc import _relu_ufunc as r; "
        "relu_ufunc.relu(np.ones(3)); print(r.calls_served())"
    )
    assert output(python("-c", code, **environment)) == want


def test_an_unknown_entry_is_refused():
    process = python("-c", "import relu_ufunc", RELU_UFUNC_ENTRY="quick")
    assert process.returncode != 0
    assert "ImportError: RELU_UFUNC_ENTRY='quick'" in process.stderr
