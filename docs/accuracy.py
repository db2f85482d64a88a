"""Measure the accuracy of relu_ufunc and other libraries: writes accuracy.md and accuracy.png.

    python docs/accuracy.py [--float64-points N]

Needs relu_ufunc, gmpy2, ml_dtypes and matplotlib. Other libraries are measured where they are
installed.
"""

import argparse
import os
import platform
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from importlib.metadata import version
from pathlib import Path

import gmpy2
import matplotlib
import ml_dtypes
import numpy as np

import relu_ufunc

matplotlib.use("Agg")
import matplotlib.pyplot as plt

HERE = Path(__file__).parent
SLOPE = 0.01
RNG_SEED = 4
NORMAL_POINTS = 1 << 19
POINTS_PER_BINADE = 2048
STABILITY_POINTS = 1 << 18
PIECES = {7: 1 << 15, 61: 1 << 17}  # length of a piece, and of the part that is cut into them

f16, bf16 = np.dtype(np.float16), np.dtype(ml_dtypes.bfloat16)
f32, f64 = np.dtype(np.float32), np.dtype(np.float64)


# --- the libraries -------------------------------------------------------------------------------


@dataclass
class Library:
    """A library: its functions by (function, dtype), each from an array to an array."""

    name: str
    version: str
    functions: dict[tuple[str, np.dtype], Callable] = field(default_factory=dict)
    set_threads: Callable | None = None


def relu_ufunc_library():
    ours = {
        "elu": relu_ufunc.elu,
        "elu_grad": relu_ufunc.elu_grad,
        "leaky_relu": lambda x: relu_ufunc.leaky_relu(x, SLOPE),
    }
    functions = {(name, dtype): f for name, f in ours.items() for dtype in (f16, bf16, f32, f64)}
    text = f"{relu_ufunc.__version__}, {relu_ufunc.get_isa()}"
    return Library("relu_ufunc", text, functions, getattr(relu_ufunc, "set_num_threads", None))


def numpy_library():
    expressions = {
        "elu": lambda x: np.where(x > 0, x, np.expm1(x)),
        "elu_grad": lambda x: np.where(x > 0, x.dtype.type(1), np.exp(x)),
        "leaky_relu": lambda x: np.where(x > 0, x, x.dtype.type(SLOPE) * x),
    }
    functions = {(n, dtype): f for n, f in expressions.items() for dtype in (f16, bf16, f32, f64)}
    simd = np.show_config(mode="dicts").get("SIMD Extensions", {}).get("found", [])
    return Library("NumPy expression", ", ".join([np.__version__, *simd[-1:]]).lower(), functions)


def pytorch_library():
    import torch
    import torch.nn.functional as F

    def to_torch(x):
        if x.dtype == bf16:
            return torch.from_numpy(x.view(np.int16)).view(torch.bfloat16)
        return torch.from_numpy(x)

    def to_numpy(y):
        if y.dtype == torch.bfloat16:
            return y.view(torch.int16).numpy().view(bf16)
        return y.numpy()

    def gradient(x):
        x = to_torch(x).requires_grad_()
        y = F.elu(x)
        return to_numpy(torch.autograd.grad(y, x, torch.ones_like(y))[0])

    calls = {
        "elu": lambda x: to_numpy(F.elu(to_torch(x))),
        "elu_grad": gradient,
        "leaky_relu": lambda x: to_numpy(F.leaky_relu(to_torch(x), SLOPE)),
    }
    functions = {(name, dtype): f for name, f in calls.items() for dtype in (f16, bf16, f32, f64)}
    text = f"{torch.__version__}, {torch.backends.cpu.get_cpu_capability().lower()}"
    return Library("PyTorch", text, functions, torch.set_num_threads)


