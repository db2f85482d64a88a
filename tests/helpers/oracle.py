"""What every ufunc should answer: slow, obvious, and without a line in common with the kernels.

The formulas are `np.where` expressions. Their exponentials are computed by mpmath to far more bits
than needed and rounded once, in integer arithmetic, so that nothing is rounded twice; but by double
where that leaves no doubt.
"""

import math
from functools import cache, partial

import exact
import mpmath
import numpy as np
import quick
import smooth
from cases import case
from ml_dtypes import bfloat16, finfo
from relu_ufunc._relu_ufunc import KERNELS

from relu_ufunc._signatures import operands, parameters
from relu_ufunc.testing import as_tuple, assert_everywhere, same_bits

NUMPY_FLOATS = ("e", "f", "d", "g")
SHORT_FLOATS = ("e", "bfloat16", "f", "d")  # there are unsigned integers as wide as these
FLOATS = (*SHORT_FLOATS, "g")
INTEGERS = tuple("bBhHiIlLqQ")

# What the kernels are declared to be. What they compute is said below, in other words.
NAMES = tuple(kernel.name for kernel in KERNELS)
OPERANDS = {kernel.name: tuple(operands(kernel)) for kernel in KERNELS}
PARAMETERS = {kernel.name: parameters(kernel) for kernel in KERNELS}  # and their defaults, or None
INPUTS = {
    name: tuple(o for o in given if o not in PARAMETERS[name]) for name, given in OPERANDS.items()
}
REQUIRED = {
    name: tuple(o for o in given if PARAMETERS[name].get(o) is None)
    for name, given in OPERANDS.items()
}
ERROR = {kernel.name: kernel.error for kernel in KERNELS}
OUTPUTS = {kernel.name: kernel.nout for kernel in KERNELS}
EACH_PARAMETER = [(name, parameter) for name in NAMES for parameter in PARAMETERS[name]]
WITH_PARAMETERS = tuple(name for name in NAMES if PARAMETERS[name])
WITH_DEFAULTS = tuple(name for name in NAMES if len(REQUIRED[name]) < len(OPERANDS[name]))
FOR_INTEGERS = tuple(kernel.name for kernel in KERNELS if kernel.elements == "numbers")
SELECTING = tuple(kernel.name for kernel in KERNELS if kernel.loop == "select")
SHORT = tuple(kernel.name for kernel in KERNELS if kernel.elements == "floats_short")
BRIEF = tuple(kernel.name for kernel in KERNELS if kernel.loop.startswith("brief"))
BRANCHING = tuple(kernel.name for kernel in KERNELS if kernel.loop == "branch")
FAST = tuple(
    kernel.name for kernel in KERNELS if kernel.loop.startswith("fast") or kernel.name in BRANCHING
)
COSTLY = tuple(
    kernel.name
    for kernel in KERNELS
    if kernel.loop in ("costly", "product") or kernel.loop.startswith(("fast", "brief"))
)
DTYPES = {name: (INTEGERS if name in FOR_INTEGERS else ()) + FLOATS for name in NAMES}
LOOPS = [(name, dtype) for name in NAMES for dtype in DTYPES[name]]


def with_neighbours(x, count):
    """Each number, and as many more on either side."""
    near = [x]
    for end in (-np.inf, 0.0):
        beside = x
        for _ in range(count):
            beside = np.nextafter(beside, x.dtype.type(end))
            near.append(beside)
    return np.concatenate(near)


# The gated units, and what becomes of their gate.
GATES = {"glu": "sigmoid", "swiglu": "silu", "geglu": "gelu", "geglu_tanh": "gelu_tanh"}

# In units in the last place: float32 promises the nearest number.
BOUND = {"float32": 0.5, "float64": 0.55}


@cache
def _exp_minus(c, dtype, x):
    """exp(x) - c, for x <= 0: the nearest number, and the next best one if within the bound."""
    if x < -2000:  # exp(x) is far below half the smallest subnormal number
        return float(-c), float(-c)
    # 160 bits are left when the leading ones have cancelled; the hardest float64 asks for 120.
    with mpmath.workprec(160 + max(0, -math.frexp(x)[1])):
        sign, mantissa, exponent, length = (mpmath.exp(x) - c)._mpf_
    info = finfo(dtype)
    unit = max(exponent + length - info.nmant - 1, int(info.minexp) - info.nmant)
    scale = 1 << max(0, unit - exponent)
    n, rest = divmod(mantissa << max(0, exponent - unit), scale)
    nearest, other = (n, n + 1) if 2 * rest < scale else (n + 1, n)  # there are no ties
    if max(rest, scale - rest) / scale > BOUND.get(dtype, 0.5):
        other = nearest
    return tuple(math.ldexp(-k if sign else k, unit) for k in (nearest, other))


