"""The smooth functions and their derivatives, exact: by MPFR, to far more bits than needed.

Each is rounded once, in integer arithmetic. They are what `oracle` has its answers from.
"""

import math
from fractions import Fraction
from functools import lru_cache, partial

import gmpy2
import numpy as np
from gmpy2 import copy_sign, exp, expm1, is_infinite, log1p, mpfr
from ml_dtypes import finfo

LAMBDA = "1.0507009873554804934193349852946"
ALPHA = "1.6732632423543772848170429916717"


def sigmoid(z):
    e = exp(-abs(z))
    return (e if z < 0 else 1) / (1 + e)


def sigmoid_slope(x):
    e = exp(-abs(x))
    return e / (1 + e) ** 2


def silu(x, beta):
    z = x * beta
    return copy_sign(mpfr(0), x) if is_infinite(z) and z < 0 else x * sigmoid(z)


def silu_slope(x, beta):
    z = x * beta
    if is_infinite(z):
        return mpfr(1) if z > 0 else -mpfr(0)
    e = exp(-abs(z))
    return (e * (1 + e + z) if z < 0 else 1 + e * (1 + z)) / (1 + e) ** 2


def softplus(x, beta):
    z = x * beta
    return ((z if z > 0 else 0) + log1p(exp(-abs(z)))) / beta


def softplus_slope(x, beta):
    return sigmoid(x * beta)


def mish(x):
    e = exp(-abs(x))
    if x < 0:
        n = e * (e + 2)
        return -mpfr(0) if is_infinite(x) else x * n / (n + 2)
    return x * (1 + 2 * e) / (1 + 2 * e + 2 * e * e)


def mish_slope(x):
    """tanh(s) + x sigmoid(x) / cosh(s)^2, where s = softplus(x)."""
    if abs(x) > 60_000:
        return mpfr(1) if x > 0 else -mpfr(0)
    s = softplus(x, mpfr(1))
    return gmpy2.tanh(s) + x * sigmoid(x) * gmpy2.sech(s) ** 2


def selu(x):
    return mpfr(LAMBDA) * (x if x > 0 else mpfr(ALPHA) * expm1(x))


def selu_slope(x):
    return mpfr(LAMBDA) * (1 if x > 0 else mpfr(ALPHA) * exp(x))


def celu(x, alpha):
    return x if x > 0 else alpha * expm1(x / alpha)


def celu_slope(x, alpha):
    return mpfr(1) if x > 0 else exp(x / alpha)


FAR = 1000  # no type tells gelu and its derivatives from their limits there


def gelu_at_limit(x):
    return x if x > 0 else -mpfr(0)


def slope_at_limit(x):
    return mpfr(1) if x > 0 else -mpfr(0)


def normal(x):
    """The share of the normal distribution that is below x."""
    return gmpy2.erfc(-x / gmpy2.sqrt(mpfr(2))) / 2


def gelu(x):
    return gelu_at_limit(x) if abs(x) > FAR else x * normal(x)


def gelu_slope(x):
    if abs(x) > FAR:
        return slope_at_limit(x)
    return normal(x) + x * exp(-x * x / 2) / gmpy2.sqrt(2 * gmpy2.const_pi())


def _within_tanh(x):
    """Twice the argument of tanh, and its derivative."""
    scale, cubic = 2 * gmpy2.sqrt(2 / gmpy2.const_pi()), mpfr("0.044715")
    return scale * (x + cubic * x**3), scale * (1 + 3 * cubic * x * x)


def gelu_tanh(x):
    if abs(x) > FAR:
        return gelu_at_limit(x)
    return x / (1 + exp(-_within_tanh(x)[0]))


def gelu_tanh_slope(x):
    if abs(x) > FAR:
        return slope_at_limit(x)
    v, rise = _within_tanh(x)
    return 1 / (1 + exp(-v)) + x * rise * sigmoid_slope(v)


def hardswish(x):
    if x >= 3 or x <= -3:
        return x if x > 0 else -mpfr(0)
    return x * (x + 3) / 6


def hardswish_slope(x):
    return mpfr(1 if x > 3 else 0) if x > 3 or x <= -3 else (2 * x + 3) / 6


# What the ufuncs of these names are, at all parameters.
RESULTS = {
    "sigmoid": sigmoid,
    "sigmoid_grad": sigmoid_slope,
    "silu": silu,
    "silu_grad": silu_slope,
    "softplus": softplus,
    "softplus_grad": softplus_slope,
    "mish": mish,
    "mish_grad": mish_slope,
    "selu": selu,
    "selu_grad": selu_slope,
    "celu": celu,
    "celu_grad": celu_slope,
    "gelu": gelu,
    "gelu_grad": gelu_slope,
    "gelu_tanh": gelu_tanh,
    "gelu_tanh_grad": gelu_tanh_slope,
    "hardswish": hardswish,
    "hardswish_grad": hardswish_slope,
}
# The arguments, times beta, at which derivatives are 0.
ROOTS = {
    "silu": -1.2784645427610738,
    "mish": -1.1924312145154955,
    "gelu": -0.7517915246935645,
    "gelu_tanh": -0.752461422071016,
    "hardswish": -1.5,
}
CHOICES = range(4)
BOUND_WITH_PARAMETER = {"float32": 0.5001, "float64": 1.6}


