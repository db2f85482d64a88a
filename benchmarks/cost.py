"""Measure where the time of a call goes: writes the measured parts of docs/cost.md, and cost.png.

    python benchmarks/cost.py [--seconds S]

Needs relu_ufunc with the extra `plot`, two processors and 2 GB of memory; takes about 1.5 minutes.
Have the machine to yourself for it.
"""

import resource
import timeit
from dataclasses import dataclass

import matplotlib
import numpy as np
from benchmarks.machine import cache_sizes
from pages.malloc import LARGE, keep_malloc_as_it_starts, large_blocks_at_hand
from pages.ways import ITEM, Way, array_of, nanoseconds, start, threads_begin
from pages.writing import DOCS, duration, exponent, fill, machine_text, table
from rich.console import Console
from rich.progress import track

import relu_ufunc
from relu_ufunc import _relu_ufunc

matplotlib.use("Agg")
import matplotlib.pyplot as plt
from matplotlib.ticker import FuncFormatter, LogFormatterMathtext, LogLocator

POWERS = range(27)
SHOWN = (0, 4, 8, 12, 16, 20, 22, 24, 26)  # the powers of two in the tables
COUNTED = 0.02  # seconds in which page faults are counted

# --- the ways to call ----------------------------------------------------------------------------

ENTRY = Way("f(x1, out=o1)")
OUT = Way("f(x, out=o)")
NEW = Way("f(x)")
RECYCLED = Way("f(x)", recycle=True)
OUT_2 = Way("f(x, out=o)", threads=2)
NEW_2 = Way("f(x)", threads=2)
COPY = Way("np.copyto(o, x)")
NUMPY = {"relu": Way("np.maximum(x, 0, out=o)"), "elu": Way("np.where(x > 0, x, np.expm1(x))")}
WAYS = (ENTRY, OUT, NEW, RECYCLED, OUT_2, NEW_2, COPY)
CALLS = {  # on one element, for the table: what is called, and how
    "relu(x, out=o)": Way("relu(x, out=o)"),
    "relu(x)": Way("relu(x)"),
    "elu(x, out=o)": Way("elu(x, out=o)"),
    "elu(x)": Way("elu(x)"),
    "np.negative(x, out=o)": Way("negative(x, out=o)"),
    "np.negative(x)": Way("negative(x)"),
    "np.maximum(x, 0, out=o)": Way("maximum(x, 0, out=o)"),
    "callable(x)": Way("callable(x)"),
}


def scope_of(function, size):
    x, o = array_of(size), array_of(size)
    o.fill(0)
    np.random.default_rng(size).standard_normal(dtype=np.float32, out=x)
    scope = {"f": getattr(relu_ufunc, function), "x": x, "o": o, "np": np}
    return scope | {"x1": x[:1].copy(), "o1": o[:1].copy()}


def faults(way, scope):
    """The page faults of a call, as the system counts them."""
    timer = timeit.Timer(way.statement, globals=scope)
    with way.around():
        timer.timeit(2)
        calls = min(100, 1 + int(COUNTED / timer.timeit(1)))
        before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
        timer.timeit(calls)
        return (resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before) / calls


# --- the parts -----------------------------------------------------------------------------------

PARTS = ("entry", "kernel", "allocation", "page faults")


@dataclass
class Measured:
    """A function: the nanoseconds of each way, and the page faults of a call, by power of two."""

    times: list[dict[Way, float]]
    faults: list[float]

    def of(self, way):
        return np.array([times[way] for times in self.times])

    def parts(self):
        """What `f(x)` is made of. Differences within the noise are 0."""
        entry = self.of(ENTRY)
        faulted = np.array(self.faults) >= 1
        more = np.maximum(self.of(NEW) - self.of(OUT), 0)
        allocation = np.where(faulted, more[~faulted][-1], more)
        return {
            "entry": entry,
            "kernel": np.maximum(self.of(OUT) - entry, 0),
            "allocation": allocation,
            "page faults": np.where(faulted, np.maximum(more - allocation, 0), 0),
        }


