"""The gradients with respect to those inputs that no `_backward` gives: mostly parameters.

Each takes dy and the inputs of its function, of one dtype and shape, and gives dy times the
derivative, elementwise. Floats are computed in float64 at least; the caller rounds once. Where a
kernel knows the factor, tails and all, it is asked for it. At a kink the derivatives with respect
to all inputs are those of the same side.
"""

from math import factorial

import numpy as np

from ._relu_ufunc import get_isa, ufuncs_of

_UFUNCS = ufuncs_of(get_isa())
_CELU_TERMS = 22  # of its series: beyond, they are below half an ULP of longdouble
# expm1(z) - z exp(z) = sum of (1 - k) / k! z^k from k = 2 on, here without z^2, highest power first
_CELU_SERIES = [(1 - k) / factorial(k) for k in range(_CELU_TERMS, 1, -1)]


def gradient(function, input_):
    """The gradient of a function, by name, with respect to an input."""
    return _GRADIENTS[function][input_]


def _wide(*arrays):
    """The arrays in float64, or longdouble where they are."""
    return (a.astype(np.promote_types(a.dtype, np.float64), copy=False) for a in arrays)


def _product_where(condition, dy, factor):
    """dy times the factor where the condition holds, else 0: selected, and flags of these alone."""
    return np.multiply(dy, factor, where=condition, out=np.zeros_like(dy))


def _unless_nan(value, *inputs):
    """The value, but the NaN among the inputs where there is one."""
    for a in inputs:
        value = np.where(np.isnan(a), a, value)
    return value


def _slope(dy, x, slope):
    dy, x = _wide(dy, x)
    return _UFUNCS["prelu_backward"](dy, x, 0.0)[1]


def _elu_alpha(dy, x, alpha):
    dy, x = _wide(dy, x)  # elu has the sign of x, and is expm1 of it below
    return _UFUNCS["prelu_backward"](dy, _UFUNCS["elu"](x), 0.0)[1]


def _celu_alpha(dy, x, alpha):
    """expm1(z) - z exp(z) with z = x / alpha where x < 0, else 0; near 0 by its series."""
    dy, x, alpha = _wide(dy, x, alpha)
    below = x < 0
    with np.errstate(all="ignore"):  # of lanes that are not taken, and of alpha = 0
        # Beyond, exp(z) is 0 or infinite.
        z = np.clip(np.divide(x, alpha, where=below, out=np.zeros_like(x)), -2e4, 2e4)
        near = z * z * np.polyval(_CELU_SERIES, np.clip(z, -1, 1))
        exp = _UFUNCS["celu_grad"](np.where(below, x, -1), np.where(below, alpha, 1))
        factor = np.where(np.abs(z) < 1, near, (1 - z) * exp - 1)
    return _unless_nan(_product_where(below, dy, factor), alpha, x)


def _silu_beta(dy, x, beta):
    """x^2 times the derivative of sigmoid, which is -silu(x) silu(-x) at that beta."""
    dy, x, beta = _wide(dy, x, beta)
    most = np.finfo(x.dtype).max
    x = np.clip(x, -most, most)  # at an infinity the limit
    silu = _UFUNCS["silu"]
    return dy * -(silu(x, beta) * silu(-x, beta))


def _swiglu_beta(dy, gate, up, beta):
    dy, up = _wide(dy, up)
    return _silu_beta(dy * up, gate, beta)


def _softplus_beta(dy, x, beta):
    """(x sigmoid(beta x) - softplus(x)) / beta: even, and nothing cancels where beta x < 0."""
    dy, x, beta = _wide(dy, x, beta)
    x = -np.copysign(x, beta)
    return dy * ((_UFUNCS["silu"](x, beta) - _UFUNCS["softplus"](x, beta)) / beta)


def _clipped_max_value(dy, x, max_value):
    cut = _UFUNCS["relu"](x) > max_value
    return _unless_nan(np.where(cut, dy, dy.dtype.type(0)), max_value, x)


def _thresholded_theta(dy, x, theta):
    """0: the derivative wherever there is one."""
    return _unless_nan(np.zeros_like(dy), theta, x)


def _within(x, alpha, beta):
    """Where hardsigmoid is a straight line: its derivative is 0 elsewhere."""
    slope = _UFUNCS["hardsigmoid_grad"](x, alpha, beta)
    return (slope != 0) | ((alpha == 0) & (beta > 0) & (beta <= 1))


def _hardsigmoid_alpha(dy, x, alpha, beta):
    within = _within(x, alpha, beta)
    dy, x = _wide(dy, x)
    return _unless_nan(_product_where(within, dy, x), beta, alpha, x)


def _hardsigmoid_beta(dy, x, alpha, beta):
    dx = np.where(_within(x, alpha, beta), dy, dy.dtype.type(0))
    return _unless_nan(dx, beta, alpha, x)


_GRADIENTS = {
    "add_relu": {"y": _UFUNCS["add_relu_backward"]},
    "celu": {"alpha": _celu_alpha},
    "clipped_relu": {"max_value": _clipped_max_value},
    "elu": {"alpha": _elu_alpha},
    "hardsigmoid": {"alpha": _hardsigmoid_alpha, "beta": _hardsigmoid_beta},
    "leaky_relu": {"negative_slope": _slope},
    "silu": {"beta": _silu_beta},
    "softplus": {"beta": _softplus_beta},
    "swiglu": {"beta": _swiglu_beta},
    "thresholded_relu": {"theta": _thresholded_theta},
}
