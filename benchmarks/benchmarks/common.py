"""The vocabulary that all benchmarks share: what is measured, on which data, against what, where.

asv's suite and compare.py both take their cases from here, so that a name means one thing in both.
`python benchmarks/benchmarks/common.py` prints the facts about the machine.
"""

import json
import math
import os
import platform
import subprocess
import timeit
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import NamedTuple

import numpy as np

import relu_ufunc
from relu_ufunc import _relu_ufunc

# What a user writes without relu_ufunc. `np.where` has no `out`: whoever wants one copies.


def into(out, result):
    """Return `result`, or `out` with `result` copied to it; both may be tuples."""
    if out is None:
        return result
    if isinstance(out, tuple):
        return tuple(map(into, out, result))
    np.copyto(out, result)
    return out


def relu(x, out=None):
    return np.maximum(x, 0, out=out)


def relu_grad(x, out=None):
    return (x > 0).astype(x.dtype) if out is None else np.greater(x, 0, out=out)


def relu_backward(dy, x, out=None):
    return np.multiply(dy, x > 0, out=out)


def leaky_relu(x, negative_slope, out=None):
    # Right for slopes between 0 and 1, and faster than np.where.
    return np.maximum(x, negative_slope * x, out=out)


def leaky_relu_grad(x, negative_slope, out=None):
    return into(out, np.where(x > 0, x.dtype.type(1), negative_slope))


def leaky_relu_backward(dy, x, negative_slope, out=None):
    return into(out, np.where(x > 0, dy, negative_slope * dy))


def prelu(x, slope, out=None):
    # A learned slope may be anything: np.maximum would be wrong.
    return into(out, np.where(x > 0, x, slope * x))


def prelu_grad(x, slope, out=None):
    return into(out, (np.where(x > 0, x.dtype.type(1), slope), np.where(x > 0, 0, x)))


def prelu_backward(dy, x, slope, out=None):
    return into(out, (np.where(x > 0, dy, slope * dy), np.where(x > 0, 0, dy * x)))


def prelu_vjp(dy, x, slope):
    dx, dslope = prelu_backward(dy, x, slope)
    shape = (1,) * (x.ndim - np.ndim(slope)) + np.shape(slope)
    axes = tuple(axis for axis, length in enumerate(shape) if length == 1)
    return dx, dslope.sum(axis=axes).reshape(np.shape(slope))


def elu(x, alpha, out=None):
    return into(out, np.where(x > 0, x, alpha * np.expm1(x)))


def elu_grad(x, alpha, out=None):
    return into(out, np.where(x > 0, 1, alpha * np.exp(x)))


def elu_backward(dy, x, alpha, out=None):
    return into(out, np.where(x > 0, dy, dy * (alpha * np.exp(x))))


def elu_backward_from_output(dy, y, alpha, out=None):
    return into(out, np.where(y > 0, dy, dy * (y + alpha)))


class Function(NamedTuple):
    """A function of relu_ufunc: the expression it replaces, and what it takes and gives."""

    numpy: Callable
    arrays: tuple[str, ...]  # the inputs of full size, by name
    parameter: float | None = None  # the last input, where it is a parameter
    nout: int = 1
    ulp: float = 0  # how far the expression and relu_ufunc may lie apart: only exp is inexact


FUNCTIONS = {
    "relu": Function(relu, ("x",)),
    "leaky_relu": Function(leaky_relu, ("x",), 0.01),
    "prelu": Function(prelu, ("x",), 0.25),
    "elu": Function(elu, ("x",), 1.0, ulp=8),
    "relu_grad": Function(relu_grad, ("x",)),
    "leaky_relu_grad": Function(leaky_relu_grad, ("x",), 0.01),
    "prelu_grad": Function(prelu_grad, ("x",), 0.25, nout=2),
    "elu_grad": Function(elu_grad, ("x",), 1.0, ulp=8),
    "relu_backward": Function(relu_backward, ("dy", "x")),
    "leaky_relu_backward": Function(leaky_relu_backward, ("dy", "x"), 0.01),
    "prelu_backward": Function(prelu_backward, ("dy", "x"), 0.25, nout=2),
    "elu_backward": Function(elu_backward, ("dy", "x"), 1.0, ulp=8),
    "elu_backward_from_output": Function(elu_backward_from_output, ("dy", "y"), 1.0, ulp=8),
    # A function, not a ufunc; NumPy's sums round at every step.
    "prelu_vjp": Function(prelu_vjp, ("dy", "x"), 0.25, nout=2, ulp=2**10),
}
UFUNCS = tuple(name for name in FUNCTIONS if name != "prelu_vjp")
PARAMETRIC = tuple(name for name in UFUNCS if FUNCTIONS[name].parameter is not None)
INTEGER_UFUNCS = tuple(name for name in UFUNCS if FUNCTIONS[name].numpy.__name__[:4] == "relu")