def slow_exponential(c, x, choice=0):
    """exp(x) - c, c being 0 or 1, where x <= 0."""
    both = np.frompyfunc(partial(_exp_minus, c, x.dtype.name), 1, 2)
    return np.asarray(both(x.astype(np.float64))[choice], np.float64).astype(x.dtype)


def nearest_exponential(c, x, choice=0):
    """exp(x) - c, c being 0 or 1, where x <= 0; anything elsewhere."""
    x = np.where(x <= 0, x, 0).astype(x.dtype)
    if x.dtype == np.longdouble:  # promised to be what the C library says, as it is in NumPy
        return np.expm1(x) if c else np.exp(x)
    if x.dtype == np.float64:
        y = slow_exponential(c, x, choice)
    else:
        y, clear = quick.nearest_exponential(c, rounded_once, x)
        y[~clear] = slow_exponential(c, x[~clear])
    return np.where(x == 0, x, y) if c else y  # expm1(-0.0) is -0.0


def by_sign(x, negative, positive):
    """The second argument for x <= 0, the third for x > 0, and x itself where it is NaN."""
    return np.where(x <= 0, negative, np.where(x > 0, positive, x))


def positive_part(x):
    return by_sign(x, 0, x)


def unless_nan(x, parameter, condition, value, other=0):
    """The value or the other by a condition on both, but the first NaN of both."""
    value = np.where(condition(x, parameter), value, other).astype(x.dtype)
    return np.where(np.isnan(x), x, np.where(np.isnan(parameter), parameter, value))


def six(x):
    return np.full_like(x, 6)


def clipped(x, ceiling, value):
    return unless_nan(x, ceiling, lambda _, m: value > m, ceiling, value)


def below_ceiling(x, ceiling, value):
    return unless_nan(x, ceiling, lambda x, m: (x > 0) & (x <= m), value)


def above(x, threshold, value):
    return unless_nan(x, threshold, np.greater, value)


def by_sum(x, y, dy):
    """dy where x + y > 0, else 0; a NaN in dy comes before one that x and y make of numbers."""
    s = total(x, y)
    made = np.isnan(s) & ~np.isnan(x) & ~np.isnan(y)
    return np.where(made & np.isnan(dy), dy, by_sign(s, 0, dy))


def with_one_nan(a, b, result):
    """The result of an operation: the NaN among a and b, a first; any other NaN is np.nan."""
    if a.dtype.kind in "iu":
        return result
    result = np.where(np.isnan(result), a.dtype.type(np.nan), result)
    return np.where(np.isnan(a), a, np.where(np.isnan(b), b, result))


def product(a, b):
    return with_one_nan(a, b, a * b)


def total(a, b):
    return with_one_nan(a, b, a + b)


def led_by(x, result):
    """The result, but x where that is NaN."""
    return np.where(np.isnan(x), x, result)


def told(dy, y, alpha, gradient):
    """The gradient, but np.nan where y tells no branch, unless there is a NaN to pass on."""
    untold = (alpha < 0) & ~np.isnan(dy) & ~np.isnan(y)
    return np.where(untold, dy.dtype.type(np.nan), gradient)


def rounded_once(a, dtype):
    """float32 as float16 or bfloat16: the nearest, ties to even; a NaN quiet, its payload cut."""
    fraction, least = finfo(dtype).nmant, 127 + finfo(dtype).minexp
    infinity = 0x7FFF >> fraction << fraction
    word = a.view(np.uint32).astype(np.int64)
    sign, exponent, significand = word >> 31 << 15, word >> 23 & 0xFF, word & 0x7FFFFF
    nan = infinity | 1 << (fraction - 1) | significand >> (23 - fraction)
    significand |= (exponent > 0).astype(np.int64) << 23
    exponent = np.maximum(exponent, 1)
    # Below the normal numbers, the last place stays where it is.
    drop = 23 - fraction + np.clip(least - exponent, 0, 25)
    n, rest, half = significand >> drop, significand & ((1 << drop) - 1), 1 << (drop - 1)
    n += (rest > half) | ((rest == half) & (n % 2 == 1))
    # The leading bit of n counts as one in the exponent, and so does what it is carried to.
    number = np.minimum((np.maximum(exponent - least, 0) << fraction) + n, infinity)
    return (sign | np.where(np.isnan(a), nan, number)).astype(np.uint16).view(dtype)


