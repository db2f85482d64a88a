"""The exact float32 results of a block of inputs, to which the proof compares those of the ufuncs.

It shares no code with the kernels. Selections, sums and products are NumPy's; expm1, exp and the
smooth functions are those of the C library's long double, and of `decimal` where that is too close
to a rounding boundary to tell. Blocks of expm1 and exp that lie wholly near 0 or far below it have
one obvious answer, given with its reason in `exponential`, since long double takes long over them.
"""

from decimal import Decimal

import numpy as np

from . import _decimals
from ._exact_f32 import round_exactly

QUIET = np.uint32(0x00400000)


class Reference:
    """The exact results for a block of inputs, each worked out when it is first asked for."""

    def __init__(self, patterns):
        self.patterns = patterns
        self.x = patterns.view(np.float32)
        self.nan = np.isnan(self.x)
        with np.errstate(invalid="ignore"):
            self.off = self.x <= 0
        self.all_off = self.off.all()  # one of these two is true of nearly every block
        self.all_on = not (self.off | self.nan).any()
        self.exact = {}

    def bits_of(self, name, *parameters):
        """What the ufunc of this name has to give, as bits."""
        x, one, zero = self.x, np.float32(1), np.float32(0)
        parameter = parameters[0] if parameters else np.float32(6)  # which is relu6's
        match name:
            case "relu":
                return self._pick(on=x, off=zero)
            case "relu_grad":
                return self._pick(on=one, off=zero)
            case "relu6" | "clipped_relu":
                return self._pick(on=np.minimum(x, parameter), off=zero)
            case "relu6_grad" | "clipped_relu_grad":
                return self._pick(on=np.where(x <= parameter, one, zero), off=zero)
            case "thresholded_relu":
                return self._unless_nan(np.where(x > parameter, x, zero))
            case "thresholded_relu_grad":
                return self._unless_nan(np.where(x > parameter, one, zero))
            case "relu_squared":
                return self._pick(on=x * x, off=zero, quiet=True)
            case "relu_squared_grad":
                return self._pick(on=x + x, off=zero, quiet=True)
            case "leaky_relu" | "prelu":
                return self._pick(on=x, off=x * parameter, quiet=True)
            case "leaky_relu_grad":
                return self._pick(on=one, off=parameter)
            case "elu":
                return self._pick(on=x, off=self._rounded("expm1") * parameter, quiet=True)
            case "elu_grad":
                return self._pick(on=one, off=self._rounded("exp") * parameter)
            case "hardsigmoid_grad":  # at its defaults, as are those below
                return self._unless_nan(np.where((x > -3) & (x <= 3), parameter, zero))
            case smooth:
                return self._unless_nan(nearest(smooth, np.where(self.nan, zero, x)))

    def _pick(self, on, off, quiet=False):
        """`off` where x <= 0, `on` where x > 0, x itself, quiet if need be, where it is NaN."""
        if self.all_off:
            values = off
        elif self.all_on:
            values = on
        else:
            nan = (self.patterns | QUIET if quiet else self.patterns).view(np.float32)
            values = np.where(self.nan, nan, np.where(self.off, off, on))
        return np.broadcast_to(values, self.x.shape).view(np.uint32)

    def _unless_nan(self, values):
        """The values, and x itself where it is NaN."""
        return np.where(self.nan, self.x, values).view(np.uint32)

    def _rounded(self, function):
        """expm1 or exp where x <= 0, correctly rounded; 0 elsewhere."""
        if function not in self.exact:
            if self.all_off:
                result = exponential(function, self.x)
            else:
                result = np.zeros_like(self.x)
                result[self.off] = exponential(function, self.x[self.off])
            self.exact[function] = result
        return self.exact[function]


def exponential(function, x):
    """expm1 or exp of numbers that are not above 0, correctly rounded."""
    expm1 = function == "expm1"
    # x^2 / 2 is less than half an ULP of x, and x less than half an ULP of 1.
    if x.size == 0 or x.min() > -(2.0**-26):
        return x if expm1 else np.ones_like(x)
    # e^-18 is less than half an ULP of -1, e^-104 less than half the least float32.
    if x.max() < (-18 if expm1 else -104):
        return np.full_like(x, -1 if expm1 else 0)
    return nearest(function, x)


def nearest(function, x):
    """A function of numbers, correctly rounded."""
    y = np.empty_like(x)
    for i in round_exactly(function, x, y):
        y[i] = _nearest_float32(function, x[i], y[i])
    return y


def _nearest_float32(function, x, close):
    """The float32 nearest to the exact value, which is `close` or one of its neighbours."""
    exact = _decimals.value(function, Decimal(float(x)))
    candidates = close, np.nextafter(close, -np.inf), np.nextafter(close, np.inf)

    def distance(y):
        away = abs(_decimals.CONTEXT.subtract(Decimal(float(y)), exact))
        return away, y.view(np.uint32) & 1  # of two that are as near, the even one

    return min(candidates, key=distance)
