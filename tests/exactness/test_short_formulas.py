"""A short formula, of a 16-bit type, gives the bits and flags of the formula proper.

Calls of few elements are computed by the formula proper: they are the reference here.
That both are right for all numbers is for test_half_precision.py to say.
"""

from itertools import product

import modes
import numpy as np
import pytest
from cases import case
from ml_dtypes import finfo
from oracle import PARAMETERS, SHORT

from relu_ufunc.testing import assert_same_bits, raised_flags

FEW = 15  # elements, for which no short formula is begun
MANY = 64  # of which all are by it, whatever was before
DTYPES = ["e", "bfloat16"]


def some_numbers(dtype):
    """One in seven, NaN, infinities and subnormal numbers among them, of each sign in order."""
    return np.arange(0, 1 << 16, 7, dtype=np.uint16).view(dtype)


def in_parts(function, x, *parameters, size=MANY):
    return np.concatenate([function(x[i : i + size], *parameters) for i in range(0, len(x), size)])


def by_few(function, x, *parameters):
    return in_parts(function, x, *parameters, size=FEW)


@np.errstate(all="ignore")
def test_bits_are_those_of_few_elements(isas):
    """Of numbers that are alike, or of all kinds beside each other; in place; at every length."""
    for name, dtype, (isa, uf) in product(SHORT, DTYPES, isas):
        function, x = getattr(uf, name), some_numbers(dtype)
        mixed = np.random.default_rng(0).permutation(x)
        with case(isa, dtype, name):
            assert_same_bits(in_parts(function, x), by_few(function, x))
            want = by_few(function, mixed)
            assert_same_bits(function(mixed), want)
            function(mixed, out=mixed)
            assert_same_bits(mixed, want)
            ordinary = np.linspace(-9, 9, 70).astype(dtype)
            want = by_few(function, ordinary)
            for length in range(70):
                assert_same_bits(function(ordinary[:length]), want[:length])


@np.errstate(all="ignore")
def test_an_element_apart_at_every_place(isas):
    """Of a vector that the short formula is for, but for that element."""
    for name, dtype, (isa, uf) in product(SHORT, DTYPES, isas):
        function, info = getattr(uf, name), finfo(np.dtype(dtype))
        for number in [np.nan, -np.inf, np.inf, -info.max, -info.smallest_subnormal]:
            for place in range(MANY):
                x = np.full(MANY, -0.75, dtype)
                x[place] = number
                with case(isa, dtype, name, number, place):
                    assert_same_bits(function(x), by_few(function, x))


def test_flags_are_those_of_each_number(isas):
    """Of numbers that raise none alone all at once raise none; others are asked for one by one."""
    for name, dtype in product(SHORT, DTYPES):
        x, few = some_numbers(dtype), getattr(isas[0][1], name)
        alone = [raised_flags(few, x[i : i + 1]) for i in range(len(x))]
        clean = x[[not flags for flags in alone]]
        others = [(number, flags) for number, flags in zip(x, alone, strict=True) if flags][::9]
        for isa, uf in isas:
            function = getattr(uf, name)
            with case(isa, dtype, name):
                assert raised_flags(in_parts, function, clean) == set()
            for number, flags in others:
                with case(isa, dtype, name, number):
                    assert raised_flags(function, np.full(MANY, number)) == flags


@pytest.mark.parametrize("dtype", DTYPES)
@np.errstate(all="ignore")
def test_other_parameters_and_modes(isas, dtype):
    x = np.random.default_rng(0).normal(0, 3, 1000).astype(dtype)
    next_to_1 = 1 + finfo(np.dtype(dtype)).eps
    for name, (isa, uf) in product(SHORT, isas):
        function = getattr(uf, name)
        for mode in modes.MODES[:-1]:
            with modes.mode(mode):
                got, want = function(x), by_few(function, x)
            with case(isa, name, mode):
                assert_same_bits(got, want)
        for parameter in [1, 2, -1, 0, np.nan, next_to_1] if PARAMETERS[name] else []:
            number = x.dtype.type(parameter)
            with case(isa, name, parameter):
                assert_same_bits(function(x, number), by_few(function, x, number))
                beside = np.full(x.shape, 1, dtype)
                beside[500] = number
                assert_same_bits(function(x, beside)[500], function(x[500:501], number)[0])
