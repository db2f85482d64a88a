"""Draw the largest error of silu and gelu against their time, by library: docs/error_and_time.png.

    python benchmarks/error_and_time.py [--processor NUMBER]

All run on one processor, so that each has one thread, and make a new array of 65,536 float32. Needs
what `pip install '.[compare,test]'` brings; a library that is not installed is left out.
"""

import argparse
import os
import timeit
from dataclasses import dataclass
from pathlib import Path

import numpy as np

FUNCTIONS = ("silu", "gelu")
SIZE, SCALE = 1 << 16, 3  # how many, and the standard deviation of them
ROUNDS = 201
PICTURE = Path(__file__).resolve().parents[1] / "docs" / "error_and_time.png"


@dataclass
class Point:
    ns: float  # an element
    error: float  # in ULP


def measured(function, found, words):
    """A Point for each library that has the function."""
    from benchmarks.timing import interleaved
    from pages.family import worst_errors
    from pages.libraries import f32

    x = np.random.default_rng(0).normal(0, SCALE, SIZE).astype(f32)
    errors = worst_errors(found, function, words)
    calls = [found[name].functions[function, f32] for name in errors]
    timers = [timeit.Timer("f(x)", globals={"f": call, "x": x}) for call in calls]
    seconds = np.median(interleaved(timers, rounds=ROUNDS), axis=1)
    return {
        name: Point(1e9 * taken / SIZE, worst.error)
        for (name, worst), taken in zip(errors.items(), seconds, strict=True)
    }


def draw(points, path):
    """A panel for each function, a mark for each library."""
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt
    from pages.picture import LIBRARY_COLOURS

    figure, axes = plt.subplots(1, len(points), figsize=(10, 4.2), sharey=True)
    for axis, (function, marks) in zip(axes, points.items(), strict=True):
        axis.axhline(0.5, color="0.5", linewidth=0.8, linestyle="--")
        for name, point in marks.items():
            axis.plot(point.ns, point.error, "o", color=LIBRARY_COLOURS[name], markersize=9)
            axis.annotate(name, (point.ns, point.error), (8, 6), textcoords="offset points")
        axis.set(xscale="log", yscale="log", ylim=(0.2, 1e8), title=f"{function}(x)")
        axis.set_xlabel("ns an element, one thread")
        axis.set_xlim(
            0.5 * min(p.ns for p in marks.values()), 4 * max(p.ns for p in marks.values())
        )
        axis.grid(color="0.92", linewidth=0.6)
        axis.set_axisbelow(True)
        axis.spines[["top", "right"]].set_visible(False)
    axes[0].set_ylabel("largest error, ULP")
    axes[0].text(
        0.02, 0.6, "correctly rounded", transform=axes[0].get_yaxis_transform(), fontsize=8
    )
    figure.tight_layout()
    figure.savefig(path, dpi=110)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--processor", type=int, default=min(os.sched_getaffinity(0)))
    os.sched_setaffinity(0, {parser.parse_args().processor})
    # From here on libraries are imported: they count the processors.
    from pages.family import patterns
    from pages.libraries import libraries
    from pages.writing import table

    np.seterr(all="ignore")
    found, words = libraries(), patterns()
    points = {function: measured(function, found, words) for function in FUNCTIONS}
    draw(points, PICTURE)
    rows = [
        [function, name, f"{point.ns:.2f}", f"{point.error:.3g}"]
        for function, marks in points.items()
        for name, point in marks.items()
    ]
    print(table(("", "library", "ns an element", "largest error (ULP)"), rows))


if __name__ == "__main__":
    main()