def exact(name, *given):
    """The exact value of numbers; NaN where there is none."""
    small = min(math.frexp(g)[1] for g in given if g) if any(given) else 0
    # Where x is small it is the second term that decides, or the third.
    with gmpy2.context(precision=256 + 3 * max(0, -small)):
        return RESULTS[name](*map(mpfr, given))


def rounded(value, dtype, bound):
    """The numbers of a dtype within the bound, in ULP of the value: the nearest first, four in all.

    Where there are fewer, the nearest stands for the rest.
    """
    if gmpy2.is_nan(value):
        return (math.nan,) * len(CHOICES)
    if gmpy2.is_infinite(value) or value == 0:
        return (float(value),) * len(CHOICES)
    info, sign = finfo(dtype), -1 if value < 0 else 1
    mantissa, exponent = map(int, value.as_mantissa_exp())  # of a value less or more, MPFR rounds
    mantissa = abs(mantissa)
    least = int(info.minexp) - info.nmant
    leading = exponent + mantissa.bit_length()
    if leading < least - 2 or leading > 20_000:
        return (sign * (0.0 if leading < 0 else math.inf),) * len(CHOICES)
    unit = max(leading - info.nmant - 1, least)
    scale = 1 << max(0, unit - exponent)
    below, rest = divmod(mantissa << max(0, exponent - unit), scale)
    up = 2 * rest > scale or (2 * rest == scale and below % 2)
    allowed = [below + bool(up)]
    if bound > 0.5:
        limit = Fraction(bound) * scale
        for n in range(max(0, below - 1), below + 3):
            if n != allowed[0] and abs((n - below) * scale - rest) <= limit:
                allowed.append(n)
    allowed += allowed[:1] * len(CHOICES)
    return tuple(sign * _number(n, unit) for n in allowed[: len(CHOICES)])


def _number(n, unit):
    try:
        return math.ldexp(n, unit)
    except OverflowError:
        return math.inf


def _choices(name, dtype, error, *given):
    if any(map(math.isnan, given)):
        return (math.nan,) * len(CHOICES)
    is_default = all(parameter == 1 for parameter in given[1:])
    usual = error if dtype == "float64" else 0.5
    bound = usual if is_default else max(usual, BOUND_WITH_PARAMETER.get(dtype, 0.5))
    return rounded(exact(name, *given), dtype, bound)


def as_long(value):
    """The nearest long double, or one beside it."""
    if gmpy2.is_nan(value):
        return np.longdouble(np.nan)
    if gmpy2.is_infinite(value) or value == 0:
        return np.longdouble(float(value))
    mantissa, exponent = map(int, value.as_mantissa_exp())
    mantissa = abs(mantissa)
    drop = mantissa.bit_length() - 100
    mantissa, exponent = mantissa >> max(0, drop), exponent + max(0, drop)
    high, low = mantissa >> 50, mantissa & ((1 << 50) - 1)
    number = np.ldexp(np.longdouble(high), 50) + np.longdouble(low)
    return np.ldexp(np.copysign(number, np.longdouble(-1 if value < 0 else 1)), exponent)


def _of_longs(name, *given):
    if any(np.isnan(g) for g in given):
        return np.longdouble(np.nan)
    small = min(int(np.frexp(g)[1]) for g in given if g) if any(given) else 0
    with gmpy2.context(precision=256 + 2 * min(2000, max(0, -small))):
        return as_long(RESULTS[name](*[_from_long(g) for g in given]))


def _from_long(number):
    if not np.isfinite(number):
        return mpfr(float(number))
    mantissa, exponent = np.frexp(number)
    high = int(np.ldexp(mantissa, 64))
    value = mpfr(high) * mpfr(2) ** (int(exponent) - 64)
    return copy_sign(value, mpfr(-1 if np.signbit(number) else 1))


@lru_cache(maxsize=256)
def _all(name, dtype, error, *buffers):
    given = [np.frombuffer(buffer, dtype) for buffer in buffers]
    if dtype == np.longdouble:
        of = np.frompyfunc(partial(_of_longs, name), len(given), 1)
        return (np.asarray(of(*given), dtype),) * len(CHOICES)
    words = np.stack([g.view(f"u{dtype.itemsize}") for g in given], axis=1)
    words, inverse = np.unique(words, axis=0, return_inverse=True)
    given = [np.ascontiguousarray(column).view(dtype).astype("d") for column in words.T]
    of = np.frompyfunc(partial(_choices, name, dtype.name, error), len(given), len(CHOICES))
    return tuple(np.asarray(y, "d").astype(dtype)[inverse.ravel()] for y in of(*given))


def values(name, dtype, error, choice, *given):
    """The function of arrays: what the choice leaves, with the first NaN of the inputs kept."""
    x = given[0]
    if name.startswith("celu"):  # where x >= 0, alpha is not asked
        given = (x, np.where(x >= 0, x.dtype.type(1), given[1]))
    y = _all(name, np.dtype(dtype), error, *(g.tobytes() for g in given))[choice].reshape(x.shape)
    for g in reversed(given):
        y = np.where(np.isnan(g), g, y)
    return y
