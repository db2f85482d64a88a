"""Operands in memory of any layout, between guards, and a call on them."""

from functools import lru_cache
from math import prod
from typing import NamedTuple

import numpy as np
from cases import case
from cuts import LINE_BYTES
from samples import operands

import relu_ufunc
from relu_ufunc import _relu_ufunc
from relu_ufunc.testing import as_tuple, assert_same_bits

GUARD = 0x5A
ROOM = 192  # bytes of guards at either end
PERIOD = 10007  # a prime: what is copied from, or to, a wrong place differs
FEW = 1000  # elements that no path cuts into blocks, tiles or pieces


class Layout(NamedTuple):
    """Where the elements of an array lie."""

    order: tuple | str = "C"  # the axes, the outermost first; or C, or F
    step: tuple | int = 1  # of each axis, or of the last; backwards where it is negative
    gap: int = 0  # elements left out between rows, and between planes
    odd: int = 0  # bytes left out between elements
    offset: int = 0  # bytes from the start of a cache line to the first element


C = Layout()
F = Layout("F")


class Placed:
    """An array of guard bytes, in memory with more of them around and between its elements."""

    def __init__(self, shape, dtype, layout=C):
        dtype = np.dtype(dtype)
        strides = _strides(shape, dtype.itemsize, layout)
        reach = [(n - 1) * stride for n, stride in zip(shape, strides, strict=True)]
        before = ROOM - sum(r for r in reach if r < 0)
        size = before + sum(r for r in reach if r > 0) + dtype.itemsize + ROOM + 2 * LINE_BYTES
        self.memory = np.full(size, GUARD, np.uint8)
        start = before + (layout.offset - self.memory.ctypes.data - before) % LINE_BYTES
        self.array = np.ndarray(shape, dtype, self.memory, start, strides)
        self.where = size, (*shape, dtype.itemsize), start, (*strides, 1)

    def assert_guarded(self, note=""):
        """Raise if a byte around or between the elements has been written."""
        touched = np.flatnonzero(around(*self.where) & (self.memory != GUARD))
        first = self.where[2]
        assert not len(touched), f"{note}: bytes {touched[:8] - first} from the first element"


@lru_cache(maxsize=256)
def around(size, shape, start, strides):
    """Which bytes of so many are not those of the elements."""
    outside = np.ones(size, bool)
    np.ndarray(shape, bool, outside, start, strides)[...] = False
    return outside


def _strides(shape, size, layout):
    axes = {"C": range(len(shape)), "F": range(len(shape))[::-1]}.get(layout.order, layout.order)
    steps = layout.step
    if isinstance(steps, int):
        steps = (*[1] * (len(shape) - 1), steps)
    strides, stride = [0] * len(shape), size + layout.odd
    for axis in reversed(list(axes)):
        strides[axis] = stride * steps[axis]
        stride *= shape[axis] * abs(steps[axis]) + layout.gap
    return tuple(strides)


def placed(a, layout):
    """A copy of an array in memory of a layout."""
    copy = Placed(a.shape, a.dtype, layout)
    copy.array[...] = a
    return copy


def operands_of(name, dtype, *shapes):
    """Operands with values of every kind: of the first shape, but the last ones of the others."""
    table = operands(name, dtype, PERIOD)
    shapes = [*[shapes[0]] * (len(table) - len(shapes) + 1), *shapes[1:]]
    return [np.resize(a, s or 1).reshape(s) for a, s in zip(table, shapes, strict=True)]


@np.errstate(all="ignore")
def plain_answer(name, inputs):
    """What the kernel gives for the elements in a row, a few at a time."""
    function = getattr(relu_ufunc, name)
    inputs = np.broadcast_arrays(*inputs)
    rows = [np.ascontiguousarray(a).ravel() for a in inputs]
    parts = [
        as_tuple(function(*(row[i : i + FEW] for row in rows)))
        for i in range(0, prod(inputs[0].shape), FEW)
    ]
    return tuple(
        np.concatenate(output).reshape(inputs[0].shape) for output in zip(*parts, strict=True)
    )


@np.errstate(all="ignore")
def assert_same_answer(name, inputs, layouts, want=None):
    """Raise unless a call gives the plain answer in outputs given, and writes nothing else.

    There is a layout for each operand, inputs first, or one for all.
    """
    function = getattr(relu_ufunc, name)
    if isinstance(layouts, Layout):
        layouts = [layouts] * function.nargs
    want = want or plain_answer(name, inputs)
    ins = [placed(a, at) for a, at in zip(inputs, layouts[: function.nin], strict=True)]
    outs = [Placed(w.shape, w.dtype, at) for w, at in zip(want, layouts[len(ins) :], strict=True)]
    before, served = [p.memory.tobytes() for p in ins], _relu_ufunc.calls_served()
    function(*(p.array for p in ins), out=tuple(p.array for p in outs))
    with case(name, inputs[0].dtype, [a.shape for a in inputs], layouts):
        assert _relu_ufunc.calls_served() - served == _relu_ufunc.serves_directly()
        assert_same_bits(tuple(p.array for p in outs), want)
        for p in outs:
            p.assert_guarded()
        for p, memory in zip(ins, before, strict=True):
            assert p.memory.tobytes() == memory, "an input is written"


def each_alone(count, layout, rest=C):
    """The layouts of so many operands where one of them has its own, for each; and all of them."""
    yield [layout] * count
    for i in range(count):
        yield [layout if i == j else rest for j in range(count)]
