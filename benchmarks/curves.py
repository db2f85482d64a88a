"""Draw each function and its derivative: writes docs/functions.png.

    python benchmarks/curves.py

Needs relu_ufunc and matplotlib. What there is to draw follows from the declarations.
"""

import argparse

import matplotlib
import numpy as np
from benchmarks.functions import FUNCTIONS
from pages.writing import DOCS

import relu_ufunc

matplotlib.use("Agg")
import matplotlib.pyplot as plt

COLUMNS = 6
# Of the function, its derivative, and the axes.
LIGHT = "#0b4f8a", "#e8934a", "0.8"
DARK = "#6cb4ee", "#f0a868", "0.35"
LIMITS = (-4, 4), (-1.9, 2.9)  # of x and y, the same for all but those that show nothing there
WIDER = {"relu6": ((-2.5, 8.5), (-1, 7))}
NUMBERS = {"clipped_relu": {"max_value": 2}, "prelu": {"slope": 0.25}}
OTHER = 1.0  # of an input beside the first: up of a gated unit, y of add_relu
JUMP = 0.1  # between neighbours: no line is drawn there


def drawn():
    """The functions of one input that have a derivative."""
    return [
        name
        for name, function in FUNCTIONS.items()
        if function.arrays == ("x",) and f"{name}_grad" in FUNCTIONS
    ]


def inputs(name, x):
    """The inputs of a function: x, and ones beside it."""
    return x, *[OTHER] * (len(FUNCTIONS[name].arrays) - 1)


def curve(name, x):
    return broken(getattr(relu_ufunc, name)(*inputs(name, x), **NUMBERS.get(name, {})))


def derivative(name, x):
    """By the first input; there is one by prelu's slope and by a unit's second input, too."""
    return broken(
        getattr(relu_ufunc, f"{name}_backward")(1.0, *inputs(name, x), **NUMBERS.get(name, {}))
    )


def broken(y):
    """The first of the outputs, with a gap where it jumps."""
    y = y[0] if isinstance(y, tuple) else y
    y[1:][np.abs(np.diff(y)) > JUMP] = np.nan
    return y


def title(name):
    numbers = [f"{number:g}" for number in (*inputs(name, 0)[1:], *NUMBERS.get(name, {}).values())]
    return f"{name}({', '.join([FUNCTIONS[name].arrays[0], *numbers])})"


def panel(axis, name, colours=LIGHT):
    (left, right), (low, high) = WIDER.get(name, LIMITS)
    value, slope, grey = colours
    x = np.linspace(left, right, 4001)
    axis.axhline(0, color=grey, linewidth=0.8)
    axis.axvline(0, color=grey, linewidth=0.8)
    axis.plot(x, derivative(name, x), color=slope, linewidth=1.4)
    axis.plot(x, curve(name, x), color=value, linewidth=1.8)
    axis.set(xlim=(left, right), ylim=(low, high))
    axis.set_title(title(name), loc="left", fontsize=8.5, family="monospace")
    axis.tick_params(labelsize=7, length=2)
    axis.spines[["top", "right"]].set_visible(False)


def legend(colours=LIGHT):
    value, slope, _ = colours
    return [
        plt.Line2D([], [], color=value, linewidth=1.8, label="the function"),
        plt.Line2D([], [], color=slope, linewidth=1.4, label="its derivative"),
    ]


def main():
    argparse.ArgumentParser(description=__doc__.splitlines()[0]).parse_args()
    names = drawn()
    rows = -(-len(names) // COLUMNS)
    figure, axes = plt.subplots(rows, COLUMNS, figsize=(2.1 * COLUMNS, 1.9 * rows + 0.3))
    for axis, name in zip(axes.flat, names, strict=False):
        panel(axis, name)
    for axis in axes.flat[len(names) :]:
        axis.set_axis_off()
    figure.legend(handles=legend(), loc="upper center", ncols=2, frameon=False, fontsize=9)
    figure.tight_layout(rect=(0, 0, 1, 1 - 0.3 / figure.get_figheight()))
    figure.savefig(DOCS / "functions.png", dpi=100)


if __name__ == "__main__":
    main()
