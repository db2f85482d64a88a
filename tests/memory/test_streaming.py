"""Outputs that no cache holds are written past them: with the same bits, and nothing beside them.

The threshold says from which size on. What is written in which way can't be seen from Python: most
tests have all outputs written past the caches, down to those of one element, and a program in C
keeps count of what is.
"""

import threading
from contextlib import contextmanager
from itertools import product
from types import SimpleNamespace

import numpy as np
import oracle
import pytest
from cuts import (
    AHEAD_BYTES,
    LARGE_PAGE,
    LARGE_PAGES_PER_THREAD,
    LINE_BYTES,
    NEW_PAGES_FROM,
    PAGES_IN_TURN,
    SHORT_ROW,
    STREAMED_BYTES,
    STREAMED_PAGE,
    TILE_WIDTH,
    always_shared,
    block,
)
from doors import door
from kinds import FEW_LOOPS, LOOPS, LOOPS_AND_DTYPES
from placed import C, F, Layout, assert_same_answer, operands_of, placed, plain_answer
from processes import output, python, run

import relu_ufunc
from relu_ufunc import _relu_ufunc, _streaming
from relu_ufunc.testing import as_tuple, assert_same_bits

NEVER = 2**62
TWO_OUTPUTS = [
    loop for loop in LOOPS_AND_DTYPES if loop[0] in FEW_LOOPS and oracle.OUTPUTS[loop[0]] == 2
]

every_loop = pytest.mark.parametrize(("name", "dtype"), LOOPS_AND_DTYPES)
few_loops = pytest.mark.parametrize(
    ("name", "dtype"), [loop for loop in LOOPS_AND_DTYPES if loop[0] in FEW_LOOPS]
)
every_ufunc = pytest.mark.parametrize("name", LOOPS)
streaming = pytest.mark.skipif(
    _relu_ufunc.streaming_threshold() is None, reason="this processor can't write past its caches"
)


@pytest.fixture(autouse=True)
def settings_kept():
    """And the answers to compare with come by way of the caches."""
    threshold, threads = _relu_ufunc.streaming_threshold(), relu_ufunc.get_num_threads()
    pages = _relu_ufunc.streamed_pages()
    _relu_ufunc.set_streaming_threshold(NEVER)
    yield
    _relu_ufunc.set_streamed_pages(pages)
    _relu_ufunc.set_streaming_threshold(NEVER if threshold is None else threshold)
    relu_ufunc.set_num_threads(threads)


@contextmanager
def past_the_caches(threshold=0):
    _relu_ufunc.set_streaming_threshold(threshold)
    try:
        yield
    finally:
        _relu_ufunc.set_streaming_threshold(NEVER)


def assert_same_past_the_caches(name, inputs, all_layouts, want=None):
    want = want or plain_answer(name, inputs)
    with past_the_caches():
        for layouts in all_layouts:
            assert_same_answer(name, inputs, layouts, want)


def in_layouts(name, *of_outputs):
    """Inputs in C order, outputs as they are given."""
    return [*[C] * len(oracle.OPERANDS[name]), *of_outputs]


def outputs_in(name, *layouts):
    """The outputs in each of these layouts."""
    return [in_layouts(name, *[layout] * oracle.OUTPUTS[name]) for layout in layouts]


# The same bits


