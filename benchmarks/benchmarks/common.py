"""The vocabulary that all benchmarks share: what is measured, and on which data.

asv's suite and compare.py both take their cases from here, so that a name means one thing in both.
"""

import math
import timeit
from functools import partial

import numpy as np

import relu_ufunc

from .functions import FUNCTIONS

FLOATS = ("float16", "float32", "float64")
LONGDOUBLE = "longdouble"
INTEGERS = ("int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64")
SIZES = tuple(2**n for n in range(4, 25, 4))  # 16 … 2**24: each cache level, and memory
LAYOUTS = ("contiguous", "strided", "reversed", "transposed", "channel", "halves")
OUTPUTS = ("fresh", "out", "inplace")
VALUES = ("mixed", "wide", "positive", "negative", "subnormal")
DOUBTS = ("mixed", "wide", "negative", "nan", "doubtful")  # what fast parts are measured on

SEED = 20240229
# Random data is drawn once, for this many elements, and repeated beyond: far more than a branch
# predictor remembers, and a case of 2**24 elements is set up at the speed of memory.
PERIOD = 2**18


class Case:
    """One thing to measure: a function on given data, beside the expression it replaces.

    name     of FUNCTIONS; "prelu_vjp" only with fresh outputs
    dtype    its name: FLOATS, LONGDOUBLE, or INTEGERS with INTEGER_UFUNCS
    size     elements of an output
    layout   of every full-size array: "contiguous"; "strided", every second element; "reversed";
             "transposed": inputs in Fortran order, `out` in C order; "channel": contiguous, with a
             parameter for each channel of an (n, channels, points) array; "halves": inputs are
             parts of one array, as h[..., :n] and h[..., n:], and `out` is contiguous
    output   "fresh"; "out", other arrays, allocated before; "inplace", over the inputs in their
             order, and what is left over into arrays allocated before
    values   "mixed": normal, either sign at random; "positive", "negative": the same without the
             sign; "subnormal": of either sign; "wide": three times as far apart; "nan"; "doubtful":
             beyond what fast parts are certain of
    """

    def __init__(
        self, name, dtype="float32", size=2**16, layout="contiguous", output="fresh", values="mixed"
    ):
        for value, known in (
            (name, FUNCTIONS), (layout, LAYOUTS), (output, OUTPUTS), (values, VALUES + DOUBTS)
        ):  # fmt: skip
            if value not in known:
                raise ValueError(f"{value!r} is none of {', '.join(known)}")
        self.name, self.dtype, self.size, self.layout = name, np.dtype(dtype), size, layout
        self.output, self.values = output, values
        self.function = FUNCTIONS[name]
        self.numpy = self.function.numpy
        self.inputs = make_inputs(name, dtype, size, layout, values)
        self.out = self._outputs()
        # An in-place call destroys its inputs. Each timed call gets them as they were.
        self._pristine = [x.copy() for x in self.inputs[: len(self._overwritten())]]

    @property
    def ours(self):
        """The function of relu_ufunc."""
        return getattr(relu_ufunc, self.name)

    def _overwritten(self):
        arrays = self.inputs[: len(self.function.arrays)]
        return arrays[: self.function.nout] if self.output == "inplace" else ()

    def _outputs(self):
        """What goes in as `out`: nothing, an array, or a tuple of arrays."""
        if self.output == "fresh":
            return None
        out = list(self._overwritten())
        while len(out) < self.function.nout:
            out.append(arrange(np.zeros(self.size, self.dtype), self.layout, order="C"))
        return out[0] if len(out) == 1 else tuple(out)

    def restore(self):
        """Undo what in-place calls did to the inputs."""
        for x, pristine in zip(self._overwritten(), self._pristine, strict=True):
            np.copyto(x, pristine)

    def bind(self, function):
        """A callable without arguments that calls `function` on this case."""
        return partial(function, *self.inputs, **({} if self.out is None else {"out": self.out}))

    def timer(self, function, before=None, clock=timeit.default_timer):
        """A timer of `function` on this case with nothing of ours between timer and call.

        `before` is called before each sample, in place of restoring the inputs.
        """
        names = {f"input{i}": value for i, value in enumerate(self.inputs)}
        arguments = [*names, *([] if self.out is None else ["out=out"])]
        scope = {"function": function, "out": self.out, **names}
        call = f"function({', '.join(arguments)})"
        return timeit.Timer(call, before or self.restore, clock, scope)

    @property
    def number(self):
        """Calls that a sample may hold: 1 where each needs its inputs restored, None for any."""
        return 1 if self.output == "inplace" else None

    def check(self):
        """Raise AssertionError unless the function and NumPy's code agree; NotImplementedError
        where that has no such dtype."""
        results = []
        for function in (self.ours, self.numpy):
            self.restore()
            result = self.bind(function)()
            results.append([np.array(part) for part in as_tuple(result)])
        self.restore()
        for ours, numpy in zip(*results, strict=True):
            assert ours.dtype == self.dtype, f"{ours.dtype} is not {self.dtype}"
            if numpy.dtype != self.dtype:
                raise NotImplementedError(f"NumPy's code gives {numpy.dtype} for {self.dtype}")
            assert ours.shape == numpy.shape, f"{ours.shape} is not {numpy.shape}"
            arrays = self.inputs[: len(self.function.arrays)]
            apart = max_ulp(ours, numpy, magnitude([x for x in arrays if x.shape == numpy.shape]))
            assert apart <= self._most_ulp(), f"{self.name}: {apart:g} ULP from NumPy's result"

    def _most_ulp(self):
        long = self.dtype == np.longdouble and self.function.constants
        return self.function.ulp * (2.0 ** (np.finfo("g").nmant - 52) if long else 1)

    def __repr__(self):
        parts = (self.name, self.dtype, self.size, self.layout, self.output, self.values)
        return f"Case({', '.join(map(str, parts))})"


