"""Draw the largest error of silu and gelu against their time, by library: docs/error_and_time.png.

    python benchmarks/compare.py --case silu-wide-65536-out --case gelu-wide-65536-out --output .
    python benchmarks/error_and_time.py compare.csv

The times are those of the CSV: one thread, `out=`. The errors are measured here, at every 397th
float32. Needs what `pip install '.[compare,test]'` brings; a library that is not installed, or has
no `out=`, is left out.
"""

import argparse
from dataclasses import dataclass
from pathlib import Path

import matplotlib
import numpy as np
from comparison import results
from pages.family import patterns, worst_errors
from pages.libraries import libraries
from pages.picture import LIBRARY_COLOURS
from pages.writing import table

matplotlib.use("Agg")
import matplotlib.pyplot as plt
from matplotlib.ticker import LogLocator, NullFormatter

FUNCTIONS = ("silu", "gelu")
CASE = "{}-wide-65536-out"
PICTURE = Path(__file__).resolve().parents[1] / "docs" / "error_and_time.png"


@dataclass
class Point:
    ns: float  # an element
    error: float  # in ULP


def points_of(function, rows, found, words):
    """A Point for each library that has the function, and a time in the CSV."""
    case = CASE.format(function)
    times = {row.contestant: row.ns_element for row in rows if row.case == case and row.ns_element}
    times["NumPy expression"] = times.pop("NumPy", None)
    return {
        name: Point(times[name], worst.error)
        for name, worst in worst_errors(found, function, words).items()
        if times.get(name)
    }


def draw(points, path):
    """A panel for each function, a mark for each library."""
    times = [point.ns for marks in points.values() for point in marks.values()]
    figure, axes = plt.subplots(1, len(points), figsize=(10, 4.2), sharey=True)
    for axis, (function, marks) in zip(axes, points.items(), strict=True):
        axis.axhline(0.5, color="0.5", linewidth=0.8, linestyle="--")
        for name, point in marks.items():
            colour = LIBRARY_COLOURS[name]
            axis.plot(point.ns, point.error, "o", color=colour, markersize=9, label=name)
        axis.set(xscale="log", yscale="log", ylim=(0.2, 1e9), title=f"{function}(x, out=o)")
        axis.set(xlabel="ns an element", xlim=(min(times) / 2, max(times) * 2))
        axis.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        axis.xaxis.set_major_formatter("{x:g}")
        axis.xaxis.set_minor_formatter(NullFormatter())
        axis.grid(color="0.92", linewidth=0.6)
        axis.set_axisbelow(True)
        axis.spines[["top", "right"]].set_visible(False)
    axes[0].set_ylabel("largest error, ULP")
    axes[0].text(max(times), 0.6, "correctly rounded", ha="right", color="0.35", fontsize=9)
    axes[0].legend(frameon=False, loc="center right")
    figure.tight_layout()
    figure.savefig(path, dpi=110)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("csv", type=Path)
    rows, _ = results.read(parser.parse_args().csv)
    np.seterr(all="ignore")
    found, words = libraries(), patterns()
    points = {function: points_of(function, rows, found, words) for function in FUNCTIONS}
    draw(points, PICTURE)
    lines = [
        [function, name, f"{point.ns:.2f}", f"{point.error:.3g}"]
        for function, marks in points.items()
        for name, point in marks.items()
    ]
    print(table(("", "library", "ns an element", "largest error (ULP)"), lines))


if __name__ == "__main__":
    main()