@streaming
@pytest.mark.parametrize("direct", [True, False], ids=["direct", "numpy"])
@few_loops
def test_every_alignment_and_length(name, dtype, direct):
    """Of outputs: from one element to three blocks, less and more by a few."""
    size, offsets = np.dtype(dtype).itemsize, range(0, LINE_BYTES, np.dtype(dtype).itemsize)
    lengths = [1, 2, LINE_BYTES // size + 1, *(block(dtype) + edge for edge in (-1, 0, 1))]
    lengths += [k * block(dtype) + odd for k, odd in ((2, 0), (2, 7), (3, -1), (3, 1))]
    inputs = operands_of(name, dtype, (max(lengths),))
    want = plain_answer(name, inputs)
    with door(direct):
        for i, offset in enumerate(offsets):
            for length in lengths[i % 3 :: 3]:
                assert_same_past_the_caches(
                    name,
                    [a[:length] for a in inputs],
                    outputs_in(name, Layout(offset=offset)),
                    tuple(w[:length] for w in want),
                )


@streaming
@pytest.mark.parametrize(("name", "dtype"), [("relu", "b"), ("relu", "f"), ("prelu_grad", "d")])
def test_every_alignment_with_every_length(name, dtype):
    """Also off the alignment of an element, and about the ends of cache lines."""
    ends = [
        k * LINE_BYTES // np.dtype(dtype).itemsize for k in (1, 2, STREAMED_BYTES // LINE_BYTES)
    ]
    for length, offset in product([1, 3, *(n + i for n in ends for i in (-1, 0, 1))], range(64)):
        inputs = operands_of(name, dtype, (length,))
        assert_same_past_the_caches(name, inputs, outputs_in(name, Layout(offset=offset)))


@streaming
@few_loops
def test_pages_in_turn(name, dtype):
    """Lengths about so many pages and twice as many, which begin within a page or with one.

    Or off the alignment of an element, or in rows.
    """
    relu_ufunc.set_num_threads(1)
    size = np.dtype(dtype).itemsize
    pages = PAGES_IN_TURN * STREAMED_PAGE // size
    inputs = operands_of(name, dtype, (2 * pages + STREAMED_PAGE // size + 9,))
    want = plain_answer(name, inputs)
    for count in (1, PAGES_IN_TURN):
        _relu_ufunc.set_streamed_pages(count)
        for length in (pages - 1, pages, pages + STREAMED_PAGE // size, len(inputs[0])):
            offsets = (0, size, STREAMED_PAGE - LINE_BYTES, STREAMED_PAGE - size, 1)
            assert_same_past_the_caches(
                name,
                [a[:length] for a in inputs],
                [layouts for at in offsets for layouts in outputs_in(name, Layout(offset=at))],
                tuple(w[:length] for w in want),
            )
        rows = operands_of(name, dtype, (2, pages + STREAMED_PAGE // size))
        assert_same_past_the_caches(name, rows, outputs_in(name, C, Layout(gap=3, offset=24)))


@streaming
@every_ufunc
def test_inputs_off_the_alignment(name):
    inputs = operands_of(name, "f", (2 * block("f") + 9,))
    layouts = [Layout(offset=offset) for offset in (1, 4, 17, 60, 63)]
    layouts += [
        [Layout(offset=7 * i + k) for i in range(len(inputs) + oracle.OUTPUTS[name])]
        for k in range(4)
    ]
    assert_same_past_the_caches(name, inputs, layouts)


@streaming
@few_loops
def test_rows_of_planes(name, dtype):
    """Each begins at another place in a cache line; or they are short, or lie across."""
    for shape in ((9, SHORT_ROW + 1), (3, block(dtype) + 5), (TILE_WIDTH + 2, 7), (2, 5, 66)):
        crooked = [Layout(gap=1), Layout(gap=3, offset=24), Layout(gap=1, odd=1), F]
        inputs = operands_of(name, dtype, shape)
        assert_same_past_the_caches(name, inputs, outputs_in(name, C, *crooked))
        assert_same_past_the_caches(name, inputs, crooked)


@streaming
@few_loops
def test_strided_outputs(name, dtype):
    inputs = operands_of(name, dtype, (2 * block(dtype) + 3,))
    strided = [Layout(step=2), Layout(step=-1), Layout(step=-3), Layout(odd=1)]
    assert_same_past_the_caches(name, inputs, [*outputs_in(name, *strided), *strided])


@streaming
@pytest.mark.parametrize(("name", "dtype"), TWO_OUTPUTS)
def test_two_outputs_that_lie_differently(name, dtype):
    """The one off the alignment, strided or in other rows than the other."""
    inputs = operands_of(name, dtype, (2 * block(dtype) + 3,))
    rows = [Layout(offset=offset) for offset in (0, 16, 31, 48)]
    rows += [Layout(step=-1), Layout(step=2)]
    pairs = [in_layouts(name, *pair) for pair in product(rows, repeat=2)]
    assert_same_past_the_caches(name, inputs, pairs)
    planes = [C, F, Layout(gap=1), Layout(step=(-1, 2), gap=1)]
    pairs = [in_layouts(name, *pair) for pair in product(planes, repeat=2)]
    assert_same_past_the_caches(name, operands_of(name, dtype, (5, SHORT_ROW + 9)), pairs)


@streaming
@pytest.mark.parametrize("name", [name for name in LOOPS if oracle.PARAMETERS[name]])
def test_parameters_that_broadcast(name):
    for shape, parameter in (((3, 700), (700,)), ((3, 700), (3, 1)), ((2100,), ()), ((700, 3), 3)):
        inputs = operands_of(name, "f", shape, np.broadcast_shapes(parameter))
        assert_same_past_the_caches(name, inputs, outputs_in(name, C, Layout(gap=1, offset=20)))


@streaming
@every_ufunc
@np.errstate(all="ignore")
def test_new_outputs(name):
    inputs = operands_of(name, "f", (3, block("f") + 5))
    want = plain_answer(name, inputs)
    with past_the_caches():
        assert_same_bits(as_tuple(getattr(relu_ufunc, name)(*inputs)), want)


@streaming
@every_loop
@np.errstate(all="ignore")
def test_in_place(name, dtype):
    """Each output over each input, in rows and planes; and in both outputs over the first two."""
    function, nout = getattr(relu_ufunc, name), oracle.OUTPUTS[name]
    for shape, layout in (
        ((2 * block(dtype) + 3,), Layout(offset=16)),
        ((2 * block(dtype) + 3,), Layout(step=2)),
        ((3, SHORT_ROW + 9), Layout(gap=1)),
        ((SHORT_ROW + 9, 3), Layout(gap=1)),
    ):
        inputs = operands_of(name, dtype, shape)
        want = plain_answer(name, inputs)
        for over in product((None, *range(len(inputs))), repeat=nout):
            if nout == 2 and over[0] == over[1]:
                continue
            ins = [placed(a, layout) for a in inputs]
            outs = [
                placed(w, layout) if i is None else ins[i] for i, w in zip(over, want, strict=True)
            ]
            with past_the_caches():
                function(*(p.array for p in ins), out=tuple(p.array for p in outs))
            assert_same_bits(tuple(p.array for p in outs), want, f"{name}, over {over}")
            for p in (*ins, *outs):
                p.assert_guarded(name)


@streaming
@pytest.mark.parametrize("name", ["relu", "elu_grad", "prelu_backward"])
def test_any_number_of_threads(name):
    """Rows end within cache lines, of which different threads write the parts."""
    size = 20_001
    shapes = [((size,), Layout()), ((size // 101 + 1, 101), Layout(gap=1))]
    for (shape, layout), dtype in product(shapes, ("g", "f") if name == "elu_grad" else ("g",)):
        inputs = operands_of(name, dtype, shape)
        want = plain_answer(name, inputs)
        for threads in (1, 2, 3, 4):
            relu_ufunc.set_num_threads(threads)
            with always_shared():
                assert_same_past_the_caches(
                    name, inputs, outputs_in(name, layout, layout._replace(offset=40)), want
                )


@streaming
@pytest.mark.parametrize("threads", [1, 3])
def test_other_threads_see_it_at_once(threads):
    """As soon as the call has returned, or the thread that made it has ended."""
    relu_ufunc.set_num_threads(threads)
    [x] = operands_of("relu", "g", (20_003,))
    [want], out = plain_answer("relu", [x]), np.zeros_like(x)
    seen, written = [], threading.Event()

    def read():
        written.wait()
        seen.append(out.copy())

    def write():
        relu_ufunc.relu(x, out=out)
        written.set()

    with past_the_caches(), always_shared():
        for _ in range(20):
            workers = [threading.Thread(target=work) for work in (read, write)]
            for worker in workers:
                worker.start()
            for worker in reversed(workers):
                worker.join()
            assert_same_bits(out, want)
            assert_same_bits(seen.pop(), want)
            out[...] = 0
            written.clear()


@streaming
@every_ufunc
def test_sizes_about_the_threshold(name):
    size = 3 * block("f") + 1
    for length in (size - 1, size, size + 1):
        inputs = operands_of(name, "f", (length,))
        want = plain_answer(name, inputs)
        for threshold in (4 * size - 1, 4 * size, 4 * size + 1):
            with past_the_caches(threshold):
                assert_same_answer(name, inputs, Layout(offset=8), want)


# What is written past the caches

IN_PLACE, IN_FIRST, IN_SECOND = 1, 1, 2


@pytest.fixture(scope="module")
def trace(built_c):
    """A program that counts; its source says what."""
    program = str(built_c / "trace")

    def traced(rows, columns, gap, outputs, place, threshold, new=0, threads=2, inputs=1, pages=1):
        given = rows, columns, gap, outputs, place, threshold, new, threads, inputs, pages
        words = output(run(program, *map(str, given))).split()
        return SimpleNamespace(**dict(zip(words[::2], map(int, words[1::2]), strict=True)))

    return traced


@pytest.mark.parametrize(
    ("rows", "columns", "gap", "outputs"),
    [
        *((1, 2, 0, 1), (1, 1000, 0, 1), (1, 1500, 0, 2), (1, 600_001, 0, 1), (1, 600_001, 0, 2)),
        *((3, 700, 5, 1), (3, 700, 5, 2), (700, 1001, 3, 1), (2, 300_001, 1, 2)),
    ],
)
def test_outputs_of_the_threshold_or_more(trace, rows, columns, gap, outputs):
    """All of each output, with a fence before a thread says that it is done."""
    size = 4 * rows * columns
    for threshold, streamed in ((0, size), (size - 1, size), (size, size), (size + 1, 0)):
        traced = trace(rows, columns, gap, outputs, 0, threshold)
        assert (traced.streamed, traced.unfenced) == (outputs * streamed, 0)


@pytest.mark.parametrize(
    ("outputs", "place"), [(1, IN_PLACE), (2, IN_FIRST), (2, IN_SECOND)], ids=str
)
@pytest.mark.parametrize(("rows", "columns"), [(1, 1500), (1, 600_001), (3, 700), (3, 300_001)])
def test_never_in_place(trace, rows, columns, outputs, place):
    """Where what is written has been read, the caches have it already."""
    assert trace(rows, columns, 5 * (rows > 1), outputs, place, 0).streamed == 0


@pytest.mark.parametrize("pages", [1, PAGES_IN_TURN])
@pytest.mark.parametrize("outputs", [1, 2])
@pytest.mark.parametrize(
    ("rows", "columns", "gap"),
    [(1, 600_001, 0), (700, 100, 3), (700, 1001, 3), (70, 1001, 3000), (9, 5000, 7000)],
)
def test_the_input_is_asked_for(trace, rows, columns, gap, outputs, pages):
    """Each of its bytes once, by the same time before it is read; behind a row, in those below."""
    size, ahead = 4 * rows * columns, AHEAD_BYTES if pages == 1 else pages * STREAMED_PAGE
    traced = trace(rows, columns, gap, outputs, 0, 0, threads=1, pages=pages)
    assert (traced.asked, traced.latest, traced.earliest) == (size, ahead, ahead)
    if pages == 1 or rows == 1:
        assert (traced.in_turn > 0) == (pages > 1)
    assert trace(rows, columns, gap, outputs, 0, size + 1).asked == 0
    two = trace(rows, columns, gap, outputs, 0, 0, inputs=2)
    assert (two.streamed, two.asked) == (outputs * size, 0)


@pytest.mark.parametrize("gap", [0, 7])
@pytest.mark.parametrize("threads", [1, 2, 5])
def test_waits_for_what_is_streamed(trace, gap, threads):
    """One for each thread: its rows lie next to each other, and are done as one."""
    for rows, columns in ((1, 600_001), (700, 1001)):
        traced = trace(rows, columns, gap * (rows > 1), 1, 0, 0, threads=threads)
        assert (traced.streamed, traced.unfenced) == (4 * rows * columns, 0)
        assert traced.fences == threads


@pytest.mark.parametrize("outputs", [1, 2])
@pytest.mark.parametrize("columns", [NEW_PAGES_FROM // 4, NEW_PAGES_FROM // 4 + 12_345])
def test_new_pages(trace, columns, outputs):
    """The system has just filled them with zeros, by way of the caches, for one thread each."""
    new = trace(1, columns, 0, outputs, 0, 0, new=1)
    assert (new.streamed, new.shared) == (0, 0)
    assert trace(1, columns, 0, outputs, 0, 0, new=0).streamed == outputs * 4 * columns


def test_new_pages_for_many_threads(trace):
    """To share the work evenly matters more than not to share pages."""
    most = NEW_PAGES_FROM // LARGE_PAGE // LARGE_PAGES_PER_THREAD
    columns = NEW_PAGES_FROM // 4
    for threads, shares in ((most, False), (most + 1, True)):
        traced = trace(1, columns, 0, 1, 0, 0, new=1, threads=threads)
        assert (traced.streamed, traced.shared > 0) == (0, shares)


@pytest.mark.parametrize(("rows", "columns"), [(1, NEW_PAGES_FROM // 4 - 1), (3, 300_001)])
def test_new_outputs_of_less(trace, rows, columns):
    """Memory that was freed may be had again, without new pages."""
    assert trace(rows, columns, 0, 1, 0, 0, new=1).streamed == 4 * rows * columns


# The threshold


@streaming
@pytest.mark.parametrize("size", [0, 1, 12345, 2**62 - 1])
def test_the_threshold_is_what_was_set(size):
    _relu_ufunc.set_streaming_threshold(size)
    assert _relu_ufunc.streaming_threshold() == size
    assert _streaming.describe() == size


def test_processors_that_cannot_say_so(monkeypatch):
    monkeypatch.setattr(_streaming, "streaming_threshold", lambda: None)
    assert _streaming.describe().startswith("never: ")
    monkeypatch.setattr(_streaming, "streaming_threshold", lambda: _relu_ufunc.LEARNED_THRESHOLD)
    assert _streaming.describe() == "as a trial says"


def caches(folder, *descriptions):
    """The files of Linux about caches: each a type and a size, of which one may be missing."""
    for i, description in enumerate(descriptions):
        index = folder / f"index{i}"
        index.mkdir()
        for name, text in zip(("type", "size"), description, strict=True):
            if text is not None:
                (index / name).write_text(f"{text}\n")
    return folder


L1 = (("Data", "32K"), ("Instruction", "64K"))
SYSFS = {
    "K": ([*L1, ("Unified", "512K")], 512 << 10),
    "M": ([*L1, ("Unified", "512K"), ("Unified", "32M")], 32 << 20),
    "G": ([*L1, ("Unified", "1G")], 1 << 30),
    "the largest is not the last": ([("Unified", "8M"), *L1], 8 << 20),
    "data alone": ([("Data", "48K")], 48 << 10),
    "instructions do not count": ([("Data", "32K"), ("Instruction", "4M")], 32 << 10),
    "instructions alone": ([("Instruction", "64K")], 0),
    "more than ten": ([("Data", "1K")] * 11 + [("Unified", "2M")], 2 << 20),
    "no type": ([*L1, (None, "32M")], 32 << 10),
    "no size": ([*L1, ("Unified", None)], 32 << 10),
    "an empty size": ([*L1, ("Unified", "")], 32 << 10),
    "no unit": ([*L1, ("Unified", "33554432")], 32 << 10),
    "an unknown unit": ([*L1, ("Unified", "32T")], 32 << 10),
    "no number": ([("Unified", "K"), *L1], 32 << 10),
    "words": ([("Unified", "plentyK"), *L1], 32 << 10),
    "a negative size": ([("Unified", "-1M")], 0),
    "nothing": ([], 0),
}


@pytest.mark.parametrize("case", SYSFS)
def test_what_linux_tells(case, tmp_path):
    descriptions, want = SYSFS[case]
    assert _streaming.sysfs_cache_bytes(caches(tmp_path, *descriptions)) == want


def test_what_linux_tells_beside_the_caches(tmp_path):
    """Another file, a file in the place of a folder, bytes that are no text."""
    caches(tmp_path, *L1, ("Unified", "1M"))
    (tmp_path / "uevent").write_text("")
    (tmp_path / "index8").write_text("64M")
    (tmp_path / "index9").mkdir()
    (tmp_path / "index9" / "type").write_bytes(b"\xff\xfe")
    assert _streaming.sysfs_cache_bytes(tmp_path) == 1 << 20


def test_without_linux(tmp_path):
    assert _streaming.sysfs_cache_bytes(tmp_path / "missing") == 0


@pytest.mark.parametrize(
    ("linux", "processor", "own", "caches"),
    [
        (8 << 20, 4 << 20, 2 << 20, (2 << 20, 8 << 20)),
        (0, 4 << 20, 0, (1 << 20, 4 << 20)),
        (0, 0, 0, (1 << 20, 32 << 20)),
        (512 << 10, 0, 0, (512 << 10, 512 << 10)),
    ],
)
def test_caches_of_who_is_asked_first(linux, processor, own, caches, monkeypatch):
    told = []
    sizes = {"": linux, "2": own}
    monkeypatch.setattr(_streaming, "sysfs_cache_bytes", lambda level="": sizes[level])
    monkeypatch.setattr(_streaming, "cpuid_cache_bytes", lambda: processor)
    monkeypatch.setattr(_streaming, "set_caches", lambda *sizes: told.append(sizes))
    _streaming.set_up()
    assert told == [caches]


@pytest.mark.parametrize(
    ("vendor", "pages"),
    [("GenuineIntel", PAGES_IN_TURN), ("AuthenticAMD", 1), ("", 1)],
)
def test_who_has_made_the_processor_decides_about_pages(vendor, pages, monkeypatch):
    chosen = []
    monkeypatch.setattr(_streaming, "cpuid_vendor", lambda: vendor)
    monkeypatch.setattr(_streaming, "set_streamed_pages", chosen.append)
    _streaming.set_up()
    assert chosen == [pages]


@pytest.mark.parametrize(
    ("variable", "threshold"),
    [
        (None, _relu_ufunc.LEARNED_THRESHOLD),
        ("", _relu_ufunc.LEARNED_THRESHOLD),
        ("12345", 12345),
        ("0", 0),
        ("never", 1 << 62),
        ("NEVER", 1 << 62),
    ],
)
def test_the_environment_comes_before_a_trial(variable, threshold, monkeypatch):
    chosen = []
    monkeypatch.delenv(_streaming.VARIABLE, raising=False)
    if variable is not None:
        monkeypatch.setenv(_streaming.VARIABLE, variable)
    monkeypatch.setattr(_streaming, "set_streaming_threshold", chosen.append)
    _streaming.set_up()
    assert chosen == [threshold]


def test_what_the_processor_tells():
    """Nothing, or the size of a cache; nothing, or a name of twelve letters."""
    assert len(_relu_ufunc.cpuid_vendor()) in (0, 12)
    told = _relu_ufunc.cpuid_cache_bytes()
    assert told == 0 or 1 << 14 <= told < 1 << 40


SHOWN = """
import relu_ufunc
print(relu_ufunc.show_config("dicts")["Calls"]["outputs written past the caches, from bytes"])
"""


@streaming
@pytest.mark.parametrize("value", ["0", "123456", str(2**62 - 1), "never"])
def test_the_variable_decides(value):
    assert output(python("-c", SHOWN, RELU_UFUNC_STREAMING_BYTES=value)) == value


@streaming
def test_an_empty_variable_says_nothing():
    assert output(python("-c", SHOWN, RELU_UFUNC_STREAMING_BYTES="")) == "as a trial says"


@pytest.mark.parametrize(
    "value", ["-1", "1.5", "32M", "no", " ", "²", "0x10", str(2**62), "9" * 5000]
)
def test_a_bad_value_stops_the_import_in_one_line(value, monkeypatch):
    monkeypatch.setenv(_streaming.VARIABLE, value)
    with pytest.raises(ImportError) as caught:
        _streaming.set_up()
    wanted = "must be a number of bytes, from 0 to 2**62 - 1, or never"
    assert str(caught.value) == f"{_streaming.VARIABLE}={value!r}: {wanted}"


def test_a_bad_value_stops_the_import():
    process = python("-c", "import relu_ufunc", RELU_UFUNC_STREAMING_BYTES="32M")
    assert process.returncode == 1
    assert process.stderr.strip().splitlines()[-1].startswith("ImportError: RELU_UFUNC_STREAMING_")