def onnx_runtime_library():
    import onnxruntime as ort
    from onnx import helper

    ort.set_default_logger_severity(4)
    threads = [0]  # of the session to use: 0 is the default, one for each core

    def call(op, dtype, **attributes):
        element = helper.np_dtype_to_tensor_dtype(dtype)
        x, y = (helper.make_tensor_value_info(n, element, [None]) for n in "xy")
        graph = helper.make_graph([helper.make_node(op, ["x"], ["y"], **attributes)], "g", [x], [y])
        opset = helper.make_opsetid("", 16)
        model = helper.make_model(graph, opset_imports=[opset], ir_version=8).SerializeToString()

        @cache
        def session(count):
            options = ort.SessionOptions()
            options.intra_op_num_threads = count
            return ort.InferenceSession(model, options, providers=["CPUExecutionProvider"])

        session(0)
        return lambda x: session(threads[0]).run(None, {"x": x})[0]

    functions = {}
    for dtype in (f16, f32, f64):
        for name, op, parameters in (
            ("elu", "Elu", {"alpha": 1.0}),
            ("leaky_relu", "LeakyRelu", {"alpha": SLOPE}),
        ):
            try:
                functions[name, dtype] = call(op, dtype, **parameters)
            except Exception as error:  # onnxruntime has no common base class that says so
                if "NOT_IMPLEMENTED" not in str(error):
                    raise

    def set_threads(count):
        threads[0] = count

    return Library("ONNX Runtime", ort.__version__, functions, set_threads)


def jax_library():
    os.environ.setdefault("JAX_PLATFORMS", "cpu")
    import jax

    jax.config.update("jax_enable_x64", True)

    def gradient(x):
        y, backward = jax.vjp(jax.nn.elu, x)
        return backward(jax.numpy.ones_like(y))[0]

    def call(f):
        compiled = jax.jit(f)
        return lambda x: np.asarray(compiled(x))

    calls = {
        "elu": call(jax.nn.elu),
        "elu_grad": call(gradient),
        "leaky_relu": call(lambda x: jax.nn.leaky_relu(x, SLOPE)),
    }
    functions = {(name, dtype): f for name, f in calls.items() for dtype in (f16, bf16, f32, f64)}
    return Library("JAX", jax.__version__, functions)


def numexpr_library():
    import numexpr

    def call(expression):
        return lambda x: numexpr.evaluate(
            expression, {"x": x, "slope": x.dtype.type(SLOPE), "one": x.dtype.type(1)}
        )

    calls = {
        "elu": call("where(x > 0, x, expm1(x))"),
        "elu_grad": call("where(x > 0, one, exp(x))"),
        "leaky_relu": call("where(x > 0, x, slope * x)"),
    }
    functions = {(name, dtype): f for name, f in calls.items() for dtype in (f32, f64)}
    return Library("numexpr", numexpr.__version__, functions, numexpr.set_num_threads)


def numba_library():
    import math

    import numba

    signatures = ["f4(f4)", "f8(f8)"]

    @numba.vectorize(signatures)
    def elu(x):
        return x if x > 0 else math.expm1(x)

    @numba.vectorize(signatures)
    def elu_grad(x):
        return 1 if x > 0 else math.exp(x)

    @numba.vectorize(["f4(f4, f4)", "f8(f8, f8)"])
    def leaky_relu(x, slope):
        return x if x > 0 else slope * x

    calls = {
        "elu": elu,
        "elu_grad": elu_grad,
        "leaky_relu": lambda x: leaky_relu(x, x.dtype.type(SLOPE)),
    }
    functions = {(name, dtype): f for name, f in calls.items() for dtype in (f32, f64)}
    return Library("numba @vectorize", numba.__version__, functions)


MAKERS = {
    "relu_ufunc": relu_ufunc_library,
    "NumPy expression": numpy_library,
    "PyTorch": pytorch_library,
    "ONNX Runtime": onnx_runtime_library,
    "JAX": jax_library,
    "numexpr": numexpr_library,
    "numba @vectorize": numba_library,
}


def libraries():
    """A Library for each name, or None where it is not installed."""
    found = {}
    for name, make in MAKERS.items():
        try:
            found[name] = make()
        except ImportError:
            found[name] = None
    return found