def measure(function, seconds, hold_blocks):
    measured = Measured([], [])
    ways = (*WAYS, NUMPY[function])
    for power in track(POWERS, function, console=Console(stderr=True)):
        scope = scope_of(function, 2**power)
        if hold_blocks and 2**power * ITEM >= LARGE:
            scope["held"] = large_blocks_at_hand()
        measured.times.append(nanoseconds(ways, scope, seconds))
        measured.faults.append(faults(NEW, scope))
    return measured


def measure_calls():
    scope = scope_of("relu", 1)
    scope |= {name: getattr(relu_ufunc, name) for name in ("relu", "elu")}
    scope |= {name: getattr(np, name) for name in ("negative", "maximum")}
    return nanoseconds(tuple(CALLS.values()), scope, 2)


# --- the picture ---------------------------------------------------------------------------------

COLOURS = {  # told apart by people who see few colours, too
    "entry": "#7F7F7F",
    "kernel": "#D55E00",
    "allocation": "#F0C040",
    "page faults": "#8C4A79",
}
STYLES = {
    OUT: ("into out=", {"color": "#D55E00", "linewidth": 2}),
    OUT_2: ("into out=, 2 threads", {"color": "#D55E00", "linestyle": ":", "linewidth": 2}),
    NEW: ("new output", {"color": "#8C4A79", "linewidth": 1.5}),
    NEW_2: ("new output, 2 threads", {"color": "#8C4A79", "linestyle": ":", "linewidth": 1.5}),
    RECYCLED: ("new output, recycled", {"color": "#009E73", "linewidth": 1.5}),
    COPY: ("memcpy (np.copyto)", {"color": "black", "linestyle": "--", "linewidth": 1.1}),
}
NUMPY_STYLE = {"color": "#0072B2", "linewidth": 1.1}


def streaming_begins():
    """The bytes of an output of relu from which on one thread streams it, as a trial has said."""
    threshold = _relu_ufunc.streaming_threshold()
    if threshold != _relu_ufunc.LEARNED_THRESHOLD:
        return threshold
    own, last = _relu_ufunc.caches()
    ratio = _relu_ufunc.learned()["streamed copies, of the time of plain ones"]
    return own if isinstance(ratio, float) and ratio < 0.9 else last / 2


def landmarks():
    """Where in elements something changes that has nothing to do with the function."""
    marks = {f"{name} full": size / (2 * ITEM) for name, size in cache_sizes().items()}
    threshold = streaming_begins()
    return marks if threshold is None else marks | {"streaming": threshold / ITEM}


def least_elements(function, way):
    """From which size on a way differs from the same on one thread, or without recycling."""
    return threads_begin(function) if way.threads == 2 else LARGE // ITEM if way.recycle else 1


def draw_lines(axis, function, measured, each):
    sizes = 2.0 ** np.array(POWERS)
    styles = STYLES | {NUMPY[function]: (NUMPY[function].statement, NUMPY_STYLE)}
    for way, (label, style) in styles.items():
        keep = sizes >= least_elements(function, way)
        times = measured.of(way)[keep] / (sizes[keep] if each else 1)
        axis.plot(sizes[keep], times, label=label, **style)
    axis.set_yscale("log")
    axis.yaxis.set_major_formatter(FuncFormatter(lambda v, _: f"{v:g}" if each else duration(v)))


def draw_shares(axis, measured):
    parts = measured.parts()
    total = sum(parts.values())
    sizes = 2.0 ** np.array(POWERS)
    shares = [100 * part / total for part in parts.values()]
    axis.stackplot(sizes, shares, colors=COLOURS.values(), labels=parts, linewidth=0)
    axis.set(ylim=(0, 100))
    axis.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:.0f}%"))


def draw_landmarks(axis, marks, colour, text):
    """A line for each size; one text for those that share it."""
    for size in sorted(set(marks.values())):
        name = ", ".join(name for name, at in marks.items() if at == size)
        axis.axvline(size, color=colour, linewidth=0.8, linestyle=(0, (1, 2)))
        if text:
            at = (size, 1.02)
            kind = {"xycoords": ("data", "axes fraction"), "rotation": 55, "fontsize": 8}
            axis.annotate(name, at, color="0.25", ha="left", va="bottom", **kind)


