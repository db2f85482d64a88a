"""Time the activations in a step of a network, with plain NumPy and with relu_ufunc.

    pip install '.[examples]' && python examples/efficiency.py

The claim: relu is cheap, and smoother functions cost more. So they do where an expression of NumPy
passes over memory many times. In one pass that costs far less, and none takes much of a step of
training.

A layer of so many units (an affine map, then the activation) takes batches of so many rows, with
one thread and with two: a step of inference, and one of training, forward and backward with the
update of the weights. Matrix products and all else are the same for both ways, which take turns.

These are times, of the quickest of many steps: what else the machine does only adds to them. They
differ from run to run all the same, as figures other than times don't.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable
from dataclasses import dataclass
from itertools import product
from time import perf_counter

import networks
import numpy as np
from matplotlib import pyplot
from networks import Affine, Array, Momentum, Study, Theme
from threadpoolctl import threadpool_limits

import relu_ufunc

# What one would write without relu_ufunc: functions, and gradients.


def plain_relu(x: Array) -> Array:
    return np.maximum(x, 0)


def plain_relu_backward(dy: Array, x: Array) -> Array:
    return dy * (x > 0)


def plain_elu(x: Array) -> Array:
    return np.where(x > 0, x, np.expm1(np.minimum(x, 0)))


def plain_elu_backward(dy: Array, x: Array) -> Array:
    return np.where(x > 0, dy, dy * np.exp(np.minimum(x, 0)))


def plain_silu(x: Array) -> Array:
    return x / (1 + np.exp(-x))


def plain_silu_backward(dy: Array, x: Array) -> Array:
    share = 1 / (1 + np.exp(-x))
    return dy * share * (1 + x * (1 - share))


def plain_gelu_tanh(x: Array) -> Array:
    return 0.5 * x * (1 + np.tanh(SCALE * (x + 0.044715 * x * x * x)))


def plain_gelu_tanh_backward(dy: Array, x: Array) -> Array:
    tanh = np.tanh(SCALE * (x + 0.044715 * x * x * x))
    inner = SCALE * (1 + 3 * 0.044715 * x * x)
    return dy * 0.5 * (1 + tanh + x * (1 - tanh * tanh) * inner)


SCALE = math.sqrt(2 / math.pi)
NAMES = "relu", "elu", "silu", "gelu_tanh"
WAYS = OURS, PLAIN = "relu_ufunc", "plain NumPy"
STEPS = INFERENCE, TRAINING = "inference", "training"
TOLD = 1024, 64, 1  # units, rows and threads of the figures in the table


class Timed(networks.Layer):
    """An activation in one of the two ways, and the seconds that it has taken."""

    def __init__(self, name: str, way: str):
        found = vars(relu_ufunc) if way == OURS else globals()
        prefix = "" if way == OURS else "plain_"
        self.function: Callable = found[f"{prefix}{name}"]
        self.gradient: Callable = found[f"{prefix}{name}_backward"]
        self.seconds = 0.0

    def forward(self, x: Array) -> Array:
        self.x = x
        began = perf_counter()
        y = self.function(x)
        self.seconds += perf_counter() - began
        return y

    def backward(self, dy: Array) -> Array:
        began = perf_counter()
        dx = self.gradient(dy, self.x)
        self.seconds += perf_counter() - began
        return dx


@dataclass(frozen=True)
class Times:
    """Of a step, in seconds: that of the activation, and that of all else."""

    activation: float
    rest: float

    @property
    def share(self) -> float:
        return self.activation / (self.activation + self.rest)


Case = tuple[str, str, str, int, int, int]  # activation, way, step, units, rows, threads
Found = dict[Case, Times]


def measure(study: Study) -> Found:
    compare_values(study)
    units, rows = study.choose(((256, 512, 1024), (1, 64, 512)), (TOLD[:1], TOLD[1:2]))
    found: Found = {}
    for threads in 1, 2:
        before = relu_ufunc.set_num_threads(threads)
        advance = study.bar(f"{threads} thread{'s' * (threads > 1)}", len(units) * len(rows))
        with threadpool_limits(threads, user_api="blas"):
            for shape in product(units, rows):
                for step in STEPS:
                    for (name, way), times in in_turn(study, step, *shape).items():
                        found[name, way, step, *shape, threads] = times
                advance()
        relu_ufunc.set_num_threads(before)
    judge(study, found)
    return found


def in_turn(study: Study, step: str, units: int, rows: int) -> dict[tuple[str, str], Times]:
    """Steps with each activation, both ways, by turns for a while: the quickest of each.

    All else is the same for all of them: of that, the quickest of all.
    """
    rng = np.random.default_rng(study.seed)
    x = rng.standard_normal((rows, units), dtype=np.float32)
    affine = Affine(rng, units, units)
    optimiser = Momentum(affine, 1e-6)
    activations = {(name, way): Timed(name, way) for name, way in product(NAMES, WAYS)}
    taken: dict[tuple[str, str], list[float]] = {key: [] for key in activations}
    rest = []
    end = perf_counter() + study.choose(0.4, 0.1)
    while perf_counter() < end or len(rest) < 4 * len(activations):
        for key, activation in activations.items():
            activation.seconds = 0.0
            began = perf_counter()
            y = activation.forward(affine.forward(x))
            if step == TRAINING:
                affine.backward(activation.backward(y))
                optimiser.step()
            rest.append(perf_counter() - began - activation.seconds)
            taken[key].append(activation.seconds)
    return {key: Times(min(seconds), min(rest)) for key, seconds in taken.items()}


def compare_values(study: Study) -> None:
    x, dy = np.random.default_rng(study.seed).standard_normal((2, 100_000), dtype=np.float32)
    ours, plain = ({name: Timed(name, way) for name in NAMES} for way in WAYS)
    study.claim(
        "Both ways compute the same: values and gradients differ by less than 1 in 100,000.",
        all(
            np.allclose(ours[name].forward(x), plain[name].forward(x), 1e-5, 1e-5)
            and np.allclose(ours[name].backward(dy), plain[name].backward(dy), 1e-5, 1e-5)
            for name in NAMES
        ),
    )


def judge(study: Study, found: Found) -> None:
    units, rows, _ = TOLD
    for name in NAMES:
        figures = {}
        for step, way in product(STEPS, WAYS):
            figures[f"share of {step}, {way}, %"] = 100 * found[name, way, step, *TOLD].share
        study.record(name, figures)

    def activation(name: str, way: str, threads: int = 1) -> float:
        return found[name, way, TRAINING, units, rows, threads].activation

    smooth = [name for name in NAMES if name != "relu"]
    study.claim_time(
        "In plain NumPy, every other takes at least 1.5 times as long as relu.",
        min(activation(name, PLAIN) for name in smooth) > 1.5 * activation("relu", PLAIN),
    )
    study.claim_time(
        "With relu_ufunc, elu takes less than half the time of plain NumPy.",
        activation("elu", OURS) < activation("elu", PLAIN) / 2,
    )
    study.claim_time(
        "With relu_ufunc, none takes 5 % of a step of training.",
        max(found[name, OURS, TRAINING, *TOLD].share for name in NAMES) < 0.05,
    )
    study.remark(f"The table: {units:,} units, {rows} rows, one thread; the activation's share.")
    largest = max(found, key=lambda case: found[case].share)
    name, way, step, *shape = largest
    study.remark(
        f"The most is {found[largest].share:.0%}: {name} with {way} in {step}, {shape[0]:,} units, "
        f"rows {shape[1]}, threads {shape[2]}."
    )
    slower = sum(
        times.activation > 1.1 * found[name, PLAIN, step, *shape].activation
        for (name, way, step, *shape), times in found.items()
        if way == OURS
    )
    study.remark(
        f"relu_ufunc took over 1.1 times plain NumPy's time in {slower} of {len(found) // 2} cases."
    )


def draw(found: Found, theme: Theme) -> pyplot.Figure:
    figure, panels = pyplot.subplots(2, 2, figsize=(10, 6), sharex=True, sharey=True)
    shapes = list(dict.fromkeys(case[3:5] for case in found))
    for (step, threads), axes in zip(product(STEPS, (1, 2)), panels.flat, strict=True):
        for place, name in zip(np.linspace(-0.27, 0.27, len(NAMES)), NAMES, strict=True):
            shares = [
                [100 * found[name, way, step, *shape, threads].share for shape in shapes]
                for way in WAYS
            ]
            at = np.arange(len(shapes)) + place
            colour = theme.colour(name)
            axes.vlines(at, *shares, color=colour, linewidth=1)
            axes.plot(at, shares[1], "o", color=colour, fillstyle="none", label=f"{name}, {PLAIN}")
            axes.plot(at, shares[0], "o", color=colour, label=f"{name}, {OURS}")
        axes.set(
            title=f"{step}, {threads} thread{'s' * (threads > 1)}",
            xticks=range(len(shapes)),
            xticklabels=[f"{units:,}\n{rows}" for units, rows in shapes],
        )
        axes.grid(axis="y")
    for axes in panels[1]:
        axes.set_xlabel("units of the layer, and rows of the batch below")
    for axes in panels[:, 0]:
        axes.set(ylabel="activation's share, %", ylim=(0, None))
    figure.legend(*panels[0, 0].get_legend_handles_labels(), loc="outside lower center", ncols=4)
    return figure


if __name__ == "__main__":
    sys.exit(networks.main(__doc__, measure, draw))