# --- the exact values ----------------------------------------------------------------------------

PRECISION = 160
LOW_SCALE = 900  # the low part is kept times 2^900, so that it survives below the subnormals


class Exact:
    """The exact values of a function at x, as a float64 and what is missing from it."""

    def __init__(self, function, x):
        scale = gmpy2.exp2(LOW_SCALE)
        high, low = [], []
        with gmpy2.context(gmpy2.get_context(), precision=PRECISION):
            of = {
                "elu": gmpy2.expm1,
                "elu_grad": gmpy2.exp,
                "leaky_relu": gmpy2.mpfr(float(x.dtype.type(SLOPE))).__mul__,
            }[function]
            for value in x.astype(np.float64).tolist():
                exact = of(gmpy2.mpfr(value))
                nearest = float(exact)
                high.append(nearest)
                low.append(float((exact - nearest) * scale))
        self.high, self.low = np.array(high), np.array(low)

    def error(self, y):
        """The error of y in units in the last place of the exact value."""
        exponent = self.last_place(y.dtype)
        units = np.ldexp(y.astype(np.float64) - self.high, -exponent)
        return np.abs(units - np.ldexp(self.low, -LOW_SCALE - exponent))

    def last_place(self, dtype):
        """The binary exponent of the last place of the exact value in this dtype."""
        info = ml_dtypes.finfo(dtype)
        mantissa, exponent = np.frexp(np.abs(self.high))
        # Where the float64 is a power of two and the exact value is less, the place is one lower.
        exponent -= (mantissa == 0.5) & (np.sign(self.low) == -np.sign(self.high))
        return np.maximum(exponent - info.nmant - 1, info.minexp - info.nmant)

    def is_subnormal(self, dtype):
        return np.abs(self.high) < float(ml_dtypes.finfo(dtype).smallest_normal)


def normal_deviates(dtype, size):
    """Negative numbers distributed as the negative half of a standard normal distribution."""
    return -np.abs(np.random.default_rng(RNG_SEED).standard_normal(size)).astype(dtype)


def in_each_binade(dtype, lowest, highest, size):
    """`size` random negative numbers in each [2^e, 2^(e + 1))."""
    rng = np.random.default_rng(RNG_SEED)
    exponents = np.repeat(np.arange(lowest, highest), size)
    return -np.ldexp(1 + rng.random(len(exponents)), exponents).astype(dtype)


