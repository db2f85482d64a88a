"""What is measured: workloads by name, in groups."""

import math
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from benchmarks.common import SEED, as_tuple, draw
from benchmarks.functions import FUNCTIONS, UFUNCS

# What other work of the same traffic costs. It is no peer: it computes something else.
NEGATIVE, NEGATIVE_FRESH = "np.negative(x, out=o)", "np.negative(x)"
COPY, ADD = "np.copyto(o, x)", "np.add(x, dy, out=o)"
MULTIPLY = "np.multiply(x, slope, out=o)"

ONE_THREAD, RECYCLED = "relu_ufunc, 1 thread", "relu_ufunc, recycled"

GROUPS = {
    "quick": "a little of everything, in a minute",
    "readme": "the tables of docs/speed.md and the README",
    "calls": "what a call costs: 16 elements",
    "memory": "from the cache (65,536 elements) and from memory (2^24)",
    "dtypes": "float16, float32, float64 and integers",
    "shapes": "strided, reversed, misaligned, transposed; a slope for each channel",
    "threads": "what threads gain; run it with --threads 2 or more",
    "functions": "every function, new output and out=",
    "family": "every function on numbers three times as large, out=: gelu and its like have tails",
    "inputs": "elu of one sign and of subnormal numbers",
    "cold": "data that is in no cache",
    "sizes": "relu and elu from 16 elements to 2^24",
}


@dataclass(frozen=True)
class Workload:
    """A function on given data.

    layout      of the inputs of full size: contiguous, strided (`x[..., ::2]`), reversed
                (`x[::-1]`), misaligned (by one byte), transposed; `out` is contiguous
    output      fresh: each call makes a new array; out: one made before; inplace: x itself
    cache       warm: the same arrays in each call; cold: the caches are flushed before each call
    slope       shape of the parameters, where those are arrays
    parameter   a number for each of them, instead of its default
    yardsticks  statements timed beside it that do other work
    variants    further ways to run relu_ufunc
    """

    function: str
    shape: tuple[int, ...] = (65536,)
    output: str = "out"
    dtype: str = "float32"
    layout: str = "contiguous"
    values: str = "mixed"
    cache: str = "warm"
    slope: tuple[int, ...] | None = None
    parameter: float | None = None
    yardsticks: tuple[str, ...] = ()
    variants: tuple[str, ...] = ()

    @cached_property
    def name(self):
        dimensions = "x".join(map(str, self.shape))
        usual = ("float32", "contiguous", "mixed", "warm")
        special = [
            part for part in (self.dtype, self.layout, self.values, self.cache) if part not in usual
        ]
        if self.parameter is not None:
            special.insert(0, f"parameter{self.parameter:g}")
        if self.slope:
            special.append("slope" + "x".join(map(str, self.slope)))
        return "-".join((self.function, *special, dimensions, self.output))

    @property
    def size(self):
        return math.prod(self.shape)


class Operands:
    """The arrays of a workload: `named` inputs, and `out`, an array or a tuple of them."""

    def __init__(self, work):
        function, self.dtype = FUNCTIONS[work.function], np.dtype(work.dtype)
        rng = np.random.default_rng(SEED)
        self.named = {
            name: place(draw(rng, self.dtype, work.size, work.values), work)
            for name in function.arrays
        }
        self.overwritten = self.named[function.arrays[0]] if work.output == "inplace" else None
        self.pristine = None if self.overwritten is None else self.overwritten.copy()
        self.new = [np.zeros(work.shape, self.dtype) for _ in range(function.nout)]
        if work.output == "inplace":
            self.new = [self.overwritten]
        self.out = self.new[0] if len(self.new) == 1 else tuple(self.new)
        self.named |= {
            name: self.parameter(work, number, rng) for name, number in function.numbers.items()
        }
        arrays = [value for value in self.named.values() if isinstance(value, np.ndarray)]
        self.bytes = sum(array.nbytes for array in arrays) + sum(new.nbytes for new in self.new)

    def parameter(self, work, number, rng):
        if work.slope:
            return rng.uniform(0.1, 0.5, work.slope).astype(self.dtype)
        # A number of the dtype, so that those who compute with a wider one get no other slope.
        return float(self.dtype.type(number if work.parameter is None else work.parameter))

    def restore(self):
        if self.overwritten is not None:
            np.copyto(self.overwritten, self.pristine)

    def results(self, value, output):
        """What a call gave, as arrays of its own."""
        if output != "fresh":
            value = self.out
        parts = tuple(value) if isinstance(value, list) else as_tuple(value)
        return [np.array(part) for part in parts]


def place(vector, work):
    """The elements of a vector in the shape and the layout of a workload."""
    if work.layout == "transposed":
        return vector.reshape(work.shape[::-1]).T
    array = vector.reshape(work.shape)
    if work.layout == "strided":
        return np.repeat(array, 2, axis=-1)[..., ::2]
    if work.layout == "reversed":
        return array[::-1]
    if work.layout == "misaligned":
        memory = np.empty(array.nbytes + 1, np.uint8)[1:].view(array.dtype).reshape(work.shape)
        memory[...] = array
        return memory
    return array


@dataclass(frozen=True)
class ForkJoin:
    """Entering and leaving a pool of threads with nothing to do."""

    name: str = "fork-join"
    about: str = "a pool entered and left, with nothing to do"


