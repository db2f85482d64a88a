"""Nobody but the clock can tell how many threads a call ran on, or what they had been doing.

All calls are shared here, which a test makes sure of.
"""

import os
import signal
import subprocess
import sys
import time

import modes
import numpy as np
import pytest
from cases import case
from cuts import NEW_PAGES_FROM, always_shared
from doors import door
from kinds import DTYPES_OF, FEW_LOOPS, LOOPS_AND_DTYPES
from placed import operands_of
from processes import ROOT, output, python

import relu_ufunc
from relu_ufunc.testing import as_tuple, assert_same_bits, raised_flags

LONG_LOOPS = [name for name in FEW_LOOPS if "g" in DTYPES_OF[name]]
COUNTS = (2, 3)
MANY = 16  # for longdouble
SIZE = 20_000  # elements
FORK = pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")


@pytest.fixture(autouse=True)
def number_kept():
    before = relu_ufunc.get_num_threads()
    with always_shared():
        yield
    relu_ufunc.set_num_threads(before)


def on(threads, function, *args, **kwargs):
    """What a function gives with so many threads."""
    relu_ufunc.set_num_threads(threads)
    return function(*args, **kwargs)


def counts(dtype):
    return (*COUNTS, MANY) if dtype == "g" else COUNTS


def in_shape(name, dtype):
    """The operands of a ufunc: enough for all threads when cropped too, and nothing even."""
    planes, rows = 7, 41
    row = SIZE // (planes * (rows - 1)) + 2 | 1
    return operands_of(name, dtype, (planes, rows, row))


# One answer


def spread(a):
    """The same elements, two apart and backwards."""
    room = np.empty((*a.shape[:-1], 2 * a.shape[-1]), a.dtype)[..., ::-2]
    room[...] = a
    return room


def transposed(a):
    return np.ascontiguousarray(a.T).T


EACH = {
    "contiguous": np.ascontiguousarray,
    "one axis": np.ravel,
    "spread": spread,
    "transposed": transposed,
    "cropped": lambda a: a[:, 1:, :-1],
    "a subclass": lambda a: a.view(np.memmap),
}
LAST = {
    "by channel": lambda a: a[0, :, :1],
    "by column": lambda a: a[0, 0],
    "one for all": lambda a: a[1, 2, 3],
    "transposed": transposed,
}


def assert_same(got, want, threads):
    """As assert_same_bits, which takes its time over large arrays."""
    got, want = as_tuple(got), as_tuple(want)
    for g, w in zip(got, want, strict=True):
        if g.dtype.char == "g" or g.tobytes() != w.tobytes():
            assert_same_bits(g, w, f"{threads} threads")


def assert_one_answer_on_any_number_of_threads(function, *inputs, **keywords):
    want = on(1, function, *inputs, **keywords)
    for threads in counts(inputs[0].dtype.char):
        assert_same(on(threads, function, *inputs, **keywords), want, threads)


@pytest.mark.parametrize(("name", "dtype"), LOOPS_AND_DTYPES)
@np.errstate(all="ignore")
def test_one_answer_in_every_layout(name, dtype):
    function, inputs = getattr(relu_ufunc, name), in_shape(name, dtype)
    many = dtype == "f" or (dtype == "g" and name in FEW_LOOPS)
    for lay_out in EACH.values() if many else (transposed, np.ravel):
        assert_one_answer_on_any_number_of_threads(function, *map(lay_out, inputs))
    if len(inputs) > 1:
        for lay_out in LAST.values() if many else (LAST["by channel"],):
            assert_one_answer_on_any_number_of_threads(function, *inputs[:-1], lay_out(inputs[-1]))


@pytest.mark.parametrize("layout", EACH)
@pytest.mark.parametrize("name", LONG_LOOPS)
@np.errstate(all="ignore")
def test_one_answer_in_outputs_given(name, layout):
    function, inputs = getattr(relu_ufunc, name), list(map(EACH[layout], in_shape(name, "g")))
    want = as_tuple(on(1, function, *inputs))
    for threads in (2, MANY):
        outs = tuple(EACH[layout](np.full(in_shape(name, "g")[0].shape, 77, "g")) for _ in want)
        on(threads, function, *inputs, out=outs)
        assert_same(outs, want, threads)
        narrow = tuple(np.full(w.shape, 77, "d") for w in want)
        on(threads, function, *inputs, out=narrow, casting="same_kind")
        assert_same(narrow, tuple(np.asarray(w).astype("d") for w in want), threads)
        in_place = inputs[0].copy()
        on(threads, function, in_place, *inputs[1:], out=(in_place, *outs[1:]))
        assert_same(in_place, want[0], threads)


