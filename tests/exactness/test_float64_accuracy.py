"""float64 exponentials are within their bound of the exact ones, which come from MPFR."""

import re
from functools import cache

import gmpy2
import numpy as np
import oracle
import pytest
import smooth
from processes import ROOT

from relu_ufunc import _relu_ufunc
from relu_ufunc.testing import assert_everywhere, assert_same_bits

FUNCTIONS = {"elu": "expm1", "elu_grad": "exp"}
FEWER = 11  # the step through the points where not all of them are tried
LN2 = np.log(2.0)
# Where the kernels, or the results, turn to something else.
THRESHOLDS = -np.array([2.0**-54, 2.0**-53, 37.4, 37.43, 38, 708.396, 708.397, 745.13, 745.14, 746])
TINIEST = float.fromhex("0x1p-1074")
SCALE = 2.0**200  # so that the rest of a subnormal number is a double
KERNEL = (ROOT / "src/math/expm1_f64.h").read_text(encoding="utf-8")
WITNESSES = re.findall(r"\b(expm1|exp) +(0\.\d+) ULP at (-0x[\da-f.]+p[+-]\d+)", KERNEL)


@cache
def points(every=1):
    """About a million negative numbers: over all binades, and where the kernels have it hardest."""
    rng = np.random.default_rng(0)
    by_binade = np.ldexp(rng.uniform(0.5, 1, (1084, 100)), np.arange(-1073, 11)[:, np.newaxis])
    steps = np.arange(1, 17_210) * (LN2 / 16)  # the breakpoints of the table
    halves = steps - LN2 / 32  # where the reduced argument is largest
    multiples = np.arange(1, 200) * (LN2 / 2.0 ** np.arange(12)[:, np.newaxis])
    hard = np.concatenate([steps, halves, multiples.ravel()])
    spread = [
        by_binade.ravel(),
        rng.uniform(0, 40, 200_000),
        rng.uniform(0, 709, 150_000),
        rng.uniform(708.3, 745.2, 100_000),  # where exp is subnormal
        2.0 ** rng.uniform(-56, 3, 250_000),
    ]
    near = [oracle.with_neighbours(-hard, 2), oracle.with_neighbours(THRESHOLDS, 50)]
    return np.concatenate([-np.concatenate(spread), *near])[::every]


@cache
def exact(function, every=1, of_witnesses=False):
    """The exact values, each as the nearest double and the rest of it, times SCALE."""
    x = np.array([witness(w) for w in WITNESSES]) if of_witnesses else points(every)
    with gmpy2.context(precision=140):
        values = list(map(getattr(gmpy2, function), x.tolist()))
        nearest = np.array(list(map(float, values)))
        rest = [float((v - n) * SCALE) for v, n in zip(values, nearest.tolist(), strict=True)]
    return nearest, np.array(rest)


def ulps(got, nearest, rest):
    """The distance of each result from the exact value, in the last place of that."""
    mantissa, exponent = np.frexp(nearest)
    below = (np.abs(mantissa) == 0.5) & (np.sign(rest) == -np.sign(nearest))
    unit = np.maximum(np.ldexp(1.0, exponent - 53 - below), TINIEST)
    return np.abs((got - nearest) * SCALE - rest) / (unit * SCALE)


def witness(found):
    return float.fromhex(found[2])


def bound(name):
    return next(kernel.error for kernel in _relu_ufunc.KERNELS if kernel.name == name)


some_or_all = pytest.mark.parametrize(
    "every", [FEWER, pytest.param(1, marks=pytest.mark.exhaustive)], ids=["some", "all"]
)


@some_or_all
@pytest.mark.parametrize("name", FUNCTIONS)
@np.errstate(under="ignore")
def test_errors_are_within_the_bound(uf, name, every):
    x = points(every)
    got = getattr(uf, name)(x)
    assert_same_bits(got, getattr(uf, name)(x, 1.0))
    error = ulps(got, *exact(FUNCTIONS[name], every))
    assert bound(name) == 0.55
    assert_everywhere(error <= 0.55, name, x=x, got=got, error=error)


