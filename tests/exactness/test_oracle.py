"""The shorter way of the oracle, by double, says what the longer one does."""

from itertools import product

import exact
import numpy as np
import oracle
import pytest
import quick
from cases import case

from relu_ufunc.testing import assert_same_bits

PARAMETERS = [1.0, -0.3, 300.0, -0.0]
MORE = {1 << 11: pytest.mark.exhaustive, 1 << 16: pytest.mark.soak}
ROOTS = np.float32([-1.2784645, -1.1924312, -0.7517916, -0.7524579, -1.5])


def numbers(dtype, count):
    """Of 16 bits: some, or all; of float32, some of these, others, and those about the roots."""
    words = np.random.default_rng(0).permutation(1 << 16)[:count].astype(np.uint16)
    if dtype != "f":
        return words.view(dtype)
    some = min(count, 2000)
    any32 = np.random.default_rng(1).integers(0, 1 << 32, some, dtype=np.uint32).view("f")
    return np.concatenate(
        [words[:some].view("e").astype("f"), any32, oracle.with_neighbours(ROOTS, 9)]
    )


@pytest.mark.parametrize(
    "count",
    [150, *(pytest.param(count, marks=mark) for count, mark in MORE.items())],
    ids=["some", "a part", "all"],
)
@pytest.mark.parametrize("name", quick.FORMULAS)
@np.errstate(all="ignore")
def test_double_is_right_where_it_has_no_doubt(name, count):
    parameters = len(oracle.PARAMETERS[name])
    for dtype, parameter in product(["e", "bfloat16", "f"], PARAMETERS[: 4 if parameters else 1]):
        x = numbers(dtype, count)
        given = [x, *[np.full(x.shape, parameter, dtype)] * parameters]
        got, clear = quick.nearest(name, oracle.rounded_once, *given)
        with case(dtype, parameter):
            assert parameter == 0 or np.count_nonzero(clear) > 0.6 * x.size
            given = [a[clear] for a in given]
            assert_same_bits(got[clear], exact.slow(name, 0.5, 0, *given))


@pytest.mark.parametrize(
    "count",
    [2000, *(pytest.param(count, marks=mark) for count, mark in MORE.items())],
    ids=["some", "a part", "all"],
)
@pytest.mark.parametrize("c", [0, 1])
@np.errstate(all="ignore")
def test_double_is_right_about_exponentials(c, count):
    for dtype in ["e", "bfloat16", "f"]:
        x = numbers(dtype, count)
        x = x[x <= 0]
        got, clear = quick.nearest_exponential(c, oracle.rounded_once, x)
        with case(dtype):
            assert np.count_nonzero(clear) > 0.6 * x.size
            assert_same_bits(got[clear], oracle.slow_exponential(c, x[clear]))
