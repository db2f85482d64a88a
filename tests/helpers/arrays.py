"""Operands and outputs of calls, and every way for them to lie in memory."""

import math
import pickle
from itertools import permutations, product

import numpy as np
import oracle
import pytest
from doors import assert_alike, call
from ml_dtypes import finfo
from numpy.lib.stride_tricks import as_strided
from samples import numbers, slopes

import relu_ufunc

SHAPE = (4, 5)


def table(argument, cases):
    """A test for each case of a dict."""
    return pytest.mark.parametrize(argument, cases.values(), ids=cases)


def operand(dtype="f", shape=SHAPE, seed=0, values=numbers):
    """An array with numbers of all kinds."""
    size = math.prod(shape)
    return np.array(values(dtype, max(size, 60), seed)[:size]).reshape(shape)


def operands(name, dtype="f", shape=SHAPE):
    """An array for each operand, made anew."""
    return [
        operand(dtype, shape, seed, slopes if given in oracle.PARAMETERS[name] else numbers)
        for seed, given in enumerate(oracle.OPERANDS[name])
    ]


def operands_with(name, i, argument, dtype="f", shape=SHAPE):
    """The same, but for one of them."""
    inputs = operands(name, dtype, shape)
    inputs[i] = argument
    return inputs


def erring(dtype="f", shape=SHAPE):
    """Operands whose products overflow and underflow, as the exponentials do in one dtype each."""
    info = finfo(dtype)
    return np.resize(np.array([-info.max, -info.tiny, -1, 2, -16, -95, -740], dtype), shape)


def outputs(name, make):
    """The tuple for `out=`, of outputs that `make` makes."""
    return tuple(make() for _ in range(oracle.OUTPUTS[name]))


def alike(name, make, **options):
    return assert_alike(getattr(relu_ufunc, name), make, **options)


def by_keyword(name, inputs, first):
    """A call whose operands from `first` on are given by keyword."""
    names = oracle.OPERANDS[name][first : len(inputs)]
    return call(*inputs[:first], **dict(zip(names, inputs[first:], strict=True)))


def parameters_of(name):
    """The places of the parameters among the operands."""
    return range(len(oracle.INPUTS[name]), len(oracle.OPERANDS[name]))


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


def cropped(dtype="f"):
    return room((6, 9), dtype)[1:-1, 2:-2]


def read_only(a):
    a.flags.writeable = False
    return a


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


LAYOUTS_3D = {
    f"{''.join(map(str, axes))}{'+-'[flip]}": (axes, flip)
    for axes, flip in product(permutations(range(3)), (False, True))
}


def in_3d(a, axes, flip):
    """A 3-d array whose axes lie in memory in a given order, the second of them backwards."""
    step = -1 if flip else 1
    laid = np.empty([(2, 3, 4)[i] for i in axes], a.dtype).transpose(np.argsort(axes))
    return filled(laid[:, ::step], a)
