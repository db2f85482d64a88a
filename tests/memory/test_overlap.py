"""Memory shared by inputs and outputs: the result is as if the inputs had been copied first."""

import ctypes
from itertools import chain, product

import numpy as np
import oracle
import pytest
from cases import case
from compilers import compiler
from cuts import always_shared, thread_counts
from doors import door
from faulty import LOOP
from kinds import FEW_LOOPS, LOOPS, every_loop
from processes import output, run
from samples import operands

import relu_ufunc
from relu_ufunc.testing import assert_same_bits

SIZES = [1, 5, 64, 200, 9001]  # the last is more than one of NumPy's buffers
IN_USE = "the one in use"

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


def copied(inputs):
    return [a.copy() for a in inputs]


def one_output(function, k, out):
    """The tuple for `out=` that gives the k-th output only."""
    return tuple(out if k == j else None for j in range(function.nout))


def ufuncs_for(name, isas):
    """On every instruction set for a few; else on the one in use: the engine is the same."""
    public = [(IN_USE, relu_ufunc)]
    return [(isa, getattr(uf, name)) for isa, uf in (isas if name in FEW_LOOPS else public)]


@every_loop
@np.errstate(all="ignore")
def test_output_over_an_input(isas, name):
    short = ("b", "bfloat16", "f") if name in oracle.FOR_INTEGERS else oracle.SHORT_FLOATS
    tried = product(ufuncs_for(name, isas), short, SIZES)
    for (isa, function), dtype, size in tried:
        if size == SIZES[-1] and isa not in (IN_USE, relu_ufunc.get_isa()):
            continue  # what goes by buffers is the same on all
        inputs = operands(name, dtype, size)
        want = function(*inputs)
        for overlap, i, k in product(OVERLAPS, range(function.nin), range(function.nout)):
            given = list(inputs)
            given[i], out = OVERLAPS[overlap](np.empty(size + 16, dtype))
            given[i][...] = inputs[i]
            with case(isa, dtype, size, overlap, f"output {k} over input {i}"):
                assert_same_bits(function(*given, out=one_output(function, k, out)), want)


@every_loop
@np.errstate(all="ignore")
def test_one_array_for_everything(isas, name):
    x = operands(name, "f", 200)[0].copy()
    for isa, uf in isas:
        function = getattr(uf, name)
        want = function(*copied([x] * function.nin))
        for k in range(function.nout):
            same = x.copy()
            got = function(*[same] * function.nin, out=one_output(function, k, same))
            assert_same_bits(got, want, f"{isa}, output {k}")


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


VIEWS = {
    "transposed": lambda a: a.T,
    "one row": lambda a: a[:1],
    "one column": lambda a: a[:, -1:],
    "one element": lambda a: a[3, 4],
    "rotated": lambda a: a[::-1, ::-1],
}


@every_loop
@np.errstate(all="ignore")
def test_output_over_a_broadcast_or_transposed_input(name):
    function = getattr(relu_ufunc, name)
    for (label, view), i in product(VIEWS.items(), range(function.nin)):
        inputs = [np.resize(a, (31, 31)) for a in operands(name, "f", 500)]
        room = inputs[i].copy()
        inputs[i] = view(room)
        want = function(*copied(inputs))
        if np.shape(want if function.nout == 1 else want[0]) == room.shape:
            got = function(*inputs, out=one_output(function, 0, room))
            assert_same_bits(got, want, f"{label}, input {i}")


@np.errstate(all="ignore")
def test_output_over_an_input_of_another_dtype(uf):
    x = operands("elu", "d", 200)[0].copy()
    want = uf.elu(x, 0.5).astype("f")
    assert_same_bits(uf.elu(x, 0.5, out=x.view("f")[:200]), want)
    x = operands("elu", "f", 200)[0].copy()
    want = uf.elu(x, 0.5)
    swapped = x.view(x.dtype.newbyteorder())
    assert_same_bits(uf.elu(x, 0.5, out=swapped).astype("f"), want)