@pytest.mark.parametrize("found", WITNESSES, ids=lambda found: found[0])
def test_the_worst_cases_known_are_as_the_kernel_says(uf, found):
    name = next(name for name, function in FUNCTIONS.items() if function == found[0])
    at = WITNESSES.index(found)
    nearest, rest = exact(found[0], of_witnesses=True)
    got = getattr(uf, name)(np.full(9, witness(found)))
    error = ulps(got, nearest[at], rest[at])
    assert [f"{e:.3f}" for e in error] == [found[1]] * 9


@some_or_all
def test_the_kernel_names_a_worst_case_of_each(every):
    assert {found[0] for found in WITNESSES} == {"exp", "expm1"}
    for function, error, _ in WITNESSES:
        # Nothing tried here may be worse, to the digits given.
        name = next(name for name in FUNCTIONS if FUNCTIONS[name] == function)
        with np.errstate(under="ignore"):
            got = _relu_ufunc.ufuncs_of("scalar")[name](points(every))
        assert ulps(got, *exact(function, every)).max() < float(error) + 0.0005


@pytest.mark.parametrize("alpha", [-1.5, 0.1, 1e300, 5e-324])
@pytest.mark.parametrize("name", FUNCTIONS)
@np.errstate(all="ignore")
def test_any_other_alpha_is_a_product(uf, name, alpha):
    x = points(FEWER)
    assert_same_bits(getattr(uf, name)(x, alpha), getattr(uf, name)(x, 1.0) * alpha)


def test_the_measure_of_an_error():
    one = np.nextafter(1.0, 0.0)
    assert ulps(one, 1.0, 0.0) == 0.5 and ulps(one, 1.0, -1e-30) == 1
    assert ulps(1.0, 1.0, 2.0**-54 * SCALE) == 0.25
    assert ulps(TINIEST, TINIEST, -0.4 * 2.0**-874) == 0.4
    assert ulps(0.0, TINIEST, 0.25 * 2.0**-874) == 1.25


SMOOTH_FEWER = 101  # the step through the points, on either side of 0
ROOT = 1.4e-17  # of a derivative, within 0.1 of its root: an ULP of 0.1


@cache
def smooth_points(every):
    x = points(every)
    near = oracle.with_neighbours(np.array([-1.2784645427610738, -1.1924312145154955, -0.5]), 30)
    return np.concatenate([x, -x, near, np.linspace(-1.4, -1.1, 200), [1e308, -1e308]])


@cache
def smooth_exact(name, every):
    """As `exact` of a smooth function at the default of its parameter."""
    parameter = [1.0] * len(oracle.PARAMETERS[name])
    values = [smooth.exact(name, x, *parameter) for x in smooth_points(every).tolist()]
    with gmpy2.context(precision=200):
        nearest = np.array([float(v) for v in values])
        finite = np.where(np.isfinite(nearest), nearest, 0).tolist()
        rest = [
            float((v - n) * SCALE) if abs(n) < 1e200 else 0.0
            for v, n in zip(values, finite, strict=True)
        ]
    return nearest, np.array(rest)


@pytest.mark.parametrize(
    "every",
    [SMOOTH_FEWER, pytest.param(1, marks=pytest.mark.exhaustive)],
    ids=["some", "all"],
)
@pytest.mark.parametrize("name", smooth.RESULTS)
@np.errstate(all="ignore")
def test_errors_of_smooth_functions_are_within_the_bound(uf, name, every):
    x = smooth_points(every)
    got = getattr(uf, name)(x)
    nearest, rest = smooth_exact(name, every)
    error = ulps(got, nearest, rest)
    near_root = name.endswith("_grad") & (abs(nearest) < 0.1) & (abs(x + 1.23) < 0.2)
    distance = abs((got - nearest) - rest / SCALE)
    ok = (got == nearest) | (error <= bound(name)) | (near_root & (distance <= ROOT))
    assert_everywhere(ok, name, x=x, got=got, want=nearest, error=error)
