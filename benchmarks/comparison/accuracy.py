"""The right answer for a sample of the elements, and how far a result is from it."""

import math

import mpmath
import numpy as np
from benchmarks.common import SEED, max_ulp

from .formulas import FORMULAS

SAMPLE = 1024
EDGE = 40  # elements at either end, where vector loops hand over to scalar ones
# What the same function may differ by, in units in the last place of 1 or of the result, whichever
# is larger: `exp(x) - 1` for `expm1(x)` passes, and shows in the column of ULP.
SAME = 4


def sample_of(size):
    """Which elements are looked at: both ends, and some at random."""
    if size <= SAMPLE:
        return np.arange(size)
    middle = np.random.default_rng(SEED).integers(0, size, SAMPLE - 2 * EDGE)
    return np.concatenate([np.arange(EDGE), np.sort(middle), np.arange(size - EDGE, size)])


def exact(function, operands, dtype):
    """The outputs for operands given by name as vectors of one length, each correctly rounded."""
    return [branch_exact(branches, operands, dtype) for branches in FORMULAS[function]]


def branch_exact(branches, operands, dtype):
    if dtype.kind in "iu":
        scope = operands | {"zero": 0, "one": 1}
        negative, otherwise = (eval(part, scope) for part in branches[1:])
        return np.where(operands[branches.tested] <= 0, negative, otherwise).astype(dtype)
    functions = {"exp": mpmath.exp, "expm1": mpmath.expm1, "zero": mpmath.mpf(0)}
    functions["one"] = mpmath.mpf(1)
    negative, otherwise = (compile(part, "<formula>", "eval") for part in branches[1:])
    results = []
    with mpmath.workprec(200):
        for values in zip(*(vector.tolist() for vector in operands.values()), strict=True):
            numbers = dict(zip(operands, map(mpmath.mpf, values), strict=True))
            part = negative if numbers[branches.tested] <= 0 else otherwise
            results.append(rounded(eval(part, functions | numbers), dtype))
    return np.array(results, dtype)


def rounded(number, dtype):
    """The float of the dtype nearest to an mpmath number, ties to even, subnormal ones too."""
    info = np.finfo(dtype)
    sign, mantissa, exponent, length = number._mpf_
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


def same_function(results, expected):
    """Whether two sets of outputs are the same but for rounding, element by element."""
    return all(map(close, results, expected))


def close(result, expected):
    if expected.dtype.kind in "iu":
        return np.array_equal(result, expected)
    wide = np.float64
    limit = np.maximum(np.abs(expected.astype(wide)), 1)
    limit *= SAME * float(np.finfo(expected.dtype).eps)
    return bool(np.all(np.abs(result.astype(wide) - expected.astype(wide)) <= limit))
