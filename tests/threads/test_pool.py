"""The pool of threads: its protocol in every interleaving, and its C under all kinds of stress."""

from functools import partial
from types import ModuleType

import modes
import pytest
from processes import ROOT, output, run

HERE = ROOT / "tests" / "threads"


def load_model(*changes):
    """The model, with pieces of its text replaced by others."""
    text = (HERE / "model.py").read_text(encoding="utf-8")
    for before, after in changes:
        assert before in text
        text = text.replace(before, after)
    model = ModuleType("model")
    exec(text, model.__dict__)
    return model


def explore(model, workers=1, units=2, callers=((1, 2),), last=None, forkers=(), **keywords):
    """All interleavings of some workers and callers, the last of which stops the pool."""
    ways = [partial(model.caller, calls, workers, units, last) for calls in callers[:-1]]
    ways.append(partial(model.last_caller, callers[-1], workers, units, last))
    ways += [partial(model.forker, calls, workers, units) for calls in forkers]
    return model.explore(ways, workers, units, **keywords)


CASES_OF_MODEL = [
    {"units": 2},
    {"units": 3},
    {"units": 4, "callers": ((1,),)},
    {"callers": ((1, 2, 3),), "last": 1},  # after each region, workers are replaced
    {"callers": ((1,), (2,))},
    {"callers": ((1,),), "forkers": ((2,),)},
    {"workers": 2, "units": 2, "callers": ((1,),)},
    pytest.param({"workers": 2, "units": 2}, marks=pytest.mark.exhaustive),
    pytest.param({"workers": 2, "units": 3, "callers": ((1,),)}, marks=pytest.mark.exhaustive),
]


@pytest.mark.parametrize("case", CASES_OF_MODEL, ids=str)
def test_model(case):
    assert explore(load_model(), **case) > 1000


@pytest.mark.soak
@pytest.mark.parametrize("case", [{"units": 3}, {"units": 4, "callers": ((1,),)}], ids=str)
def test_model_for_long(case):
    assert explore(load_model(), workers=2, **case) > 1_000_000


TO_SLEEP = """yield from sleep_until_called(me, post, seen)
            continue"""
AWAKE = TO_SLEEP, TO_SLEEP.replace("yield from sleep_until_called(me, post, seen)", "pass")


LONGER = {4: pytest.mark.exhaustive, 5: pytest.mark.soak}


@pytest.mark.parametrize(
    "units", [3, *(pytest.param(units, marks=mark) for units, mark in LONGER.items())]
)
def test_model_of_workers_that_take_from_each_other(units):
    """Awake, since there would be too many states else."""
    assert explore(load_model(AWAKE), workers=2, units=units, callers=((1,),)) > 1000


@pytest.mark.parametrize("case", [{"units": 2}, {"workers": 2, "units": 3, "callers": ((1,),)}])
def test_model_loses_no_call_for_workers(case):
    explore(load_model(), **case, together=True)


POINT_AND_POST = """        yield "point_to", group, call
        yield "post", group, split
"""
LOOK_AND_RING = """    bell = yield "load", "bells", me
    yield "fall_asleep", me
    if (yield"""
LOOK_TOO_EARLY = """    bell = yield "load", "bells", me
    post_seen = (yield "load", "posts", post).region
    yield "fall_asleep", me
    if post_seen == seen and not (yield "load", "leaving"):
        yield from park("bells", me, bell)
    yield "come_back", me
    return
    if (yield"""
HEAR_TOO_LATE = """        yield from park("bells", me, bell)
"""
LATER = "share.region > split.region or left == 0"
ALONE = """    for group in range"""
LEAVE = """    if split.is_fine:
        for i in range"""
