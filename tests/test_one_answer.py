"""The bits of a result depend on the element and its parameters alone.

The answer to compare with comes from the scalar kernels, one element a call. Whether it is the
right one is for test_exactness.py to say.
"""

from functools import cache
from itertools import product

import numpy as np
import pytest
from bits import as_tuple, assert_identical
from oracle import LOOPS, OPERANDS, OUTPUTS
from samples import LAYOUTS, laid_out, operands

from relu_ufunc import _relu_ufunc

SIZE = 300
VECTOR = 64  # bytes, at most
# Longer than NumPy's buffers, and than the blocks of the package.
LONG = 20_011

SENTINEL = 0x5A


@cache
def inputs_and_answer(name, char):
    function = _relu_ufunc.ufuncs_of("scalar")[name]
    inputs = operands(name, char, SIZE)
    with np.errstate(all="ignore"):
        single = [as_tuple(function(*(a[i : i + 1] for a in inputs))) for i in range(SIZE)]
    return inputs, tuple(np.concatenate(outputs) for outputs in zip(*single, strict=True))


def guarded(char, room):
    """An output buffer in which a stray write shows."""
    return np.full(room * np.dtype(char).itemsize, SENTINEL, np.uint8).view(char)


def assert_writes(function, inputs, want, start=0):
    """The outputs, written from `start` on, are right, and nothing around them is touched."""
    size = len(want[0])
    outs = tuple(guarded(w.dtype, start + size + 70) for w in want)
    expected = tuple(out.copy() for out in outs)
    for out, w in zip(expected, want, strict=True):
        out[start : start + size] = w
    function(*inputs, out=tuple(out[start : start + size] for out in outs))
    assert_identical(outs, expected, f"{size} elements from {start} on")


@pytest.mark.parametrize(("name", "char"), LOOPS)
@np.errstate(all="ignore")
def test_every_length(uf, name, char):
    inputs, want = inputs_and_answer(name, char)
    lanes = VECTOR // np.dtype(char).itemsize
    for size in range(min(4 * lanes, 2 * VECTOR) + 4):
        first = size % 7  # so that elements change lanes
        part = slice(first, first + size)
        assert_writes(getattr(uf, name), [a[part] for a in inputs], [w[part] for w in want])


@pytest.mark.parametrize(("name", "char"), LOOPS)
@np.errstate(all="ignore")
def test_every_offset(uf, name, char):
    inputs, want = inputs_and_answer(name, char)
    lanes = VECTOR // np.dtype(char).itemsize
    for size in (1, lanes - 1, lanes + 1, 2 * lanes + 3):
        for start in range(lanes + 1):
            part = slice(start, start + size)
            shifted = [a[part] for a in inputs]
            answer = [w[part] for w in want]
            assert_writes(getattr(uf, name), shifted, answer)
            assert_writes(getattr(uf, name), shifted, answer, start)
            assert_writes(getattr(uf, name), [a.copy() for a in shifted], answer, start)


def native(outputs):
    """The same in this machine's byte order."""
    return tuple(out.astype(out.dtype.newbyteorder("=")) for out in outputs)


@pytest.mark.parametrize(("name", "char"), LOOPS)
@np.errstate(all="ignore")
def test_every_layout(uf, name, char):
    function = getattr(uf, name)
    inputs, want = inputs_and_answer(name, char)
    for layout, size in product(LAYOUTS, (1, 2, 5, 33, 131, SIZE)):
        plain = [a[:size] for a in inputs]
        moved = [laid_out(layout, a) for a in plain]
        answer = tuple(w[:size] for w in want)
        assert_identical(function(*moved), answer, f"{layout}: every operand")
        for i in range(len(plain)):
            mixed = [*plain[:i], moved[i], *plain[i + 1 :]]
            assert_identical(function(*mixed), answer, f"{layout}: operand {i}")
        outs = tuple(map(LAYOUTS[layout], answer))
        function(*plain, out=outs)
        assert_identical(native(outs), answer, f"{layout}: output")
        function(*moved, out=outs)
        assert_identical(native(outs), answer, f"{layout}: every operand and output")


@pytest.mark.parametrize(("name", "char"), LOOPS)
@np.errstate(all="ignore")
def test_stride_zero(uf, name, char):
    function = getattr(uf, name)
    inputs, want = inputs_and_answer(name, char)
    for i in range(0, SIZE, 5):
        repeated = [np.broadcast_to(a[i], 37) for a in inputs]
        answer = tuple(w[i].repeat(37) for w in want)
        assert_identical(function(*repeated), answer, "every operand")
        for k in range(len(inputs)):
            one_repeated = [r if k == j else r.copy() for j, r in enumerate(repeated)]
            assert_identical(function(*one_repeated), answer, f"operand {k}")


@pytest.mark.parametrize(("name", "char"), LOOPS)
@np.errstate(all="ignore")
def test_longer_than_any_buffer(uf, name, char):
    inputs, want = (
        [np.resize(a, LONG) for a in arrays] for arrays in inputs_and_answer(name, char)
    )
    for layout in LAYOUTS:
        outs = tuple(map(LAYOUTS[layout], want))
        getattr(uf, name)(*(laid_out(layout, a) for a in inputs), out=outs)
        assert_identical(native(outs), tuple(want), layout)


def test_the_table_of_ufuncs_matches_the_operands_here(uf):
    shapes = {name: (function.nin, function.nout) for name, function in vars(uf).items()}
    assert shapes == {name: (len(OPERANDS[name]), OUTPUTS[name]) for name in OPERANDS}
