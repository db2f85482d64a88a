"""The exact values of some functions, and the inputs they are looked at on."""

from functools import cache

import gmpy2
import ml_dtypes
import numpy as np

from .libraries import SLOPE

RNG_SEED = 4
NORMAL_POINTS = 1 << 19
POINTS_PER_BINADE = 2048

PRECISION = 160
LOW_SCALE = 900  # the low part is kept times 2^900, so that it survives below the subnormals


class Exact:
    """The exact values of a function at x, as a float64 and what is missing from it."""

    def __init__(self, function, x):
        scale = gmpy2.exp2(LOW_SCALE)
        high, low = [], []
        with gmpy2.context(gmpy2.get_context(), precision=PRECISION):
            of = {
                "elu": gmpy2.expm1,
                "elu_grad": gmpy2.exp,
                "gelu": lambda z: z * gmpy2.erfc(-z / gmpy2.sqrt(2)) / 2,
                "leaky_relu": gmpy2.mpfr(float(x.dtype.type(SLOPE))).__mul__,
            }[function]
            for value in x.astype(np.float64).tolist():
                exact = of(gmpy2.mpfr(value))
                nearest = float(exact)
                high.append(nearest)
                low.append(float((exact - nearest) * scale))
        self.high, self.low = np.array(high), np.array(low)

    def error(self, y):
        """The error of y in units in the last place of the exact value."""
        exponent = self.last_place(y.dtype)
        units = np.ldexp(y.astype(np.float64) - self.high, -exponent)
        return np.abs(units - np.ldexp(self.low, -LOW_SCALE - exponent))

    def last_place(self, dtype):
        """The binary exponent of the last place of the exact value in this dtype."""
        info = ml_dtypes.finfo(dtype)
        mantissa, exponent = np.frexp(np.abs(self.high))
        # Where the float64 is a power of two and the exact value is less, the place is one lower.
        exponent -= (mantissa == 0.5) & (np.sign(self.low) == -np.sign(self.high))
        return np.maximum(exponent - info.nmant - 1, info.minexp - info.nmant)

    def is_subnormal(self, dtype):
        return np.abs(self.high) < float(ml_dtypes.finfo(dtype).smallest_normal)


def normal_deviates(dtype, size):
    """Negative numbers distributed as the negative half of a standard normal distribution."""
    return -np.abs(np.random.default_rng(RNG_SEED).standard_normal(size)).astype(dtype)


def in_each_binade(dtype, lowest, highest, size):
    """`size` random negative numbers in each [2^e, 2^(e + 1))."""
    rng = np.random.default_rng(RNG_SEED)
    exponents = np.repeat(np.arange(lowest, highest), size)
    return -np.ldexp(1 + rng.random(len(exponents)), exponents).astype(dtype)


@cache
def inputs(function, dtype):
    """Negative inputs, and how many of them, at the start, are normally distributed."""
    if dtype.itemsize == 2:
        patterns = np.arange(0x8001, 0x10000, dtype=np.uint16).view(dtype)
        return patterns[np.isfinite(patterns)], 0
    info = np.finfo(dtype)
    x = [
        normal_deviates(dtype, NORMAL_POINTS),
        in_each_binade(dtype, -60, 10, POINTS_PER_BINADE),
        in_each_binade(dtype, info.minexp - info.nmant, -60, POINTS_PER_BINADE // 16),
    ]
    if function == "elu_grad":  # where the results are subnormal
        rng = np.random.default_rng(RNG_SEED)
        ends = np.log(info.smallest_normal), np.log(info.smallest_subnormal)
        x.append(rng.uniform(ends[1], ends[0], 8 * POINTS_PER_BINADE).astype(dtype))
    return np.concatenate(x), NORMAL_POINTS


@cache
def exact(function, dtype):
    return Exact(function, inputs(function, dtype)[0])
