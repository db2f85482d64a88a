"""Teach a small convolutional network to read handwritten digits, with one slope for each channel.

    pip install '.[examples]' && python examples/classify_digits.py

Three convolutions of 3 by 3 pixels and one affine layer learn from 1,257 scans, each also moved by
a pixel in four directions, and are then asked for 540 scans that they have not seen. The network
learns with each of several activations; with prelu it learns the slopes of its 112 channels too.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import networks
import numpy as np
from convolution import Convolution, Reshape
from matplotlib import pyplot
from networks import Array, Network, Study, Theme

SIDE = 8
CHANNELS = 16, 32, 64
# The rate of learning, and for how many epochs
SCHEDULE = (8e-3, 4), (3e-3, 2), (1e-3, 1)
QUICK_SCHEDULE = (8e-3, 1), (2e-3, 1)
ACTIVATIONS = "prelu", "relu", "leaky_relu", "elu", "silu", "gelu"

WANTED = 0.98
QUICK_WANTED = 0.95


def new_network(rng: np.random.Generator, name: str) -> Network:
    layers: list[networks.Layer] = [Reshape(SIDE, SIDE, 1)]
    before, step = 1, 1
    for channels in CHANNELS:
        layers += [
            Convolution(rng, before, channels, step=step),
            networks.Activation(name, channels),
        ]
        before, step = channels, 2  # all but the first halve rows and columns
    pixels = SIDE // 4 * SIDE // 4 * before
    return Network(*layers, Reshape(pixels), networks.Affine(rng, pixels, 10))


def moved(examples: tuple[Array, Array]) -> tuple[Array, Array]:
    """The scans, and each moved by a pixel up, down, left and right."""
    pixels, labels = examples
    wide = np.pad(pixels.reshape(-1, SIDE, SIDE), ((0, 0), (1, 1), (1, 1)))
    corners = (1, 1), (0, 1), (2, 1), (1, 0), (1, 2)
    views = [wide[:, row : row + SIDE, column : column + SIDE] for row, column in corners]
    return np.concatenate(views).reshape(-1, SIDE * SIDE), np.tile(labels, len(corners))


def learn(
    seed: int, name: str, examples: tuple[Array, Array], schedule: Any, advance: Callable[[], None]
) -> Network:
    rng = np.random.default_rng(seed)
    network = new_network(rng, name)
    optimiser = networks.Adam(network)
    for optimiser.rate, epochs in schedule:
        networks.train(network, optimiser, rng, examples, epochs, advance)
    return network


def measure(study: Study) -> list[Array]:
    """The slopes that prelu learned, of each layer."""
    seen, unseen = networks.digits(study.seed)
    seen = moved(seen)
    schedule = study.choose(SCHEDULE, QUICK_SCHEDULE)
    names = study.choose(ACTIVATIONS, ACTIVATIONS[:1])
    wanted = study.choose(WANTED, QUICK_WANTED)
    epochs = sum(epochs for _, epochs in schedule)

    accuracies, slopes = {}, []
    for name in names:
        network = learn(study.seed, name, seen, schedule, study.bar(f"{name}: epochs", epochs))
        accuracies[name] = networks.accuracy(network, unseen)
        study.record(name, {"accuracy": accuracies[name]})
        if name == "prelu":
            slopes = [layer.parameters[0] for layer in network.activations]

    study.claim(
        f"With prelu, at least {wanted:.0%} of the unseen scans are read right: "
        f"{accuracies['prelu']:.1%}.",
        accuracies["prelu"] >= wanted,
    )
    apart = max(np.ptp(layer) for layer in slopes)
    study.claim(
        f"The channels of a layer learn slopes of their own, up to {apart:.2f} apart.", apart > 0.1
    )
    means = ", ".join(f"{layer.mean():.2f}" for layer in slopes)
    study.remark(f"The mean slope of each layer, from the first to the last: {means}.")
    return slopes


def draw(slopes: list[Array], theme: Theme) -> Any:
    widths = [len(layer) + 8 for layer in slopes]
    figure, axes = pyplot.subplots(
        1, len(slopes), figsize=(8, 3), sharey=True, gridspec_kw={"width_ratios": widths}
    )
    first = networks.LEARNED["prelu"]
    for number, (axis, layer) in enumerate(zip(axes, slopes, strict=True), 1):
        axis.axhline(0, color=theme.of(networks.INK), linewidth=0.8)
        axis.axhline(first, color=theme.of(networks.INK), linewidth=0.8, linestyle="--")
        axis.vlines(range(len(layer)), first, np.sort(layer), theme.colour("prelu"), alpha=0.4)
        axis.plot(np.sort(layer), "o", markersize=3, color=theme.colour("prelu"))
        axis.set(title=f"layer {number}", xticks=[])
    axes[0].set_ylabel("learned slope")
    axes[-1].text(0, first + 0.02, "where all began", va="bottom")
    figure.supxlabel("channels, from the least slope to the greatest", fontsize="medium")
    return figure


if __name__ == "__main__":
    sys.exit(networks.main(__doc__, measure, draw))