def draw(found, path):
    figure, axes = plt.subplots(
        3, len(found), figsize=(12, 12.5), sharex=True, sharey="row", layout="constrained"
    )
    for column, (function, measured) in zip(axes.T, found.items(), strict=True):
        marks = landmarks() | {"threads": threads_begin(function)}
        draw_shares(column[0], measured)
        draw_lines(column[1], function, measured, each=False)
        draw_lines(column[2], function, measured, each=True)
        for i, axis in enumerate(column):
            draw_landmarks(axis, marks, "white" if i == 0 else "0.45", text=i == 0)
            axis.set_xscale("log", base=2)
            axis.set_xlim(1, 2 ** max(POWERS))
            axis.xaxis.set_major_locator(LogLocator(base=16, numticks=20))
            axis.xaxis.set_major_formatter(LogFormatterMathtext(base=2))
            if i > 0:
                axis.grid(True, linewidth=0.4, alpha=0.6)
        column[0].set_title(f"{function}, float32", loc="left", fontweight="bold", pad=46)
        column[1].legend(fontsize=8, loc="upper left", framealpha=0.9)
        column[2].set_xlabel("elements")
        column[2].set_ylim(0.05, 40)
    axes[0, 0].legend(fontsize=9, loc="lower left", framealpha=0.9, reverse=True)
    axes[0, 0].set_ylabel("share of a call with a new output, 1 thread")
    axes[1, 0].set_ylabel("time of a call")
    axes[2, 0].set_ylabel("ns an element")
    figure.savefig(path, dpi=110)
    plt.close(figure)


# --- the page ------------------------------------------------------------------------------------


def calls_table(calls):
    return table(
        ("call on 1 element", "time"),
        [[f"`{name}`", duration(calls[way])] for name, way in CALLS.items()],
    )


def parts_table(measured):
    parts = measured.parts()
    rows = []
    for power in SHOWN:
        cells = [duration(parts[name][power]) if parts[name][power] else "-" for name in PARTS]
        count = measured.faults[power]
        total = sum(part[power] for part in parts.values())
        rows.append([f"{2**power:,}", *cells, f"{count:,.0f}", duration(total)])
    return table(("elements", *PARTS, "faults counted", "in all"), rows)


def ways_table(function, measured):
    columns = {
        "`out=`": OUT,
        "`out=`, 2 threads": OUT_2,
        "new output": NEW,
        "new output, 2 threads": NEW_2,
        "recycled": RECYCLED,
        "memcpy": COPY,
        f"`{NUMPY[function].statement}`": NUMPY[function],
    }

    def cell(way, power):
        if 2**power < least_elements(function, way):
            return "-"
        return duration(measured.times[power][way])

    rows = [[f"{2**p:,}", *(cell(way, p) for way in columns.values())] for p in SHOWN]
    return table(("elements", *columns), rows)


def limits_table(functions):
    rows = [
        [f"x and the output fill the {name} cache", exponent(size / (2 * ITEM))]
        for name, size in cache_sizes().items()
    ]
    threshold = streaming_begins()
    rows.append(
        ["streaming stores begin", "never" if threshold is None else exponent(threshold / ITEM)]
    )
    rows += [[f"threads begin, {name}", exponent(threads_begin(name))] for name in functions]
    return table(("landmark", "elements"), rows)


def page_parts(found, calls):
    parts = {
        "cost machine": machine_text(),
        "cost calls": calls_table(calls),
        "cost limits": limits_table(found),
    }
    for function, measured in found.items():
        parts[f"cost {function} parts"] = parts_table(measured)
        parts[f"cost {function} ways"] = ways_table(function, measured)
    return parts


def main():
    seconds = start(__doc__, 0.7, "for each size")
    malloc_is_known = keep_malloc_as_it_starts()
    calls = measure_calls()
    found = {function: measure(function, seconds, malloc_is_known) for function in NUMPY}
    draw(found, DOCS / "cost.png")
    fill(DOCS / "cost.md", page_parts(found, calls))


if __name__ == "__main__":
    main()
