"""Measure how calls scale to two threads, predict more: fills in docs/threads.md.

    python benchmarks/scaling.py [--seconds S]

Writes docs/scaling.png as well. Needs relu_ufunc with the extra `plot`, two processors and 1 GB of
memory; takes about a minute. Have the machine to yourself for it.
"""

import time
from dataclasses import dataclass

import matplotlib
import numpy as np
from benchmarks.machine import cache_sizes
from pages.ways import ITEM, Way, array_of, nanoseconds, start, threads_begin, threads_used
from pages.writing import DOCS, duration, exponent, fill, machine_text, table
from rich.console import Console

import relu_ufunc
from relu_ufunc import _relu_ufunc

matplotlib.use("Agg")
import matplotlib.pyplot as plt

SAMPLE = 1e-3  # seconds: after the larger sizes, the caches are to fill again
IN_CACHE = 2**14  # elements, where the rate of a kernel is measured
YARDSTICKS = {"L3": 2**20, "memory": 2**24}  # elements of relu, which measure the bandwidth
SIZES = (2**16, 2**20, 2**24)
MORE = (4, 8, 16)  # threads to predict
CHANNELS, IMAGE = 64, (32, 32)


@dataclass(frozen=True)
class Case:
    """A call on operands of some size, and how many of them are of full size."""

    name: str
    function: str
    statement: str
    arrays: int
    colour: str
    width: float  # of its line, so that none hides another

    @property
    def bytes(self):
        """Of an element."""
        return self.arrays * ITEM


RELU = Case("relu", "relu", "relu(x{0}, out=o{0})", 2, "#D55E00", 5)
CASES = (
    RELU,
    Case("relu_backward", "relu_backward", "relu_backward(dy{0}, x{0}, out=o{0})", 3, "#0072B2", 3),
    Case(
        "prelu, a slope a channel",
        "prelu",
        "prelu(images{0}, slope{0}, out=o_images{0})",
        2,
        "#F0A0CC",
        1.2,
    ),
    Case("elu", "elu", "elu(x{0}, out=o{0})", 2, "#009E73", 2),
)


# --- measurements --------------------------------------------------------------------------------


