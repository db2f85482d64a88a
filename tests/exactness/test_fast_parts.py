"""A fast or brief part gives the bits and flags of the formula proper.

The reference is what that alone computes: of a fast part, in calls of few elements; of a brief one,
on an instruction set that has none. The proof for every input is `relu-ufunc check`.
"""

import sys
from functools import partial

import numpy as np
import oracle
import pytest
from cases import case
from compilers import compiler
from oracle import BRIEF, FAST
from processes import ROOT
from samples import quiet_nans, signalling_nans

from relu_ufunc import _proof, _relu_ufunc, get_isa, set_num_threads
from relu_ufunc.testing import as_tuple, assert_same_bits, raised_flags

FEW = 15  # elements, for which no fast part is begun
BLOCK = 512
CERTAIN = np.float32([1.5, -0.25, 0.0, -0.0, 3.0, -2.0])
DOUBTFUL = np.float32([100, -100, 1e38, -1e38, np.inf, -np.inf, 1e-40, -1e-44])
DOUBTFUL = np.concatenate([DOUBTFUL, quiet_nans("f"), signalling_nans("f")])


def by_few(function, inputs):
    """The outputs and the flags of calls with few elements each."""
    parts, flags = [], set()
    for first in range(0, len(inputs[0]), FEW):
        few = [a[first : first + FEW] for a in inputs]
        flags |= raised_flags(lambda *args: parts.append(as_tuple(function(*args))), *few)
    return [np.concatenate(part) for part in zip(*parts, strict=True)], flags


def mixed(rng, share, size):
    certain, doubtful = rng.choice(CERTAIN, size), rng.choice(DOUBTFUL, size)
    return np.where(rng.random(size) < share, doubtful, certain)


@np.errstate(all="ignore")
def test_a_doubtful_lane_at_every_place(uf):
    for name in FAST:
        function, count = getattr(uf, name), len(oracle.INPUTS[name])
        for doubtful in DOUBTFUL[[0, 4, 6, -1]]:
            for place in range(70):
                x = np.full(70, CERTAIN[0])
                x[place] = doubtful
                want, _ = by_few(function, [x] * count)
                assert_same_bits(as_tuple(function(*[x] * count)), tuple(want), name)


@pytest.mark.parametrize("share", [0, 0.01, 0.05, 0.2, 0.3, 0.7, 1])
def test_any_share_of_doubtful_lanes(uf, share):
    """Full lists, blocks that are foretold, the tail; in place; inputs that are numbers."""
    for name in FAST:
        function, rng = getattr(uf, name), np.random.default_rng(1)
        inputs = [mixed(rng, share, 12 * BLOCK + 77) for _ in oracle.INPUTS[name]]
        want, flags = by_few(function, inputs)
        got = []
        raised = raised_flags(lambda *a, f=function, to=got: to.extend(as_tuple(f(*a))), *inputs)
        assert raised == flags, name
        assert_same_bits(tuple(got), tuple(want), name)
        for place in range(len(inputs)):
            given = [a.copy() for a in inputs]
            outputs = (given[place], np.empty_like(given[0]))[: len(want)]
            numbers = [a if i == place else a[0] for i, a in enumerate(inputs)]
            full = [np.broadcast_to(a, inputs[0].shape) for a in numbers]
            with np.errstate(all="ignore"):
                function(*given, out=outputs)
                assert_same_bits(outputs, tuple(want), name)
                beside = as_tuple(function(*numbers))
                assert_same_bits(beside, tuple(by_few(function, full)[0]), name)


@np.errstate(all="ignore")
def test_a_parameter_that_is_not_1(uf):
    rng = np.random.default_rng(2)
    betas = np.float32([1, 2, -1, 0, np.nan, np.nextafter(np.float32(1), np.float32(2))])
    for name in FAST:
        if oracle.PARAMETERS[name]:
            inputs = [rng.normal(0, 3, 4 * BLOCK + 5).astype("f") for _ in oracle.INPUTS[name]]
            for beta in [*betas, rng.choice(betas, len(inputs[0]))]:
                full = np.broadcast_to(beta, inputs[0].shape)
                want, _ = by_few(getattr(uf, name), [*inputs, full])
                got = getattr(uf, name)(*inputs, beta)
                assert_same_bits(as_tuple(got), tuple(want), f"{name}, {beta}")


@np.errstate(all="ignore")
def test_the_flags_of_each_magnitude(uf):
    """What is tiny raises no more in a fast part, where it is squared, than in the formula."""
    for name in FAST:
        function, count = getattr(uf, name), len(oracle.INPUTS[name])
        magnitudes = [*np.ldexp(1.37, range(-149, 128, 3)), *np.ldexp(1.0, range(-149, 128))]
        for number in np.float32([*magnitudes, *np.negative(magnitudes)]):
            few, many = (np.full(n, number) for n in (FEW, 160))
            with case(name, number):
                want = raised_flags(function, *[few] * count)
                assert raised_flags(function, *[many] * count) == want


