"""hardsigmoid and its derivative: of fractions, rounded once."""

import math
from fractions import Fraction
from functools import partial

import numpy as np
import smooth
from gmpy2 import mpfr
from ml_dtypes import bfloat16

STANDARD = (1 / 6, 0.5)
# 1/6 as near as a type has it stands for 1/6; 16-bit types are computed with in float32.
SIXTHS = {float(dtype(1 / 6)) for dtype in (np.float16, bfloat16, np.float32, np.float64)}


def _sum(dtype, x, alpha, beta):
    """alpha x + beta: a fraction, or a float where something is infinite or rounded in between."""
    if not all(map(math.isfinite, (x, alpha, beta))):
        return alpha * x + beta
    is_sixth = alpha == STANDARD[0] if dtype == "float64" else alpha in SIXTHS
    if dtype == "float64" and (alpha, beta) != STANDARD:
        return alpha * x + beta
    return (Fraction(1, 6) if is_sixth else Fraction(alpha)) * Fraction(x) + Fraction(beta)


def _value(dtype, x, alpha, beta):
    """The numbers that are allowed, and the derivative."""
    if any(map(math.isnan, (x, alpha, beta))):
        return (math.nan,) * 5
    total = _sum(dtype, x, alpha, beta)
    if math.isnan(total):
        return (math.nan,) * 5
    # By the sum in double, of which both kinks are.
    seen = float(total) if (alpha, beta) != STANDARD else total
    within = 0 < seen <= 1 if alpha > 0 else 0 <= seen < 1
    slope = alpha + 0.0 if within else 0.0
    if total < 0 or total > 1:
        return (float(total > 1),) * 4 + (slope,)
    if isinstance(total, float):
        return (total,) * 4 + (slope,)
    if total == 0:
        rounded = (
            alpha * x + beta
        )  # which is not 0 where alpha stands for 1/6, and else tells the sign
        return (rounded if rounded == 0 else 0.0,) * 4 + (slope,)
    bound = 1.0 if dtype == "float64" else 0.5001
    return *smooth.rounded(mpfr(total, 400), dtype, bound), slope


def _long(x, alpha, beta):
    alpha = np.longdouble(1) / 6 if alpha == STANDARD[0] else alpha
    total = (x + 3) / 6 if (alpha, beta) == (np.longdouble(1) / 6, 0.5) else alpha * x + beta
    within = np.where(alpha > 0, (total > 0) & (total <= 1), (total >= 0) & (total < 1))
    if np.isnan(total):
        return (np.longdouble(np.nan),) * 5
    slope = np.where(within & (alpha != 0), alpha, 0)[()]
    value = np.longdouble(0) if total < 0 else np.longdouble(1) if total > 1 else total
    return (value,) * 4 + (np.longdouble(slope),)


def values(dtype, choice, x, alpha, beta):
    """The function, or by choice -1 its derivative, with the first NaN of the inputs kept."""
    of = _long if dtype == np.longdouble else partial(_value, np.dtype(dtype).name)
    wide = "g" if dtype == np.longdouble else "d"
    found = np.frompyfunc(of, 3, 5)(*(a.astype(wide) for a in (x, alpha, beta)))[choice]
    y = np.asarray(found, wide).astype(dtype).reshape(x.shape)
    for given in (beta, alpha, x):
        y = np.where(np.isnan(given), given, y)
    return y
