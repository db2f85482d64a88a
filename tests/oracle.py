"""What every ufunc should answer: slow, obvious, and without a line in common with the kernels.

The formulas are `np.where` expressions. Their exponentials are computed by mpmath to far more bits
than needed and rounded once, in integer arithmetic, so that nothing is rounded twice.
"""

import math
from functools import cache, partial

import mpmath
import numpy as np
from bits import as_tuple, assert_all, identical

FLOATS = "efdg"
INTEGERS = "bBhHiIlLqQ"

# The operands of each ufunc, in order.
OPERANDS = {
    "relu": ("x",),
    "leaky_relu": ("x", "negative_slope"),
    "prelu": ("x", "slope"),
    "elu": ("x", "alpha"),
    "relu_grad": ("x",),
    "leaky_relu_grad": ("x", "negative_slope"),
    "prelu_grad": ("x", "slope"),
    "elu_grad": ("x", "alpha"),
    "relu_backward": ("dy", "x"),
    "leaky_relu_backward": ("dy", "x", "negative_slope"),
    "prelu_backward": ("dy", "x", "slope"),
    "elu_backward": ("dy", "x", "alpha"),
    "elu_backward_from_output": ("dy", "y", "alpha"),
}
NAMES = tuple(OPERANDS)
OUTPUTS = {name: 2 if name in ("prelu_grad", "prelu_backward") else 1 for name in NAMES}
DEFAULTS = {"negative_slope": 0.01, "alpha": 1.0}
PARAMETER = {
    name: operands[-1]
    for name, operands in OPERANDS.items()
    if operands[-1] in ("negative_slope", "slope", "alpha")
}
# These move and select bits and compute nothing, so that they serve integers too.
SELECTING = ("relu", "relu_grad", "relu_backward")
DTYPES = {name: (INTEGERS if name in SELECTING else "") + FLOATS for name in NAMES}
LOOPS = [(name, dtype) for name in NAMES for dtype in DTYPES[name]]

# In units in the last place: float32 promises the nearest number.
BOUND = {"f": 0.5, "d": 0.55}


@cache
def _exp_minus(c, char, x):
    """exp(x) - c, for x <= 0: the nearest number, and the next best one if within the bound."""
    if x < -2000:  # exp(x) is far below half the smallest subnormal number
        return float(-c), float(-c)
    # 160 bits are left when the leading ones have cancelled; the hardest float64 asks for 120.
    with mpmath.workprec(160 + max(0, -math.frexp(x)[1])):
        sign, mantissa, exponent, length = (mpmath.exp(x) - c)._mpf_
    info = np.finfo(char)
    unit = max(exponent + length - info.nmant - 1, int(info.minexp) - info.nmant)
    scale = 1 << max(0, unit - exponent)
    n, rest = divmod(mantissa << max(0, exponent - unit), scale)
    nearest, other = (n, n + 1) if 2 * rest < scale else (n + 1, n)  # there are no ties
    if max(rest, scale - rest) / scale > BOUND[char]:
        other = nearest
    return tuple(math.ldexp(-k if sign else k, unit) for k in (nearest, other))


def _exponential(c, choice, x):
    x = np.where(x <= 0, x, 0).astype(x.dtype)
    if x.dtype == np.longdouble:  # promised to be what the C library says, as it is in NumPy
        return np.expm1(x) if c else np.exp(x)
    both = np.frompyfunc(partial(_exp_minus, c, x.dtype.char), 1, 2)
    y = np.asarray(both(x)[choice], dtype=x.dtype)
    return np.where(x == 0, x, y) if c else y  # expm1(-0.0) is -0.0


def by_sign(x, negative, positive):
    """The second argument for x <= 0, the third for x > 0, and x itself where it is NaN."""
    return np.where(x <= 0, negative, np.where(x > 0, positive, x))


def product(a, b):
    """a * b, and a where both are NaN."""
    return np.where(np.isnan(a), a, a * b)


def formulas(exp, expm1):
    """The definitions, with a choice of exponentials."""
    return {
        "relu": lambda x: by_sign(x, 0, x),
        "leaky_relu": lambda x, s: by_sign(x, x * s, x),
        "prelu": lambda x, s: by_sign(x, x * s, x),
        "elu": lambda x, a: by_sign(x, a * expm1(x), x),
        "relu_grad": lambda x: by_sign(x, 0, 1),
        "leaky_relu_grad": lambda x, s: by_sign(x, s, 1),
        "prelu_grad": lambda x, s: (by_sign(x, s, 1), by_sign(x, x, 0)),
        "elu_grad": lambda x, a: by_sign(x, a * exp(x), 1),
        "relu_backward": lambda dy, x: by_sign(x, 0, dy),
        "leaky_relu_backward": lambda dy, x, s: by_sign(x, product(dy, s), dy),
        "prelu_backward": lambda dy, x, s: (
            by_sign(x, product(dy, s), dy),
            by_sign(x, product(dy, x), 0),
        ),
        "elu_backward": lambda dy, x, a: by_sign(x, product(dy, a * exp(x)), dy),
        "elu_backward_from_output": lambda dy, y, a: by_sign(y, product(dy, y + a), dy),
    }


# With the nearest exponential everywhere, and with the other one that the bound may leave.
NEAREST, OTHER = (
    formulas(partial(_exponential, 0, choice), partial(_exponential, 1, choice))
    for choice in (0, 1)
)


@np.errstate(all="ignore")
def answers(name, *args):
    """The answers that the contract allows, each a tuple of outputs.

    There is one, but where float64 takes an exponential: of those, the bound leaves one or two.
    """
    args = np.broadcast_arrays(*args)
    dtype = args[0].dtype
    assert all(a.dtype == dtype for a in args)
    if dtype == np.float16 and name not in SELECTING:
        args = [a.astype(np.float32) for a in args]  # rounded back once, at the end
    bounded = dtype == np.float64 and name in ("elu", "elu_grad", "elu_backward")
    return [
        tuple(out.astype(dtype) for out in as_tuple(choice[name](*args)))
        for choice in ((NEAREST, OTHER) if bounded else (NEAREST,))
    ]


def isnan(a):
    return np.isnan(a) if a.dtype.kind == "f" else np.zeros(a.shape, bool)


def assert_right(name, got, *args):
    """Every element of a result is an answer that the contract allows.

    A NaN has the bits of the NaN that it came from; one that an operation made may be any NaN.
    """
    got = as_tuple(got)
    args = np.broadcast_arrays(*args)
    allowed = answers(name, *args)
    assert [(g.dtype, np.shape(g)) for g in got] == [(a.dtype, a.shape) for a in allowed[0]]
    clean = ~np.any([isnan(a) for a in args], axis=0)
    for i, g in enumerate(got):
        made = clean & isnan(g)
        ok = np.any([identical(g, a[i]) | (made & isnan(a[i])) for a in allowed], axis=0)
        shown = dict(zip(OPERANDS[name], args, strict=True))
        assert_all(ok, f"{name}, output {i}", got=g, want=allowed[0][i], **shown)
