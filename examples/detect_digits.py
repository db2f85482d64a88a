"""Find digits in scenes composed of real scans: where each lies, how large it is, and which it is.

    pip install '.[examples]' && python examples/detect_digits.py

A scene has 32 by 32 pixels: noise, and one to three scans of several sizes. Four convolutions make
a grid of 8 by 8 cells of it. Each cell says whether a digit has its middle there, where the box
around its ink lies, and which digit it is. The scenes to learn from are composed of 1,257 scans,
those that count of 540 others.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import networks
import numpy as np
from convolution import Convolution, Reshape
from matplotlib import pyplot
from matplotlib.patches import Rectangle
from networks import Array, Network, Study, Theme

import relu_ufunc

SIDE, CELLS = 32, 8
CELL = SIDE // CELLS
SIZES = 8, 10, 12, 14, 16  # of a scan in a scene, in pixels
USUAL = 10.0  # the size that boxes are measured in
MOST = 3  # digits in a scene
DIGITS = 10
CHANNELS = (16, 2), (32, 2), (64, 1), (64, 1)  # channels and step of each convolution
ACTIVATIONS = "leaky_relu", "relu", "silu"

SCENES, QUICK_SCENES = 4000, 2000  # to learn from
EPOCHS, QUICK_EPOCHS = 7, 2
BATCH, RATE = 16, 4e-3
UNSEEN = 300
SURE = 0.3  # from where a find is shown, and compared with where the digits are
SHOWN = 2, 4  # scenes in the picture

# Of average precision and overlap
WANTED = 0.8, 0.65
QUICK_WANTED = 0.4, 0.4

# Scenes


@dataclass(frozen=True)
class Scene:
    """Pixels; for each digit its box (top, left, bottom, right) in pixels, and what it is."""

    pixels: Array
    boxes: Array
    labels: Array


def resized(scans: Array, size: int) -> Array:
    """Scans of 8 by 8 pixels in another size, by linear interpolation."""
    places = np.clip((np.arange(size) + 0.5) * 8 / size - 0.5, 0, 7)
    weights = np.maximum(0, 1 - abs(places[:, None] - np.arange(8))).astype(np.float32)
    return weights @ scans.reshape(-1, 8, 8) @ weights.T


def ink(scan: Array) -> tuple[int, int, int, int]:
    """The box around what is written."""
    written = scan > 0.25
    rows, columns = np.flatnonzero(written.any(axis=1)), np.flatnonzero(written.any(axis=0))
    return rows[0], columns[0], rows[-1] + 1, columns[-1] + 1


class Composer:
    """Composes scenes of scans."""

    def __init__(self, rng: np.random.Generator, examples: tuple[Array, Array]):
        self.rng = rng
        self.scans, self.labels = examples
        self.sizes = {size: resized(self.scans, size) for size in SIZES}

    def scene(self) -> Scene:
        rng = self.rng
        pixels = rng.random((SIDE, SIDE), dtype=np.float32) * np.float32(0.3)
        taken = np.zeros((SIDE, SIDE), bool)
        boxes, labels = [], []
        wanted = rng.integers(1, MOST + 1)
        while len(boxes) < wanted:
            which, size = rng.integers(len(self.scans)), int(rng.choice(SIZES))
            top, left = rng.integers(0, SIDE - size + 1, 2)
            place = slice(top, top + size), slice(left, left + size)
            if taken[place].any():
                continue
            taken[place] = True
            scan = self.sizes[size][which]
            pixels[place] = np.maximum(pixels[place], scan)
            boxes.append(np.add(ink(scan), (top, left, top, left)))
            labels.append(self.labels[which])
        return Scene(pixels, np.array(boxes, np.float32), np.array(labels))

    def scenes(self, number: int) -> list[Scene]:
        return [self.scene() for _ in range(number)]


# The network, and what it learns


def new_network(rng: np.random.Generator, name: str) -> Network:
    layers: list[networks.Layer] = [Reshape(SIDE, SIDE, 1)]
    before = 1
    for channels, step in CHANNELS:
        layers += [
            Convolution(rng, before, channels, step=step),
            networks.Activation(name, channels),
        ]
        before = channels
    last = networks.Affine(rng, before, 1 + 4 + DIGITS, gain=0.1)
    last.parameters[1][0] = -3  # most cells have no digit
    return Network(*layers, last)


def answers(scenes: list[Scene]) -> tuple[Array, Array, Array]:
    """Where a network should find digits: which cells, and there the boxes and labels.

    A box is the offset of its middle from the cell's, in cells, and the logarithm of its size.
    """
    cells = [
        (number, *(((box[:2] + box[2:]) / 2) // CELL).astype(int))
        for number, scene in enumerate(scenes)
        for box in scene.boxes
    ]
    cells = np.array(cells)
    boxes = np.concatenate([scene.boxes for scene in scenes])
    middle = (boxes[:, :2] + boxes[:, 2:]) / (2 * CELL) - cells[:, 1:] - 0.5
    size = np.log((boxes[:, 2:] - boxes[:, :2]) / USUAL)
    labels = np.concatenate([scene.labels for scene in scenes])
    return cells, np.concatenate([middle, size], axis=1).astype(np.float32), labels


def loss(found: Array, scenes: list[Scene]) -> tuple[float, Array]:
    """The mean over the scenes, and its gradient with respect to what the network found.

    The sum of three: whether there is a digit (cross-entropy), where (squares) and which.
    """
    cells, boxes, labels = answers(scenes)
    there = tuple(cells.T)
    gradient = np.zeros_like(found)

    presence = relu_ufunc.sigmoid(found[..., 0])
    present = np.zeros_like(presence)
    present[there] = 1
    gradient[..., 0] = presence - present
    total = relu_ufunc.softplus(found[..., 0]).sum() - found[..., 0][there].sum()

    at = found[there]
    apart = at[:, 1:5] - boxes
    which, dwhich = networks.cross_entropy(at[:, 5:], labels)
    total += 2 * np.square(apart).sum() + which * len(labels)
    gradient[(*there, slice(1, 5))] = 4 * apart
    gradient[(*there, slice(5, None))] = dwhich * len(labels)
    return float(total) / len(scenes), gradient / np.float32(len(scenes))


def learn(
    seed: int, name: str, scenes: list[Scene], epochs: int, advance: Callable[[], None]
) -> Network:
    rng = np.random.default_rng(seed)
    network = new_network(rng, name)
    optimiser = networks.Adam(network)
    for epoch in range(epochs):
        optimiser.rate = RATE * (1 - epoch / epochs)
        for rows in networks.batches(rng, len(scenes), BATCH):
            batch = [scenes[row] for row in rows]
            found = network.forward(np.stack([scene.pixels for scene in batch]))
            network.backward(loss(found, batch)[1])
            optimiser.step()
        advance()
    return network


# What it finds, and how good that is


@dataclass(frozen=True)
class Finding:
    """What a network found in a scene, the surest first."""

    boxes: Array
    labels: Array
    sureness: Array


def overlap(box: Array, boxes: Array) -> Array:
    """Intersection over union of a box with each of many."""
    low = np.maximum(box[:2], boxes[:, :2])
    high = np.minimum(box[2:], boxes[:, 2:])
    common = np.prod(np.maximum(high - low, 0), axis=1)
    areas = np.prod(boxes[:, 2:] - boxes[:, :2], axis=1)
    return common / (np.prod(box[2:] - box[:2]) + areas - common)


def find(network: Network, scenes: list[Scene]) -> list[Finding]:
    """All cells' boxes but the least sure, and but those that repeat a surer one."""
    outputs = network.forward(np.stack([scene.pixels for scene in scenes]))
    rows, columns = np.mgrid[:CELLS, :CELLS].reshape(2, -1)
    findings = []
    for cells in outputs.reshape(len(scenes), CELLS * CELLS, -1):
        digits = networks.softmax(cells[:, 5:])
        sureness = relu_ufunc.sigmoid(cells[:, 0]) * digits.max(axis=1)
        middle = (cells[:, 1:3] + np.stack([rows, columns], axis=1) + 0.5) * CELL
        half = np.exp(np.clip(cells[:, 3:5], -2, 2)) * USUAL / 2
        boxes = np.concatenate([middle - half, middle + half], axis=1)
        kept: list[int] = []
        for cell in np.argsort(-sureness, kind="stable"):
            if sureness[cell] < 0.02:
                break
            if not kept or overlap(boxes[cell], boxes[kept]).max() < 0.4:
                kept.append(cell)
        findings.append(Finding(boxes[kept], digits[kept].argmax(axis=1), sureness[kept]))
    return findings


