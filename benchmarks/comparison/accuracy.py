"""The right answer for a sample of the elements, and how far a result is from it."""

import math

import mpmath
import numpy as np
from benchmarks.common import SEED, as_tuple, magnitude, max_ulp
from benchmarks.functions import FUNCTIONS

from .words import exact_outputs

SAMPLE = 1024
PRECISION = 200  # bits
EDGE = 40  # elements at either end, where vector loops hand over to scalar ones
# What the same function may differ by, in units in the last place of 1, of the result or of its
# terms, whichever is largest: `exp(x) - 1` for `expm1(x)` passes, and shows in the column of ULP.
SAME = 4


def sample_of(size):
    """Which elements are looked at: both ends, and some at random."""
    if size <= SAMPLE:
        return np.arange(size)
    middle = np.random.default_rng(SEED).integers(0, size, SAMPLE - 2 * EDGE)
    return np.concatenate([np.arange(EDGE), np.sort(middle), np.arange(size - EDGE, size)])


def exact(name, operands, dtype):
    """The outputs for operands given by name as vectors of one length, each correctly rounded."""
    if dtype.kind in "iu":  # nothing is rounded, whoever computes it
        result = FUNCTIONS[name].numpy(**operands)
        return [part.astype(dtype) for part in as_tuple(result)]
    with mpmath.workprec(PRECISION):
        numbers = [
            [meant(number, dtype, operand in FUNCTIONS[name].numbers) for number in vector.tolist()]
            for operand, vector in operands.items()
        ]
        return [
            np.array(
                [rounded(function(*each), dtype) for each in zip(*numbers, strict=True)], dtype
            )
            for function in exact_outputs(name)
        ]


def meant(number, dtype, is_parameter):
    """The real number that a float stands for: as a parameter, 1/6 as near as the dtype has it."""
    if is_parameter and number == dtype.type(1 / 6):
        return mpmath.mpf(1) / 6
    return mpmath.mpf(number)


def rounded(number, dtype):
    """The float of the dtype nearest to an mpmath number, ties to even, subnormal ones too."""
    info = np.finfo(dtype)
    sign, mantissa, exponent, length = mpmath.mpf(number)._mpf_
    unit = max(exponent + length - info.nmant - 1, int(info.minexp) - info.nmant)
    if unit > exponent:
        whole, rest = divmod(mantissa, 1 << (unit - exponent))
        half = 1 << (unit - exponent - 1)
        mantissa, exponent = whole + (rest > half or (rest == half and whole & 1)), unit
    return math.ldexp(-int(mantissa) if sign else int(mantissa), exponent)


def ulp_from(exacts, results, where):
    """The most that the sampled elements are off, in ULP of the right answer."""
    pairs = zip(results, exacts, strict=True)
    return max(max_ulp(result.reshape(-1)[where], right) for result, right in pairs)


def same_function(results, expected, arrays):
    """Whether two sets of outputs are the same but for rounding, element by element."""
    terms = magnitude(arrays)
    return all(close(*pair, terms) for pair in zip(results, expected, strict=True))


def close(result, expected, terms):
    if expected.dtype.kind in "iu":
        return np.array_equal(result, expected)
    wide = np.float64
    limit = np.maximum(np.maximum(np.abs(expected.astype(wide)), terms), 1)
    limit *= SAME * float(np.finfo(expected.dtype).eps)
    return bool(np.all(np.abs(result.astype(wide) - expected.astype(wide)) <= limit))