def as_tuple(result):
    return result if isinstance(result, tuple) else (result,)


def make_inputs(name, dtype="float32", size=2**16, layout="contiguous", values="mixed"):
    """The inputs of a function, in its order: arrays, then parameters."""
    function = FUNCTIONS[name]
    rng = np.random.default_rng(SEED)
    inputs = [arrange(draw(rng, dtype, size, values), layout) for _ in function.arrays]
    if layout == "halves":
        inputs = np.split(np.concatenate(inputs, axis=-1), len(inputs), axis=-1)
    for number in function.numbers.values():
        # A Python float does not change the dtype; an array has the dtype of the others.
        if layout == "channel":
            channels = channel_shape(size)[1]
            number = (number * rng.uniform(0.5, 1, (channels, 1))).astype(dtype)
        inputs.append(number)
    return tuple(inputs)


def draw(rng, dtype, size, values="mixed"):
    """`size` random elements of the kind of `values`."""
    dtype = np.dtype(dtype)
    count = min(size, PERIOD)
    if dtype.kind in "iu":
        limits = np.iinfo(dtype)
        block = rng.integers(limits.min, limits.max, count, dtype, endpoint=True)
    elif values == "subnormal":
        block = rng.uniform(-1, 1, count).astype(dtype) * np.finfo(dtype).smallest_normal
    elif values == "nan":
        block = np.full(count, np.nan)
    elif values == "doubtful":
        block = rng.uniform(20, 80, count) * rng.choice([-1, 1], count)
    else:
        block = rng.standard_normal(count) * (3 if values == "wide" else 1)
        if values in ("positive", "negative"):
            block = np.abs(block) if values == "positive" else -np.abs(block)
    return np.resize(block.astype(dtype), size)


def arrange(data, layout, order="F"):
    """The elements of a vector as an array of the layout; `order` is for "transposed".

    For "halves" it has rows, of which `make_inputs` makes parts of one array.
    """
    if layout == "strided":
        spaced = np.empty((data.size, 2), data.dtype)
        spaced[:] = data[:, np.newaxis]
        return spaced[:, 0]
    if layout == "reversed":
        return data[::-1]
    if layout in ("transposed", "halves"):
        order = order if layout == "transposed" else "C"
        rows = 2 ** (int(math.log2(data.size)) // 2)
        return data.reshape((rows, -1), order=order)
    if layout == "channel":
        return data.reshape(channel_shape(data.size))
    return data


def channel_shape(size):
    """The shape (n, channels, points) of `size` elements: 64 channels, fewer of less than 2**12."""
    channels = min(64, math.isqrt(size))
    n = min(4, size // channels**2)
    return n, channels, size // channels // n


def magnitude(arrays):
    """How large the terms of a result may be: as the largest operand, or as the product of all.

    A plain expression may cancel, and be off by an ULP of that.
    """
    if not arrays:
        return 0
    sizes = [np.where(np.isnan(x), 0, np.abs(x)) for x in arrays]
    return np.maximum(np.maximum.reduce(sizes), np.multiply.reduce(sizes))


def max_ulp(actual, expected, magnitude=0):
    """How far apart two results lie, at most, in units in the last place of the expected ones, or
    of `magnitude` where that is more."""
    if actual.dtype.kind in "iu":
        return 0 if np.array_equal(actual, expected) else math.inf
    apart = actual != expected  # +0 and -0 are alike
    apart &= ~(np.isnan(actual) & np.isnan(expected))
    if not apart.any():
        return 0
    wide = np.longdouble
    larger = np.maximum(np.abs(expected), magnitude)[apart].astype(expected.dtype)
    distance = np.abs(actual[apart].astype(wide) - expected[apart].astype(wide))
    return float(np.max(distance / np.spacing(larger).astype(wide)))