def average_precision(scenes: list[Scene], findings: list[Finding], digit: int) -> float:
    """The mean precision over all recalls, of one digit: a find is right from an overlap of half.

    Every digit of a scene counts once. The precision at a recall is the best at that or beyond it.
    """
    sureness, right, digits = [], [], 0
    for scene, finding in zip(scenes, findings, strict=True):
        boxes = scene.boxes[scene.labels == digit]
        free = np.ones(len(boxes), bool)
        digits += len(boxes)
        for number in np.flatnonzero(finding.labels == digit):
            overlaps = overlap(finding.boxes[number], boxes) * free
            hit = overlaps.max(initial=0) >= 0.5
            if hit:
                free[overlaps.argmax()] = False
            sureness.append(finding.sureness[number])
            right.append(hit)
    hits = np.cumsum(np.array(right, float)[np.argsort(-np.array(sureness), kind="stable")])
    precision = hits / np.arange(1, len(hits) + 1)
    best = np.maximum.accumulate(precision[::-1])[::-1]
    return float(np.sum(best * np.diff(hits, prepend=0)) / digits)


def mean_overlap(scenes: list[Scene], findings: list[Finding]) -> float:
    """Over all digits: the overlap with the best of what was found for sure, or 0."""
    return float(
        np.mean(
            [
                overlap(box, finding.boxes[finding.sureness > SURE]).max(initial=0)
                for scene, finding in zip(scenes, findings, strict=True)
                for box in scene.boxes
            ]
        )
    )


