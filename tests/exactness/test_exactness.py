"""How near the truth the answers are."""

import numpy as np
import oracle
import pytest
from ml_dtypes import finfo
from oracle import assert_right, assert_right_on
from samples import operands

# The float32 numbers whose results lie closest to halfway between two others, found by trying all.
HARDEST = {
    "elu": """
        -0x1.eb97f8p-19 -0x1.f676d8p-9 -0x1p-24 -0x1.d3dc32p+3 -0x1.680cbap-4 -0x1.bc1a6p-6
        -0x1.a8ebap-6 -0x1.03fc64p-9 -0x1.6a09e6p-24 -0x1.203ccep-9 -0x1.afd1dcp+2 -0x1.3988e2p-22
        """,
    "elu_grad": """
        -0x1.d2259ap+3 -0x1.e1dbe2p-8 -0x1.65cf3p+6 -0x1.c1c4b8p-10 -0x1p-25 -0x1.548c34p-7
        -0x1.f02a66p+1 -0x1.6e1ddp-8 -0x1.7acc62p+3 -0x1.71e81ep-6 -0x1.7f4296p+0 -0x1.e981d4p-16
        """,
}


def trying_numbers(dtype):
    """Negative numbers over the whole range, denser where an exponential does something new."""
    rng = np.random.default_rng(1)
    info = finfo(dtype)
    ends = [-np.log(2.0) * k for k in (-info.minexp, -info.minexp + info.nmant, info.nmant + 2)]
    reductions = -np.log(2.0) * np.arange(1, 150) / 32  # where a reduced argument changes sides
    steps = np.concatenate([ends, reductions, [-1.0, -(2.0 ** -(info.nmant + 1))]]).astype(dtype)
    spread = -rng.uniform(0, -1.1 * min(ends), 1500)
    magnitudes = -(2.0 ** rng.uniform(-60, 7, 1500))
    return np.concatenate(
        [oracle.with_neighbours(steps, 3), spread.astype(dtype), magnitudes.astype(dtype)]
    )


@pytest.mark.parametrize("name", oracle.NAMES)
@np.errstate(all="ignore")
def test_every_ufunc_gives_what_its_formula_says(isas, name):
    for dtype in oracle.DTYPES[name]:
        assert_right_on(isas, name, *operands(name, dtype, 1200))


@pytest.mark.parametrize("name", HARDEST)
@pytest.mark.parametrize("alpha", [1.0, 0.3])
@np.errstate(under="ignore")
def test_float32_rounds_the_exponential_correctly(uf, name, alpha):
    hardest = np.array([float.fromhex(word) for word in HARDEST[name].split()], "f")
    x = np.concatenate([oracle.with_neighbours(hardest, 1), trying_numbers("f")])
    alpha = np.full_like(x, alpha)
    assert_right(name, getattr(uf, name)(x, alpha), x, alpha)


@pytest.mark.parametrize("name", ["elu", "elu_grad"])
@pytest.mark.parametrize("alpha", [1.0, 0.3])
@np.errstate(under="ignore")
def test_float64_is_within_its_bound(uf, name, alpha):
    x = trying_numbers("d")
    alpha = np.full_like(x, alpha)
    assert_right(name, getattr(uf, name)(x, alpha), x, alpha)


# Nearer to a boundary than doubles are to each other, and beside the roots.
STUBBORN = {
    "gelu": "0x1.6148dep-16 -0x1.6148dep-16 -0x1.0498a2p+3 -0x1.c9951p-23 0x0.000006p-126",
    "gelu_grad": "0x1.40d932p-25 -0x1.40d932p-26 -0x1.80ead2p-1 -0x1.80e898p-1",
    "gelu_tanh": "0x1.6148dep-16 -0x1.6148dep-16 -0x1.612576p+2 -0x0.000006p-126",
    "gelu_tanh_grad": "0x1.40d932p-25 -0x1.40d932p-26 -0x1.8142ap-1 0x1.e145cap-24",
    "hardswish": "0x0.000006p-126 -0x0.00000ep-126 -0x1.8p+1 0x1.8p+1",
    "hardswish_grad": "-0x1.8p+0 -0x1.8p+1 0x1.8p+1",
    "hardsigmoid": "-0x1.7ffffcp+1 -0x1.8p+1 0x1.8p+1",
}


@pytest.mark.parametrize("name", STUBBORN)
@np.errstate(under="ignore")
def test_float32_is_right_where_double_hardly_tells(uf, name):
    x = np.array([float.fromhex(word) for word in STUBBORN[name].split()], "f")
    x = oracle.with_neighbours(x, 20)
    parameters = [np.float32(default) for default in oracle.PARAMETERS[name].values()]
    assert_right(name, getattr(uf, name)(x), x, *parameters)