def operands(size):
    """By the name in a statement, which ends in the size."""
    x, dy, o = (array_of(size) for _ in range(3))
    rng = np.random.default_rng(size)
    rng.standard_normal(dtype=np.float32, out=x)
    rng.standard_normal(dtype=np.float32, out=dy)
    o.fill(0)
    image = IMAGE if size >= np.prod(IMAGE) else (1, 1)
    channels = min(CHANNELS, size // int(np.prod(image)))
    shape = (-1, channels, *image)
    named = {"x": x, "dy": dy, "o": o, "images": x.reshape(shape), "o_images": o.reshape(shape)}
    named["slope"] = np.linspace(0.1, 0.4, channels, dtype=np.float32).reshape(-1, 1, 1)
    return {f"{name}{size}": array for name, array in named.items()}


def measure(seconds):
    """The nanoseconds of each case, by its name, size and number of threads; and of the pool."""
    wanted = {(size, 1) for size in (1, IN_CACHE)} | {(size, n) for size in SIZES for n in (1, 2)}
    ways = {
        (case.name, size, threads): Way(case.statement.format(size), threads)
        for case in CASES
        for size, threads in sorted(wanted)
    }
    regions = [Way("enter()", threads) for threads in (1, 2)]
    scope = {case.function: getattr(relu_ufunc, case.function) for case in CASES}
    scope["enter"] = _relu_ufunc.empty_parallel_region
    for size in {size for size, _ in wanted}:
        scope |= operands(size)
    times = nanoseconds((*ways.values(), *regions), scope, seconds, time.perf_counter, SAMPLE)
    region = max(times[regions[1]] - times[regions[0]], 0)
    return {key: times[way] for key, way in ways.items()}, region


# --- the model -----------------------------------------------------------------------------------


class Model:
    """The time of a call, from what was measured on a few."""

    def __init__(self, measured, region):
        self.region = region
        self.entry = {case.name: measured[case.name, 1, 1] for case in CASES}
        self.work = {
            case.name: (measured[case.name, IN_CACHE, 1] - self.entry[case.name]) / IN_CACHE
            for case in CASES
        }
        self.measured_bandwidth = {}  # bytes a nanosecond
        for place, size in YARDSTICKS.items():
            for threads in (1, 2):
                entered = self.entry[RELU.name] + region * (threads - 1)
                taken = measured[RELU.name, size, threads] - entered
                self.measured_bandwidth[place, threads] = size * RELU.bytes / taken

    def gain(self, place):
        """What the second thread makes of the bandwidth: from 1 to 2."""
        one, two = (self.measured_bandwidth[place, threads] for threads in (1, 2))
        return min(max(two / one, 1), 2)

    def bandwidth(self, place, threads, law="shared"):
        """Each thread's own way to memory takes its time, divided among them; what they share
        takes its own, undivided. Two measurements tell both. The other laws are the extremes."""
        one, gain = self.measured_bandwidth[place, 1], self.gain(place)
        if threads <= 2:
            return one * (gain if threads == 2 else 1)
        if law == "full":
            return one * gain
        if law == "free":
            return one * gain * threads / 2
        own = 2 * (1 - 1 / gain)
        return one / (own / threads + (1 - own))

    def ceiling(self, place):
        """The bandwidth of any number of threads; infinite where two show too little of it."""
        shared = 1 - 2 * (1 - 1 / self.gain(place))
        told = shared * MORE[-1] > 1
        return self.measured_bandwidth[place, 1] / shared if told else np.inf

    @staticmethod
    def threads_used(case, size, threads):
        return threads_used(case.function, size, threads, case.arrays - 1)

    def time(self, case, size, threads, law="shared"):
        threads = self.threads_used(case, size, threads)
        taken = size * self.work[case.name] / threads
        place = place_of(case, size)
        if place is not None:
            taken = max(taken, size * case.bytes / self.bandwidth(place, threads, law))
        return self.entry[case.name] + self.region * (threads - 1) + taken

    def speedup(self, case, size, threads, law="shared"):
        return self.time(case, size, 1) / self.time(case, size, threads, law)


def place_of(case, size):
    """Where the operands of a call lie; None where a core has them in its own caches."""
    caches = cache_sizes()
    if size * case.bytes <= caches.get("L2", 1 << 20):
        return None
    return "L3" if size * case.bytes <= caches.get("L3", 0) else "memory"


def is_given(case, size):
    return case is RELU and size in YARDSTICKS.values()


# --- the picture ---------------------------------------------------------------------------------


def draw(model, measured, path):
    figure, axes = plt.subplots(1, len(SIZES), figsize=(12, 4.6), sharey=True, layout="constrained")
    threads = (1, 2, *MORE)
    for axis, size in zip(axes, SIZES, strict=True):
        axis.plot(threads, threads, color="0.6", linestyle="--", linewidth=1, label="ideal")
        for case in CASES:
            kind = {"color": case.colour, "linewidth": case.width}
            speedups = [model.speedup(case, size, n) for n in threads]
            if case.name in ("relu", "elu"):
                low, high = (
                    [model.speedup(case, size, n, law) for n in threads] for law in ("full", "free")
                )
                axis.fill_between(threads, low, high, color=case.colour, alpha=0.12, linewidth=0)
            axis.plot(threads, speedups, label=case.name, **kind)
            one, two = (measured[case.name, size, n] for n in (1, 2))
            axis.plot(2, one / two, "o", color=case.colour, markeredgecolor="white", markersize=8)
        axis.axvline(2, color="0.4", linewidth=0.8, linestyle=(0, (1, 2)))
        axis.text(2.1, 0.76, "predicted →", color="0.3", fontsize=9)
        axis.set_xscale("log", base=2)
        axis.set_yscale("log", base=2)
        axis.set_xticks(threads, threads)
        axis.set_yticks(threads, threads)
        axis.set(xlim=(1, 17), ylim=(0.7, 17), xlabel="threads, a core each")
        axis.set_title(f"{exponent(size)} elements", loc="left", fontsize=10, fontweight="bold")
        axis.grid(True, linewidth=0.4, alpha=0.6)
    axes[0].set_ylabel("speed-up over one thread")
    handles, labels = axes[0].get_legend_handles_labels()
    handles.append(plt.Line2D([], [], color="0.3", marker="o", linestyle="", markersize=7))
    handles.append(plt.Rectangle((0, 0), 1, 1, color="0.3", alpha=0.15, linewidth=0))
    labels += ["measured", "least to most, relu and elu"]
    figure.legend(handles, labels, loc="outside upper center", ncols=8, frameon=False, fontsize=8.5)
    figure.savefig(path, dpi=110)
    plt.close(figure)


# --- the section ---------------------------------------------------------------------------------


def parameters_tables(model):
    kernels = table(
        ("float32", "bytes an element", "work, ns an element", "entry", "threads begin"),
        [
            [
                case.name,
                str(case.bytes),
                f"{model.work[case.name]:.3f}",
                duration(model.entry[case.name]),
                exponent(threads_begin(case.function, case.arrays - 1)),
            ]
            for case in CASES
        ],
    )
    rows = []
    for place in YARDSTICKS:
        ceiling = model.ceiling(place)
        rows.append(
            [
                place,
                *(f"{model.bandwidth(place, n):.0f} GB/s" for n in (1, 2)),
                "none seen" if np.isinf(ceiling) else f"{ceiling:.0f} GB/s",
            ]
        )
    bandwidths = table(("bandwidth", "1 thread", "2 threads", "of any number, by the law"), rows)
    return f"{kernels}\n\n{bandwidths}\n\nThe pool, entered and left: {duration(model.region)}."


def comparison_table(model, measured):
    rows = []
    for case in CASES:
        for size in SIZES:
            cells = []
            for threads in (1, 2):
                model_time = (
                    "given" if is_given(case, size) else duration(model.time(case, size, threads))
                )
                cells += [duration(measured[case.name, size, threads]), model_time]
            one, two = (measured[case.name, size, threads] for threads in (1, 2))
            cells += [f"{one / two:.2f}", f"{model.speedup(case, size, 2):.2f}"]
            rows.append([case.name, exponent(size), *cells])
    header = ("", "elements", "1 thread", "model", "2 threads", "model", "speed-up", "model")
    return table(header, rows) + f"\n\n{error_text(model, measured)}"


def error_text(model, measured):
    errors = [
        abs(model.time(case, size, threads) / measured[case.name, size, threads] - 1)
        for case in CASES
        for size in SIZES
        for threads in (1, 2)
        if not is_given(case, size)
    ]
    return (
        f"Of the {len(errors)} times that it was not given, the model is off by"
        f" {np.median(errors):.0%} in the median, and by {max(errors):.0%} at worst."
    )


def predictions_table(model):
    rows = []
    for case in CASES:
        for size in SIZES:
            cells = []
            for threads in MORE:
                low, likely, high = (
                    model.speedup(case, size, threads, law) for law in ("full", "shared", "free")
                )
                between = f" ({low:.1f} to {high:.1f})" if high - low >= 0.1 else ""
                cells.append(f"{likely:.1f}{between}")
            rows.append([case.name, exponent(size), *cells])
    return table(("predicted speed-up", "elements", *(f"{n} cores" for n in MORE)), rows)


def main():
    seconds = start(__doc__, 40, "at most")
    with Console(stderr=True).status("measuring"):
        measured, region = measure(seconds)
    model = Model(measured, region)
    draw(model, measured, DOCS / "scaling.png")
    parts = {
        "scaling machine": machine_text(),
        "scaling parameters": parameters_tables(model),
        "scaling measured": comparison_table(model, measured),
        "scaling predicted": predictions_table(model),
    }
    fill(DOCS / "threads.md", parts)


if __name__ == "__main__":
    main()
