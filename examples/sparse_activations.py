"""Count the zeros of activations, what they save, and the units that they cost.

    pip install '.[examples]' && python examples/sparse_activations.py

The claims: relu makes half of the activations zero, which the next layer need not compute with.
But a unit that is negative for every input gets no gradient, and stays dead; at high learning rates
many do. leaky_relu, prelu and elu keep a gradient there.

A network of four hidden layers of 128 units learns handwritten digits with each activation, by Adam
at rates from the usual one on. A unit never fires if it is negative for all scans; it is dead if
its derivative, too, is less than 1/1000 for all of them. What zeros save is the time of one row
through a layer of 4,096 units, as a sparse matrix of SciPy beside the same row as an array.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median
from time import perf_counter

import networks
import numpy as np
from matplotlib import pyplot
from networks import Activation, Adam, Array, Study, Theme
from scipy.sparse import csr_array

NAMES = "relu", "leaky_relu", "prelu", "elu", "selu", "silu", "gelu"
WIDTHS = 64, 128, 128, 128, 128, 10
LAYERS = np.arange(1, len(WIDTHS) - 1)
USUAL, HIGH, HIGHEST = 0.001, 0.02, 0.04  # rates
DEAD = 1e-3  # the derivative that is none
WIDE = 4096
SHARES = np.array([0, 0.25, 0.5, 0.75, 0.875, 0.95])  # of zeros, of which the time is taken


@dataclass
class Units:
    """Of each layer, after training: shares of zeros, and of units."""

    zeros: Array
    never_fire: Array
    dead: Array
    accuracy: float


@dataclass
class Found:
    units: dict[tuple[str, float], Units]
    rates: tuple[float, ...]
    times: Array  # by share of zeros: that of the sparse product, over that of the dense one


def measure(study: Study) -> Found:
    rates = study.choose((USUAL, 0.002, 0.005, 0.01, HIGH, HIGHEST), (USUAL, HIGH))
    units = {}
    for name in NAMES:
        advance = study.bar(name, len(rates))
        for rate in rates:
            units[name, rate] = trained(study, name, rate)
            advance()
        usual, high = units[name, USUAL], units[name, HIGH]
        study.record(
            name,
            {
                f"zeros, rate {USUAL}": usual.zeros.mean(),
                f"dead, rate {USUAL}": usual.dead.mean(),
                f"zeros, rate {HIGH}": high.zeros.mean(),
                f"never fire, rate {HIGH}": high.never_fire.mean(),
                f"dead, rate {HIGH}": high.dead.mean(),
                f"accuracy, rate {HIGH}": high.accuracy,
            },
        )
    times = product_times(study)
    judge(study, units, times)
    return Found(units, rates, times)


def trained(study: Study, name: str, rate: float) -> Units:
    learn, unseen = networks.digits(study.seed)
    rng = np.random.default_rng(study.seed)
    network = networks.perceptron(rng, name, *WIDTHS)
    networks.train(network, Adam(network, rate), rng, learn, study.choose(15, 4))
    accuracy = networks.accuracy(network, unseen)
    network.forward(learn[0])

    def of_each(share: Callable[[Activation], Array]) -> Array:
        return np.array([share(layer).mean() for layer in network.activations])

    return Units(
        zeros=of_each(lambda layer: layer.y == 0),
        never_fire=of_each(lambda layer: np.all(layer.x <= 0, axis=0)),
        dead=of_each(
            lambda layer: np.all(abs(layer.backward(np.ones_like(layer.x))) < DEAD, axis=0)
        ),
        accuracy=accuracy,
    )


def product_times(study: Study) -> Array:
    """Of a row by a matrix: the row as a sparse matrix, over the row as an array. Medians."""
    rng = np.random.default_rng(study.seed)
    weight = rng.standard_normal((WIDE, WIDE), dtype=np.float32)
    repeats = study.choose(31, 5)
    advance = study.bar("products", len(SHARES))
    ratios = []
    for share in SHARES:
        row = rng.random((1, WIDE), dtype=np.float32) * (rng.random((1, WIDE)) >= share)
        ratios.append(median(sparse_by_dense(row, weight) for _ in range(repeats)))
        advance()
    return np.array(ratios)


def sparse_by_dense(row: Array, weight: Array) -> float:
    """The two ways in turn, so that a busy machine disturbs both alike."""
    dense = seconds(lambda: row @ weight)
    return seconds(lambda: csr_array(row) @ weight) / dense


def seconds(run: Callable[[], object]) -> float:
    began = perf_counter()
    run()
    return perf_counter() - began


def judge(study: Study, units: dict[tuple[str, float], Units], times: Array) -> None:
    relu = {rate: units["relu", rate] for rate in (USUAL, HIGH)}
    others = {name: units[name, HIGH] for name in NAMES if name != "relu"}
    study.claim(
        "relu makes at least 3 of 10 activations zero in every layer, at a high rate 6 of 10.",
        relu[USUAL].zeros.min() > 0.3 and relu[HIGH].zeros.min() > 0.6,
    )
    study.claim(
        "The others make less than 1 of 20 zero.",
        max(each.zeros.mean() for each in others.values()) < 0.05,
    )
    study.claim(
        f"At a rate of {HIGH}, relu loses more than 1 of 8 units, and at least twice what it does "
        f"at {USUAL}.",
        relu[HIGH].dead.mean() > max(0.125, 2 * relu[USUAL].dead.mean()),
    )
    study.claim(
        "At this rate, the others lose less than 1 of 50.",
        max(each.dead.mean() for each in others.values()) < 0.02,
    )

    silent = units["leaky_relu", HIGH]
    study.remark(
        f"relu's zeros are {relu[USUAL].zeros.mean():.0%} at the usual rate of {USUAL}, and "
        f"{relu[HIGH].zeros.mean():.0%} at {HIGH}: half of them is a rule of thumb."
    )
    study.remark(
        f"Of leaky_relu's units {silent.never_fire.mean():.0%} never fire at {HIGH}, and "
        f"{silent.dead.mean():.0%} are dead: its slope of 0.01 lets a gradient by. It reads "
        f"{silent.accuracy:.1%} of the unseen digits, relu {relu[HIGH].accuracy:.1%}; at {USUAL} "
        f"relu reads {relu[USUAL].accuracy:.1%}."
    )
    if ("elu", HIGHEST) in units:
        lost = ", ".join(f"{name} {units[name, HIGHEST].dead.mean():.0%}" for name in NAMES)
        study.remark(f"At a rate of {HIGHEST}, not relu alone loses units: {lost}.")
    share = relu[HIGH].zeros.mean()
    study.remark(
        f"{share:.0%} of zeros save as many multiplications of the next layer. A sparse row takes "
        f"{np.interp(share, SHARES, times):.0%} of the time of a dense one through {WIDE:,} units: "
        "a time, which differs from run to run."
    )


def draw(found: Found, theme: Theme) -> pyplot.Figure:
    figure, ((zeros, saved), (silent, dead)) = pyplot.subplots(2, 2, figsize=(10, 6.4))
    for rate in found.rates[::2]:
        share = found.units["relu", rate].zeros
        zeros.plot(LAYERS, share, "o-", color=theme.colour("relu"))
        zeros.text(LAYERS[-1] + 0.1, share[-1], f"relu, rate {rate:g}", va="center")
    most = np.max([found.units[name, USUAL].zeros for name in NAMES if name != "relu"], axis=0)
    zeros.plot(LAYERS, most, "o-", color=theme.of(networks.INK))
    zeros.text(LAYERS[-1] + 0.1, most[-1], f"others, rate {USUAL:g}", va="bottom")
    zeros.set(title="zeros among the activations", xlabel="layer", ylabel="share", xticks=LAYERS)

    saved.plot(SHARES, found.times, "o-", color=theme.colour("relu"))
    saved.axhline(1, color=theme.of(networks.INK), linewidth=0.8, linestyle="dashed")
    saved.set(
        title="a row through the next layer, sparse by dense",
        xlabel="share of zeros in the row",
        ylabel="time, dense = 1",
        ylim=(0, None),
    )
    for name in NAMES:
        style = {"color": theme.colour(name), "marker": "o", "markersize": 4}
        for axes, of in ((silent, "never_fire"), (dead, "dead")):
            shares = [getattr(found.units[name, rate], of).mean() for rate in found.rates]
            axes.plot(found.rates, shares, label=name, **style)
    silent.set(title="units that never fire")
    dead.set(title="dead units: no gradient either")
    for axes in silent, dead:
        axes.set(
            xlabel="learning rate", ylabel="share of all units", xscale="log", ylim=(-0.02, 0.82)
        )
        axes.set_xticks(found.rates, [f"{rate:g}" for rate in found.rates])
        axes.minorticks_off()
    zeros.set(xlim=(0.8, LAYERS[-1] + 1.5), ylim=(-0.03, 1.03))
    dead.legend()
    for axes in zeros, saved, silent, dead:
        axes.grid(axis="y")
    return figure


if __name__ == "__main__":
    sys.exit(networks.main(__doc__, measure, draw))
