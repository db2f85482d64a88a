"""Teach a small network to read handwritten digits, then put it to work on the CPU.

    pip install '.[examples]' && python examples/digits.py

For each of relu, leaky_relu, prelu and elu, a network with two hidden layers learns scikit-learn's
bundled scans of handwritten digits. PReLU learns one slope for each hidden unit.

The trained network then reads scans it has never seen, twice: with relu_ufunc working in place, and
with the NumPy expression that one would write without it. All the rest is the same code, so that
the times compare the activations, and show what they mean for the whole pipeline. They are those of
the quickest of runs that take turns, all with one thread: matrices this small gain nothing from
more, and NumPy's expressions have no more.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from time import perf_counter

import networks
import numpy as np
from matplotlib import pyplot
from networks import Activation, Affine, Array, Momentum, Network, Study, Theme
from threadpoolctl import threadpool_limits

WIDTHS = 64, 256, 128, 10  # pixels, two hidden layers, digits
RATE = 0.1
COPIES, BATCHES = 16, 4  # the timed stream: the unseen scans so many times over, in so many batches
WANTED_ACCURACY = 0.95

# What one would write without relu_ufunc.
PLAIN: dict[str, Callable[..., Array]] = {
    "relu": lambda x: np.maximum(x, 0),
    "leaky_relu": lambda x: np.where(x > 0, x, 0.01 * x),
    "prelu": lambda x, slope: np.where(x > 0, x, slope * x),
    "elu": lambda x: np.where(x > 0, x, np.expm1(x)),
}
OURS, NUMPY = "relu_ufunc", "NumPy"
ALONE, WHOLE = "the activations alone", "the whole pipeline"  # what is timed


@dataclass
class Result:
    """What one trained network did with the unseen scans; times are in seconds."""

    accuracy: float
    zeros: float
    slopes: Array
    same: bool
    times: dict[tuple[str, str], float]  # by part and way

    def gain(self, part: str) -> float:
        return self.times[part, NUMPY] / self.times[part, OURS]


def measure(study: Study) -> dict[str, Result]:
    learn, unseen = networks.digits(study.seed)
    results = {}
    for name in PLAIN:
        rng = np.random.default_rng(study.seed)
        network = networks.perceptron(rng, name, *WIDTHS)
        epochs = study.choose(15, 8)
        optimiser = Momentum(network, RATE)
        networks.train(network, optimiser, rng, learn, epochs, study.bar(f"{name}: epochs", epochs))
        with threadpool_limits(1):
            results[name] = examine(study, name, network, unseen)

    for name, result in results.items():
        figures = {"accuracy": result.accuracy, "zeros": result.zeros}
        for part in ALONE, WHOLE:
            figures[f"{part}, times as fast"] = result.gain(part)
        if result.slopes.size:
            figures["mean slope"] = float(result.slopes.mean())
        study.record(name, figures)
    study.claim(
        f"Each network reads at least {WANTED_ACCURACY:.0%} of the unseen scans.",
        min(result.accuracy for result in results.values()) >= WANTED_ACCURACY,
    )
    study.claim(
        "With relu_ufunc and with NumPy's expressions, each reads every scan alike.",
        all(result.same for result in results.values()),
    )
    slopes = results["prelu"].slopes
    study.remark(
        f"prelu's slopes started at 0.25, and went {slopes.min():.2f} to {slopes.max():.2f}."
    )
    return results


def examine(study: Study, name: str, network: Network, scans: tuple[Array, Array]) -> Result:
    """Read the unseen scans both ways, by turns, so that a busy machine disturbs both alike."""
    pixels, labels = scans
    stream = np.split(np.tile(pixels, (COPIES, 1)), BATCHES)
    repeats = study.choose(25, 5)
    advance = study.bar(f"{name}: timed runs", repeats)
    ways = {OURS: in_place(network.activations[0]), NUMPY: PLAIN[name]}
    taken: dict[tuple[str, str], list[float]] = {}
    digits = {}
    for _ in range(repeats):
        for way, activate in ways.items():
            digits[way], seconds = read(network, activate, stream)
            for part, each in seconds.items():
                taken.setdefault((part, way), []).append(each)
        advance()

    network.forward(pixels)
    hidden = [layer.y for layer in network.activations]
    slopes = [slope for layer in network.activations for slope in layer.parameters]
    return Result(
        accuracy=float(np.mean(digits[OURS] == np.tile(labels, COPIES))),
        zeros=float(np.mean(np.concatenate(hidden, axis=1) == 0)),
        slopes=np.concatenate(slopes) if slopes else np.empty(0),
        same=np.array_equal(digits[OURS], digits[NUMPY]),
        times={key: min(each) for key, each in taken.items()},
    )


def in_place(activation: Activation) -> Callable[..., Array]:
    """Replace x by its activation: one pass, no temporary."""
    return lambda x, *slope: activation.function(x, *slope, out=x)


def read(
    network: Network, activate: Callable[..., Array], stream: list[Array]
) -> tuple[Array, dict[str, float]]:
    """Read batches of scans, with buffers that are allocated once: the digits, and the seconds.

    `activate` gets a buffer, and returns its activation: there, or in an array of its own.
    """
    *hidden, last = [layer for layer in network.layers if isinstance(layer, Affine)]
    slopes = [layer.parameters for layer in network.activations]
    buffers = [np.empty((len(stream[0]), units), np.float32) for units in WIDTHS[1:-1]]
    digits = []
    seconds = dict.fromkeys((ALONE, WHOLE), 0.0)

    start = perf_counter()
    for values in stream:
        for layer, slope, buffer in zip(hidden, slopes, buffers, strict=True):
            weight, bias = layer.parameters
            np.matmul(values, weight, out=buffer)
            np.add(buffer, bias, out=buffer)
            entered = perf_counter()
            values = activate(buffer, *slope)
            seconds[ALONE] += perf_counter() - entered
        digits.append(last.forward(values).argmax(axis=1))
    seconds[WHOLE] = perf_counter() - start
    return np.concatenate(digits), seconds


def draw(results: dict[str, Result], theme: Theme) -> pyplot.Figure:
    figure, (alone, whole, slopes) = pyplot.subplots(1, 3, figsize=(10, 3.4))
    places = np.arange(len(results))
    colours = [theme.colour(name) for name in results]
    for axes, part in ((alone, ALONE), (whole, WHOLE)):
        for shift, way in ((-0.2, NUMPY), (0.2, OURS)):
            milliseconds = [1e3 * result.times[part, way] for result in results.values()]
            fill = colours if way == OURS else "none"
            axes.bar(places + shift, milliseconds, 0.36, color=fill, edgecolor=colours)
        axes.set(title=part, ylabel="time, ms", xticks=places, xticklabels=results)
        axes.set_xlabel(f"hollow: {NUMPY}; filled: {OURS}")
        axes.grid(axis="y")
    learned = results["prelu"].slopes
    slopes.plot(np.linspace(0, 1, len(learned)), np.sort(learned), color=theme.colour("prelu"))
    slopes.axhline(networks.LEARNED["prelu"], color=theme.of(networks.INK), linestyle="dashed")
    slopes.set(title="prelu's slopes; dashed: their start", xlabel="share of units", ylabel="slope")
    slopes.grid(axis="y")
    return figure


if __name__ == "__main__":
    sys.exit(networks.main(__doc__, measure, draw))
