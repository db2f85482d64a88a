"""The pool of threads: its protocol in every interleaving, and its C under all kinds of stress."""

from functools import partial
from types import ModuleType

import modes
import pytest
from processes import ROOT, output, run

HERE = ROOT / "tests" / "threads"


def load_model(change=("", "")):
    """The model, with a piece of its text replaced by another."""
    before, after = change
    text = (HERE / "model.py").read_text(encoding="utf-8")
    assert before in text
    model = ModuleType("model")
    exec(text.replace(before, after), model.__dict__)
    return model


def explore(model, workers=1, pieces=2, callers=((1, 2),), wanted=None, **keywords):
    """All interleavings of some workers and callers, the last of which stops the pool."""
    wanted = workers if wanted is None else wanted
    ways = [partial(model.caller, regions, workers, wanted) for regions in callers[:-1]]
    ways.append(partial(model.last_caller, callers[-1], workers, wanted))
    return model.explore([model.worker] * workers + ways, pieces, **keywords)


@pytest.mark.parametrize(
    "case",
    [
        {"pieces": 1},
        {"pieces": 2, "callers": ((1, 2, 3),)},
        {"pieces": 3},
        {"workers": 2, "pieces": 2},
        {"workers": 2, "pieces": 3, "callers": ((1,),)},
        {"workers": 2, "pieces": 2, "wanted": 1, "callers": ((1,),)},
        {"pieces": 2, "callers": ((1,), (2,))},
        {"pieces": 2, "callers": ((1, 2), (3,))},
    ],
    ids=str,
)
def test_model(case):
    assert explore(load_model(), **case) > 100


@pytest.mark.parametrize("case", [{"pieces": 2}, {"workers": 2, "pieces": 3}], ids=str)
def test_model_loses_no_call_for_workers(case):
    explore(load_model(), **case, together=True)


LOOK_AND_COUNT = """    yield "add", "asleep", 1
    if (yield "load", "seats") == 0 and"""
COUNT_TOO_LATE = """    seats = yield "load", "seats"
    yield "add", "asleep", 1
    if seats == 0 and"""
SIGNAL_TO_ONE_ASLEEP = """        yield ("lock",)
        yield ("unlock",)
        yield "signal", "left"
"""
WAIT_TO_BE_HEARD = """    if wanted > awake:
        yield ("lock",)
        yield ("unlock",)
"""
OFFER_AND_COUNT = """    yield "exchange", "seats", wanted
    yield from wake(workers, wanted)
"""
WITHDRAW = """    left = yield "exchange", "seats", 0
"""
SETTLE = """(yield "add", "owed", seated) == -seated"""
LAST = """if (yield "add", "owed", -1) == 1:"""
STOP = """    yield "broadcast", "called"
"""
MISTAKES = {
    "a worker looks before it counts itself asleep": (LOOK_AND_COUNT, COUNT_TOO_LATE),
    "the caller signals before the worker sleeps": (WAIT_TO_BE_HEARD, ""),
    "the caller wakes before it offers": (
        OFFER_AND_COUNT,
        "\n".join(reversed(OFFER_AND_COUNT.rstrip().split("\n"))) + "\n",
    ),
    "the caller wakes one too few": ("while awake < wanted:", "while awake + 1 < wanted:"),
    "a worker signals before the caller sleeps": (
        SIGNAL_TO_ONE_ASLEEP,
        '        yield "signal", "left"\n',
    ),
    "seats are withdrawn in two steps": (
        WITHDRAW,
        """    left = yield "load", "seats"
    yield "exchange", "seats", 0
""",
    ),
    "the caller does not wait": (SETTLE, f"({SETTLE} or True)"),
    "the last one does not know that it is": (LAST, LAST.replace("== 1", "== 0")),
    "the end wakes nobody": (STOP, ""),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_model_finds_mistakes(mistake):
    model = load_model(MISTAKES[mistake])
    with pytest.raises(AssertionError, match=r"thread \d"):
        explore(model, together=True)
        explore(model, callers=((1,), (2,)))
        explore(model, workers=2, pieces=2)


CASES = (
    *("one caller", "many callers", "workers come", "nested", "signals", "flags", "forks"),
    *("no threads", "few threads", "odd numbers", "process limit", "end"),
)
# One that fails to stop says nothing of what it would have found.
TSAN = {"TSAN_OPTIONS": "atexit_sleep_ms=0"}
FPUS = ["fpu_fenv", "fpu_x86"] if modes.MACHINE == "x86_64" else ["fpu_fenv"]
# How many processors there are to be: with one, nobody spins.
WAITS = {"sleeping": "1", "spinning": "64"}


def stress_with(folder, name):
    """How to run a case: there is a program for each way to wait."""

    def stress(case, wait, rounds, **environment):
        program = str(folder / f"stress_{name}_{wait}")
        output(run(program, case, WAITS[wait], rounds, **environment))

    return stress


@pytest.fixture(scope="module", params=FPUS)
def stress(request, built_c):
    return stress_with(built_c, request.param)


@pytest.fixture(scope="module")
def sanitized_stress(built_c):
    if not [*built_c.glob("stress_thread_sanitizer_*")]:
        pytest.skip("no ThreadSanitizer here")
    return stress_with(built_c, "thread_sanitizer")


@pytest.mark.parametrize("wait", WAITS)
@pytest.mark.parametrize("case", CASES)
def test_stress(stress, case, wait):
    stress(case, wait, "10000")


@pytest.mark.parametrize("wait", WAITS)
@pytest.mark.parametrize("case", [case for case in CASES if case != "forks"])
def test_stress_under_thread_sanitizer(sanitized_stress, case, wait):
    """Without fork: the sanitizer loses count of the threads in a child."""
    sanitized_stress(case, wait, "3000", **TSAN)


@pytest.mark.soak
@pytest.mark.parametrize("wait", WAITS)
@pytest.mark.parametrize("case", ["one caller", "many callers", "workers come", "flags"])
def test_stress_for_long(stress, case, wait):
    stress(case, wait, "500000")
