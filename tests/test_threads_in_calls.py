"""Nobody but the clock can tell how many threads a call ran on, or what they had been doing."""

import os
import signal
import subprocess
import sys
import time
from math import prod

import modes
import numpy as np
import oracle
import pytest
from processes import output, python
from samples import operands

import relu_ufunc
from relu_ufunc.testing import as_tuple, assert_same_bits, raised_flags

SHAPE = (7, 41, 457)  # primes: nothing can be split evenly
COUNTS = (2, 3, 16)
FORK = pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")


@pytest.fixture(autouse=True)
def number_kept():
    before = relu_ufunc.get_num_threads()
    yield
    relu_ufunc.set_num_threads(before)


def on(threads, function, *args, **kwargs):
    """What a function gives with so many threads."""
    relu_ufunc.set_num_threads(threads)
    return function(*args, **kwargs)


def in_shape(name, dtype):
    """The operands of a ufunc; fewer of the type that is computed one by one, and slowly."""
    shape = (*SHAPE[:2], 37) if dtype == "g" else SHAPE
    return [a.reshape(shape) for a in operands(name, dtype, prod(shape))]


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


def assert_one_answer_on_any_number_of_threads(function, *inputs, **keywords):
    want = as_tuple(on(1, function, *inputs, **keywords))
    for threads in COUNTS:
        got = as_tuple(on(threads, function, *inputs, **keywords))
        assert_same_bits(got, want, f"{threads} threads")


@pytest.mark.parametrize(("name", "dtype"), oracle.LOOPS)
@np.errstate(all="ignore")
def test_one_answer_in_every_layout(name, dtype):
    function, inputs = getattr(relu_ufunc, name), in_shape(name, dtype)
    for lay_out in EACH.values():
        assert_one_answer_on_any_number_of_threads(function, *map(lay_out, inputs))
    if len(inputs) > 1:
        for lay_out in LAST.values():
            assert_one_answer_on_any_number_of_threads(function, *inputs[:-1], lay_out(inputs[-1]))


@pytest.mark.parametrize("layout", EACH)
@pytest.mark.parametrize(("name", "dtype"), [(name, "f") for name in oracle.NAMES])
@np.errstate(all="ignore")
def test_one_answer_in_outputs_given(name, dtype, layout):
    function, inputs = getattr(relu_ufunc, name), list(map(EACH[layout], in_shape(name, dtype)))
    want = as_tuple(on(1, function, *inputs))
    for threads in COUNTS:
        outs = tuple(EACH[layout](np.full(SHAPE, 77, dtype)) for _ in want)
        wide = tuple(np.full(w.shape, 77, "d") for w in want)
        on(threads, function, *inputs, out=outs)
        on(threads, function, *inputs, out=wide)
        assert_same_bits(tuple(map(np.asarray, outs)), tuple(map(np.asarray, want)))
        assert_same_bits(wide, tuple(np.asarray(w).astype("d") for w in want))
        in_place = inputs[0].copy()
        on(threads, function, in_place, *inputs[1:], out=(in_place, *outs[1:]))
        assert_same_bits(in_place, want[0])


@np.errstate(all="ignore")
def test_one_answer_of_casts_and_masks():
    for name in oracle.NAMES:
        function, inputs = getattr(relu_ufunc, name), in_shape(name, "f")
        assert_one_answer_on_any_number_of_threads(function, *inputs, dtype="d")
        outs = tuple(np.zeros(SHAPE, "f") for _ in range(function.nout))
        assert_one_answer_on_any_number_of_threads(function, *inputs, where=inputs[0] > 0, out=outs)


@np.errstate(all="ignore")
def test_one_answer_of_the_function():
    dy, x, slope = in_shape("prelu_backward", "f")
    assert_one_answer_on_any_number_of_threads(relu_ufunc.prelu_vjp, dy, x, slope[0, :, :1])


# Flags and modes


def one_special(value, place, dtype="f"):
    a = np.full(prod(SHAPE), -1, dtype)
    a[place] = value
    return a


@pytest.mark.parametrize("place", [0, prod(SHAPE) // 2, prod(SHAPE) - 1])
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
    x = one_special(-value, place, dtype=dtype)
    for threads in (1, *COUNTS):
        assert on(threads, raised_flags, getattr(relu_ufunc, name), x, *parameters) == flags


def test_errors_are_raised_as_errstate_says():
    x = one_special(-3e38, prod(SHAPE) // 3)
    for threads in (1, *COUNTS):
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
        results = [on(n, relu_ufunc.leaky_relu_backward, *inputs) for n in (1, *COUNTS)]
        assert modes.current() == before
    for result in results[1:]:
        assert_same_bits(result, results[0])


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
def test_fork_while_another_thread_computes():
    mixed("""
for _ in range(2):
    threading.Thread(target=compute, daemon=True).start()
for i in range(20):
    time.sleep(0.001 * i)
    child = os.fork()
    if child == 0:
        for size in range(5):
            check(size)
        os._exit(7)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7
check(4)
print("fine")
""")


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
before = time.process_time()
time.sleep(1)
taken = time.process_time() - before
assert taken < 1e-3, taken
""",
        )
    )