@np.errstate(all="ignore")
def test_tiny_and_huge_numbers_alone(uf):
    """Beside others that raise a flag the formula proper would compute them."""
    few_bits = [1, 1 + 2.0**-23, 1.25, 1.37, 1.5, 1.75, 2 - 2.0**-23]
    for name in FAST:
        function, count = getattr(uf, name), len(oracle.INPUTS[name])
        for exponent in [*range(-149, -20), *range(20, 128)]:
            for number in np.float32(np.ldexp(few_bits, exponent)):
                for x in (number, -number):
                    few, many = (np.full(n, x) for n in (FEW, 64))
                    want = as_tuple(function(*[few] * count))
                    got = as_tuple(function(*[many] * count))
                    for one, other in zip(got, want, strict=True):
                        with case(name, x):
                            assert_same_bits(one, np.full(64, other[0]))


# Inputs whose exact value is so close to the middle between two floats that a fast part gives the
# wrong one where the test by which it is certain has half or a quarter of its margin, or none.
CLOSE = {
    "sigmoid": "-0x1.0ca9dap+2 -0x1.19a31cp+3 -0x1.a99dcap+3 -0x1.76e68cp-7 -0x1.2bbecap-4",
    "silu": "-0x1.7d3f82p+3 -0x1.518508p+1 -0x1.aa0bc8p+1 -0x1.12825ap+2 -0x1.9bc308p+1",
    "sigmoid_grad": "0x1.f3247cp+0 0x1.c4a444p+2 0x1.ac5b94p+3 -0x1.768c4cp+2 0x1.494f62p+2",
    "silu_grad": "-0x1.643c24p+3 -0x1.3f8a0cp+0 -0x1.4005ap+0 0x1.d2ff8cp-7 0x1.5dfbe4p-1",
    "gelu": "0x1.7c3642p-7 0x1.803318p-7 0x1.85b382p-7 -0x1.7f594cp-7 -0x1.f02a68p-4",
    "gelu_grad": "-0x1.805b78p-7 -0x1.85e4dap-7 0x1.730f2cp-7 0x1.80d718p-7 0x1.a26d1ep-5",
    "gelu_tanh": "0x1.e7afc2p-6 -0x1.da52c8p+0 -0x1.1a4408p+1 -0x1.41246p+2 0x1.1ad59p-6",
    "gelu_tanh_grad": "0x1.45461cp-4 -0x1.f74016p+0 -0x1.79e346p+1 -0x1.4a1d8ap-6 -0x1.6385b4p+2",
    "mish": "0x1.4d5df4p-5 0x1.575e88p-5 0x1.5ad3ep-5",
}
CLOSE["softplus"] = "-0x1.50cbe4p+1 -0x1.55b332p+1 -0x1.6b4efep+1 -0x1.06dfa2p-1 -0x1.b9cf76p+0"
# Some more, of which the parts of softplus that cancel once gave wrong ones.
CLOSE["softplus"] += " 0x1.081edcp+2 -0x1.0817fep+2 -0x1.51c562p+1 -0x1.0818p+2 0x1.08224ep+2"


def test_results_close_to_the_middle(uf):
    """Number by number: beside others in doubt, the formula proper would compute it."""
    for name, close in CLOSE.items():
        ones = [np.float32(1)] * len(oracle.PARAMETERS[name])  # not an array, for a fast part
        for number in close.split():
            x = np.full(64, float.fromhex(number), "f")
            oracle.assert_right(name, getattr(uf, name)(x, *ones), x, *ones)


@pytest.mark.parametrize("isa", ["avx512", "avx2"])
def test_errors_are_within_what_the_test_of_certainty_allows(monkeypatch, isa):
    """Measured for one input in 4,001, all right: so would most be without a margin."""
    compiler()  # or the test is skipped
    if isa not in _relu_ufunc.isas():
        pytest.skip(f"no {isa} here")
    monkeypatch.setattr(sys, "path", [str(ROOT / "tools"), *sys.path])
    import margins

    for name, (ratio, x, certain) in margins.ratios(isa, 1, 4001).items():
        with case(name, x):
            assert 0.1 < ratio < 0.95  # if it is less, lanes are in doubt for nothing
            assert certain > 80_000


GATED = [("glu", "sigmoid"), ("swiglu", "silu"), ("geglu", "gelu"), ("geglu_tanh", "gelu_tanh")]


@pytest.mark.skipif(get_isa() not in ("avx512", "avx2"), reason="no fast parts here")
@pytest.mark.parametrize(("unit", "function"), GATED)
def test_two_outputs_are_in_doubt_where_either_is(unit, function):
    x = np.random.default_rng(0).uniform(-8, 8, 1 << 17).astype("f")
    one, uf = np.ones_like(x), _relu_ufunc.ufuncs_of(get_isa())

    def doubts(name, *inputs):
        _relu_ufunc.take_doubts()
        uf[name](*inputs)
        return _relu_ufunc.take_doubts()  # of this thread

    before = set_num_threads(1)
    value, slope = doubts(function, x), doubts(f"{function}_grad", x)
    both = doubts(f"{unit}_backward", one, x, one)
    set_num_threads(before)
    slack = 1.1 if unit == "glu" else 1  # whose sigmoid begins as its derivative does
    assert max(value, slope) < both <= slack * (value + slope)