@pytest.mark.parametrize(("name", "dtype"), [("relu", "g"), ("relu", "b"), ("prelu_grad", "f")])
def test_one_answer_in_new_pages(name, dtype):
    """Large new outputs are cut where the system's large pages begin."""
    function, size = getattr(relu_ufunc, name), NEW_PAGES_FROM // np.dtype(dtype).itemsize
    for shape in ((size,), (size + 12_345,), (3, size // 3 + 77)):
        inputs = [np.resize(a, shape) for a in operands_of(name, dtype, (10_007,))]
        inputs = [a[..., :-1] if len(shape) > 1 else a for a in inputs]  # several axes remain
        want = tuple(np.empty(inputs[0].shape, dtype) for _ in range(function.nout))
        on(1, function, *inputs, out=want)
        for threads in COUNTS:
            assert_same(on(threads, function, *inputs), want, threads)


@np.errstate(all="ignore")
def test_one_value_in_any_place_by_numpys_way():
    """Other values lie behind it in memory; NumPy hands the loop an input of stride 0."""
    for name in FEW_LOOPS:
        function, inputs = getattr(relu_ufunc, name), operands_of(name, "f", (SIZE,))
        for at in range(function.nin):
            given = [np.broadcast_to(a[3:4], SIZE) if i == at else a for i, a in enumerate(inputs)]
            with door(False), case(name, at):
                want = on(1, function, *map(np.ascontiguousarray, given))
                assert_same(on(2, function, *given), want, 2)


@np.errstate(all="ignore")
def test_one_answer_of_casts_and_masks():
    """NumPy's buffers hold enough longdoubles for a few threads."""
    for name in LONG_LOOPS:
        function, inputs = getattr(relu_ufunc, name), in_shape(name, "g")
        narrow = [a.astype("d") for a in inputs]
        assert_one_answer_on_any_number_of_threads(function, *narrow, dtype="g")
        where = np.arange(inputs[0].size).reshape(inputs[0].shape) % 5_000 > 9
        outs = tuple(np.zeros(where.shape, "g") for _ in range(function.nout))
        assert_one_answer_on_any_number_of_threads(function, *inputs, where=where, out=outs)


@np.errstate(all="ignore")
def test_one_answer_of_the_function():
    dy, x, slope = in_shape("prelu_backward", "g")
    assert_one_answer_on_any_number_of_threads(relu_ufunc.prelu_vjp, dy, x, slope[0, :, :1])


SHARED = """
import os
from itertools import product
import numpy as np
from kinds import FEW_LOOPS, LOOPS_AND_DTYPES
from test_threads_in_calls import EACH, counts, in_shape, on
import relu_ufunc
from relu_ufunc import _relu_ufunc

def check(name, dtype, layout):
    inputs = [EACH[layout](a) for a in in_shape(name, dtype)]
    threads = counts(dtype)[-1]
    child = os.fork()  # which has no workers yet
    if child == 0:
        on(threads, getattr(relu_ufunc, name), *inputs)
        os._exit(len(os.listdir("/proc/self/task")))
    started = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    assert started == threads, (name, dtype, layout, threads, started)

np.seterr(all="ignore")
_relu_ufunc.share_always(True)
for name, dtype in LOOPS_AND_DTYPES:
    if name in FEW_LOOPS:
        check(name, dtype, "contiguous")
for name, layout in product(("relu", "prelu_backward"), {layouts}):
    check(name, "g", layout)
print("fine")
"""


@FORK
@pytest.mark.skipif(sys.platform != "linux", reason="/proc says what threads there are")
@pytest.mark.parametrize(
    ("entry", "layouts"), [("direct", "EACH"), ("numpy", "('one axis', 'transposed')")]
)
def test_calls_on_these_arrays_are_shared(entry, layouts):
    """By as many threads as allowed: or else the tests here would test nothing.

    NumPy itself asks for one row at a time where it can't make one of all.
    """
    folders = os.pathsep.join(str(ROOT / "tests" / name) for name in ("helpers", "threads"))
    code = SHARED.replace("{layouts}", layouts)
    process = python("-W", "ignore", "-c", code, PYTHONPATH=folders, RELU_UFUNC_ENTRY=entry)
    assert output(process) == "fine"


# Flags and modes


def one_special(value, place, dtype="f"):
    """An array for all threads, with a special value at so much of its length."""
    a = np.full(SIZE, -1, dtype)
    a[int(place * (len(a) - 1))] = value
    return a


@pytest.mark.parametrize("place", [0, 0.5, 1])
@pytest.mark.parametrize(
    ("name", "special", "parameters", "flags"),
    [
        ("leaky_relu", "max", [-10], {"overflow"}),
        ("leaky_relu", "smallest_subnormal", [-0.3], {"underflow"}),
        ("leaky_relu", "inf", [0], {"invalid"}),
        ("elu", "inf", [2], set()),
        ("elu", "nan", [2], set()),
        ("relu", "max", [], set()),
    ],
)
@pytest.mark.parametrize("dtype", ["f", "d", "g"])
def test_one_element_raises_what_it_raises(name, special, parameters, flags, place, dtype):
    value = getattr(np.finfo(dtype), special, None) or float(special)
    x = one_special(-value, place, dtype)
    for threads in (1, *counts(dtype)):
        assert on(threads, raised_flags, getattr(relu_ufunc, name), x, *parameters) == flags


def test_errors_are_raised_as_errstate_says():
    x = one_special(-np.finfo("g").max, 0.4, "g")
    for threads in (1, *counts("g")):
        with np.errstate(over="raise"), pytest.raises(FloatingPointError, match="overflow"):
            on(threads, relu_ufunc.leaky_relu, x, 10.0)
        with pytest.warns(RuntimeWarning, match="overflow"):
            on(threads, relu_ufunc.leaky_relu, x, 10.0)
        with np.errstate(all="raise"):
            on(threads, relu_ufunc.leaky_relu, x[: len(x) // 3], 10.0)


@pytest.mark.parametrize("mode", modes.MODES)
@pytest.mark.parametrize("dtype", ["e", "f", "d", "g"])
@np.errstate(all="ignore")
def test_the_callers_modes_hold_on_any_number_of_threads(mode, dtype):
    """Also where they say how a result is rounded."""
    inputs = in_shape("leaky_relu_backward", dtype)
    with modes.mode(mode):
        before = modes.current()
        results = [on(n, relu_ufunc.leaky_relu_backward, *inputs) for n in (1, *counts(dtype))]
        assert modes.current() == before
    for threads, result in zip(counts(dtype), results[1:], strict=True):
        assert_same(result, results[0], threads)


# The life of a process

MIXED = """
import os, sys, threading, time
import numpy as np
import relu_ufunc

rng = np.random.default_rng(0)
SIZES = [1, 10, 1000, 30_000, 1_000_000]
ARRAYS = [rng.standard_normal(size, np.float32) for size in SIZES]
relu_ufunc.set_num_threads(1)
RIGHT = [(relu_ufunc.relu(x).tobytes(), relu_ufunc.elu(x).tobytes()) for x in ARRAYS]
relu_ufunc.set_num_threads(3)

def check(i):
    assert relu_ufunc.relu(ARRAYS[i]).tobytes() == RIGHT[i][0]
    assert relu_ufunc.elu(ARRAYS[i]).tobytes() == RIGHT[i][1]

failed = []

def check_often(seed, times):
    try:
        sizes = np.random.default_rng(seed)
        for _ in range(times):
            check(sizes.choice(5, p=[0.3, 0.3, 0.25, 0.14, 0.01]))
    except BaseException as error:
        failed.append(error)

def compute():
    while True:
        check(4)
"""


def mixed(code, **environment):
    process = python("-W", "ignore", "-c", MIXED + code, **environment)
    assert output(process) == "fine", process.stderr


CALLERS = """
started = time.monotonic()
while True:
    threads = [threading.Thread(target=check_often, args=(n, {times})) for n in range(64)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if time.monotonic() - started >= {seconds}:
        break
assert not failed, failed
print("fine")
"""


def test_many_python_threads():
    mixed(CALLERS.format(times=100, seconds=0))


@pytest.mark.soak
@pytest.mark.parametrize("round", range(3))
def test_many_python_threads_for_long(round):
    mixed(CALLERS.format(times=100, seconds=60))


@FORK
def test_a_child_may_end_as_any_process_does():
    """With what is registered with atexit, and not."""
    mixed("""
check(4)
child = os.fork()
check(4)
if child == 0:
    sys.exit(7)
assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7
print("fine", flush=True)
os._exit(0)
""")


@pytest.mark.parametrize("method", ["fork", "forkserver", "spawn"])
def test_multiprocessing(method):
    mixed(f"""
import multiprocessing
if __name__ == "__main__" and {method!r} in multiprocessing.get_all_start_methods():
    check(4)
    with multiprocessing.get_context({method!r}).Pool(2) as pool:
        for i, y in enumerate(pool.map(relu_ufunc.relu, ARRAYS)):
            assert y.tobytes() == RIGHT[i][0]
    check(4)
print("fine")
""")


@pytest.mark.skipif(os.name != "posix", reason="signals are those of POSIX")
def test_interrupts_reach_python():
    code = """
import signal
signal.signal(signal.SIGINT, signal.default_int_handler)  # who started us may ignore it
print("ready", flush=True)
try:
    compute()
except KeyboardInterrupt:
    check(4)
    print("fine", flush=True)
"""
    command = [sys.executable, "-c", MIXED + code]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout.readline() == "ready\n"
            time.sleep(0.05)
            process.send_signal(signal.SIGINT)
            assert process.communicate(timeout=120)[0] == "fine\n"
        finally:
            process.kill()


@pytest.mark.parametrize("threads", [2, 16])
def test_idle_threads_take_no_time(threads):
    """Of the processor: it does not matter who else is busy."""
    output(
        python(
            "-c",
            f"""
import time
import numpy as np
import relu_ufunc
from relu_ufunc import _relu_ufunc

x = np.ones(1 << 20, np.float32)
relu_ufunc.set_num_threads({threads})
for _ in range(10):
    relu_ufunc.relu(x)
for _ in range(100):
    _relu_ufunc.empty_parallel_region()
taken = []
for _ in range(3):  # on a busy machine, threads that were called may come late
    before = time.process_time()
    time.sleep(0.5)
    taken.append(time.process_time() - before)
    if taken[-1] < 5e-4:
        break
else:
    raise AssertionError(taken)
""",
        )
    )
