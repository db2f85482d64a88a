"""The pictures of docs/accuracy.md: errors against x."""

import matplotlib
import numpy as np

from .exact import RNG_SEED, Exact, exact, inputs
from .family import compared
from .libraries import f32, f64

matplotlib.use("Agg")
import matplotlib.pyplot as plt

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


LIBRARY_COLOURS = {
    "relu_ufunc": "#0b4f8a",
    "NumPy expression": "0.6",
    "PyTorch": "#d1495b",
    "ONNX Runtime": "#e8934a",
    "JAX": "#5aa469",
}
RANGE = -15.0, 5.0
CELLS, IN_A_CELL = 800, 200


def plot_gelu(found, path):
    """The largest relative error of gelu, float32, in each of many cells of x, by library."""
    rng = np.random.default_rng(RNG_SEED)
    edges = np.linspace(*RANGE, CELLS + 1)
    x = rng.uniform(edges[:-1], edges[1:], (IN_A_CELL, CELLS)).astype(np.float32)
    want = np.array(Exact("gelu", x.ravel()).high).reshape(x.shape)
    figure, axis = plt.subplots(figsize=(9, 4.5))
    libraries = compared(found)
    for library in reversed(libraries):  # the first is on top
        y = library.functions["gelu", f32](x.ravel()).reshape(x.shape)
        error = np.abs(y / want - 1).max(axis=0)
        style = {"color": LIBRARY_COLOURS[library.name], "label": library.name}
        width = 2.2 if library is libraries[0] else 1.2
        axis.plot(edges[:-1], np.maximum(error, 1e-9), linewidth=width, **style)
    axis.axvline(-13.146, color="0.5", linewidth=0.8, linestyle="--")
    axis.text(-13.2, 3e-9, "subnormal", ha="right", color="0.35", fontsize=9)
    axis.set_yscale("log")
    axis.set(xlim=RANGE, ylim=(1e-9, 10), xlabel="x", ylabel="relative error of gelu(x)")
    axis.grid(color="0.92", linewidth=0.6)
    axis.set_axisbelow(True)
    axis.spines[["top", "right"]].set_visible(False)
    handles, names = axis.get_legend_handles_labels()
    axis.legend(handles[::-1], names[::-1], frameon=False, loc="upper right")
    figure.tight_layout()
    figure.savefig(path, dpi=110)
    plt.close(figure)
