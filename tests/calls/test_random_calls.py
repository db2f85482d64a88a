"""Calls at random, whose operands lie anywhere: the doors give the same."""

import math

import hypothesis.extra.numpy as npst
import numpy as np
import oracle
from arrays import alike, by_keyword, parameters_of
from doors import call
from hypothesis import given
from hypothesis import strategies as st
from kinds import every_signature
from samples import numbers


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
    for i in parameters_of(name):
        if draw(st.booleans()):
            inputs[i] = draw(st.sampled_from(NUMBERS))
    given = draw(st.integers(len(oracle.REQUIRED[name]), n))
    longer = st.sampled_from([(), (), (), (), (2,), (1,)])
    outs = [
        view(draw(longer) + shapes.result_shape) if draw(st.booleans()) else None
        for _ in range(nout)
    ]
    dtype = draw(st.sampled_from(["f", "f", "d", "e", "bfloat16"]))
    how = draw(st.sampled_from(["keyword", "parameters by keyword", "position"]))
    return dtype, inputs[:given], outs, how


def make_any(name, recipe):
    dtype, inputs, outs, how = recipe
    memory = [np.resize(numbers(dtype, 200, seed), 600) for seed in (0, 1)]

    def made(argument):
        if isinstance(argument, tuple):
            view, piece = argument
            return look(memory[piece], dtype, view)
        return argument

    inputs, outs = list(map(made, inputs)), tuple(map(made, outs))
    if how == "position" and len(inputs) == len(oracle.OPERANDS[name]):
        return call(*inputs, *outs)
    named = how == "parameters by keyword"
    args, keywords = by_keyword(name, inputs, len(oracle.INPUTS[name]) if named else len(inputs))
    if any(out is not None for out in outs):
        keywords["out"] = outs
    return call(*args, **keywords)


@every_signature
@given(data=st.data())
def test_any_call(name, data):
    recipe = data.draw(any_calls(name))
    alike(name, lambda: make_any(name, recipe))
