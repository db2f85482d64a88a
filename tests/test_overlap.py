"""Memory shared by inputs and outputs: the result is as if the inputs had been copied first."""

import numpy as np
import oracle
import pytest
from kinds import LOOPS
from samples import operands

import relu_ufunc
from relu_ufunc.testing import assert_same_bits

SIZES = [1, 5, 64, 200, 9001]  # the last is more than one of NumPy's buffers

# Two views of the same memory, an input and an output, of a buffer with some room.
OVERLAPS = {
    "exact": lambda a: (a[8:-8], a[8:-8]),
    "one ahead": lambda a: (a[8:-8], a[9:-7]),
    "one behind": lambda a: (a[8:-8], a[7:-9]),
    "a vector ahead": lambda a: (a[:-16], a[16:]),
    "a vector behind": lambda a: (a[16:], a[:-16]),
    "output reversed": lambda a: (a[8:-8], a[8:-8][::-1]),
    "input reversed": lambda a: (a[8:-8][::-1], a[8:-8]),
    "reversed and shifted": lambda a: (a[8:-8][::-1], a[9:-7]),
    "both reversed, shifted": lambda a: (a[8:-8][::-1], a[9:-7][::-1]),
}
INPUTS = [(name, i) for name in LOOPS for i in range(len(oracle.OPERANDS[name]))]


def copied(inputs):
    return [a.copy() for a in inputs]


def one_output(function, k, out):
    """The tuple for `out=` that gives the k-th output only."""
    return tuple(out if k == j else None for j in range(function.nout))


@pytest.mark.parametrize("overlap", OVERLAPS)
@pytest.mark.parametrize(("name", "i"), INPUTS)
@np.errstate(all="ignore")
def test_output_over_an_input(uf, name, i, overlap):
    function = getattr(uf, name)
    for dtype in ("b", "bfloat16", "f") if name in oracle.FOR_INTEGERS else oracle.SHORT_FLOATS:
        for size in SIZES:
            inputs = list(operands(name, dtype, size))
            want, given = function(*inputs), inputs[i]
            for k in range(function.nout):
                inputs[i], out = OVERLAPS[overlap](np.empty(len(given) + 16, dtype))
                inputs[i][...] = given
                assert_same_bits(function(*inputs, out=one_output(function, k, out)), want)


@pytest.mark.parametrize("name", LOOPS)
@np.errstate(all="ignore")
def test_one_array_for_everything(uf, name):
    function = getattr(uf, name)
    x = operands(name, "f", 200)[0].copy()
    want = function(*copied([x] * function.nin))
    for k in range(function.nout):
        same = x.copy()
        got = function(*[same] * function.nin, out=one_output(function, k, same))
        assert_same_bits(got, want)


@pytest.mark.parametrize(("first", "second"), [(0, 1), (1, 0), (0, 2), (2, 0), (1, 2), (2, 1)])
@np.errstate(all="ignore")
def test_both_outputs_over_inputs(uf, first, second):
    inputs = copied(operands("prelu_backward", "f", 200))
    want = uf.prelu_backward(*inputs)
    got = uf.prelu_backward(*inputs, out=(inputs[first], inputs[second]))
    assert_same_bits(got, want)


@np.errstate(all="ignore")
def test_both_outputs_over_shifted_inputs(uf):
    room = np.resize(operands("prelu_grad", "f", 203)[0], (2, 203)).copy()
    x, slope = room[:, 1:-1]
    want = uf.prelu_grad(x.copy(), slope.copy())
    assert_same_bits(uf.prelu_grad(x, slope, out=(room[1, 2:], room[0, :-2])), want)


@pytest.mark.parametrize("name", LOOPS)
@pytest.mark.parametrize(
    "view",
    [
        lambda a: a.T,
        lambda a: a[:1],
        lambda a: a[:, -1:],
        lambda a: a[3, 4],
        lambda a: a[::-1, ::-1],
    ],
    ids=["transposed", "one row", "one column", "one element", "rotated"],
)
@np.errstate(all="ignore")
def test_output_over_a_broadcast_or_transposed_input(uf, name, view):
    function = getattr(uf, name)
    for i in range(function.nin):
        inputs = [np.resize(a, (31, 31)) for a in operands(name, "f", 500)]
        room = inputs[i].copy()
        inputs[i] = view(room)
        want = function(*copied(inputs))
        if np.shape(want if function.nout == 1 else want[0]) == room.shape:
            assert_same_bits(function(*inputs, out=one_output(function, 0, room)), want)


@np.errstate(all="ignore")
def test_output_over_an_input_of_another_dtype(uf):
    x = operands("elu", "d", 200)[0].copy()
    want = uf.elu(x, 0.5).astype("f")
    assert_same_bits(uf.elu(x, 0.5, out=x.view("f")[:200]), want)
    x = operands("elu", "f", 200)[0].copy()
    want = uf.elu(x, 0.5)
    swapped = x.view(x.dtype.newbyteorder())
    assert_same_bits(uf.elu(x, 0.5, out=swapped).astype("f"), want)


@pytest.mark.parametrize("name", LOOPS)
@np.errstate(all="ignore")
def test_where_over_an_input(uf, name):
    function = getattr(uf, name)
    inputs = copied(operands(name, "f", 200))
    where = np.arange(200) % 3 > 0
    want = np.where(
        where, function(*inputs)[0] if function.nout > 1 else function(*inputs), inputs[0]
    )
    out = inputs[0]
    function(*inputs, out=one_output(function, 0, out), where=where)
    assert_same_bits(out, want)


@pytest.mark.parametrize("threads", [1, 2, 4])
@pytest.mark.parametrize("stride", [0, 4, -4])
def test_an_output_over_itself_keeps_what_is_written_last(uf, threads, stride):
    size = 1 << 20  # pieces for all threads
    x = np.linspace(-1, 1, size)
    memory = np.zeros((size + 1) * 8 if stride else 8, np.uint8)
    first = memory[-8:] if stride < 0 else memory[:8]
    out = np.lib.stride_tricks.as_strided(first.view(x.dtype), (size,), (stride,))
    before = relu_ufunc.set_num_threads(threads)
    try:
        uf.relu(x, out=out)
    finally:
        relu_ufunc.set_num_threads(before)
    assert out[-1] == 1
    if stride == 4:  # of all others, the lower half stays
        want = np.maximum(x, 0).view(np.uint32)[::2]
        np.testing.assert_array_equal(memory.view(np.uint32)[: size - 1], want[:-1])