def formulas(exp, expm1, choice=0):
    """The definitions, with a choice of exponentials."""

    def of(name):
        """A smooth function, or a derivative, in the precision of its inputs."""
        return partial(exact.values, name, ERROR[name], choice, rounded_once)

    def times(name):
        """The derivative times dy."""
        return lambda dy, *given: led_by(given[0], product(dy, of(name)(*given)))

    def gated(name):
        return lambda gate, up, *parameter: led_by(gate, product(up, of(name)(gate, *parameter)))

    def gated_backward(name):
        def both(dy, gate, up, *parameter):
            slope = led_by(gate, product(up, of(f"{name}_grad")(gate, *parameter)))
            return (
                led_by(gate, product(dy, slope)),
                led_by(gate, product(dy, of(name)(gate, *parameter))),
            )

        return both

    def selected(slope):
        """The derivative times dy, and 0 where that is 0."""

        def backward(dy, *given):
            s = slope(*given)
            passed_on = np.any([np.isnan(g) for g in given], axis=0)
            return np.where(s == 0, s.dtype.type(0), np.where(passed_on, s, product(dy, s)))

        return backward

    return {
        **{name: of(name) for name in smooth.RESULTS},
        **{
            name.replace("_grad", "_backward"): times(name)
            for name in smooth.RESULTS
            if name.endswith("_grad")
        },
        **{name: gated(of_gate) for name, of_gate in GATES.items()},
        **{f"{name}_backward": gated_backward(of_gate) for name, of_gate in GATES.items()},
        "hardswish_backward": selected(of("hardswish_grad")),
        "hardsigmoid": of("hardsigmoid"),
        "hardsigmoid_grad": of("hardsigmoid_grad"),
        "hardsigmoid_backward": selected(of("hardsigmoid_grad")),
        "relu": lambda x: by_sign(x, 0, x),
        "relu6": lambda x: clipped(x, six(x), positive_part(x)),
        "clipped_relu": lambda x, m: clipped(x, m, positive_part(x)),
        "thresholded_relu": lambda x, t: above(x, t, x),
        "relu_squared": lambda x: product(positive_part(x), positive_part(x)),
        "add_relu": lambda x, y: positive_part(total(x, y)),
        "reglu": lambda gate, up: by_sign(gate, 0, product(gate, up)),
        "leaky_relu": lambda x, s: by_sign(x, product(x, s), x),
        "prelu": lambda x, s: by_sign(x, product(x, s), x),
        "elu": lambda x, a: by_sign(x, product(a, expm1(x)), x),
        "relu_grad": lambda x: by_sign(x, 0, 1),
        "relu6_grad": lambda x: below_ceiling(x, six(x), 1),
        "clipped_relu_grad": lambda x, m: below_ceiling(x, m, 1),
        "thresholded_relu_grad": lambda x, t: above(x, t, 1),
        "relu_squared_grad": lambda x: by_sign(x, 0, x + x),
        "leaky_relu_grad": lambda x, s: by_sign(x, s, 1),
        "prelu_grad": lambda x, s: (by_sign(x, s, 1), by_sign(x, x, 0)),
        "elu_grad": lambda x, a: by_sign(x, product(a, exp(x)), 1),
        "relu_backward": lambda dy, x: by_sign(x, 0, dy),
        "relu6_backward": lambda dy, x: below_ceiling(x, six(x), dy),
        "clipped_relu_backward": lambda dy, x, m: below_ceiling(x, m, dy),
        "thresholded_relu_backward": lambda dy, x, t: above(x, t, dy),
        "relu_squared_backward": lambda dy, x: by_sign(x, 0, total(*[product(dy, x)] * 2)),
        "add_relu_backward": lambda dy, x, y: by_sum(x, y, dy),
        "reglu_backward": lambda dy, gate, up: (
            by_sign(gate, 0, product(dy, up)),
            by_sign(gate, 0, product(dy, gate)),
        ),
        "leaky_relu_backward": lambda dy, x, s: by_sign(x, product(dy, s), dy),
        "prelu_backward": lambda dy, x, s: (
            by_sign(x, product(dy, s), dy),
            by_sign(x, product(dy, x), 0),
        ),
        "elu_backward": lambda dy, x, a: by_sign(x, product(dy, product(a, exp(x))), dy),
        "elu_backward_from_output": lambda dy, y, a: told(
            dy, y, a, by_sign(y, product(dy, total(y, a)), dy)
        ),
    }


# With the nearest value everywhere, and with the others that the bound may leave.
NEAREST, *OTHERS = (
    formulas(
        partial(nearest_exponential, 0, choice=min(choice, 1)),
        partial(nearest_exponential, 1, choice=min(choice, 1)),
        choice,
    )
    for choice in smooth.CHOICES
)


# 16-bit results that are rounded once, from the exact value
ONCE = {*smooth.RESULTS, "hardsigmoid", "hardsigmoid_grad"}


