"""Memory that inputs and outputs share: the doors give the same."""

from functools import partial
from itertools import product

import numpy as np
import oracle
import pytest
from arrays import alike, operand, operands, outputs, room, table
from cases import in_turn
from doors import call
from kinds import SIGNATURES, each_signature
from numpy.lib.stride_tricks import as_strided

TWO_OUTPUTS = [name for name in SIGNATURES if oracle.OUTPUTS[name] == 2]


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
@each_signature
def test_output_over_an_input(name, overlap):
    def make(i, k, dtype, numbers):
        """The output k over the input i, and numbers for the last inputs."""
        given, out = overlap(operand(dtype, (6, 6), seed=i))
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


@in_turn("order", list(product(range(3), repeat=2)))
@pytest.mark.parametrize("name", TWO_OUTPUTS)
def test_outputs_over_inputs(name, order):
    def make(shift):
        inputs = operands(name, shape=(12,))
        outs = [inputs[k % len(inputs)][shift:] for k in order]
        return call(*(a[: 12 - shift] for a in inputs), out=tuple(outs))

    alike(name, lambda: make(0))
    alike(name, lambda: make(1))


@each_signature
def test_one_array_for_everything(name):
    def make():
        x = operand()
        return call(*[x] * len(oracle.OPERANDS[name]), out=outputs(name, lambda: x))

    alike(name, make)