def test_the_share_of_doubts_is_told():
    """With fast parts some, without none; more where the margin is larger."""
    for case_ in _proof.CASES:
        for isa in _relu_ufunc.isas():
            share = _proof.share_of_doubts(case_, isa, count=1 << 17)
            with case(case_, isa):
                if case_.name in FAST and isa in ("avx512", "avx2"):
                    assert 1e-5 < share < 0.05
                else:
                    assert share == 0


# Inputs of which hardswish is so close to a tie that most forms of its brief part round to the
# wrong side, of either sign; then kinks and roots.
HARD = "0x1.84f7c6p-16 0x1.ffbffcp-16 0x1.e853e8p-15 0x1.55aaap-19 0x1.fbfbf8p-20 0x1.b46bfcp-19"
HARD = np.float32([sign * float.fromhex(number) for number in HARD.split() for sign in (1, -1)])
KINKS = np.float32([3, -3, 1.5, -1.5, 0.0, -0.0, 0.9999999, np.inf, -np.inf, 1e38, -3.0000002])
SIXTH, HALF = np.float32(1 / 6), np.float32(0.5)
SETS = [(SIXTH, HALF), (np.nextafter(SIXTH, HALF), HALF), (SIXTH, np.float32(np.nan))]


def lanes_in_doubt(rng, share, size, signalling):
    certain = np.where(rng.random(size) < 0.1, rng.choice(KINKS, size), rng.normal(0, 3, size))
    nans = signalling_nans("f") if signalling else quiet_nans("f")
    doubtful = rng.choice(np.concatenate([DOUBTFUL[:8], HARD, nans]), size)
    return np.where(rng.random(size) < share, doubtful, certain.astype("f"))


@np.errstate(all="ignore")
def test_a_doubtful_lane_at_every_place_of_a_brief_part(uf):
    """From the loop that several vectors are computed in to the tail."""
    for name in BRIEF:
        function, proper = getattr(uf, name), _relu_ufunc.ufuncs_of("scalar")[name]
        count = len(oracle.INPUTS[name])
        for doubtful in [*HARD[:2], np.float32(1e-40), np.float32(-np.inf), quiet_nans("f")[0]]:
            for certain in (1.5, 0):
                for place in range(150):
                    x = np.full(150, certain, "f")
                    x[place] = doubtful
                    with case(name, doubtful, certain, place):
                        assert_same_bits(function(*[x] * count), proper(*[x] * count), name)


@pytest.mark.parametrize("place", [0, 255, 256, 2047, 2048, 6000])
def test_a_doubtful_lane_in_one_block_of_a_brief_part(uf, place):
    """Others leave its flags as they are; in place, over each input or over all; of strides."""
    for name in BRIEF:
        function, proper = getattr(uf, name), _relu_ufunc.ufuncs_of("scalar")[name]
        for doubtful in DOUBTFUL[5:10]:
            x = np.full(6001, CERTAIN[0])
            x[place] = doubtful
            count = len(oracle.INPUTS[name])
            want = np.empty_like(x)
            flags = raised_flags(partial(proper, out=want), *[x] * count)
            apart = [np.repeat(x, 2)[::2] for _ in range(count)]
            calls = [(apart, np.empty_like(x)), ([x] * count, np.empty_like(x))]
            for i in range(count):
                inputs = [x.copy() for _ in range(count)]
                calls.append((inputs, inputs[i]))
            whole = x.copy()
            calls.append(([whole] * count, whole))
            for number, (inputs, out) in enumerate(calls):
                with case(name, doubtful, number):
                    assert raised_flags(partial(function, out=out), *inputs) == flags
                    assert_same_bits(out, want, name)


@pytest.mark.parametrize("share", [0, 0.01, 0.3, 1])
def test_any_share_of_doubtful_lanes_of_a_brief_part(uf, share):
    """From where no vector of the output begins; the tail; in place; other parameters."""
    for name in BRIEF:
        function, proper = getattr(uf, name), _relu_ufunc.ufuncs_of("scalar")[name]
        rng = np.random.default_rng(3)
        # Whether one raises INVALID that another NaN comes before is up to the compiler.
        signalling = len(oracle.OPERANDS[name]) == 1
        inputs = [lanes_in_doubt(rng, share, 4501, signalling) for _ in oracle.INPUTS[name]]
        for parameters in SETS if oracle.PARAMETERS[name] else [()]:
            want = np.empty_like(inputs[0])
            flags = raised_flags(partial(proper, out=want), *inputs, *parameters)
            got = np.empty_like(inputs[0])
            assert raised_flags(partial(function, out=got), *inputs, *parameters) == flags, name
            assert_same_bits(got, want, f"{name}, {parameters}")
            for first in (1, 4460):
                given = [a[first:].copy() for a in inputs]
                with np.errstate(all="ignore"):
                    function(*[a[first:] for a in inputs], *parameters, out=got[first:])
                    function(*given, *parameters, out=given[-1])
                assert_same_bits(got[first:], want[first:], name)
                assert_same_bits(given[-1], want[first:], f"{name}, in place")
