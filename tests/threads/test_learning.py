"""How many threads share a call, as a model says and as calls show. The bits do not depend on it.

Machines with many cores are simulated here, by how long a call takes on each number of threads.
"""

import numpy as np
import pytest
from cuts import always_shared
from kinds import few_loops
from placed import operands_of
from processes import output, python

import relu_ufunc
from relu_ufunc import _relu_ufunc
from relu_ufunc.testing import as_tuple, assert_same_bits

SIZE, CALLS = 40, 3000  # a class of sizes; enough calls to learn from


@pytest.fixture(autouse=True)
def nothing_learned():
    learning, threads = _relu_ufunc.is_learning(), relu_ufunc.get_num_threads()
    _relu_ufunc.set_learning(True)
    _relu_ufunc.forget_lessons()
    yield
    _relu_ufunc.forget_lessons()
    _relu_ufunc.set_learning(learning)
    relu_ufunc.set_num_threads(threads)


# The model


def modelled(alone, moved, threads, awake):
    """The formula of the head comment of src/engine/sharing.c."""
    once, each = (400, 20) if awake else (15000, 1000)
    return alone if threads == 1 else alone / threads + moved + once + each * threads


@pytest.mark.parametrize("most", [1, 2, 4, 12, 16, 96])
@pytest.mark.parametrize("share_moved", [0, 0.3, 2])
def test_the_fewest_threads_within_a_twentieth_of_the_best(most, share_moved):
    for alone in np.geomspace(100, 1e8, 40):
        moved = share_moved * alone
        times = {n: modelled(alone, moved, n, True) for n in range(1, most + 1)}
        want = min(n for n in times if times[n] <= 1.05 * min(times.values()))
        assert _relu_ufunc.threads_by_model(alone, moved, most, most) == want


def test_no_thread_is_woken_for_little():
    for alone in (1e3, 1e4, 25e3):
        assert _relu_ufunc.threads_by_model(alone, 0, 16, 1) == 1
    assert _relu_ufunc.threads_by_model(1e6, 0, 16, 1) > 8
    # Four are awake: they are used, and no others are woken.
    assert _relu_ufunc.threads_by_model(2e4, 0, 16, 4) == 4


# Learning


def times(most, of):
    return np.array([0.0, *(float(of(n)) for n in range(1, most + 1))])


def settled(most, of, first, calls=CALLS):
    """The number of threads that most of the last calls have had."""
    had = _relu_ufunc.teach(SIZE, first, most, calls, times(most, of))
    return max(set(had[-500:]), key=had[-500:].count)


@pytest.mark.parametrize("first", [1, 4, 16])
@pytest.mark.parametrize(
    ("of", "wanted"),
    [
        (lambda n: 40 / n + 0.4 + 0.02 * n, {8, 16}),  # data stay in each core's cache
        (lambda n: 8 if n == 1 else 9 + 0.3 * n, {1}),  # they come out of the caller's
        (lambda n: 100 / min(n, 4) + 0.1 * n, {4}),  # four fill the way to memory
        (lambda n: 10, {1}),  # one processor, whatever it looks like
        (lambda n: 40 / n if n < 16 else 8000, {8}),  # a busy neighbour on the last core
    ],
    ids=["scales", "just written", "bandwidth", "one processor", "busy neighbour"],
)
def test_calls_show_how_many_threads_are_best(of, wanted, first):
    assert settled(16, of, first) in wanted


@pytest.mark.parametrize("most", [1, 2, 3, 12, 1024])
def test_any_number_can_be_allowed(most):
    assert settled(most, lambda n: 1000 / n, 1) == most
    _relu_ufunc.forget_lessons()
    assert settled(most, lambda n: n, most) == 1


def test_what_has_changed_is_learned_anew():
    for _ in range(2):
        assert settled(16, lambda n: 1000 / n, 1) == 16
        assert settled(16, lambda n: 100 * n, 1, calls=500) == 1


def test_trials_are_few():
    had = _relu_ufunc.teach(SIZE, 8, 16, 20_000, times(16, lambda n: 1 + abs(n - 8)))
    assert had[-10_000:].count(8) > 0.95 * 10_000


@pytest.mark.parametrize("first", [1, 2])
def test_outputs_go_past_the_caches_where_that_gains_a_twentieth(first):
    """1 is plain stores, 2 is stores past the caches, which stay in use for three hundredths."""
    for past, wanted in (0.9, 2), (0.96, first), (1.0, 1), (1.2, 1):
        _relu_ufunc.forget_lessons()
        assert settled(2, lambda n, past=past: past if n == 2 else 1.0, first) == wanted


# What is decided


def answers(name, inputs):
    return as_tuple(getattr(relu_ufunc, name)(*inputs))