@dataclass(frozen=True)
class Idle:
    """The CPU time that a library burns in the second after its last call."""

    name: str = "idle"
    about: str = "CPU time in the second after the last call"
    size: int = 2**20


def calls():
    yield Workload("relu", (16,), yardsticks=(NEGATIVE,))
    yield Workload("relu", (16,), "fresh", yardsticks=(NEGATIVE_FRESH,))
    yield Workload("leaky_relu", (16,), yardsticks=(NEGATIVE,))
    yield Workload("elu", (16,), parameter=0.5, yardsticks=(NEGATIVE,))


def memory():
    for function in ("relu", "leaky_relu", "relu_grad", "leaky_relu_grad"):
        yield Workload(function, yardsticks=(COPY,))
    for function in ("relu_backward", "leaky_relu_backward"):
        yield Workload(function, yardsticks=(ADD,))
    for function in ("relu", "leaky_relu"):
        yield Workload(function, (2**24,), yardsticks=(COPY,))
    yield Workload("relu_backward", (2**24,), yardsticks=(ADD,))
    yield Workload("relu", (2**24,), "inplace", yardsticks=("np.negative(x, out=x)",))


def dtypes():
    for function in ("relu", "leaky_relu", "relu_backward", "elu"):
        for dtype in ("float16", "float32", "float64"):
            for output in ("out", "fresh"):
                yield Workload(function, output=output, dtype=dtype)
    for dtype in ("int8", "uint8", "int32"):
        for output in ("out", "fresh"):
            copy = (COPY,) if output == "out" else ()
            yield Workload("relu", output=output, dtype=dtype, yardsticks=copy)


def shapes():
    yield Workload("relu", (256, 512), layout="strided", yardsticks=(NEGATIVE,))
    for layout in ("reversed", "misaligned"):
        yield Workload("relu", layout=layout, yardsticks=(NEGATIVE,))
    yield Workload("relu", (2048, 2048), layout="transposed", yardsticks=(NEGATIVE,))
    yield Workload("prelu", (512, 1024), slope=(1024,), yardsticks=(MULTIPLY,))
    yield Workload("prelu", (8, 64, 56, 56), slope=(64, 1, 1), yardsticks=(MULTIPLY,))


def threads():
    one = (ONE_THREAD,)
    yield Workload("relu", (2**24,), yardsticks=(COPY,), variants=one)
    yield Workload("relu_backward", (2**24,), variants=one)
    yield Workload("elu", (2**20,), variants=one)
    yield Workload("prelu", (32, 64, 56, 56), slope=(64, 1, 1), variants=one)
    yield Workload("relu", (2**24,), "fresh", variants=(ONE_THREAD, RECYCLED))
    yield ForkJoin()
    yield Idle()


def functions():
    for function in UFUNCS:
        for output in ("out", "fresh"):
            yield Workload(function, output=output)


def family():
    for function in UFUNCS:
        yield Workload(function, values="wide")
    yield Workload("mish_backward", output="fresh", values="wide")  # PyTorch's takes no `out`


def inputs():
    for dtype in ("float32", "float64"):
        for values in ("mixed", "positive", "negative", "subnormal"):
            yield Workload("elu", dtype=dtype, values=values)


def cold():
    for function in ("relu", "relu_backward", "elu"):
        for size in (2**16, 2**20):
            yield Workload(function, (size,), cache="cold")


def sizes():
    for function in ("relu", "elu"):
        for output in ("out", "fresh"):
            for exponent in range(4, 25, 2):
                yield Workload(function, (2**exponent,), output)


QUICK = (
    "relu-16-out",
    "relu-65536-out",
    "relu-float16-65536-out",
    "leaky_relu-65536-fresh",
    "elu-65536-out",
    "elu-65536-fresh",
    "elu_backward-65536-out",
    "relu-cold-1048576-out",
    "prelu-slope1024-512x1024-out",
)
README = (
    "relu-16-out",
    "relu-16-fresh",
    "relu-65536-out",
    "relu-65536-fresh",
    "relu-float16-65536-out",
    "relu-16777216-out",
    "relu-16777216-fresh",
    "leaky_relu-65536-out",
    "prelu-slope64x1x1-8x64x56x56-out",
    "relu_backward-65536-out",
    "elu-65536-out",
    "elu-65536-fresh",
    "elu-float16-65536-out",
    "elu-float64-65536-out",
    "elu-16777216-out",
    "elu_backward-65536-out",
    "sigmoid-65536-out",
    "silu-65536-out",
    "silu_backward-65536-out",
    "swiglu-65536-out",
    "gelu-65536-out",
    "gelu_backward-65536-out",
    "gelu_tanh-65536-out",
    "softplus-65536-out",
    "mish-65536-out",
    "hardswish-65536-out",
)


def collected():
    """Every case by name, and the names in each group; what two groups ask of a case is united."""
    cases, groups = {}, {}
    generators = (calls, memory, dtypes, shapes, threads, functions, family, inputs, cold, sizes)
    for generator in generators:
        for case in generator():
            cases[case.name] = united(cases.get(case.name, case), case)
            groups.setdefault(generator.__name__, []).append(case.name)
    return cases, groups | {"quick": list(QUICK), "readme": list(README)}


def united(first, second):
    if not isinstance(first, Workload):
        return first
    both = {
        field: tuple(dict.fromkeys(getattr(first, field) + getattr(second, field)))
        for field in ("yardsticks", "variants")
    }
    return replace(first, **both)


CASES, MEMBERS = collected()
