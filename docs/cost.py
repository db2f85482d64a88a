"""Measure where the time of a call goes: writes the measured parts of cost.md, and cost.png.

    python docs/cost.py [--seconds S]

Needs relu_ufunc with the extra `plot`, two processors and 2 GB of memory; takes about 1.5 minutes.
Have the machine to yourself for it.
"""

import argparse
import ctypes
import mmap
import platform
import re
import resource
import sys
import time
import timeit
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path

import matplotlib
import numpy as np
from rich.console import Console
from rich.progress import track

HERE = Path(__file__).resolve().parent
sys.path.append(str(HERE.parent / "benchmarks"))

from benchmarks.common import available_cores, cache_sizes, cpu_model, interleaved  # noqa: E402

import relu_ufunc  # noqa: E402
from relu_ufunc import _relu_ufunc  # noqa: E402

matplotlib.use("Agg")
import matplotlib.pyplot as plt  # noqa: E402
from matplotlib.ticker import FuncFormatter, LogFormatterMathtext, LogLocator  # noqa: E402

POWERS = range(27)
SHOWN = (0, 4, 8, 12, 16, 20, 22, 24, 26)  # the powers of two in the tables
ITEM = 4  # bytes of a float32
PAGE = mmap.PAGESIZE
HUGE = 4 << 20  # bytes, from where NumPy asks for huge pages
SAMPLE = 2e-4  # seconds
FEWEST = 5  # samples
COUNTED = 0.02  # seconds in which page faults are counted


# --- the command line ----------------------------------------------------------------------------


def start(doc, seconds, meaning):
    """What --seconds says, for a script with this docstring; shows what it will run on."""
    about, _, details = doc.partition("\n\n")
    form = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=about, epilog=details, formatter_class=form)
    meaning += f" (default: {seconds})"
    parser.add_argument("--seconds", type=float, default=seconds, help=meaning)
    options = parser.parse_args()
    if available_cores() < 2:
        raise SystemExit("this process may use one processor: two are needed")
    print(f"{relu_ufunc.get_isa()}, 1 and 2 threads")
    return options.seconds


# --- what malloc does ----------------------------------------------------------------------------

M_TRIM_THRESHOLD, M_TOP_PAD, M_MMAP_THRESHOLD = -1, -2, -3  # of glibc's mallopt
LARGE = 128 << 10  # bytes; where both thresholds stand when a process begins


