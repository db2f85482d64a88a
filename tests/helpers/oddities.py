"""Whatever may stand in the place of an operand or an output, made anew by each call."""

import math
import struct
from array import array
from decimal import Decimal
from fractions import Fraction
from itertools import product

import numpy as np
from arrays import SHAPE, cropped, misaligned, operand, read_only, room, unpickled, with_metadata
from doors import bits
from ml_dtypes import bfloat16
from numpy.lib.stride_tricks import as_strided
from samples import signalling_nans


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
    "float halfway, rounds down to even": lambda: 1 + 2.0**-24,
    "float halfway, rounds up to even": lambda: 1 + 3 * 2.0**-24,
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
        cls.__name__: lambda cls=cls: operand(seed=3).view(cls)
        for cls in (Tagged, Important, Wrapping, OverridingArray, RefusingArray)
    },
    "matrix": lambda: np.matrix(operand(seed=3)),
    "masked array": lambda: np.ma.masked_array(operand(seed=3), np.arange(20) % 3 == 0),
    "masked array, nothing masked": lambda: np.ma.masked_array(operand(seed=3)),
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


def over_bytes(kind):
    return np.frombuffer(kind(bytes(80)), "f").reshape(SHAPE)


def from_broadcast_arrays(shape=SHAPE):
    """An array that warns when it is first written to."""
    return np.broadcast_arrays(room(shape[-1], "f"), np.zeros(shape))[0]


def writing_back(a):
    """An iterator of one float32 copy, which is written back to the array at its end."""
    return np.nditer(a, [], [["readwrite", "updateifcopy"]], op_dtypes=["f"], casting="unsafe")


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