EVEN = """        after = Share(split.region, now.started, now.begin, begin)"""
MISTAKES = {
    "a worker does not see that it is too late": (LATER, "left == 0"),
    "a worker does not say that it has started": (
        "after = Share(split.region, True, taken",
        "after = Share(split.region, False, taken",
    ),
    "a worker leaves, then takes from others": (
        LEAVE,
        '    yield "leave_region", me, split.region\n' + LEAVE,
    ),
    "a share of an earlier region is taken for an empty one": (
        "now = split.as_of(owner, s.shares[owner])",
        "now = s.shares[owner]",
    ),
    "who takes from a share does not say that it is of this region": (
        EVEN,
        EVEN.replace("split.region", "s.shares[owner].region"),
    ),
    "the post comes before what it is about": (
        POINT_AND_POST,
        "\n".join(reversed(POINT_AND_POST.rstrip().split("\n"))) + "\n",
    ),
    "the caller waits for nobody": ("yield from sleep_until_left(split, number)", "return"),
    "the caller waits without a word": (
        "s._replace(leaves=put(s.leaves, number, (region, True))), (region, True)",
        "s, s.leaves[number]",
    ),
    "the caller waits for a worker that is late": (
        'if not (yield "took_part", split, number):\n            return',
        'yield "took_part", split, number',
    ),
    "a worker looks before it says that it sleeps": (LOOK_AND_RING, LOOK_TOO_EARLY),
    "a worker hears the bell too late": (
        HEAR_TOO_LATE,
        '        bell = yield "load", "bells", me\n' + HEAR_TOO_LATE,
    ),
    "the caller wakes before it posts": (ALONE, "    yield from wake(split.threads - 1)\n" + ALONE),
    "the caller wakes one too few": ("if number <= workers:", "if number < workers:"),
    "the end rings for nobody": (
        "        for number in range(1, workers + 1):\n            yield from ring(number)\n",
        "",
    ),
    "workers are forgotten before they are gone": ('        yield "join", workers\n', ""),
    "a child finds the pool as it was": (
        "yield self.afresh()._replace(bells=s.bells), True",
        "yield self.afresh()._replace(bells=s.bells, taken=s.taken), True",
    ),
}
# Instead of the call at the end, not beside it.
WAKES_LAST = "    yield from wake(split.threads - 1)\n\n\ndef wake"
INSTEAD = {"the caller wakes before it posts": (WAKES_LAST, "\n\ndef wake")}


def every_other(values):
    """Parameters, of which every other one is for the long tests."""
    return [
        pytest.param(value, marks=[pytest.mark.exhaustive] * (i % 2))
        for i, value in enumerate(values)
    ]


@pytest.mark.parametrize("mistake", every_other(MISTAKES))
def test_model_finds_mistakes(mistake):
    model = load_model(*(change for change in (INSTEAD.get(mistake), MISTAKES[mistake]) if change))
    with pytest.raises(AssertionError, match=r"thread \d"):
        explore(model, together=True)
        explore(model, together=True, workers=2, units=3, callers=((1,),))
        explore(model, callers=((1,),), forkers=((2,),))
        explore(model, callers=((1, 2, 3),), last=1)
        explore(model, units=3)
        explore(model, workers=2, units=2)


CASES = (
    *("one caller", "many callers", "workers come", "nested", "signals", "flags", "forks"),
    *(
        "hundred workers",
        "late workers",
        "stuck workers",
        "no threads",
        "few threads",
        "odd numbers",
        "process limit",
        "end",
    ),
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


# Ways to read the floating-point state, which differ in what becomes of flags and modes alone.
FPUS_AND_CASES = [
    (fpu, case) for fpu in FPUS for case in CASES if fpu == FPUS[-1] or case == "flags"
]


@pytest.fixture(scope="module")
def sanitized_stress(built_c):
    if not [*built_c.glob("stress_thread_sanitizer_*")]:
        pytest.skip("no ThreadSanitizer here")
    return stress_with(built_c, "thread_sanitizer")


@pytest.mark.parametrize("wait", WAITS)
@pytest.mark.parametrize(("fpu", "case"), FPUS_AND_CASES)
def test_stress(built_c, fpu, case, wait):
    stress_with(built_c, fpu)(case, wait, "4000")


@pytest.mark.parametrize("wait", every_other(WAITS))
@pytest.mark.parametrize("case", [case for case in CASES if case != "forks"])
def test_stress_under_thread_sanitizer(sanitized_stress, case, wait):
    """Without fork: the sanitizer loses count of the threads in a child."""
    sanitized_stress(case, wait, "500", **TSAN)


@pytest.mark.soak
@pytest.mark.parametrize("wait", WAITS)
@pytest.mark.parametrize("case", ["one caller", "many callers", "workers come", "flags"])
@pytest.mark.parametrize("fpu", FPUS)
def test_stress_for_long(built_c, fpu, case, wait):
    stress_with(built_c, fpu)(case, wait, "500000")
