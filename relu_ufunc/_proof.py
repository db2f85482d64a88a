"""The proof that float32 results are exact: every one of the 2^32 inputs against a reference.

The reference shares no code with the kernels. Selections and products are NumPy's; expm1, exp and
the smooth functions are those of the C library's long double, and of `decimal` with 150 digits
where that is too close to a rounding boundary to tell. Blocks of expm1 and exp that lie wholly near
0 or far below it have one obvious answer, given with its reason in `_exponential`, since long
double takes long over them.
"""

from concurrent.futures import ThreadPoolExecutor
from decimal import Context, Decimal, localcontext
from itertools import islice
from typing import NamedTuple

import numpy as np

from ._exact_f32 import round_exactly
from ._relu_ufunc import ufuncs_of

INPUTS = 1 << 32
BLOCK = 1 << 17  # half a megabyte of float32: stays in the second-level cache
ALPHA_ONE, SLOPE = np.float32(1), np.float32(0.01)

_QUIET = np.uint32(0x00400000)
_decimal = Context(prec=150)  # x^2 / 4, beside x / 2, is 2^-150 of it at the least


class Case(NamedTuple):
    """A ufunc and, where it has a parameter, the value of it."""

    name: str
    parameter: np.float32 | None = None

    def __str__(self):
        return self.name if self.parameter is None else f"{self.name}(x, {self.parameter:g})"


CASES = (
    Case("relu"),
    Case("relu_grad"),
    Case("leaky_relu", SLOPE),
    Case("leaky_relu_grad", SLOPE),
    Case("elu", ALPHA_ONE),
    Case("elu_grad", ALPHA_ONE),
    Case("sigmoid"),
    Case("sigmoid_grad"),
    Case("silu", ALPHA_ONE),
    Case("silu_grad", ALPHA_ONE),
    Case("softplus", ALPHA_ONE),
    Case("softplus_grad", ALPHA_ONE),
    Case("mish"),
    Case("mish_grad"),
    Case("selu"),
    Case("selu_grad"),
    Case("celu", ALPHA_ONE),
    Case("celu_grad", ALPHA_ONE),
)


class Mismatch(NamedTuple):
    """Results of one case on one instruction set, in one block of inputs, that are wrong."""

    case: Case
    isa: str
    total: int
    first: np.float32  # the first wrong input, with what it gave and should have given
    got: np.float32
    want: np.float32


def blocks(start=0, stop=INPUTS):
    """The bit patterns of all inputs, in arrays of BLOCK."""
    for first in range(start, stop, BLOCK):
        yield np.arange(first, min(first + BLOCK, stop), dtype=np.uint32)


def check_block(patterns, isas, cases=CASES):
    """The mismatches among the inputs with these bit patterns."""
    reference = _Reference(patterns)
    got = np.empty_like(patterns)
    mismatches = []
    with np.errstate(all="ignore"):
        for case in cases:
            want = reference.bits_of(case)
            inputs = (reference.x,) if case.parameter is None else (reference.x, case.parameter)
            for isa in isas:
                ufuncs_of(isa)[case.name](*inputs, out=got.view(np.float32))
                wrong = got != want
                if wrong.any():
                    i = wrong.argmax()
                    values = (a[i].view(np.float32) for a in (patterns, got, want))
                    mismatches.append(Mismatch(case, isa, np.count_nonzero(wrong), *values))
    return mismatches


def check(isas, cases=CASES, threads=1, blocks_to_check=None):
    """Check block after block, on several threads; an iterator over the mismatches of each."""
    pending_blocks = iter(blocks() if blocks_to_check is None else blocks_to_check)
    pool = ThreadPoolExecutor(threads)
    try:
        # A few blocks at a time: handed in all at once, 32,768 of them would wait in memory.
        pending = [
            pool.submit(check_block, block, isas, cases)
            for block in islice(pending_blocks, 2 * threads)
        ]
        while pending:
            yield pending.pop(0).result()
            pending += [
                pool.submit(check_block, block, isas, cases) for block in islice(pending_blocks, 1)
            ]
    finally:
        pool.shutdown(cancel_futures=True)  # broken off, none begins any more


