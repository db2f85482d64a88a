"""See which activations let gradients through a network of 24 layers.

    pip install '.[examples]' && python examples/vanishing_gradients.py

The claim: a sigmoid's derivative is at most 1/4, so that a gradient shrinks in every layer, and the
first layers of a deep network learn nothing. A rectifier's is 1 wherever it fires.

A network of 24 hidden layers of 64 units learns handwritten digits with each activation, from
weights of the scale that is customary for it. What is measured is the norm of the gradient with
respect to the weights of each layer, before the first step and after each epoch.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass

import networks
import numpy as np
from matplotlib import pyplot
from networks import Adam, Affine, Array, Network, Study, Theme

NAMES = "sigmoid", "tanh", "relu", "leaky_relu", "prelu", "elu", "selu", "silu", "gelu"
THROUGH = [name for name in NAMES if name != "sigmoid"]
LAYERS, UNITS = 24, 64
ROWS = 256  # of the scans, from which a gradient is measured
EVEN = 100  # the first and the last layer's gradients are within this factor of each other


@dataclass
class Flow:
    """Norms of gradients: a row for each epoch, the start first, and a column for each layer."""

    norms: Array
    accuracy: float

    @property
    def first_by_last(self) -> Array:
        return self.norms[:, 0] / self.norms[:, -1]


def measure(study: Study) -> dict[str, Flow]:
    flows = {name: flow(study, name) for name in NAMES}
    for name, found in flows.items():
        study.record(
            name,
            {
                "gradient of layer 1": found.norms[0, 0],
                f"by that of layer {LAYERS}": found.first_by_last[0],
                f"by that of layer {LAYERS}, trained": found.first_by_last[-1],
                "accuracy": found.accuracy,
            },
        )

    study.claim(
        f"With sigmoid, layer 1 has less than a billionth of layer {LAYERS}'s gradient.",
        flows["sigmoid"].first_by_last.max() < 1e-9,
    )
    study.claim(
        f"With every other, the two are within a factor of {EVEN}, at the start and ever after.",
        all(np.abs(np.log(flows[name].first_by_last)).max() < np.log(EVEN) for name in THROUGH),
    )
    if not study.quick:
        study.claim("With sigmoid, the network learns nothing.", flows["sigmoid"].accuracy < 0.2)
        study.claim(
            "With every other, it reads more than 80 % of the unseen digits.",
            min(flows[name].accuracy for name in THROUGH) > 0.8,
        )

    even = "lets" if flows["tanh"].first_by_last[0] > 1 / EVEN else "does not let"
    study.remark(
        f"tanh, of which the same is often said as of sigmoid, {even} gradients through: from "
        "Glorot's weights its units start near 0, where its derivative is 1."
    )
    small = max(flows[name].norms[0].max() for name in ("silu", "gelu"))
    study.remark(
        f"silu and gelu start with gradients of at most {small:.1g} in all layers: values shrink "
        "on their way forward, and gradients on their way back. Adam's steps make up for it."
    )
    return flows


def flow(study: Study, name: str) -> Flow:
    """Train a network, and look at its gradients before and after each epoch."""
    learn, unseen = networks.digits(study.seed)
    epochs = study.choose(20, 2)
    rng = np.random.default_rng(study.seed)
    network = networks.perceptron(rng, name, *[UNITS] * (LAYERS + 1), 10)
    advance = study.bar(name, epochs)
    norms = [gradient_norms(network, learn)]

    def after_epoch() -> None:
        norms.append(gradient_norms(network, learn))
        advance()

    networks.train(network, Adam(network), rng, learn, epochs, after_epoch)
    return Flow(np.array(norms), networks.accuracy(network, unseen))


def gradient_norms(network: Network, scans: tuple[Array, Array]) -> list[float]:
    """Of the weights of each hidden layer."""
    pixels, labels = scans
    _, dlogits = networks.cross_entropy(network.forward(pixels[:ROWS]), labels[:ROWS])
    network.backward(dlogits)
    affine = [layer for layer in network.layers if isinstance(layer, Affine)]
    return [float(np.linalg.norm(layer.gradients[0])) for layer in affine[:-1]]


def draw(flows: dict[str, Flow], theme: Theme) -> pyplot.Figure:
    figure, (start, end, training) = pyplot.subplots(1, 3, figsize=(10, 3.8), sharey=True)
    layers = np.arange(1, LAYERS + 1)
    for name, found in flows.items():
        style = {"color": theme.colour(name), "linewidth": 1.5}
        start.plot(layers, found.norms[0], label=name, **style)
        end.plot(layers, found.norms[-1], **style)
        training.plot(found.norms[:, 0], **style)
    start.set(title="at the start", ylabel="norm of a layer's weight gradient", yscale="log")
    end.set(title="trained")
    training.set(title="of layer 1, as it trains", xlabel="epoch")
    for axes in start, end:
        axes.set(xlabel="layer, from the pixels on", xticks=(1, 6, 12, 18, 24))
    for axes in start, end, training:
        axes.grid(axis="y")
    figure.legend(loc="outside lower center", ncols=len(flows))
    return figure


if __name__ == "__main__":
    sys.exit(networks.main(__doc__, measure, draw))
