"""Each ufunc beside the plain-NumPy expression that it replaces.

The product of all ufuncs, dtypes, sizes, layouts and outputs would take a night. Each class spans
those parameters that act on each other, and holds the others at their plainest.
"""

from .common import DOUBTS, FLOATS, INTEGERS, LONGDOUBLE, SIZES, VALUES
from .functions import BRANCHING, FAST, GATED, INTEGER_UFUNCS, PARAMETRIC, UFUNCS
from .suite import QUICK, Beside, cut

SMALL, LARGE = 2**12, 2**20  # in a core's own caches; beyond them
DTYPES = cut(FLOATS, "float32")
SOME_UFUNCS = cut(UFUNCS, "relu", "prelu_backward", "elu")


class Contiguous(Beside):
    """From the cost of a call to the speed of memory."""

    param_names = ("ufunc", "dtype", "size", "output")
    params = (UFUNCS, DTYPES, cut(SIZES, SMALL), cut(("fresh", "out"), "out"))
    if QUICK:  # the ratio takes both times
        time_relu_ufunc = time_numpy = None

    def case(self, ufunc, dtype, size, output):
        return ufunc, dtype, size, "contiguous", output


class InPlace(Beside):
    """Of sizes beside which reading the clock for a single call does not count."""

    param_names = ("ufunc", "dtype", "size")
    params = (SOME_UFUNCS, DTYPES, cut((2**18, 2**24)))

    def case(self, ufunc, dtype, size):
        return ufunc, dtype, size, "contiguous", "inplace"


class Layouts(Beside):
    param_names = ("ufunc", "dtype", "size", "layout", "output")
    params = (
        SOME_UFUNCS,
        DTYPES,
        cut((SMALL, LARGE)),
        ("strided", "reversed", "transposed"),
        cut(("out", "fresh")),
    )

    def case(self, ufunc, dtype, size, layout, output):
        return ufunc, dtype, size, layout, output


class ChannelParameter(Beside):
    """A slope or an alpha for each channel."""

    param_names = ("ufunc", "dtype", "size", "output")
    params = (cut(PARAMETRIC, "prelu", "elu"), DTYPES, cut((SMALL, LARGE)), cut(("out", "fresh")))

    def case(self, ufunc, dtype, size, output):
        return ufunc, dtype, size, "channel", output


class Halves(Beside):
    """Gated units of rows with a stride, `h[..., :n]` and `h[..., n:]`, as networks have them."""

    param_names = ("ufunc", "dtype", "size", "output")
    params = (cut(GATED, "swiglu"), DTYPES, cut((SMALL, LARGE)), cut(("out", "fresh")))

    def case(self, ufunc, dtype, size, output):
        return ufunc, dtype, size, "halves", output


class PreluVjp(Beside):
    """The gradients of x and of the slope, the latter summed: one slope, or one a channel."""

    param_names = ("dtype", "size", "layout")
    params = (cut(("float32", "float64")), cut((SMALL, LARGE)), ("contiguous", "channel"))

    def case(self, dtype, size, layout):
        return "prelu_vjp", dtype, size, layout


class LongDouble(Beside):
    param_names = ("ufunc",)
    params = (SOME_UFUNCS,)

    def case(self, ufunc):
        return ufunc, LONGDOUBLE, SMALL, "contiguous", "out"


class Integers(Beside):
    param_names = ("ufunc", "dtype", "size")
    params = (cut(INTEGER_UFUNCS, "relu"), cut(INTEGERS), cut((SMALL, LARGE)))

    def case(self, ufunc, dtype, size):
        return ufunc, dtype, size, "contiguous", "out"


class Values(Beside):
    """Data that a branch predictor learns, and data that some processors are slow on."""

    param_names = ("ufunc", "dtype", "values")
    params = (cut(BRANCHING, "elu"), DTYPES, VALUES)

    def case(self, ufunc, dtype, values):
        return ufunc, dtype, SMALL, "contiguous", "out", values


class Doubts(Beside):
    """Data of which a fast part leaves a few lanes in doubt, or all."""

    param_names = ("ufunc", "values")
    params = (cut(FAST, "silu", "gelu"), cut(DOUBTS, "mixed", "doubtful"))

    def case(self, ufunc, values):
        return ufunc, "float32", 2**16, "contiguous", "out", values