@every_loop
@np.errstate(all="ignore")
def test_where_over_an_input(name):
    function = getattr(relu_ufunc, name)
    inputs = copied(operands(name, "f", 200))
    where = np.arange(200) % 3 > 0
    want = np.where(
        where, function(*inputs)[0] if function.nout > 1 else function(*inputs), inputs[0]
    )
    out = inputs[0]
    function(*inputs, out=one_output(function, 0, out), where=where)
    assert_same_bits(out, want)


@pytest.mark.parametrize("threads", thread_counts(1, 2, 4))
@pytest.mark.parametrize("stride", [0, 4, -4])
def test_an_output_over_itself_keeps_what_is_written_last(threads, stride):
    size = 1 << 20  # pieces for all threads
    x = np.linspace(-1, 1, size)
    memory = np.zeros((size + 1) * 8 if stride else 8, np.uint8)
    first = memory[-8:] if stride < 0 else memory[:8]
    out = np.lib.stride_tricks.as_strided(first.view(x.dtype), (size,), (stride,))
    before = relu_ufunc.set_num_threads(threads)
    try:
        relu_ufunc.relu(x, out=out)
    finally:
        relu_ufunc.set_num_threads(before)
    assert out[-1] == 1
    if stride == 4:  # of all others, the lower half stays
        want = np.maximum(x, 0).view(np.uint32)[::2]
        np.testing.assert_array_equal(memory.view(np.uint32)[: size - 1], want[:-1])


# Two outputs that share memory: of each element the first is written, then the second

TWO_OUTPUTS = [name for name in LOOPS if oracle.OUTPUTS[name] == 2]
both_doors = pytest.mark.parametrize("direct", [True, False], ids=["direct", "numpy"])

# Pairs of outputs of n elements in a buffer of 2 n + 32.
SHARED = {
    "the same": lambda a, n: (a[:n], a[:n]),
    "one ahead": lambda a, n: (a[:n], a[1 : n + 1]),
    "one behind": lambda a, n: (a[1 : n + 1], a[:n]),
    "a vector ahead": lambda a, n: (a[:n], a[16 : n + 16]),
    "a vector behind": lambda a, n: (a[16 : n + 16], a[:n]),
    "one reversed": lambda a, n: (a[:n], a[:n][::-1]),
    "one reversed, shifted": lambda a, n: (a[2 : n + 2][::-1], a[:n]),
    "both reversed, shifted": lambda a, n: (a[:n][::-1], a[1 : n + 1][::-1]),
    "strided, shifted": lambda a, n: (a[: 2 * n : 2], a[2 : 2 * n + 2 : 2]),
    "strides of 1 and 2": lambda a, n: (a[n : 2 * n], a[: 2 * n : 2]),
    "strides of 2 and 1": lambda a, n: (a[1 : 2 * n + 1 : 2], a[:n]),
    "strides of 2 and -2": lambda a, n: (a[: 2 * n : 2], a[2 : 2 * n + 2 : 2][::-1]),
    "in turn": lambda a, n: (a[: 2 * n : 2], a[1 : 2 * n + 1 : 2]),
    "in turn, one reversed": lambda a, n: (a[: 2 * n : 2], a[1 : 2 * n + 1 : 2][::-1]),
    "in turn, the second first": lambda a, n: (a[1 : 2 * n + 1 : 2][::-1], a[: 2 * n : 2][::-1]),
    "side by side": lambda a, n: (a[:n], a[n : 2 * n]),
}


@pytest.mark.parametrize("shared", SHARED)
@pytest.mark.parametrize("name", TWO_OUTPUTS)
@np.errstate(all="ignore")
def test_two_outputs_are_written_element_by_element(isas, name, shared):
    for dtype, size in product(oracle.FLOATS, (1, 2, 12, 150)):
        inputs = operands(name, dtype, size)
        for isa, function in ufuncs_for(name, isas):
            want = np.zeros(2 * size + 32, dtype)
            outputs = SHARED[shared](want, size)
            for i, pair in enumerate(zip(*function(*inputs), strict=True)):
                for out, value in zip(outputs, pair, strict=True):
                    out[i] = value
            for direct, start in product((True, False), range(3)):  # where it begins in memory
                room = np.zeros(len(want) + start, dtype)[start:]
                with door(direct):
                    function(*inputs, out=SHARED[shared](room, size))
                with case(isa, dtype, size, "direct" if direct else "numpy", start):
                    assert_same_bits(room, want)