# The program


@dataclass(frozen=True)
class Shown:
    """Scenes, and what a network found in them."""

    name: str
    scenes: list[Scene]
    findings: list[Finding]


def measure(study: Study) -> Shown:
    seen, unseen = networks.digits(study.seed)
    rng = np.random.default_rng(study.seed)
    scenes = Composer(rng, seen).scenes(study.choose(SCENES, QUICK_SCENES))
    unseen_scenes = Composer(rng, unseen).scenes(UNSEEN)
    epochs = study.choose(EPOCHS, QUICK_EPOCHS)
    wanted_precision, wanted_overlap = study.choose(WANTED, QUICK_WANTED)

    shown = None
    for name in study.choose(ACTIVATIONS, ACTIVATIONS[:1]):
        network = learn(study.seed, name, scenes, epochs, study.bar(f"{name}: epochs", epochs))
        findings = find(network, unseen_scenes)
        precision = np.mean(
            [average_precision(unseen_scenes, findings, digit) for digit in range(DIGITS)]
        )
        share = mean_overlap(unseen_scenes, findings)
        study.record(name, {"average precision": precision, "mean overlap": share})
        shown = shown or Shown(name, unseen_scenes, findings)
    precision, share = (
        min(figures[label] for figures in study.figures.values())
        for label in ("average precision", "mean overlap")
    )
    study.claim(
        "With each, the average precision, in the mean over the digits, is at least "
        f"{wanted_precision:.0%}: {precision:.1%}.",
        precision >= wanted_precision,
    )
    study.claim(
        f"With each, the mean intersection over union is at least {wanted_overlap}: {share:.2f}.",
        share >= wanted_overlap,
    )
    study.remark(
        f"{UNSEEN} scenes of {sum(len(scene.boxes) for scene in unseen_scenes)} digits; a find "
        "counts as right from an intersection over union of 0.5."
    )
    return shown


def draw(shown: Shown, theme: Theme) -> Any:
    rows, columns = SHOWN
    figure, axes = pyplot.subplots(rows, columns, figsize=(8, 4.4))
    for axis, scene, finding in zip(axes.flat, shown.scenes, shown.findings, strict=False):
        axis.imshow(scene.pixels, cmap=theme.of(("gray_r", "gray")), extent=(0, SIDE, SIDE, 0))
        axis.set(xticks=[], yticks=[])
        for box in scene.boxes:
            outline(axis, box, theme.of(networks.INK), linestyle=":", zorder=3)
        sure = finding.sureness > SURE
        for box, label in zip(finding.boxes[sure], finding.labels[sure], strict=True):
            outline(axis, box, theme.colour(shown.name), linewidth=1.8)
            axis.text(
                *box[1::-1], f"{label} ", color=theme.colour(shown.name), ha="right", va="top"
            )
    figure.suptitle(f"found with {shown.name}; dotted: where the digits are", fontsize="medium")
    return figure


def outline(axis: Any, box: Array, colour: str, **style: Any) -> None:
    top, left, bottom, right = box
    axis.add_patch(
        Rectangle((left, top), right - left, bottom - top, fill=False, color=colour, **style)
    )


if __name__ == "__main__":
    sys.exit(networks.main(__doc__, measure, draw))
