"""float16 and bfloat16: all 65,536 numbers, for every ufunc, with many parameters.

The rule: what float32 gives, rounded once; but a smooth function or its derivative is the exact
value rounded once. The exponentials come from mpmath, the smooth functions from double where that
is beyond doubt and from MPFR elsewhere, the rounding from integer arithmetic.
"""

from functools import cache
from itertools import product

import numpy as np
import oracle
import pytest
from cases import case
from ml_dtypes import finfo

from relu_ufunc.testing import assert_everywhere, assert_same_bits, same_bits

HALF = ["e", "bfloat16"]
# The first few are tried always: of these, some underflow and some overflow. In the place of the
# first are the defaults, where a parameter has one.
PARAMETERS = [1.0, 0.01, -0.3, 300.0, 0.25, 1.7, -1.5, 0.0, -0.0, np.inf, -np.inf, np.nan]
FEW = 4


def all_numbers(dtype):
    return np.arange(1 << 16, dtype=np.uint16).view(dtype)


@cache
def inputs_of(name, dtype, index):
    """All numbers for each input, in an order of its own, beside constant parameters."""
    x, rng = all_numbers(dtype), np.random.default_rng(index)
    more = [*PARAMETERS, finfo(dtype).max, finfo(dtype).smallest_subnormal]
    others = [rng.permutation(x) for _ in oracle.INPUTS[name][1:]]
    parameters = [
        more[(index + 5 * i) % len(more)] if index or default is None else default
        for i, default in enumerate(oracle.PARAMETERS[name].values())
    ]
    return [*others, x, *(np.full(x.shape, parameter, dtype) for parameter in parameters)]


def assert_right_for_every_number(isas, name, indices):
    """With the first parameters, and a sixteenth of the numbers with each of the others."""
    for dtype, index in product(HALF, indices):
        step = 16 if index else 1  # another sixteenth with the next
        inputs = [a[index % step :: step] for a in inputs_of(name, dtype, index)]
        with case(f"parameters {index}"):
            oracle.assert_right_on(isas, name, *inputs)
        if index == 0 and name in oracle.SHORT:
            assert_short_formula_gives_the_same(isas, name, inputs)


def assert_short_formula_gives_the_same(isas, name, inputs):
    """In calls of 64 numbers of which what is left out is 1: none goes to the formula proper."""
    for isa, uf in isas:
        with case(isa, inputs[0].dtype, "defaults"):
            function = getattr(uf, name)
            got = np.concatenate([function(x) for x in np.split(inputs[0], 1024)])
            assert_same_bits(got, function(*inputs))


@pytest.mark.parametrize("name", oracle.NAMES)
@np.errstate(all="ignore")
def test_every_number(isas, name):
    assert_right_for_every_number(isas, name, range(FEW if oracle.PARAMETERS[name] else 1))


# The exact value is so close to halfway between two float16 that a float32 between would tie.
HALFWAY = {
    "celu": [(-0.384765625, 0.7), (-3.00390625, 1.7), (-612.5, 100)],
    "hardsigmoid": [(145 * 2**-13, 113 * 2**-13, 0.5), (-145 * 2**-13, 113 * 2**-13, 0.5)],
}


@pytest.mark.parametrize("name", HALFWAY)
def test_other_parameters_round_once_too(isas, name):
    oracle.assert_right_on(isas, name, *np.array(HALFWAY[name], "e").repeat(20, axis=0).T.copy())


@pytest.mark.exhaustive
@pytest.mark.parametrize("name", oracle.WITH_PARAMETERS)
@np.errstate(all="ignore")
def test_every_number_with_more_parameters(isas, name):
    assert_right_for_every_number(isas, name, range(FEW, len(PARAMETERS) + 2))


@cache
def correctly_rounded(c, dtype):
    return oracle.nearest_exponential(c, all_numbers(dtype))


@pytest.mark.parametrize("dtype", HALF)
@pytest.mark.parametrize(("name", "c"), [("elu", 1), ("elu_grad", 0)])
@np.errstate(all="ignore")
def test_rounding_twice_is_rounding_once(uf, name, c, dtype):
    """The float32 between the exact value and the result never moves it to another number."""
    x = all_numbers(dtype)
    off = x <= 0
    got, want = getattr(uf, name)(x, 1.0)[off], correctly_rounded(c, dtype)[off]
    assert_everywhere(same_bits(got, want), name, x=x[off], got=got, want=want)


@pytest.mark.parametrize("dtype", HALF)
@np.errstate(all="ignore")  # ml_dtypes finds signalling NaNs invalid
def test_relu_keeps_every_bit_of_a_nan(uf, dtype):
    x = all_numbers(dtype)
    nan = np.isnan(x)
    dy = np.zeros_like(x)
    for got in (uf.relu(x), uf.relu_grad(x), uf.relu_backward(dy, x)):
        assert_same_bits(got[nan], x[nan])
    assert_same_bits(uf.relu_backward(x, np.ones_like(x)), x)


@pytest.mark.parametrize("dtype", HALF)
@np.errstate(all="ignore")
def test_the_rounding_of_the_oracle(dtype):
    """Where two numbers meet, on every boundary between them and beside it."""
    x = np.sort(all_numbers(dtype)[np.isfinite(all_numbers(dtype))]).astype(np.float32)
    x = x[x >= 0][1:]
    middle = x[:-1] / 2 + x[1:] / 2 if dtype == "e" else (x[:-1].astype("d") + x[1:]) / 2
    middle = middle.astype(np.float32)
    even = x.astype(dtype).view(np.uint16) % 2 == 0
    for sign in np.float32([1, -1]):
        for at, want in (
            (np.nextafter(middle, np.float32(0)), x[:-1]),
            (middle, np.where(even[:-1], x[:-1], x[1:])),
            (np.nextafter(middle, np.float32(np.inf)), x[1:]),
            (x, x),
        ):
            got = oracle.rounded_once(sign * at, dtype)
            assert_same_bits(got, (sign * want).astype(dtype))
    if dtype == "e":  # NumPy says the same of float32 of every kind
        any32 = np.random.default_rng(0).integers(0, 1 << 32, 1 << 16, dtype=np.uint32)
        any32 = any32.view(np.float32)[~np.isnan(any32.view(np.float32))]
        assert_same_bits(oracle.rounded_once(any32, dtype), any32.astype(dtype))
