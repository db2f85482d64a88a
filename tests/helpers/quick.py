"""The smooth functions of numbers of 16 or 32 bits by double, where that leaves no doubt.

Double has many bits more than the result. So it tells the nearest number, unless the value lies
next to the middle between two: who asks has to find out by MPFR there. These formulas are those of
`smooth`, `hard` and `oracle`, which tests/exactness/test_oracle.py compares them with.
"""

import math

import hard
import numpy as np
import smooth

# Far more than these formulas are wrong by, and than float32 loses on the way to 16 bits.
DOUBT = {2: 2.0**-20, 4: 2.0**-34}  # by the bytes of a number
LAST_PLACE = {2: 2.0**-148, 4: 0.0}
LAMBDA, ALPHA = float(smooth.LAMBDA), float(smooth.ALPHA)


def exp(x):
    """Never 0, which would lose the sign of a result, and never infinite."""
    return np.exp(np.clip(x, -700, 200))


def expm1(x):
    return np.expm1(np.minimum(x, 200))


def total(a, b):
    """NaN, which is a doubt, where most of the digits cancel."""
    return np.where(abs(a + b) < abs(a) / 64, np.nan, a + b)


def sigmoid(z):
    e = exp(-abs(z))
    return np.where(z < 0, e, 1) / (1 + e)


def sigmoid_slope(z):
    e = exp(-abs(z))
    return e / (1 + e) ** 2


def softplus(x, beta=1):
    z = x * beta
    return (np.maximum(z, 0) + np.log1p(exp(-abs(z)))) / beta


def mish_slope(x):
    s = softplus(x)
    return total(np.tanh(s), 4 * x * sigmoid(x) * sigmoid_slope(2 * s))


_below = np.frompyfunc(lambda x: math.erfc(-x / math.sqrt(2)) / 2, 1, 1)


FAR = -36  # what is further down is as good as 0, but has its sign


def normal(x):
    """The share of the normal distribution that is below x."""
    return _below(np.maximum(x, FAR)).astype(float)


def gelu_slope(x):
    x = np.maximum(x, FAR)
    return total(normal(x), x * exp(-x * x / 2) / math.sqrt(2 * math.pi))


def within_tanh(x):
    """Twice the argument of tanh, and its derivative."""
    scale = 2 * math.sqrt(2 / math.pi)
    return scale * (x + 0.044715 * x**3), scale * (1 + 3 * 0.044715 * x * x)


def gelu_tanh_slope(x):
    v, rise = within_tanh(x)
    return total(sigmoid(v), x * rise * sigmoid_slope(v))


def hardsigmoid_sum(x, alpha, beta):
    """Exact but for one rounding; a sixth is not, and leaves a doubt next to both kinks."""
    is_sixth = np.isin(alpha, [*hard.SIXTHS])
    product = np.where(is_sixth, 1 / 6, alpha) * x
    value = product + beta
    near_kink = np.minimum(abs(value), abs(value - 1)) < 2.0**-18 * (1 + abs(product))
    return np.where((is_sixth & near_kink) | (value == 0), np.nan, value)


def hardsigmoid_slope(x, alpha, beta):
    value = hardsigmoid_sum(x, alpha, beta)
    within = (value > 0) & ((value < 1) | ((value == 1) & (alpha > 0)))
    return np.where(np.isnan(value), value, np.where(within, alpha + 0.0, 0))


FORMULAS = {
    "sigmoid": sigmoid,
    "sigmoid_grad": sigmoid_slope,
    "silu": lambda x, beta: x * sigmoid(x * beta),
    "silu_grad": lambda x, beta: total(sigmoid(x * beta), x * beta * sigmoid_slope(x * beta)),
    "softplus": softplus,
    "softplus_grad": lambda x, beta: sigmoid(x * beta),
    "mish": lambda x: x * np.tanh(softplus(x)),
    "mish_grad": mish_slope,
    "selu": lambda x: LAMBDA * np.where(x > 0, x, ALPHA * expm1(x)),
    "selu_grad": lambda x: LAMBDA * np.where(x > 0, 1, ALPHA * exp(x)),
    "celu": lambda x, alpha: np.where(x > 0, x, alpha * expm1(x / alpha)),
    "celu_grad": lambda x, alpha: np.where(x > 0, 1, exp(x / alpha)),
    "gelu": lambda x: x * normal(x),
    "gelu_grad": gelu_slope,
    "gelu_tanh": lambda x: x * sigmoid(within_tanh(x)[0]),
    "gelu_tanh_grad": gelu_tanh_slope,
    "hardswish": lambda x: np.where(x > 3, x, np.where(x <= -3, -0.0, x * (x + 3) / 6)),
    "hardswish_grad": lambda x: np.where(x > 3, 1, np.where(x <= -3, 0.0, (2 * x + 3) / 6)),
    "hardsigmoid": lambda *given: np.clip(hardsigmoid_sum(*given), 0, 1),
    "hardsigmoid_grad": hardsigmoid_slope,
}


EXPONENTIALS = exp, expm1


def nearest(name, rounded_once, *given):
    """The results, and where there is no doubt about them."""
    clear = np.all([np.isfinite(a) for a in given], axis=0)
    for a in given[:1] if name.startswith("hardsigmoid") else given:
        clear &= a != 0
    value = FORMULAS[name](*(np.where(clear, a, 1).astype(float) for a in given))
    return rounded(value, clear, given[0].dtype, rounded_once)


def nearest_exponential(c, rounded_once, x):
    """exp(x) - c, c being 0 or 1, and where there is no doubt about it."""
    clear = np.isfinite(x) & (x != 0)
    value = EXPONENTIALS[c](np.where(clear, x, 1).astype(float))
    return rounded(value, clear, x.dtype, rounded_once)


def rounded(value, clear, dtype, rounded_once):
    """A double as a shorter number, and where that is clear: all that is near rounds alike."""
    doubt = DOUBT[dtype.itemsize] * abs(value) + LAST_PLACE[dtype.itemsize]
    edges = [edge.astype(np.float32) for edge in (value - doubt, value + doubt)]
    low, high = edges if dtype == np.float32 else [rounded_once(e, dtype) for e in edges]
    clear = clear & (low == high)  # a NaN is not
    return np.where(np.signbit(value), -abs(low), abs(low)).astype(dtype), clear