# Every kernel is measured: one without a line above stops whoever added it here.
if unmeasured := {kernel.name for kernel in getattr(_relu_ufunc, "KERNELS", ())} - set(UFUNCS):
    raise LookupError(f"FUNCTIONS in {__file__} lacks {', '.join(sorted(unmeasured))}")

FLOATS = ("float16", "float32", "float64")
LONGDOUBLE = "longdouble"
INTEGERS = ("int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64")
SIZES = tuple(2**n for n in range(4, 25, 4))  # 16 … 2**24: each cache level, and memory
LAYOUTS = ("contiguous", "strided", "reversed", "transposed", "channel")
OUTPUTS = ("fresh", "out", "inplace")
VALUES = ("mixed", "positive", "negative", "subnormal")

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
             parameter for each channel of an (n, channels, points) array
    output   "fresh"; "out", other arrays, allocated before; "inplace", over the inputs in their
             order, and what is left over into arrays allocated before
    values   "mixed": normal, either sign at random; "positive", "negative": the same without the
             sign; "subnormal": of either sign
    """

    def __init__(
        self, name, dtype="float32", size=2**16, layout="contiguous", output="fresh", values="mixed"
    ):
        for value, known in (
            (name, FUNCTIONS), (layout, LAYOUTS), (output, OUTPUTS), (values, VALUES)
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
        """The function of relu_ufunc; an old version may not have it."""
        if not hasattr(relu_ufunc, self.name):
            raise NotImplementedError(f"this version has no {self.name}")
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
        """Raise AssertionError unless the function and the expression agree."""
        results = []
        for function in (self.ours, self.numpy):
            self.restore()
            result = self.bind(function)()
            results.append([np.array(part) for part in as_tuple(result)])
        self.restore()
        for ours, numpy in zip(*results, strict=True):
            assert ours.dtype == numpy.dtype, f"{ours.dtype} is not {numpy.dtype}"
            assert ours.shape == numpy.shape, f"{ours.shape} is not {numpy.shape}"
            apart = max_ulp(ours, numpy)
            assert apart <= self.function.ulp, f"{self.name}: {apart:g} ULP from NumPy's result"

    def __repr__(self):
        parts = (self.name, self.dtype, self.size, self.layout, self.output, self.values)
        return f"Case({', '.join(map(str, parts))})"


def as_tuple(result):
    return result if isinstance(result, tuple) else (result,)


def make_inputs(name, dtype="float32", size=2**16, layout="contiguous", values="mixed"):
    """The inputs of a function, in its order: arrays, and the parameter if it has one."""
    function = FUNCTIONS[name]
    rng = np.random.default_rng(SEED)
    inputs = [arrange(draw(rng, role, dtype, size, values), layout) for role in function.arrays]
    if function.parameter is not None:
        # A Python float does not change the dtype; an array has the dtype of the others.
        parameter = function.parameter
        if layout == "channel":
            channels = channel_shape(size)[1]
            parameter = (parameter * rng.uniform(0.5, 1, (channels, 1))).astype(dtype)
        inputs.append(parameter)
    return tuple(inputs)


def draw(rng, role, dtype, size, values="mixed"):
    """`size` random elements of the kind of `values`; as an output of elu if `role` is "y"."""
    dtype = np.dtype(dtype)
    count = min(size, PERIOD)
    if dtype.kind in "iu":
        limits = np.iinfo(dtype)
        block = rng.integers(limits.min, limits.max, count, dtype, endpoint=True)
    else:
        block = rng.standard_normal(count)
        if values == "subnormal":
            block = rng.uniform(-1, 1, count).astype(dtype) * np.finfo(dtype).smallest_normal
        elif role != "dy" and values != "mixed":
            block = np.abs(block) if values == "positive" else -np.abs(block)
        if role == "y":
            block = np.where(block > 0, block, np.expm1(block))
    return np.resize(block.astype(dtype), size)


def arrange(data, layout, order="F"):
    """The elements of a vector as an array of the layout; `order` is for "transposed"."""
    if layout == "strided":
        spaced = np.empty((data.size, 2), data.dtype)
        spaced[:] = data[:, np.newaxis]
        return spaced[:, 0]
    if layout == "reversed":
        return data[::-1]
    if layout == "transposed":
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


def max_ulp(actual, expected):
    """How far apart two results lie, at most, in units in the last place of the expected ones."""
    if actual.dtype.kind in "iu":
        return 0 if np.array_equal(actual, expected) else math.inf
    apart = actual != expected  # +0 and -0 are alike, two NaN are not
    if not apart.any():
        return 0
    wide = np.longdouble
    ulp = np.abs(np.spacing(expected[apart])).astype(wide)
    return float(np.max(np.abs(actual[apart].astype(wide) - expected[apart].astype(wide)) / ulp))


def interleaved(timers, rounds=101, sample=0.0002, number=None, limit=math.inf, least=11):
    """Seconds a call: a row for each timer, a column for each round.

    One round takes one sample of each timer, so that what slows the machine down for a while slows
    them all; every second round goes backwards, so that none profits from its place. The ratio to
    quote is the median of the ratios within a round.

    A sample lasts `sample` seconds or more, unless `number` gives its calls. It is short on
    purpose: a process that shares its core is stopped for milliseconds at a time. Of many samples
    far shorter than that few are hit, and the median passes them over; of a few as long as that
    every other one is, and the median is a matter of luck.

    There are fewer rounds, but no fewer than `least`, where they would take longer than `limit`
    seconds. What is measured is warm: each has run before the first round.
    """
    numbers = [number or calls_lasting(timer, sample) for timer in timers]
    for timer in timers:
        timer.timeit(1)
    seconds = []
    end = timeit.default_timer() + limit
    while len(seconds) < rounds and (len(seconds) < least or timeit.default_timer() < end):
        order = range(len(timers))[:: -1 if len(seconds) % 2 else 1]
        taken = {i: timers[i].timeit(numbers[i]) / numbers[i] for i in order}
        seconds.append([taken[i] for i in range(len(timers))])
    return np.transpose(seconds)


def calls_lasting(timer, seconds):
    """How many calls, a power of two, take that long."""
    number = 1
    timer.timeit(number)  # the first call pays for the page faults of its arrays
    while timer.timeit(number) < seconds:
        number *= 2
    return number


def machine():
    """The facts that a figure means nothing without."""
    return {
        "cpu": cpu_model(),
        "architecture": platform.machine(),
        "system": platform.system(),
        "cores": available_cores(),
        "caches": cache_sizes(),
        "isa": relu_ufunc.get_isa(),
        "threads": num_threads(),
        "relu_ufunc": relu_ufunc.__version__,
        "numpy": np.__version__,
        "python": platform.python_version(),
    }


def num_threads():
    """The threads that relu_ufunc uses; a version without threads uses 1."""
    return getattr(relu_ufunc, "get_num_threads", lambda: 1)()


def available_cores():
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def cpu_model():
    if platform.system() == "Darwin":
        return sysctl("machdep.cpu.brand_string") or "unknown"
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        lines = []
    fields = dict(map(str.strip, line.split(":", 1)) for line in lines if ":" in line)
    # Arm has no name of a model there, but the numbers of its maker and part.
    arm = [fields[key] for key in ("CPU implementer", "CPU part") if key in fields]
    return fields.get("model name") or " ".join(arm) or platform.processor() or "unknown"


def cache_sizes():
    """Bytes of each data cache that the first core sees, such as {"L1": 32768, "L2": …}."""
    if platform.system() == "Darwin":
        keys = {"L1": "hw.l1dcachesize", "L2": "hw.l2cachesize", "L3": "hw.l3cachesize"}
        sizes = {level: sysctl(key) for level, key in keys.items()}
        return {level: int(size) for level, size in sizes.items() if size}
    sizes = {}
    for index in sorted(Path("/sys/devices/system/cpu/cpu0/cache").glob("index*")):
        try:
            level, kind, size = (
                (index / name).read_text().strip() for name in ("level", "type", "size")
            )
        except OSError:
            continue
        if kind != "Instruction":
            sizes[f"L{level}"] = int(size.removesuffix("K")) * 1024
    return sizes


def sysctl(key):
    done = subprocess.run(["sysctl", "-n", key], capture_output=True, text=True, check=False)
    return done.stdout.strip()


if __name__ == "__main__":
    print(json.dumps(machine(), indent=2))