@cache
def inputs(function, dtype):
    """Negative inputs, and how many of them, at the start, are normally distributed."""
    if dtype.itemsize == 2:
        patterns = np.arange(0x8001, 0x10000, dtype=np.uint16).view(dtype)
        return patterns[np.isfinite(patterns)], 0
    info = np.finfo(dtype)
    x = [
        normal_deviates(dtype, NORMAL_POINTS),
        in_each_binade(dtype, -60, 10, POINTS_PER_BINADE),
        in_each_binade(dtype, info.minexp - info.nmant, -60, POINTS_PER_BINADE // 16),
    ]
    if function == "elu_grad":  # where the results are subnormal
        rng = np.random.default_rng(RNG_SEED)
        ends = np.log(info.smallest_normal), np.log(info.smallest_subnormal)
        x.append(rng.uniform(ends[1], ends[0], 8 * POINTS_PER_BINADE).astype(dtype))
    return np.concatenate(x), NORMAL_POINTS


@cache
def exact(function, dtype):
    return Exact(function, inputs(function, dtype)[0])


# --- measurements --------------------------------------------------------------------------------


@dataclass
class Result:
    error: np.ndarray  # in ULP, at each input
    worst: float  # over the normal results
    worst_x: np.generic
    misrounded: float  # share of the normally distributed inputs; of all, for 16-bit types
    tiny: float  # the largest relative error for |x| below a quarter of epsilon
    flushed: float  # share of the subnormal results that are 0
    unstable: float  # share of the elements with other bits at another place
    unstable_threads: float | None  # the same for another number of threads


def measure(library, function, dtype):
    f = library.functions[function, dtype]
    x, sampled = inputs(function, dtype)
    want = exact(function, dtype)
    y = f(x)
    error = want.error(y)
    subnormal = want.is_subnormal(dtype)
    i = np.argmax(np.where(subnormal, 0, error))
    tiny = ~subnormal & (np.abs(x) < ml_dtypes.finfo(dtype).eps / 4)
    relative = np.abs((y.astype(np.float64)[tiny] - want.high[tiny]) / want.high[tiny])
    rounds_to_0 = np.abs(want.high) < float(ml_dtypes.finfo(dtype).smallest_subnormal)
    lost = subnormal & ~rounds_to_0
    return Result(
        error=error,
        worst=error[i],
        worst_x=x[i],
        misrounded=np.mean(error[: sampled or None] > 0.5),
        tiny=relative.max(initial=0),
        flushed=np.mean(y[lost] == 0) if lost.any() else 0.0,
        unstable=unstable_share(f, dtype),
        unstable_threads=unstable_threads_share(library.set_threads, f, dtype),
    )


def bits(y):
    return y.view(f"u{y.dtype.itemsize}")


def unstable_share(f, dtype):
    """The share of elements whose bits differ when they lie elsewhere."""
    x = normal_deviates(dtype, STABILITY_POINTS)
    whole = bits(f(x))
    differs = np.zeros(len(x), bool)
    differs[1:] |= bits(f(x[1:])) != whole[1:]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        differs |= bits(np.ascontiguousarray(f(np.repeat(x, 2)[::2]))) != whole
    for length, part in PIECES.items():
        pieces = [f(x[i : min(i + length, part)]) for i in range(0, part, length)]
        differs[:part] |= bits(np.concatenate(pieces)) != whole[:part]
    return differs.mean()


def unstable_threads_share(set_threads, f, dtype):
    if set_threads is None:
        return None
    x = normal_deviates(dtype, STABILITY_POINTS)
    results = []
    for count in (1, 3, os.cpu_count()):
        set_threads(count)
        results.append(bits(f(x)))
    return np.mean((results[0] != results[1]) | (results[0] != results[2]))


# --- the float64 study ---------------------------------------------------------------------------

CHUNK = 1 << 20
CELLS = 16  # of an octave; the worst are searched again
CONFIRMED = 256  # errors are estimated in long double, and the largest computed anew in MPFR
LN2 = np.log(2)


def neighbours(x, reach):
    """Each number, and those up to `reach` places before and after it."""
    steps = np.arange(-reach, reach + 1)
    return (x.view(np.int64)[:, np.newaxis] + steps).ravel().view(np.float64)


def hard_cases(function):
    """Neighbours of everything where a kernel may change its mind."""
    least = {"elu": -38.0, "elu_grad": -745.2}[function]
    sixteenths = np.arange(1, int(-least / LN2 * 32) + 1) * (-LN2 / 32)  # steps and half-way points
    fractions = np.concatenate([-LN2 / 2.0**j * np.arange(1, 257) for j in range(12)])
    powers = -np.exp2(np.arange(-1022.0, 10.0))
    thresholds = np.array([-(2.0**-54), -37.43, -38.0, -708.3964185322641, -745.1332191019411])
    x = [
        neighbours(sixteenths, 16),
        neighbours(fractions, 16),
        neighbours(powers, 16),
        neighbours(thresholds, 2048),
    ]
    return np.concatenate(x)


def draw(function, size, rng):
    """Random inputs: from all binades, and from the range where the results are subnormal."""
    highest = {"elu": 6, "elu_grad": 10}[function]
    exponents = rng.integers(-60, highest, size)
    x = -np.ldexp(1 + rng.random(size), exponents)
    if function == "elu_grad":
        x[: size // 8] = rng.uniform(-745.2, -708.3, size // 8)
    return x


def float64_errors(function, x):
    """The errors in ULP: estimated in long double."""
    y = {"elu": relu_ufunc.elu, "elu_grad": relu_ufunc.elu_grad}[function](x)
    f = {"elu": np.expm1, "elu_grad": np.exp}[function]
    want = f(x.astype(np.longdouble))
    exponent = np.maximum(np.frexp(want)[1] - 53, -1074)
    return np.ldexp(np.abs(y - want), -exponent).astype(np.float64)


def float64_study(function, points):
    """The number of points, the share of the random ones that is not correctly rounded, the worst
    error and where it is."""
    if np.finfo(np.longdouble).nmant < 63:
        raise SystemExit("the float64 study needs a long double wider than double")
    rng = np.random.default_rng(RNG_SEED)
    suspects, cells, seen, misrounded = [], {}, 0, []

    def look(x):
        nonlocal seen
        error = float64_errors(function, x)
        seen += len(x)
        suspects.append(x[np.argpartition(error, -CONFIRMED)[-CONFIRMED:]])
        return error

    hard = hard_cases(function)
    for start in range(0, len(hard), CHUNK):
        look(hard[start : start + CHUNK])
    while seen < points / 2 or not misrounded:
        x = draw(function, CHUNK, rng)
        error = look(x)
        misrounded.append(np.mean(error > 0.5))
        cell = np.floor(np.log2(-x) * CELLS).astype(int)
        for c in np.unique(cell):
            cells[c] = max(cells.get(c, 0), error[cell == c].max())
    worst_cells = np.array(sorted(cells, key=cells.get)[-CELLS:])
    while seen < points:
        cell = rng.choice(worst_cells, CHUNK)
        look(-np.exp2((cell + rng.random(CHUNK)) / CELLS))
    x = np.unique(np.concatenate(suspects))
    error = Exact(function, x).error(
        {"elu": relu_ufunc.elu, "elu_grad": relu_ufunc.elu_grad}[function](x)
    )
    i = np.argmax(error)
    return seen, np.mean(misrounded), error[i], x[i]


# --- the page ------------------------------------------------------------------------------------


def cpu_model():
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        return next(s.split(":", 1)[1].strip() for s in lines if s.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor() or platform.machine()


def ulp(value):
    return f"{value:.4g}" if value >= 1000 else f"{value:.3f}"


def share(value):
    if value is None:
        return "no setting"
    if value == 0:
        return "0"
    return f"{value:.2%}" if value >= 1e-4 else f"{value:.1e}"


def table(header, rows):
    lines = ["| " + " | ".join(header) + " |", "|---" * len(header) + "|"]
    lines += ["| " + " | ".join(row) + " |" for row in rows]
    return "\n".join(lines)


HEADER = (
    "library",
    "max error (ULP)",
    "at x =",
    "not correctly rounded",
    "tiny x: relative error",
    "subnormal becomes 0",
    "other bits elsewhere",
    "with other threads",
)


def comparison(found, results, function, dtype):
    rows = []
    for name, library in found.items():
        result = results.get((name, function, dtype))
        if result is None:
            why = "not installed" if library is None else "has none"
            rows.append([name, why, *[""] * (len(HEADER) - 2)])
            continue
        rows.append(
            [
                name,
                ulp(result.worst),
                f"`{result.worst_x!s}`",
                share(result.misrounded),
                f"{result.tiny:.1e}",
                share(result.flushed),
                share(result.unstable),
                share(result.unstable_threads),
            ]
        )
    return table(HEADER, rows)


COLOURS = {"elu_grad": "#e8934a", "elu": "#0b4f8a"}
WIDTHS = {"elu_grad": 2.6, "elu": 1.2}


def power_of_ten(tick):
    return f"{tick:g}" if tick < 100 else f"$10^{{{np.log10(tick):.0f}}}$"


def largest_errors(result, function, dtype):
    """The largest error in each quarter of an octave of -x, and the middles of these."""
    x = -inputs(function, dtype)[0].astype(np.float64)
    keep = (x > 2.0**-60) & (x < 2.0**10) & ~exact(function, dtype).is_subnormal(dtype)
    cell = np.floor(4 * np.log2(x[keep])).astype(int)
    cells = np.unique(cell)
    largest = np.zeros(cells[-1] - cells[0] + 1)
    np.maximum.at(largest, cell - cells[0], result.error[keep])
    return np.exp2((cells + 0.5) / 4), largest[cells - cells[0]]


def plot(found, results, path):
    """Error against x, a row for each library and a column for each dtype."""
    names = [name for name, library in found.items() if library is not None]
    height = 1.5 * len(names) + 1
    figure, axes = plt.subplots(
        len(names), 2, figsize=(11, height), sharex=True, sharey="row", squeeze=False
    )
    for row, name in zip(axes, names, strict=True):
        top = 8.0
        for axis, dtype in zip(row, (f32, f64), strict=True):
            axis.axhline(0.5, color="0.5", linewidth=0.8, linestyle="--")
            for function, colour in COLOURS.items():
                result = results.get((name, function, dtype))
                if result is not None:
                    x, error = largest_errors(result, function, dtype)
                    top = max(top, 3 * error.max())
                    width = WIDTHS[function]
                    axis.plot(-x, np.maximum(error, 1e-3), color=colour, linewidth=width)
            missing = [f for f in COLOURS if (name, f, dtype) not in results]
            if missing:
                text = f"no {dtype.name} " + " or ".join(reversed(missing))
                axis.text(0.98, 0.35, text, transform=axis.transAxes, ha="right", color="0.35")
        small = top <= 32
        ticks = [0.5, 1, 2, 4, 8] if small else [0.5, 1e2, 1e5, 1e8, 1e11, 1e14]
        for axis in row:
            axis.set_xscale("symlog", linthresh=2.0**-60, linscale=0.01)
            axis.set_yscale("log")
            axis.set(xlim=(-(2.0**10), -(2.0**-60)), ylim=(0.25, top))
            axis.set_xticks([-(10.0**n) for n in range(2, -19, -4)])
            ticks = [tick for tick in ticks if tick <= top]
            axis.set_yticks(ticks, map(power_of_ten, ticks))
            axis.minorticks_off()
            axis.grid(color="0.92", linewidth=0.6)
            axis.set_axisbelow(True)
            axis.spines[["top", "right"]].set_visible(False)
        row[0].set_title(name, loc="left", fontsize=10, fontweight="bold")
        row[0].set_ylabel("error (ULP)", fontsize=9)
    for axis, dtype in zip(axes[0], (f32, f64), strict=True):
        axis.set_title(dtype.name, loc="right", fontsize=10)
    for axis in axes[-1]:
        axis.set_xlabel("x")
    handles = [
        plt.Line2D([], [], color=COLOURS[name], linewidth=WIDTHS[name], label=name)
        for name in ("elu", "elu_grad")
    ]
    handles.append(plt.Line2D([], [], color="0.5", linestyle="--", label="correctly rounded"))
    figure.legend(handles=handles, loc="upper center", ncols=3, frameon=False)
    figure.tight_layout(rect=(0, 0, 1, 1 - 0.3 / height))
    figure.savefig(path, dpi=110)
    plt.close(figure)


SECTIONS = (
    ("elu, float32", "elu", f32),
    ("Gradient of elu, float32", "elu_grad", f32),
    ("elu, float64", "elu", f64),
    ("Gradient of elu, float64", "elu_grad", f64),
    ("leaky_relu, float32", "leaky_relu", f32),
    ("leaky_relu, float64", "leaky_relu", f64),
    ("elu, float16: all negative inputs", "elu", f16),
    ("elu, bfloat16: all negative inputs", "elu", bf16),
)

NOTES = {  # what a table can't say
    ("leaky_relu", f64): "ONNX defines the slope as a float32, so it is another number.",
}

INTRODUCTION = """\
<!-- Generated by docs/accuracy.py: do not edit. -->
# Accuracy, measured

How far the results of relu_ufunc and of other libraries are from the exact ones, on the same
inputs, and whether the same number gives the same result wherever it lies. alpha is 1, the
negative slope {slope}. To measure again, and write this page and its plot:

    pip install '.[compare,test]'
    python docs/accuracy.py

A library that is not installed gets a row that says so.

- **max error**: the largest distance from the exact value, in units in the last place of it
  (ULP), and where. Correctly rounded is at most 0.5. The exact value is MPFR's, with {bits} bits.
  Inputs: {normal:,} numbers distributed as the negative half of a standard normal distribution,
  {per_binade:,} in each binade from 2^-60 up, {per_tiny} in each below; for 16-bit types, all.
  Subnormal results have a column of their own.
- **not correctly rounded**: the share of the normally distributed inputs (for 16-bit types, of
  all) whose result is not the nearest number of its type.
- **tiny x**: the largest relative error where |x| is less than a quarter of the type's epsilon.
- **subnormal becomes 0**: the share of the results that should be subnormal and are 0.
- **other bits elsewhere**: the share of {stable:,} normally distributed elements whose bits change
  when the array starts one element later, has a stride of two, or is given in pieces of {pieces}
  elements. The last column: when the library is told to use another number of threads.
"""


STUDY = """\
relu_ufunc at many more points: all binades from 2^-60 up, the neighbours of the multiples of
ln 2 / 32 and ln 2 / 2^k, of powers of two and of thresholds, subnormal results; then again where
the errors were largest. Errors are estimated in long double, and the largest computed by MPFR. The
share is that of the random points, spread evenly over the binades, an eighth of them where the
gradient is subnormal.
"""


def page(found, results, study):
    rows = [
        [name, library.version if library else "not installed"] for name, library in found.items()
    ]
    parts = [
        INTRODUCTION.format(
            slope=SLOPE,
            bits=PRECISION,
            normal=NORMAL_POINTS,
            per_binade=POINTS_PER_BINADE,
            per_tiny=POINTS_PER_BINADE // 16,
            stable=STABILITY_POINTS,
            pieces=" and ".join(map(str, PIECES)),
        ),
        f"Measured on: {cpu_model()}, {platform.system()} {platform.machine()}, "
        f"Python {platform.python_version()}, gmpy2 {version('gmpy2')}.\n",
        table(("library", "version and instruction set, where it says"), rows),
        "\n![Error against x for each library, float32 and float64](accuracy.png)\n\n"
        "The largest error in each quarter of an octave of x, subnormal results left out. The\n"
        "vertical scales differ.",
    ]
    for title, function, dtype in SECTIONS:
        parts += [f"\n## {title}\n", comparison(found, results, function, dtype)]
        if (function, dtype) in NOTES:
            parts += ["", NOTES[function, dtype]]
    parts += [
        "\n## float64, searched\n",
        STUDY,
        table(
            ("function", "points", "max error (ULP)", "at x =", "not correctly rounded"),
            [
                [name, f"{points:,}", f"{worst:.4f}", f"`{float(x).hex()}`", share(misrounded)]
                for name, (points, misrounded, worst, x) in study.items()
            ],
        ),
    ]
    return "\n".join(parts) + "\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--float64-points", type=int, default=10_000_000, metavar="N")
    arguments = parser.parse_args()
    np.seterr(all="ignore")
    found = libraries()
    results = {}
    for title, function, dtype in SECTIONS:
        print(title, flush=True)
        for name, library in found.items():
            if library is not None and (function, dtype) in library.functions:
                results[name, function, dtype] = measure(library, function, dtype)
    study = {}
    for function in ("elu", "elu_grad"):
        print(f"{function}, float64, {arguments.float64_points:,} points", flush=True)
        study[function] = float64_study(function, arguments.float64_points)
    plot(found, results, HERE / "accuracy.png")
    (HERE / "accuracy.md").write_text(page(found, results, study), encoding="utf-8")


if __name__ == "__main__":
    main()