@both_doors
@pytest.mark.parametrize("threads", thread_counts(1, 3))
@pytest.mark.parametrize("name", TWO_OUTPUTS)
def test_two_long_outputs_that_overlap(name, threads, direct):
    size, uf = 30_000, relu_ufunc
    inputs = [-np.arange(1.0, size + 1), np.arange(size) + 0.5]
    inputs = [np.ones(size), *inputs][-getattr(uf, name).nin :]
    first, second = getattr(uf, name)(*inputs)
    before = relu_ufunc.set_num_threads(threads)
    try:
        room = np.zeros(size + 1)
        with door(direct), always_shared():
            getattr(uf, name)(*inputs, out=(room[:-1], room[1:]))
        # The first output of each element goes over the second of the one before.
        assert_same_bits(room, np.append(first, second[-1]))
        with door(direct), always_shared():
            getattr(uf, name)(*inputs, out=(room[1:], room[:-1]))
        assert_same_bits(room, np.append(second, first[-1]))
    finally:
        relu_ufunc.set_num_threads(before)


def as_divmod(shape):
    """Operands (x, slope), x < 0, of integral numbers, and the integers of which np.divmod makes
    the same as prelu_grad of those: the slope and x."""
    count = int(np.prod(shape))
    x = -np.random.default_rng(0).permutation(count).reshape(shape) - 1
    slope = np.random.default_rng(1).permutation(count).reshape(shape) + 1
    divisor = np.full_like(x, -(count + 1))
    return (x.astype("d"), slope.astype("d")), (slope * divisor + x, divisor)


def somewhere(rng, room, shape):
    """A view of a random place in that memory, with strides to either side, and none."""
    steps = rng.integers(-6, 7, len(shape))
    reach = steps * (np.array(shape) - 1)
    low, high = -reach[reach < 0].sum(), reach[reach > 0].sum()
    start = low + rng.integers(0, room.size - low - high)
    return np.lib.stride_tricks.as_strided(room[start:], shape, steps * room.itemsize)


KINDS = {"plain": 8, "where": 8, "cast": 4, "byte-swapped": 8}  # bytes of an item


@both_doors
@pytest.mark.parametrize("kind", KINDS)
def test_two_outputs_that_overlap_are_written_as_numpy_writes_its_own(kind, direct):
    """Element by element, and these in the same order, for any layout of up to three axes."""
    uf = relu_ufunc
    rng = np.random.default_rng(5)
    for _ in range(300):
        shape = tuple(map(int, rng.integers(1, 9, rng.integers(1, 4))))
        order = rng.permutation(len(shape))
        options = {"where": rng.random(shape) < 0.6} if kind == "where" else {}
        seed = rng.integers(1 << 30)
        rooms = []
        for function, code, given in zip(
            (uf.prelu_grad, np.divmod), "fi", as_divmod(shape), strict=True
        ):
            room = np.zeros(400, f"{code}{KINDS[kind]}")
            room = room.view(room.dtype.newbyteorder("S" if kind == "byte-swapped" else "="))
            places = np.random.default_rng(seed)
            outputs = tuple(somewhere(places, room, shape) for _ in range(2))
            laid = (a.transpose(order).copy().transpose(np.argsort(order)) for a in given)
            with door(direct):
                function(*laid, out=outputs, casting="same_kind", **options)
            rooms.append(room)
        note = f"{shape}, {order}, {[(o.ctypes.data, o.strides) for o in outputs]}"
        np.testing.assert_array_equal(*rooms, note)


@both_doors
@pytest.mark.parametrize("ahead", [-2, -1, 0, 1, 2])
def test_two_misaligned_outputs_that_overlap_are_written_as_numpy_writes_its_own(ahead, direct):
    size, uf = 20_000, relu_ufunc  # more than one of NumPy's buffers, through which they go
    rooms = []
    for function, code, given in zip(
        (uf.prelu_grad, np.divmod), "dq", as_divmod((size,)), strict=True
    ):
        room = np.zeros(8 * size + 33, np.uint8)[1:].view(code)
        with door(direct):
            function(*given, out=(room[2 : size + 2], room[2 + ahead : size + 2 + ahead]))
        rooms.append(room)
    np.testing.assert_array_equal(*rooms)


