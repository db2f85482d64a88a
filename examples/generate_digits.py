"""Teach a network to invent digits: a small variational autoencoder.

    pip install '.[examples]' && python examples/generate_digits.py

The encoder makes 8 numbers of a scan, each uncertain; the decoder makes a scan of them again. What
is learned is to keep the scan, and to keep the numbers near a normal distribution. So the decoder
makes new digits of numbers drawn from that.

Each pixel of these scans is a count: how many of 16 finer ones are inked. The decoder gives the
chance of one. The loss is the bound on how unlikely a scan is, in nats: that of its counts, and how
far its numbers are from the normal distribution. It is compared with what is known without a
network: how often each pixel is inked. A classifier that has seen only true scans judges the new.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import Any

import networks
import numpy as np
from matplotlib import pyplot
from networks import Adam, Array, Network, Study, Theme, perceptron
from scipy.special import gammaln

import relu_ufunc

SIDE, PIXELS, FINER = 8, 64, 16
CODE = 8
UNITS = 256
ACTIVATIONS = "elu", "relu", "silu", "gelu"
EPOCHS, QUICK_EPOCHS = 60, 12
RATE = 2e-3
SAMPLES = 1000  # that are judged
ROWS, COLUMNS = 6, 10  # that are drawn
SURE = 0.9

# Better than the pixels by themselves, and the share of samples that are surely digits
WANTED = 0.5, 0.4
QUICK_WANTED = 0.4, 0.3


class Autoencoder(networks.Layer):
    """Scans to codes, and back."""

    def __init__(self, rng: np.random.Generator, name: str):
        self.rng = rng
        self.encoder = perceptron(rng, name, PIXELS, UNITS, UNITS, 2 * CODE)
        self.decoder = perceptron(rng, name, CODE, UNITS, UNITS, PIXELS)
        self.parameters = self.encoder.parameters + self.decoder.parameters

    @property
    def gradients(self) -> tuple[Array, ...]:
        return self.encoder.gradients + self.decoder.gradients

    def loss(self, scans: Array) -> float:
        """The mean bound over the scans. `backward` needs no more."""
        self.scans = scans
        self.mean, logarithm = np.split(self.encoder.forward(scans), 2, axis=1)
        self.deviation = np.exp(logarithm)
        self.drawn = self.rng.standard_normal(self.mean.shape, dtype=np.float32)
        self.logits = self.decoder.forward(self.mean + self.deviation * self.drawn)
        far = (np.square(self.mean) + np.square(self.deviation) - 1) / 2 - logarithm
        unlikely = relu_ufunc.softplus(self.logits) - scans * self.logits
        bound = FINER * unlikely.sum() + far.sum() - ways(scans).sum()
        return float(bound) / len(scans)

    def backward(self) -> None:
        """The gradient of the mean loss."""
        rows = np.float32(len(self.scans))
        dlogits = FINER * (relu_ufunc.sigmoid(self.logits) - self.scans) / rows
        dcode = self.decoder.backward(dlogits)
        dmean = dcode + self.mean / rows
        dlogarithm = (dcode * self.drawn + self.deviation / rows) * self.deviation - 1 / rows
        self.encoder.backward(np.concatenate([dmean, dlogarithm], axis=1))

    def sample(self, number: int) -> Array:
        code = self.rng.standard_normal((number, CODE), dtype=np.float32)
        return relu_ufunc.sigmoid(self.decoder.forward(code))


def ways(scans: Array) -> Array:
    """In how many ways the finer pixels make each count: logarithms."""
    counts = np.rint(FINER * scans.astype(np.float64))
    return gammaln(FINER + 1) - gammaln(counts + 1) - gammaln(FINER - counts + 1)


def without_a_network(seen: Array, scans: Array) -> float:
    """The loss of scans from how often each pixel is inked in those seen, in nats."""
    chance = (seen.sum(axis=0, dtype=np.float64) + 1 / FINER) / (len(seen) + 2 / FINER)
    likely = scans * np.log(chance) + (1 - scans) * np.log1p(-chance)
    return -float((FINER * likely + ways(scans)).sum()) / len(scans)


@dataclass
class Course:
    """Losses after each epoch, of scans that are learned and of unseen ones; and new scans."""

    seen: list[float]
    unseen: list[float]
    samples: Array


def learn(study: Study, name: str, seen: Array, unseen: Array) -> Course:
    rng = np.random.default_rng(study.seed)
    network = Autoencoder(rng, name)
    optimiser = Adam(network)
    epochs = study.choose(EPOCHS, QUICK_EPOCHS)
    advance = study.bar(f"{name}: epochs", epochs)
    course = Course([], [], np.empty(0))
    for epoch in range(epochs):
        optimiser.rate = RATE * (1 - epoch / epochs)
        losses = []
        for rows in networks.batches(rng, len(seen), 64):
            losses.append(network.loss(seen[rows]))
            network.backward()
            optimiser.step()
        course.seen.append(float(np.mean(losses)))
        course.unseen.append(network.loss(unseen))
        advance()
    course.samples = network.sample(SAMPLES)
    return course


def judge(study: Study, examples: tuple[Array, Array]) -> Network:
    """A classifier of true scans."""
    rng = np.random.default_rng(study.seed)
    network = perceptron(rng, "relu", PIXELS, 128, 10)
    networks.train(network, Adam(network, 3e-3), rng, examples, 40)
    return network


def measure(study: Study) -> tuple[dict[str, Course], float]:
    (seen, labels), (unseen, unseen_labels) = networks.digits(study.seed)
    classifier = judge(study, (seen, labels))
    known = without_a_network(seen, unseen)
    better, sure = study.choose(WANTED, QUICK_WANTED)

    courses, digits = {}, {}
    for name in study.choose(ACTIVATIONS, ACTIVATIONS[:1]):
        courses[name] = course = learn(study, name, seen, unseen)
        shares = networks.softmax(classifier.forward(course.samples))
        study.record(
            name,
            {
                "loss, nats a scan": course.unseen[-1],
                "samples that are surely digits": np.mean(shares.max(axis=1) > SURE),
            },
        )
        digits[name] = np.unique(shares.argmax(axis=1)[shares.max(axis=1) > SURE])

    worst = max(course.unseen[-1] for course in courses.values())
    study.claim(
        f"The loss of unseen scans is at least {better:.0%} below that of pixels by themselves, "
        f"{known:.1f} nats: {worst:.1f} at most.",
        worst <= (1 - better) * known,
    )
    share = min(figures["samples that are surely digits"] for figures in study.figures.values())
    study.claim(
        f"Of the samples, the classifier is more than {SURE:.0%} sure of at least {sure:.0%}: "
        f"{share:.0%}; and all ten digits are among these.",
        share >= sure and all(len(found) == 10 for found in digits.values()),
    )
    true = networks.softmax(classifier.forward(unseen)).max(axis=1)
    study.remark(
        f"Of unseen true scans, it is that sure of {np.mean(true > SURE):.0%}, and right about "
        f"{networks.accuracy(classifier, (unseen, unseen_labels)):.0%}."
    )
    return courses, known


def draw(measured: tuple[dict[str, Course], float], theme: Theme) -> Any:
    courses, known = measured
    figure, (curves, grid) = pyplot.subplots(1, 2, figsize=(8, 3.6))
    for name, course in courses.items():
        epochs = range(1, len(course.unseen) + 1)
        curves.plot(epochs, course.unseen, color=theme.colour(name), label=name)
    first = next(iter(courses))
    curves.plot(
        range(1, len(courses[first].seen) + 1),
        courses[first].seen,
        color=theme.colour(first),
        linestyle=":",
        label=f"{first}, scans that it learns",
    )
    curves.axhline(known, color=theme.of(networks.INK), linestyle="--", linewidth=0.8)
    curves.text(len(courses[first].seen), known, "pixels by themselves", ha="right", va="bottom")
    curves.set(xlabel="epoch", ylabel="loss of unseen scans, nats", xscale="log")
    curves.legend()

    tiles = courses[first].samples[: ROWS * COLUMNS].reshape(ROWS, COLUMNS, SIDE, SIDE)
    tiles = np.pad(tiles, ((0, 0), (0, 0), (1, 1), (1, 1)))
    picture = tiles.swapaxes(1, 2).reshape(ROWS * (SIDE + 2), COLUMNS * (SIDE + 2))
    grid.imshow(picture, cmap=theme.of(("gray_r", "gray")), vmin=0, vmax=1)
    grid.set(title=f"invented with {first}", xticks=[], yticks=[])
    return figure


if __name__ == "__main__":
    sys.exit(networks.main(__doc__, measure, draw))
