"""The plots, from the rows of a run or of a CSV."""

import matplotlib

matplotlib.use("agg")

import matplotlib.pyplot as plt
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import FuncFormatter, LogFormatterMathtext, LogLocator

from .cases import Workload
from .results import MEASURED

# Told apart by people who see few colours, too. Each has one of its own in every plot.
STYLES = {
    "relu_ufunc": ("#D55E00", "o"),
    "NumPy": ("#0072B2", "s"),
    "numexpr": ("#E69F00", "^"),
    "numba": ("#009E73", "D"),
    "PyTorch": ("#CC79A7", "v"),
    "ONNX Runtime": ("#56B4E9", "P"),
    "JAX": ("#7F7F7F", "X"),
    "memcpy": ("black", ""),
}
TITLES = {"out": "into out=", "fresh": "new output"}
FEWEST_SIZES = 4
DTYPES = ("float16", "float32", "float64", "int8", "uint8", "int32")


def draw_all(rows, folder, machine):
    """Each plot that there is data for; returns the files."""
    folder.mkdir(parents=True, exist_ok=True)
    drawn = (draw(rows, folder, machine) for draw in (draw_sizes, draw_dtypes))
    return [path for path in drawn if path]


def comparable(row):
    """Vectors with nothing special but a dtype: fit to stand beside each other."""
    plain = Workload(row.function, (row.elements,), row.output, row.dtype)
    return row.case == plain.name and row.status == MEASURED and row.output in TITLES


def panels_of(rows):
    """The rows to draw, for each function and output, by contestant."""
    panels = {}
    for row in rows:
        if comparable(row) and row.contestant in STYLES:
            panel = panels.setdefault((row.function, row.output), {})
            panel.setdefault(row.contestant, []).append(row)
    return panels


def grid(panels):
    """A figure with a line of axes for each function; and the axes by function and output."""
    functions = list(dict.fromkeys(function for function, _ in panels))
    outputs = [output for output in TITLES if any(output == other for _, other in panels)]
    figure, axes = plt.subplots(
        len(functions),
        len(outputs),
        figsize=(max(5.0 * len(outputs), 8), 3.1 * len(functions) + 1),
        sharey="row",
        squeeze=False,
        layout="constrained",
    )
    placed = {}
    for i, function in enumerate(functions):
        for j, output in enumerate(outputs):
            axes[i, j].set_title(f"{function}, {TITLES[output]}", fontsize=10, loc="left")
            axes[i, j].grid(True, linewidth=0.4, alpha=0.6)
            axes[i, j].set_axisbelow(True)
            placed[function, output] = axes[i, j]
        axes[i, 0].set_ylabel("ns an element")
    return figure, placed


def draw_sizes(rows, folder, machine):
    """Time an element against size, log-log, with memcpy as the limit."""
    panels = panels_of(row for row in rows if row.dtype == "float32")
    panels = {key: lines for key, lines in panels.items() if sizes_in(lines) >= FEWEST_SIZES}
    if not panels:
        return None
    figure, axes = grid(panels)
    for key, axis in axes.items():
        lines = panels.get(key, {})
        for name in STYLES:
            draw_line(axis, name, lines.get(name, []))
        axis.set_xscale("log", base=2)
        axis.xaxis.set_major_locator(LogLocator(base=16, numticks=20))
        axis.xaxis.set_major_formatter(LogFormatterMathtext(base=2))
        axis.set_yscale("log")
        axis.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
        axis.set_xlabel("elements")
        axis.label_outer()
    handles = [
        Line2D([], [], color=color, marker=marker, label=shown(name), **line_style(name))
        for name, (color, marker) in STYLES.items()
        if any(name in lines for lines in panels.values())
    ]
    return finish(figure, handles, folder / "time_per_element.png", "float32", machine)


def sizes_in(lines):
    return len({row.elements for row in lines.get("relu_ufunc", [])})


def draw_line(axis, name, rows):
    color, marker = STYLES[name]
    rows = sorted(rows, key=lambda row: row.elements)
    sizes, times = ([getattr(row, key) for row in rows] for key in ("elements", "ns_element"))
    axis.plot(sizes, times, color=color, marker=marker, **line_style(name))
    low, high = ([getattr(row, q) / row.elements for row in rows] for q in ("ns_q1", "ns_q3"))
    axis.fill_between(sizes, low, high, color=color, alpha=0.15, linewidth=0)


def line_style(name):
    ours, limit = name == "relu_ufunc", name == "memcpy"
    return {
        "linestyle": "--" if limit else "-",
        "linewidth": 2 if ours else 1.1,
        "markersize": 5 if ours else 4,
        "zorder": 3 if ours else 2,
    }


def draw_dtypes(rows, folder, machine):
    """Bars for each dtype, at the size that most dtypes were measured at."""
    rows = [row for row in rows if comparable(row)]
    size = size_of_most_dtypes(rows)
    panels = panels_of(row for row in rows if row.elements == size)
    panels = {key: bars for key, bars in panels.items() if len(dtypes_in(bars)) > 1}
    if not panels:
        return None
    figure, axes = grid(panels)
    names = [name for name in STYLES if any(name in bars for bars in panels.values())]
    for key, axis in axes.items():
        bars = panels.get(key, {})
        present = [dtype for dtype in DTYPES if dtype in dtypes_in(bars)]
        for i, name in enumerate(names):
            draw_bars(axis, bars.get(name, []), present, name, i / len(names) - 0.5)
        axis.set_yscale("log")
        axis.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
        axis.set_ylim(bottom=axis.dataLim.minpos[1] / 2)  # the least bar is to be seen as one
        axis.set_xticks(range(len(present)), present)
        axis.grid(False, axis="x")
    handles = [Patch(color=STYLES[name][0], label=shown(name)) for name in names]
    title = f"{size:,} elements"
    return finish(figure, handles, folder / "time_by_dtype.png", title, machine)


def size_of_most_dtypes(rows):
    dtypes = {}
    for row in rows:
        dtypes.setdefault(row.elements, set()).add(row.dtype)
    return max(dtypes, key=lambda size: len(dtypes[size]), default=None)


def dtypes_in(bars):
    return {row.dtype for row in bars.get("relu_ufunc", [])}


def draw_bars(axis, rows, dtypes, name, offset):
    width = 0.8 / len(STYLES)
    places = [dtypes.index(row.dtype) + 0.9 * offset for row in rows]
    axis.bar(places, [row.ns_element for row in rows], width, align="edge", color=STYLES[name][0])


def shown(name):
    return "memcpy of as many bytes" if name == "memcpy" else name


def finish(figure, handles, path, title, machine):
    threads = "1 thread" if machine["threads"] == 1 else f"{machine['threads']} threads"
    figure.suptitle(f"{title}, {threads}: {machine['cpu']}, {machine['isa']}", fontsize=11)
    figure.legend(handles=handles, loc="outside lower center", ncols=4, frameon=False, fontsize=9)
    figure.savefig(path, dpi=120)
    plt.close(figure)
    return path
