"""Calls on operands between two pages that may not be touched, for some instruction sets.

A program of its own: a byte read or written beyond an operand ends it. The function is relu of
unsigned integers, whose answer is its input.
"""

import ctypes
import mmap
import sys
from itertools import product
from math import prod

import numpy as np
from placed import GUARD

from relu_ufunc import _relu_ufunc

PAGE = mmap.PAGESIZE
ROOM = 64 * PAGE
PROT_NONE = 0
DTYPES = "BHIQ"
LENGTHS = (1, 2, 3, 5, 8, 15, 16, 17, 31, 33, 63, 64, 65, 70, 129, 150, 260)
STEPS = (*range(-6, 0), *range(2, 7), -9, 16)  # in elements
ODD_STEPS = (1, 2, 3, 5, 8)  # in bytes, more than an element, and as many backwards
SHAPES = (
    (2, 3),
    (50, 1),
    (5, 3),
    (7, 17),
    (20, 9),
    (33, 40),
    (64, 70),
    (5, 200),
    (5, 3, 4),
    (3, 20, 18, 2),
)


class Fence:
    """Memory between two pages that may not be touched."""

    def __init__(self):
        self.pages = mmap.mmap(-1, ROOM + 2 * PAGE)
        start = ctypes.addressof(ctypes.c_char.from_buffer(self.pages))
        for page in (start, start + PAGE + ROOM):
            if ctypes.CDLL(None).mprotect(ctypes.c_void_p(page), PAGE, PROT_NONE):
                raise OSError("mprotect")
        self.memory = np.frombuffer(self.pages, np.uint8, ROOM, PAGE)

    def array(self, shape, dtype, strides, at_end):
        """An array that begins where the first page ends, or ends where the last one begins.

        With it come the memory within a page of its elements, and where in that it begins.
        """
        reach = [(n - 1) * stride for n, stride in zip(shape, strides, strict=True)]
        low, high = sum(r for r in reach if r < 0), sum(r for r in reach if r > 0)
        room = high - low + np.dtype(dtype).itemsize + PAGE
        memory = self.memory[-room:] if at_end else self.memory[:room]
        start = PAGE - low if at_end else -low
        return np.ndarray(shape, dtype, memory, start, strides), memory, start


INPUT, OUTPUT = Fence(), Fence()


def check(relu, shape, dtype, input_strides, output_strides):
    values = np.arange(7, 7 + prod(shape)).astype(dtype).reshape(shape)
    for at_end in (False, True):
        x, _, _ = INPUT.array(shape, dtype, input_strides, at_end)
        y, memory, start = OUTPUT.array(shape, dtype, output_strides, at_end)
        x[...] = values
        memory[:] = GUARD
        want = memory.copy()
        np.ndarray(shape, dtype, want, start, output_strides)[...] = values
        relu(x, out=y)
        assert memory.tobytes() == want.tobytes(), (dtype, shape, input_strides, output_strides)


def row_steps(size):
    odd = [size + more for more in ODD_STEPS]
    return sorted({*(step * size for step in STEPS), *odd, *(-step for step in odd)})


def layouts_of(shape, size):
    """Strides: in C order and others, with gaps, and backwards."""
    axes = range(len(shape))
    for order in (axes, axes[::-1], (*axes[1:], 0)):
        for first, gap in ((size, 0), (size, 3 * size), (2 * size, 1)):
            strides, stride = [0] * len(shape), first
            for axis in list(order)[::-1]:
                strides[axis] = stride
                stride = stride * shape[axis] + gap
            yield tuple(strides)
            yield tuple(-s if i % 2 else s for i, s in enumerate(strides))


def check_all(relu):
    for dtype in DTYPES:
        size = np.dtype(dtype).itemsize
        for n, step in product(LENGTHS, row_steps(size)):
            check(relu, (n,), dtype, (step,), (size,))
            check(relu, (n,), dtype, (size,), (step,))
        for shape in SHAPES:
            layouts = list(layouts_of(shape, size))
            for one in layouts:
                check(relu, shape, dtype, one, layouts[0])
                check(relu, shape, dtype, layouts[0], one)


for isa in sys.argv[1:]:
    print(isa, flush=True)  # the last one told is the one that failed
    check_all(_relu_ufunc.ufuncs_of(isa)["relu"])
