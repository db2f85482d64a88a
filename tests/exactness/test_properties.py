"""Whatever the shapes, strides, dtypes and values: the answer is the oracle's."""

import hypothesis.extra.numpy as npst
import numpy as np
import oracle
from hypothesis import given
from hypothesis import strategies as st
from kinds import every_loop, few_loops
from samples import numbers, slopes

import relu_ufunc as ru
from relu_ufunc import prelu_backward, prelu_vjp
from relu_ufunc.testing import as_tuple, assert_same_bits

SIDES = {"max_dims": 3, "max_side": 9}


@st.composite
def arrays(draw, dtype, shape, values=numbers):
    """An array of a given shape, anywhere in memory, with values from anywhere."""
    steps = [draw(st.sampled_from([1, 1, 1, 2, -1, -3])) for _ in shape]
    axes = draw(st.permutations(range(len(shape))))
    room = [n * abs(step) for n, step in zip(shape, steps, strict=True)]
    ordered = np.dtype(dtype)
    if draw(st.booleans()):
        ordered = ordered.newbyteorder()
    offset = draw(st.integers(0, 3))
    size = int(np.prod(room))
    memory = np.empty(size * ordered.itemsize + offset, np.uint8)[offset:].view(ordered)
    view = memory.reshape([room[i] for i in axes]).transpose(np.argsort(axes))
    view = view[(..., *(slice(None, None, step) for step in steps))]
    seed = draw(st.integers(0, 7))
    values = values(dtype, 200, seed)
    start = draw(st.integers(0, 100))
    view[...] = np.resize(values[start:], view.shape)
    return view


@st.composite
def calls(draw, name):
    """Operands of one dtype whose shapes broadcast."""
    operands = oracle.OPERANDS[name]
    dtype = draw(st.sampled_from(oracle.DTYPES[name]))
    shapes = draw(npst.mutually_broadcastable_shapes(num_shapes=len(operands), min_side=0, **SIDES))
    return [
        draw(arrays(dtype, shape, slopes if operand in oracle.PARAMETERS[name] else numbers))
        for shape, operand in zip(shapes.input_shapes, operands, strict=True)
    ]


def native(a):
    return a.astype(a.dtype.newbyteorder("="))


@every_loop
@given(data=st.data())
@np.errstate(all="ignore")
def test_any_operands(name, data):
    inputs = data.draw(calls(name))
    before = [a.copy() for a in inputs]
    got = getattr(ru, name)(*inputs)
    oracle.assert_right(name, got, *map(native, before))
    assert_same_bits(tuple(inputs), tuple(before), "the inputs")


@few_loops
@given(data=st.data())
@np.errstate(all="ignore")
def test_any_output(name, data):
    function = getattr(ru, name)
    inputs = data.draw(calls(name))
    want = as_tuple(function(*inputs))
    outs = tuple(data.draw(arrays(w.dtype.name, w.shape)) for w in want)
    function(*inputs, out=outs)
    assert_same_bits(tuple(map(native, outs)), want)


@few_loops
@given(data=st.data())
@np.errstate(all="ignore")
def test_any_mask(name, data):
    function = getattr(ru, name)
    inputs = data.draw(calls(name))
    want = as_tuple(function(*inputs))
    outs = tuple(np.zeros_like(w) for w in want)
    where = data.draw(npst.arrays(bool, want[0].shape))
    function(*inputs, out=outs, where=where)
    assert_same_bits(outs, tuple(np.where(where, w, np.zeros_like(w)) for w in want))


@few_loops
@given(data=st.data())
@np.errstate(all="ignore")
def test_any_overlap(name, data):
    function = getattr(ru, name)
    dtype = data.draw(st.sampled_from(oracle.DTYPES[name]))
    size = data.draw(st.integers(0, 40))
    memory = np.resize(numbers(dtype, 200, data.draw(st.integers(0, 7))), 120)

    def view():
        step = data.draw(st.sampled_from([1, 2, 3, -1, -2]))
        start = data.draw(st.integers(0, 120 - size * abs(step)))
        return memory[start : start + size * abs(step)][::step]

    inputs = [view() for _ in range(function.nin)]
    want = as_tuple(function(*(a.copy() for a in inputs)))
    # One output: two that overlap each other have no order that NumPy promises.
    got = function(*inputs, out=(view(),) + (None,) * (function.nout - 1))
    assert_same_bits(got, want)


@given(data=st.data())
@np.errstate(all="ignore")
def test_any_shapes_for_prelu_vjp(data):
    dtype = data.draw(st.sampled_from(oracle.SHORT_FLOATS))
    shapes = data.draw(npst.mutually_broadcastable_shapes(num_shapes=2, min_side=0, **SIDES))
    x = data.draw(arrays(dtype, shapes.input_shapes[0]))
    slope = data.draw(arrays(dtype, shapes.input_shapes[1]))
    dy = data.draw(arrays(dtype, shapes.result_shape))
    # Whole numbers, so that no order of summation matters.
    x, slope, dy = (
        np.rint(np.clip(np.nan_to_num(a.astype("d")), -7, 7)).astype(a.dtype)
        for a in (x, slope, dy)
    )
    for got, terms, like in zip(
        prelu_vjp(dy, x, slope), prelu_backward(dy, x, slope), (x, slope), strict=True
    ):
        terms = np.asarray(terms, "d")
        padded = (1,) * (dy.ndim - like.ndim) + like.shape
        axes = tuple(i for i, n in enumerate(padded) if n == 1)
        want = terms.sum(axis=axes, keepdims=True).reshape(like.shape)
        assert np.array_equal(got, want.astype(got.dtype))