def keep_malloc_as_it_starts():
    """Have it ask the system for each large block alone, and return it at once, all the time.

    Otherwise it learns from what is freed, and the result depends on what was measured before.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is None or not mallopt(M_MMAP_THRESHOLD, LARGE):
        print("no mallopt here: what a new output costs depends on what malloc happens to have")
        return False
    mallopt(M_TRIM_THRESHOLD, LARGE)
    mallopt(M_TOP_PAD, 0)  # spare room would hold a block that is just large
    return True


def large_blocks_at_hand():
    """All that malloc has without asking the system: as long as they live, it has to ask."""
    blocks = [np.empty(LARGE, np.uint8)]
    while blocks[-1].ctypes.data % PAGE != 16:  # right behind malloc's own words in a new page
        blocks.append(np.empty(LARGE, np.uint8))
    return blocks


# --- the ways to call ----------------------------------------------------------------------------


@dataclass(frozen=True)
class Way:
    """A statement on x, o of its size and f, the function; and what holds while it runs."""

    statement: str
    threads: int = 1
    recycle: bool = False

    def around(self):
        relu_ufunc.set_num_threads(self.threads)
        return relu_ufunc.recycle_outputs(2 << 30) if self.recycle else nullcontext()


ENTRY = Way("f(x1, out=o1)")
OUT = Way("f(x, out=o)")
NEW = Way("f(x)")
RECYCLED = Way("f(x)", recycle=True)
OUT_2 = Way("f(x, out=o)", threads=2)
NEW_2 = Way("f(x)", threads=2)
COPY = Way("np.copyto(o, x)")
NUMPY = {"relu": Way("np.maximum(x, 0, out=o)"), "elu": Way("np.where(x > 0, x, np.expm1(x))")}
WAYS = (ENTRY, OUT, NEW, RECYCLED, OUT_2, NEW_2, COPY)
EMPTY = Way("pass")
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


class Stopwatch:
    """A timer for `interleaved`. One thread is timed by its processor time, two by the clock."""

    def __init__(self, way, scope, clock=None):
        self.way = way
        clock = clock or (time.thread_time if way.threads == 1 else time.perf_counter)
        self.timer = timeit.Timer(way.statement, globals=scope, timer=clock)

    def timeit(self, number):
        with self.way.around():
            self.timer.timeit(1)  # others had the caches, and malloc, before
            return self.timer.timeit(number)


def array_of(size):
    """Memory of its own for so many float32, without malloc: it begins at a page."""
    memory = mmap.mmap(-1, size * ITEM)
    if size * ITEM >= HUGE and hasattr(mmap, "MADV_HUGEPAGE"):
        memory.madvise(mmap.MADV_HUGEPAGE)  # as NumPy does
    return np.frombuffer(memory, np.float32)


def scope_of(function, size):
    x, o = array_of(size), array_of(size)
    o.fill(0)
    np.random.default_rng(size).standard_normal(dtype=np.float32, out=x)
    scope = {"f": getattr(relu_ufunc, function), "x": x, "o": o, "np": np}
    return scope | {"x1": x[:1].copy(), "o1": o[:1].copy()}


def nanoseconds(ways, scope, seconds, clock=None, sample=SAMPLE):
    """The median of the time of a call, for each way, less what an empty statement takes."""
    watches = [Stopwatch(way, scope, clock) for way in (*ways, EMPTY)]
    rows = interleaved(watches, 101, sample, limit=seconds, least=FEWEST)
    medians = np.median(rows, axis=1) * 1e9
    return dict(zip(ways, medians[:-1] - medians[-1], strict=True))


def faults(way, scope):
    """The page faults of a call, as the system counts them."""
    timer = timeit.Timer(way.statement, globals=scope)
    with way.around():
        timer.timeit(2)
        calls = min(100, 1 + int(COUNTED / timer.timeit(1)))
        before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
        timer.timeit(calls)
        return (resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before) / calls


def grains():
    """The elements of float32, of each function, that make a thread worth while."""
    text = (HERE.parent / "src" / "engine" / "grains.h").read_text()
    found = re.findall(r"KERNEL_(\w+)\] = \{(.*?)\}", text, re.DOTALL)
    return {name: int(re.search(r"_f32\] = (\d+)", body)[1]) for name, body in found}


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


def landmarks():
    """Where in elements something changes that has nothing to do with the function."""
    marks = {f"{name} full": size / (2 * ITEM) for name, size in cache_sizes().items()}
    threshold = _relu_ufunc.streaming_threshold()
    return marks if threshold is None else marks | {"streaming": threshold / ITEM}


def least_elements(function, way):
    """From which size on a way differs from the same on one thread, or without recycling."""
    return 2 * grains()[function] if way.threads == 2 else LARGE // ITEM if way.recycle else 1


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
        marks = landmarks() | {"threads": 2 * grains()[function]}
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


def fill(page, parts):
    """Replace what stands between the comments `name: begin` and `name: end` of a page."""
    text = page.read_text("utf-8")
    for name, content in parts.items():
        begin, end = f"<!-- {name}: begin -->", f"<!-- {name}: end -->"
        before, found_begin, rest = text.partition(begin)
        _, found_end, after = rest.partition(end)
        if not found_begin or not found_end:
            raise SystemExit(f"the page lacks the lines {begin} and {end}")
        text = f"{before}{begin}\n\n{content}\n\n{end}{after}"
    page.write_text(text, "utf-8")


def table(header, rows):
    lines = ["| " + " | ".join(header) + " |", "|---" * len(header) + "|"]
    lines += ["| " + " | ".join(row) + " |" for row in rows]
    return "\n".join(lines)


def duration(ns):
    """Two digits, or three."""
    for unit, scale in (("ns", 1), ("µs", 1e3), ("ms", 1e6), ("s", 1e9)):
        if ns < 999.5 * scale or unit == "s":
            value = ns / scale
            digits = 0 if value >= 9.95 or value == int(value) else 1
            return f"{value:.{digits}f} {unit}"


def binary(size):
    for unit, scale in (("MiB", 1 << 20), ("KiB", 1 << 10)):
        if size >= scale:
            return f"{size / scale:,.0f} {unit}"
    return f"{size} bytes"


def exponent(size):
    """2ⁿ, as a reader knows it."""
    digits = str(round(np.log2(size))).translate(str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹"))
    return f"2{digits}"


def machine_text():
    caches = ", ".join(f"{name} {binary(size)}" for name, size in cache_sizes().items())
    return (
        f"Measured on {cpu_model()} ({platform.machine()}, {platform.system()}; caches {caches}),\n"
        f"relu_ufunc {relu_ufunc.__version__} on {relu_ufunc.get_isa()}, 1 and 2 threads;"
        f" Python {platform.python_version()}, NumPy {np.__version__}."
    )


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
    threshold = _relu_ufunc.streaming_threshold()
    rows.append(
        ["streaming stores begin", "never" if threshold is None else exponent(threshold / ITEM)]
    )
    rows += [[f"threads begin, {name}", exponent(2 * grains()[name])] for name in functions]
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
    draw(found, HERE / "cost.png")
    fill(HERE / "cost.md", page_parts(found, calls))


if __name__ == "__main__":
    main()