# A single element of a loop, as programs call it that take it from the ufunc


class BeginOfUfunc(ctypes.Structure):
    """NumPy's PyUFuncObject, as far as its loops."""

    _fields_ = (
        ("head", ctypes.c_char * object.__basicsize__),
        *(("counts", ctypes.c_int * 4), ("loops", ctypes.POINTER(LOOP))),
        ("data", ctypes.POINTER(ctypes.c_void_p)),
    )


@pytest.mark.parametrize("strides", [(4, 4), (-4, 4), (4, -4), (0, 4), (4, 0), (8, 12)])
def test_the_second_output_of_a_single_element_is_written_last(strides):
    """Whatever strides are given, which say nothing then: the fuzzer found that they did."""
    begin, of_floats = BeginOfUfunc.from_address(id(relu_ufunc.prelu_grad)), "ff->ff"
    number = relu_ufunc.prelu_grad.types.index(of_floats)
    x, slope, out = np.float32([-3]), np.float32([0.25]), np.zeros(1, "f")
    data = (ctypes.c_void_p * 4)(*(array.ctypes.data for array in (x, slope, out, out)))
    steps = (ctypes.c_ssize_t * 4)(4, 4, *strides)
    begin.loops[number](data, (ctypes.c_ssize_t * 1)(1), steps, begin.data[number])
    assert out == x  # the gradient by the slope


# Whether the order matters at all: the library's C is asked, by a program


@pytest.fixture(scope="module")
def depends_on_order(tmp_path_factory):
    program = str(tmp_path_factory.mktemp("overlap") / "ask")
    source = ("src/engine/overlap.c", "tests/c/ask_overlap.c")
    output(run(*compiler(), "-std=c11", "-Isrc", *source, "-o", program))

    def ask(nin, nout, size, questions):
        words = map(str, (nin, nout, size, *chain.from_iterable(questions)))
        return list(map(int, output(run(program, *words)).split()))

    return ask


def order_matters(nin, size, count, *operands):
    """Whether memory that is written is used for another element, or by the other output."""
    places, strides = operands[::2], operands[1::2]
    used = [
        [set(range(place + i * stride, place + i * stride + size)) for i in range(count)]
        for place, stride in zip(places, strides, strict=True)
    ]
    for o in range(nin, len(used)):
        if len(set.union(*used[o])) < count * size:
            return True
        for i in range(o):
            in_place = i < nin and (places[i], strides[i]) == (places[o], strides[o])
            if not in_place and set.union(*used[i]) & set.union(*used[o]):
                return True
    return False


@pytest.mark.parametrize(("nin", "nout"), [(1, 1), (2, 2), (3, 2)])
def test_whether_the_order_matters(depends_on_order, nin, nout):
    """Where it does, that is seen; where steps are equally long, nothing else is taken for it."""
    rng, size = np.random.default_rng(3), 4
    for step in (1, 4, 5, 8, 12, 16, None):
        questions = []
        for _ in range(200):
            question = [int(rng.integers(2, 7))]
            for _ in range(nin + nout):
                stride = rng.integers(-20, 21) if step is None else step * rng.choice([-1, 1])
                question += [int(rng.integers(0, 200)), int(stride)]
            if rng.random() < 0.3:  # in place
                question[1 + 2 * nin : 3 + 2 * nin] = question[1:3]
            questions.append(question)
        answers = depends_on_order(nin, nout, size, questions)
        for question, answer in zip(questions, answers, strict=True):
            matters = order_matters(nin, size, *question)
            assert answer or not matters, question
            assert step is None or answer == matters, question


def test_elements_in_turn_are_computed_in_any_order(depends_on_order):
    """One by one would take ten times as long."""
    far, out = (10_000, 4), (0, 8)
    others = [(4, 8), (-4, 8), (4 + 8 * 99, -8), (12, 16), (4 + 16 * 99, -16), (4, 24)]
    questions = [[100, *far, *far, *out, *other] for other in others]
    assert depends_on_order(2, 2, 4, questions) == [0] * len(others)
    assert depends_on_order(2, 2, 4, [[100, *far, *far, *out, 5, 8]]) == [1]