def in_float32(name, args):
    """16-bit operands as float32. What stands for 1/6 in their type stands for it there, too."""
    wide = [a.astype(np.float32) for a in args]
    if name == "hardsigmoid_backward":
        is_sixth = args[2] == args[2].dtype.type(1 / 6)
        wide[2] = np.where(is_sixth, np.float32(1 / 6), wide[2])
    return wide


@np.errstate(all="ignore")
def answers(name, *args):
    """The answers that the contract allows, each a tuple of outputs.

    There is one, but where float64 takes an exponential, or a smooth function: some are left.
    """
    args = np.broadcast_arrays(*args)
    dtype = args[0].dtype
    assert all(a.dtype == dtype for a in args)
    short = dtype in (np.float16, bfloat16) and name not in SELECTING
    twice = short and name not in ONCE
    if twice:
        args = in_float32(name, args)
    elif short:  # a signalling NaN turns quiet on the way
        quiet = [rounded_once(a.astype(np.float32), dtype) for a in args]
        args = [np.where(np.isnan(a), q, a) for a, q in zip(args, quiet, strict=True)]
    bounded = not short and (name in COSTLY or (dtype == np.float64 and ERROR[name] > 0.5))
    return [
        tuple(
            rounded_once(out, dtype) if twice else out.astype(dtype)
            for out in as_tuple(choice[name](*args))
        )
        for choice in ((NEAREST, *OTHERS) if bounded else (NEAREST,))
    ]


LONG_ULPS = 8


def near_root(name, output, args):
    """Where a derivative is asked for near its root: there it counts as 0.1."""
    function, _, kind = name.rpartition("_")
    function = GATES.get(function, function)
    given = dict(zip(OPERANDS[name], args, strict=True))
    if kind not in ("grad", "backward") or output > 0 or function not in smooth.ROOTS:
        return np.zeros(np.shape(args[0]), bool)
    z = given.get("x", given.get("gate")) * given.get("beta", 1)
    return abs(z - smooth.ROOTS[function]) < (0.2 if z.dtype == np.longdouble else 0.1)


def close(got, want, size, ulps):
    """The distance is at most so many units in the last place of a number of that size."""
    info = finfo(got.dtype)
    # Not by np.spacing, which is NaN for some long doubles.
    unit = np.ldexp(got.dtype.type(1), np.frexp(size)[1] - info.nmant - 1)
    return abs(got - want) <= ulps * np.maximum(unit, info.smallest_subnormal)


def scale_of(name, output, args):
    """What a derivative is multiplied by."""
    factors = ("dy", "up") if name.endswith("_backward") and output == 0 else ()
    given = [abs(a) for o, a in zip(OPERANDS[name], args, strict=True) if o in factors]
    return math.prod(given, start=args[0].dtype.type(1))


def assert_right(name, got, *args, allowed=None):
    """Every element of a result is an answer that the contract allows.

    A NaN has the bits of the NaN that it came from; one that an operation made is np.nan.
    `allowed` is what `answers` gives, where the caller has it already.
    """
    got = as_tuple(got)
    args = np.broadcast_arrays(*args)
    allowed = allowed or answers(name, *args)
    assert [(g.dtype, np.shape(g)) for g in got] == [(a.dtype, a.shape) for a in allowed[0]]
    for i, g in enumerate(got):
        ok = np.any([same_bits(g, a[i]) for a in allowed], axis=0)
        if name in COSTLY and g.dtype in (np.float64, np.longdouble) and not ok.all():
            with np.errstate(all="ignore"):
                want, near, scale = allowed[0][i], near_root(name, i, args), scale_of(name, i, args)
                ok |= near & close(g, want, 0.1 * scale, 1 if g.dtype == np.float64 else LONG_ULPS)
                if g.dtype == np.longdouble:  # as good as the C library
                    same_sign = np.signbit(g) == np.signbit(want)
                    ok |= same_sign & close(g, want, abs(want), LONG_ULPS)
        shown = dict(zip(OPERANDS[name], args, strict=True))
        assert_everywhere(ok, f"{name}, output {i}", got=g, want=allowed[0][i], **shown)


def assert_right_on(isas, name, *args):
    """What each instruction set gives is right. Bits that another has given need no second look.

    Long double has the same kernels for all.
    """
    allowed, right = answers(name, *args), []
    for isa, uf in isas[:1] if args[0].dtype == np.longdouble else isas:
        got = as_tuple(getattr(uf, name)(*args))
        if [g.tobytes() for g in got] != right:
            with case(isa, args[0].dtype):
                assert_right(name, got, *args, allowed=allowed)
            right = [g.tobytes() for g in got]