class _Reference:
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

    def bits_of(self, case):
        """What the case has to give, as bits."""
        x, one, zero = self.x, np.float32(1), np.float32(0)
        match case.name:
            case "relu":
                return self._pick(on=x, off=zero)
            case "relu_grad":
                return self._pick(on=one, off=zero)
            case "leaky_relu":
                return self._pick(on=x, off=x * case.parameter, quiet=True)
            case "leaky_relu_grad":
                return self._pick(on=one, off=case.parameter)
            case "elu":
                return self._pick(on=x, off=self._rounded("expm1") * case.parameter, quiet=True)
            case "elu_grad":
                return self._pick(on=one, off=self._rounded("exp") * case.parameter)
            case smooth:
                return self._smooth(smooth)

    def _pick(self, on, off, quiet=False):
        """`off` where x <= 0, `on` where x > 0, x itself, quiet if need be, where it is NaN."""
        if self.all_off:
            values = off
        elif self.all_on:
            values = on
        else:
            nan = (self.patterns | _QUIET if quiet else self.patterns).view(np.float32)
            values = np.where(self.nan, nan, np.where(self.off, off, on))
        return np.broadcast_to(values, self.x.shape).view(np.uint32)

    def _smooth(self, function):
        """A smooth function at the default of its parameter; x itself where it is NaN."""
        numbers = np.where(self.nan, np.float32(0), self.x)
        return np.where(self.nan, self.x, _nearest(function, numbers)).view(np.uint32)

    def _rounded(self, function):
        """expm1 or exp where x <= 0, correctly rounded; 0 elsewhere."""
        if function not in self.exact:
            if self.all_off:
                result = _exponential(function, self.x)
            else:
                result = np.zeros_like(self.x)
                result[self.off] = _exponential(function, self.x[self.off])
            self.exact[function] = result
        return self.exact[function]


def _exponential(function, x):
    """expm1 or exp of numbers that are not above 0, correctly rounded."""
    expm1 = function == "expm1"
    # x^2 / 2 is less than half an ULP of x, and x less than half an ULP of 1.
    if x.size == 0 or x.min() > -(2.0**-26):
        return x if expm1 else np.ones_like(x)
    # e^-18 is less than half an ULP of -1, e^-104 less than half the least float32.
    if x.max() < (-18 if expm1 else -104):
        return np.full_like(x, -1 if expm1 else 0)
    return _nearest(function, x)


def _nearest(function, x):
    """A function of numbers, correctly rounded."""
    y = np.empty_like(x)
    for i in round_exactly(function, x, y):
        y[i] = _nearest_float32(function, x[i], y[i])
    return y


def _nearest_float32(function, x, close):
    """The float32 nearest to the exact value, which is `close` or one of its neighbours."""
    with localcontext(_decimal):
        exact = _EXACT[function](Decimal(float(x)))
    candidates = close, np.nextafter(close, -np.inf), np.nextafter(close, np.inf)
    return min(candidates, key=lambda y: abs(_decimal.subtract(Decimal(float(y)), exact)))


def _sigmoid(x):
    e = (-abs(x)).exp()
    return (1 if x > 0 else e) / (1 + e)


def _silu_grad(x):
    s = _sigmoid(x)
    return s * (1 + x * (1 - s))


def _mish(x):
    square = (1 + x.exp()) ** 2
    return x * (square - 1) / (square + 1)  # tanh(log(u)), where u = 1 + e^x


def _mish_grad(x):
    e = x.exp()
    square = (1 + e) ** 2
    return (square - 1) / (square + 1) + x * 4 * (1 + e) * e / (square + 1) ** 2


_LAMBDA = Decimal("1.0507009873554804934193349852946")
_LAMBDA_ALPHA = _decimal.multiply(_LAMBDA, Decimal("1.6732632423543772848170429916717"))

_EXACT = {
    "exp": lambda x: x.exp(),
    "expm1": lambda x: x.exp() - 1,
    "sigmoid": _sigmoid,
    "sigmoid_grad": lambda x: _sigmoid(x) * _sigmoid(-x),
    "silu": lambda x: x * _sigmoid(x),
    "silu_grad": _silu_grad,
    "softplus": lambda x: (1 + x.exp()).ln(),
    "softplus_grad": _sigmoid,
    "mish": _mish,
    "mish_grad": _mish_grad,
    "selu": lambda x: _LAMBDA * x if x > 0 else _LAMBDA_ALPHA * (x.exp() - 1),
    "selu_grad": lambda x: _LAMBDA if x > 0 else _LAMBDA_ALPHA * x.exp(),
    "celu": lambda x: x if x > 0 else x.exp() - 1,
    "celu_grad": lambda x: Decimal(1) if x > 0 else x.exp(),
}
