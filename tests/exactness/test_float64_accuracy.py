"""What float64 computes is within its bound of the exact values, which come from MPFR."""

import re
from functools import cache, partial

import gmpy2
import numpy as np
import oracle
import pytest
import smooth
from processes import ROOT

from relu_ufunc import _relu_ufunc
from relu_ufunc.testing import assert_everywhere, assert_same_bits

# The exponentials are tried where x <= 0, the smooth functions on either side.
EXPONENTIALS = {"elu": gmpy2.expm1, "elu_grad": gmpy2.exp}
NAMES = [*EXPONENTIALS, *smooth.RESULTS]
PROMISED = {"softplus": 0.6, "gelu": 0.6, "hardswish": 1.6, "hardswish_grad": 1.6}
LN2 = np.log(2.0)
# Where the kernels, or the results, turn to something else.
THRESHOLDS = -np.array([2.0**-54, 2.0**-53, 37.4, 37.43, 38, 600, 708.396, 708.397, 745.14, 746])
TINIEST = float.fromhex("0x1p-1074")
SCALE = 2.0**200  # so that the rest of a subnormal number is a double
KERNELS = "".join(path.read_text("utf-8") for path in sorted(ROOT.glob("src/math/*_f64.h")))
# The worst cases known: as a kernel's head comment has them, with the derivative of f as f'.
FOUND = re.findall(r"\b(\w+)('?) +(\d\.\d+) ULP at (-?0x[\da-f.]+p[+-]\d+)", KERNELS)
WORST = {
    {"expm1": "elu", "exp": "elu_grad"}.get(f, f + "_grad" * bool(prime)): (error, float.fromhex(x))
    for f, prime, error, x in FOUND
}


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
def points_of(name, fewer):
    """About two million points, or one in so many of them; of the exponentials, more."""
    if name in EXPONENTIALS:
        return points(min(fewer, 11) if fewer > 2 else 1)
    x = points(fewer)
    roots = oracle.with_neighbours(np.array(list(smooth.ROOTS.values())), 20)
    return np.concatenate([x, -x, roots, np.linspace(-1.7, -0.6, 200), [1e308, -1e308]])


def exact(name, x):
    """The values at the defaults, each as the nearest double and the rest of it, times SCALE."""
    defaults = [1.0] * (len(oracle.PARAMETERS[name]) if name in smooth.RESULTS else 0)
    of = EXPONENTIALS.get(name, partial(smooth.exact, name))
    with gmpy2.context(precision=140):
        values = [of(number, *defaults) for number in x.tolist()]
    with gmpy2.context(precision=400):
        nearest = np.array([float(v) for v in values])
        rest = [
            float((v - n) * SCALE) if abs(n) < 1e200 else 0.0
            for v, n in zip(values, nearest.tolist(), strict=True)
        ]
    return nearest, np.array(rest)


@cache
def exact_of(name, fewer):
    return exact(name, points_of(name, fewer))


def ulps(got, nearest, rest):
    """The distance of each result from the exact value, in the last place of that."""
    mantissa, exponent = np.frexp(nearest)
    below = (np.abs(mantissa) == 0.5) & (np.sign(rest) == -np.sign(nearest))
    unit = np.maximum(np.ldexp(1.0, exponent - 53 - below), TINIEST)
    return np.abs((got - nearest) * SCALE - rest) / (unit * SCALE)


def bound(name):
    return next(kernel.error for kernel in _relu_ufunc.KERNELS if kernel.name == name)


@pytest.mark.parametrize(
    "fewer",
    [
        1000,
        pytest.param(100, marks=pytest.mark.exhaustive),
        pytest.param(2, marks=pytest.mark.soak),
    ],
    ids=["some", "more", "a million"],
)
@pytest.mark.parametrize("name", NAMES)
@np.errstate(all="ignore")
def test_errors_are_within_the_bound(uf, name, fewer):
    x = points_of(name, fewer)
    parameters = [1.0] * len(oracle.PARAMETERS[name])
    got = getattr(uf, name)(x)
    assert_same_bits(got, getattr(uf, name)(x, *parameters))
    nearest, rest = exact_of(name, fewer)
    error, at_root = ulps(got, nearest, rest), oracle.near_root(name, 0, [x, *parameters])
    error = np.where((got == nearest) & (abs(nearest) >= 1e200), 0, error)
    distance = abs((got - nearest) - rest / SCALE)
    allowed = (error <= bound(name)) | (at_root & (distance <= 1.4e-17))
    assert_everywhere(allowed, name, x=x, got=got, want=nearest, error=error)
    # Nothing tried here may be worse than what the kernel says, to the digits given.
    assert error[~at_root].max() < float(WORST[name][0]) + 0.0005


@pytest.mark.parametrize("name", WORST)
def test_the_worst_cases_known_are_as_the_kernel_says(uf, name):
    said, x = WORST[name]
    nearest, rest = exact(name, np.array([x]))
    got = getattr(uf, name)(np.full(9, x))
    assert [f"{e:.3f}" for e in ulps(got, nearest, rest)] == [said] * 9


def test_the_kernels_name_a_worst_case_of_each_within_what_is_promised():
    assert set(WORST) == set(NAMES) and len(FOUND) == len(NAMES)
    for name in NAMES:
        usual = 1.0 if name.endswith("_grad") and name in smooth.RESULTS else 0.55
        assert float(WORST[name][0]) <= bound(name) <= PROMISED.get(name, usual)


@pytest.mark.parametrize("alpha", [-1.5, 0.1, 1e300, 5e-324])
@pytest.mark.parametrize("name", EXPONENTIALS)
@np.errstate(all="ignore")
def test_any_other_alpha_is_a_product(uf, name, alpha):
    x = points(11)
    assert_same_bits(getattr(uf, name)(x, alpha), getattr(uf, name)(x, 1.0) * alpha)


@cache
def wild_parameters(name):
    """Arguments from tiny to far in the tails, made with parameters of all sizes and both signs."""
    rng = np.random.default_rng(2)
    sign = rng.choice([-1.0, 1.0], (2, 300))
    parameter = sign[0] * 2.0 ** rng.uniform(-1074, 1023.9, 300)
    parameter[::3] = sign[0, ::3] * 2.0 ** rng.uniform(-20, 20, 100)
    z = np.concatenate(
        [rng.uniform(-1460, 760, 200), sign[1, 200:] * 2.0 ** rng.uniform(-62, 12, 100)]
    )
    with np.errstate(all="ignore"):
        x = z * parameter if name.startswith("celu") else z / parameter
    return (-abs(x) if name.startswith("celu") else x), parameter


@pytest.mark.parametrize("name", [name for name in smooth.RESULTS if oracle.PARAMETERS[name]])
@np.errstate(all="ignore")
def test_any_parameter(uf, name):
    x, parameter = wild_parameters(name)
    oracle.assert_right(name, getattr(uf, name)(x, parameter), x, parameter)


def test_the_measure_of_an_error():
    one = np.nextafter(1.0, 0.0)
    assert ulps(one, 1.0, 0.0) == 0.5 and ulps(one, 1.0, -1e-30) == 1
    assert ulps(1.0, 1.0, 2.0**-54 * SCALE) == 0.25
    assert ulps(TINIEST, TINIEST, -0.4 * 2.0**-874) == 0.4
    assert ulps(0.0, TINIEST, 0.25 * 2.0**-874) == 1.25