@few_loops
@np.errstate(all="ignore")
def test_the_bits_do_not_depend_on_it(name):
    """Forced each way: learned, computed, always shared; written past the caches or not."""
    for dtype in ("f", "d"):
        inputs = operands_of(name, dtype, (70_001,))
        relu_ufunc.set_num_threads(1)
        want = answers(name, inputs)
        relu_ufunc.set_num_threads(3)
        threshold = _relu_ufunc.streaming_threshold()
        for learning in (True, False):
            _relu_ufunc.set_learning(learning)
            for shared in (True, False):
                for past in (0, 2**62) if threshold is not None else (0,):
                    _relu_ufunc.set_streaming_threshold(past)
                    with always_shared(shared):
                        for _ in range(3):
                            assert_same_bits(answers(name, inputs), want)
        if threshold is not None:
            _relu_ufunc.set_streaming_threshold(threshold)


STORES = """
import sys
import numpy as np, relu_ufunc
from relu_ufunc import _relu_ufunc
_relu_ufunc.set_caches(1 << 12, 1 << 16)
relu_ufunc.set_num_threads(int(sys.argv[1]))
x = np.linspace(-9, 9, 70_001)
want = np.concatenate([relu_ufunc.gelu(x[i : i + 101]) for i in range(0, len(x), 101)]).tobytes()
out = np.empty_like(x)
for _ in range(100):  # more than one trial, of 16 calls after 8
    relu_ufunc.gelu(x, out=out)
    assert out.tobytes() == want
print(*relu_ufunc.show_config("dicts")["Learned"]["stores, from elements"]["gelu f64"])
"""


@pytest.mark.skipif(
    _relu_ufunc.streaming_threshold() is None, reason="this processor can't write past its caches"
)
@pytest.mark.parametrize("threads", ["1", "2"])
def test_the_bits_stay_while_both_ways_to_write_are_tried(threads):
    assert output(python("-c", STORES, threads)) == "65,536"


TRIAL = """
import numpy as np, relu_ufunc
from relu_ufunc import _relu_ufunc
KEY = "streamed copies, of the time of plain ones"
_relu_ufunc.set_caches(1 << 21, 1 << 25)
relu_ufunc.set_num_threads(1)
x = np.linspace(-9, 9, 1 << 20, dtype="f")
out = np.full_like(x, 7)
assert relu_ufunc.show_config("dicts")["Learned"][KEY] == "not tried yet"
in_place = x.copy()
relu_ufunc.elu(in_place, out=in_place)
relu_ufunc.relu(x[:99], out=out[:99])
assert relu_ufunc.show_config("dicts")["Learned"][KEY] == "not tried yet"
small = [relu_ufunc.elu(x[i : i + 64]) for i in range(0, len(x), 64)]
for _ in range(3):  # as often as one is made that is disturbed
    with np.errstate(all="raise"):
        relu_ufunc.elu(x, out=out)
assert out.tobytes() == np.concatenate(small).tobytes()
learned = relu_ufunc.show_config("dicts")["Learned"]
# Where other processes leave it no time, each trial is disturbed.
assert learned[KEY] == "not tried yet" or 0.01 < learned[KEY] < 100, learned
assert learned["ns an element, in cache"]["elu f32"] > 0
print("fine")
"""


@pytest.mark.skipif(
    _relu_ufunc.streaming_threshold() is None, reason="this processor can't write past its caches"
)
def test_a_trial_leaves_no_trace():
    """It writes to the output of the call that needs it, which comes after it."""
    assert output(python("-c", TRIAL)) == "fine"


def test_there_are_two_classes_of_sizes_for_each_power_of_two():
    relu_ufunc.set_num_threads(2)
    for size, least in ((3 << 18) - 1, "524,288"), (3 << 18, "786,432"):
        _relu_ufunc.forget_lessons()
        x = np.zeros(size, "f")
        for _ in range(200):
            relu_ufunc.relu(x, out=x)
        assert [*_relu_ufunc.learned()["threads, from elements"]["relu f32"]] == [least]


def test_learning_can_be_turned_off():
    code = """
import numpy as np, relu_ufunc
relu_ufunc.relu(np.ones(1 << 20, "f"))
print(relu_ufunc.show_config("dicts")["Learned"])
"""
    assert output(python("-c", code, RELU_UFUNC_LEARNING="off")) == "off"
    assert output(python("-c", code, RELU_UFUNC_LEARNING="ON")).startswith("{")


def test_a_bad_wish_stops_the_import():
    process = python("-c", "import relu_ufunc", RELU_UFUNC_LEARNING="maybe")
    last = process.stderr.strip().splitlines()[-1]
    assert last == "ImportError: RELU_UFUNC_LEARNING='maybe': must be on or off"
