"""float32 results are exact, on every instruction set.

All 2^32 inputs of every function take 16 cores half an hour: `relu-ufunc check --isa all`
tries them. `-m exhaustive` tries one block in 64 of elu, and one in 512 of the others, in minutes.
"""

import os
from functools import partial
from itertools import islice

import hard
import numpy as np
import oracle
import pytest
import smooth

from relu_ufunc import _proof, _reference, _relu_ufunc
from relu_ufunc._proof import APART, BLOCK, CASES, INPUTS, Case, apart, blocks, check, check_block
from relu_ufunc.testing import assert_same_bits

THREADS = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
ISAS = _relu_ufunc.isas()
PARTS = [(first, first + INPUTS // 16) for first in range(0, INPUTS, INPUTS // 16)]
# The last two: a subnormal number, and the largest one.
ALPHAS = np.float32([2, 0.1, -1.5, 1e-42, np.finfo("f").max])
# Inputs so near to a boundary that double alone may round smooth functions of them wrongly.
STUBBORN = """
    0x1.40d932p-25 -0x1.40d932p-26 -0x1.8280e4p-1 0x1.d483ap-12 -0x1.250c02p-10 -0x1.4749c4p+0
"""
STUBBORN = np.float32([float.fromhex(x) for x in STUBBORN.split()])
IN_PARTS = pytest.mark.parametrize("part", PARTS, ids=lambda part: f"from {part[0]:#010x}")


def cases_with(alpha):
    return [Case("elu", (alpha,)), Case("elu_grad", (alpha,))]


def assert_none(mismatches):
    assert not mismatches, "\n".join(map(str, mismatches))


def some_blocks(part, step):
    """One block in so many, from another one on in each part."""
    return islice(blocks(*part), PARTS.index(part) % step, None, step)


@pytest.mark.exhaustive
@IN_PARTS
def test_every_64th_block_of_a_branch(part):
    branches = {kernel.name for kernel in _relu_ufunc.KERNELS if kernel.loop == "branch"}
    cases = [case for case in CASES if case.name in branches]
    for mismatches in check(ISAS, cases, THREADS, some_blocks(part, 64)):
        assert_none(mismatches)


@pytest.mark.exhaustive
@IN_PARTS
def test_every_512th_block_of_inputs(part):
    for mismatches in check(ISAS, threads=THREADS, blocks_to_check=some_blocks(part, 512)):
        assert_none(mismatches)


@pytest.mark.exhaustive
@IN_PARTS
def test_every_64th_block_with_other_alphas(part):
    cases = [case for alpha in ALPHAS for case in cases_with(alpha)]
    for mismatches in check(ISAS[:1], cases, THREADS, some_blocks(part, 64)):
        assert_none(mismatches)


@pytest.mark.parametrize("seed", range(8))
def test_random_inputs_with_random_parameters(seed):
    rng = np.random.default_rng(seed)
    patterns = rng.integers(0, INPUTS, 20_000, dtype=np.uint32)
    cases = list(CASES)
    for alpha in [*ALPHAS, *rng.integers(0, INPUTS, 20, dtype=np.uint32).view(np.float32)]:
        if not np.isnan(alpha):
            cases += cases_with(alpha)
            cases += [Case("leaky_relu", (alpha,)), Case("leaky_relu_grad", (alpha,))]
    assert_none(check_block(patterns, ISAS, cases))


def test_inputs_where_something_changes():
    ends = [0, np.inf, np.nan, 2**-26, 2**-25, 2**-24, 3, 6, 10.1, 10.77, 13.15, 14.36, 14.54]
    ends = np.float32([*ends, 17.33, 18, 20, 87.34, 103.97, 104, 105, 150])
    ends = np.concatenate([ends, STUBBORN, np.ldexp(np.float32(1), np.arange(-149, 128))])
    near = ends.view(np.uint32)[:, np.newaxis] + np.arange(-40, 40).astype(np.uint32)
    patterns = np.concatenate([near.ravel(), near.ravel() ^ np.uint32(1 << 31)])
    cases = [*CASES, *(case for alpha in ALPHAS for case in cases_with(alpha))]
    assert_none(check_block(patterns, ISAS, cases))


# And that the proof would notice.


def test_neighbours_are_tried_apart():
    """So that a run of doubts is spread over the blocks of a fast part."""
    for size in (BLOCK, 1000, 3):
        patterns = np.arange(size, dtype=np.uint32)
        tried = apart(patterns)
        assert np.array_equal(np.sort(tried), patterns)
        assert np.abs(np.diff(tried.astype(int))).min() >= min(size - 1, APART) // 2
    assert BLOCK // APART >= 512  # elements of such a block


def test_the_blocks_cover_all_inputs():
    assert INPUTS == 2**32 and INPUTS % BLOCK == 0
    stop = 5 * BLOCK + 3
    assert np.array_equal(np.concatenate(list(blocks(0, stop))), np.arange(stop, dtype=np.uint32))
    assert [block[-1] for block in blocks(INPUTS - BLOCK)] == [INPUTS - 1]
    assert [part[0] for part in PARTS[1:]] == [part[1] for part in PARTS[:-1]]
    assert PARTS[0][0] == 0 and PARTS[-1][1] == INPUTS


def test_the_cases_are_those_promised():
    """Every function of one input, with its derivative; prelu's takes a slope, and has two."""
    without_parameters = {
        *("relu", "relu6", "relu_squared", "sigmoid", "mish", "selu"),
        *("gelu", "gelu_tanh", "hardswish"),
    }
    with_one = {
        **dict.fromkeys(("thresholded_relu", "elu", "silu", "softplus", "celu"), 1),
        **{"leaky_relu": 0.01, "clipped_relu": 6},
    }
    numbers = {
        **dict.fromkeys(without_parameters, ()),
        **{name: (number,) for name, number in with_one.items()},
        "hardsigmoid": (1 / 6, 0.5),
    }
    assert set(CASES) == {
        Case("prelu", (np.float32(0.25),)),
        *(
            Case(name + end, tuple(map(np.float32, given)))
            for name, given in numbers.items()
            for end in ("", "_grad")
        ),
    }
    assert {case.name for case in CASES} >= {*smooth.RESULTS, "hardsigmoid", "hardsigmoid_grad"}


BROKEN = np.float32([-1, -0.0, 1, np.inf, np.nan])


@pytest.mark.parametrize("case", CASES, ids=str)
def test_one_wrong_bit_is_found(monkeypatch, case):
    """Each of these inputs with several functions, two of them with each."""

    def broken(isa):
        def ufunc(*inputs, out):
            _relu_ufunc.ufuncs_of(isa)[case.name](*inputs, out=out)
            if isa == ISAS[-1]:
                out.view(np.uint32)[inputs[0].view(np.uint32) == x.view(np.uint32)] ^= 1

        return _relu_ufunc.ufuncs_of(isa) | {case.name: ufunc}

    monkeypatch.setattr(_proof, "ufuncs_of", broken)
    for x in np.roll(BROKEN, CASES.index(case))[:2]:
        first = int(x.view(np.uint32)) // BLOCK * BLOCK
        part = blocks(max(0, first - BLOCK), first + 2 * BLOCK)
        found = [m for ms in check(ISAS, [case], 2, blocks_to_check=part) for m in ms]
        assert [(m.case, m.isa, m.total) for m in found] == [(case, ISAS[-1], 1)]
        assert_same_bits(found[0].first, x)
        assert found[0].got.view(np.uint32) == found[0].want.view(np.uint32) ^ 1


@pytest.mark.parametrize(("name", "function"), [("elu", "expm1"), ("elu_grad", "exp")])
def test_a_wrong_reference_is_found(monkeypatch, name, function):
    def one_off(which, x, y):
        undecided = _round_exactly(which, x, y)
        if which == function:
            y[7] = np.nextafter(y[7], np.float32(2))
        return undecided

    _round_exactly = _reference.round_exactly
    monkeypatch.setattr(_reference, "round_exactly", one_off)
    patterns = -np.linspace(0.5, 1, 100, dtype="f")
    found = check_block(patterns.view(np.uint32), ISAS)
    assert [(m.case.name, m.isa, m.total, m.first) for m in found] == [
        (name, isa, 1, patterns[7]) for isa in ISAS
    ]


@pytest.mark.parametrize(("function", "c"), [("exp", 0), ("expm1", 1)])
@pytest.mark.parametrize("decided", [True, False])
def test_the_reference_is_right(monkeypatch, function, c, decided):
    """It agrees with mpmath, also where `decimal` has to decide."""

    def undecided(which, x, y):
        _round_exactly(which, x, y)
        y[...] = np.nextafter(y, np.float32(2))
        return range(len(x))

    _round_exactly = _reference.round_exactly
    if not decided:
        monkeypatch.setattr(_reference, "round_exactly", undecided)
    ends = -np.float32([2.0**-27, 2.0**-26, 2.0**-25, 1e-42, 17.3, 18, 19, 104, 103.98])
    x = np.concatenate([ends, -np.geomspace(2.0**-27, 104, 500).astype("f")])
    nearest = partial(oracle.nearest_exponential, c)
    assert_same_bits(_reference.exponential(function, x), nearest(x))
    for part in np.split(x, range(1, len(x))):
        assert_same_bits(_reference.exponential(function, part), nearest(part))


@pytest.mark.parametrize("decided", [True, False])
def test_the_reference_of_the_smooth_functions_is_right(monkeypatch, decided):
    """It agrees with MPFR, also where `decimal` has to decide."""

    def undecided(which, x, y):
        _round_exactly(which, x, y)
        inside = (y != 0) & (abs(x) < 200)
        y[inside] = np.nextafter(y[inside], np.float32(2))
        return np.flatnonzero(inside)

    _round_exactly = _reference.round_exactly
    if not decided:
        monkeypatch.setattr(_reference, "round_exactly", undecided)
    x = np.geomspace(1e-44, 120, 300).astype("f")
    roots = np.float32([1.2784645, 1.1924312, 0.75179153, 0.75246143, 1.5, 3])
    x = np.concatenate([x, -x, roots, -roots, np.float32([3e38, -3e38, np.inf, -np.inf])])
    for name in smooth.RESULTS:
        parameter = [np.ones_like(x)] if oracle.PARAMETERS[name] else []
        want = smooth.values(name, x.dtype, 0.5, 0, x, *parameter)
        assert_same_bits(_reference.nearest(name, x), want, name)
    standard = [np.full_like(x, number) for number in hard.STANDARD]
    assert_same_bits(_reference.nearest("hardsigmoid", x), hard.values(x.dtype, 0, x, *standard))
