"""What the examples share: layers, training, and the program around what each of them measures.

A network is made of layers. Each carries values forward and, after that, gradients backward; all
arithmetic is NumPy's and relu_ufunc's. The second half is about programs: a script hands `main` a
function that measures and one that draws, and gets its command line, its progress bars, its table,
the check of its claims and its pictures from here.

Figures follow from the seed. relu_ufunc gives the same bits on any machine, with any number of
threads. Matrix products do not: `main` holds BLAS to one thread, so that their number makes no
difference, but another BLAS or processor may round otherwise. So may NumPy's exp, log and tanh.
"""

from __future__ import annotations

import argparse
import json
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from time import perf_counter
from typing import Any

import matplotlib
import numpy as np
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from threadpoolctl import threadpool_limits

import relu_ufunc

matplotlib.use("Agg")
from matplotlib import pyplot

Array = np.ndarray

# Layers


class Layer:
    """Carries values forward, and gradients back through what it last carried forward.

    `parameters` are the arrays that it learns. `backward` leaves the gradient of each in
    `gradients`, in the same order, and returns the gradient with respect to what came in.
    """

    parameters: tuple[Array, ...] = ()
    gradients: tuple[Array, ...] = ()

    def forward(self, x: Array) -> Array:
        raise NotImplementedError

    def backward(self, dy: Array) -> Array:
        raise NotImplementedError


class Affine(Layer):
    """x @ weight + bias, over the last axis. Weights start with a variance of gain / inputs."""

    def __init__(self, rng: np.random.Generator, inputs: int, outputs: int, gain: float = 2.0):
        weight = rng.standard_normal((inputs, outputs), dtype=np.float32) * math.sqrt(gain / inputs)
        self.parameters = weight, np.zeros(outputs, np.float32)

    def forward(self, x: Array) -> Array:
        self.x = x
        weight, bias = self.parameters
        return x @ weight + bias

    def backward(self, dy: Array) -> Array:
        weight, bias = self.parameters
        x_rows, dy_rows = self.x.reshape(-1, len(weight)), dy.reshape(-1, len(bias))
        self.gradients = x_rows.T @ dy_rows, dy_rows.sum(axis=0)
        return dy @ weight.T


def tanh_vjp(dy: Array, x: Array) -> tuple[Array]:
    return (dy * (1 - np.tanh(x) ** 2),)


# What some activations learn, from where. All others have no parameters, or keep their defaults.
LEARNED = {"prelu": 0.25}
# Not of the family, and here to compare with.
OTHERS = {"tanh": (np.tanh, tanh_vjp)}


class Activation(Layer):
    """A function of relu_ufunc by its name, or tanh.

    Where it has a slope to learn, there is one for each place of `shape`, which broadcasts against
    the values: the number of units, or of channels.
    """

    def __init__(self, name: str, shape: int | tuple[int, ...]):
        if name in OTHERS:
            self.function, self.vjp = OTHERS[name]
        else:
            self.function = getattr(relu_ufunc, name)
            self.vjp = relu_ufunc.vjp(self.function)
        if name in LEARNED:
            self.parameters = (np.full(shape, LEARNED[name], np.float32),)

    def forward(self, x: Array) -> Array:
        self.x = x
        self.y = self.function(x, *self.parameters)
        return self.y

    def backward(self, dy: Array) -> Array:
        dx, *gradients = self.vjp(dy, self.x, *self.parameters)
        self.gradients = tuple(gradients)
        return dx


class Network(Layer):
    """Layers one after the other, which are a layer again."""

    def __init__(self, *layers: Layer):
        self.layers = layers

    @property
    def parameters(self) -> tuple[Array, ...]:
        return tuple(each for layer in self.layers for each in layer.parameters)

    @property
    def gradients(self) -> tuple[Array, ...]:
        return tuple(each for layer in self.layers for each in layer.gradients)

    @property
    def activations(self) -> list[Activation]:
        return [layer for layer in self.layers if isinstance(layer, Activation)]

    def forward(self, x: Array) -> Array:
        for layer in self.layers:
            x = layer.forward(x)
        return x

    def backward(self, dy: Array) -> Array:
        for layer in reversed(self.layers):
            dy = layer.backward(dy)
        return dy


# With a variance of 2 / inputs a rectifier hands on values as large as it got: half of them are
# lost to it. The saturating functions, and selu, are made for 1 / inputs; elu lies between.
GAINS = {"sigmoid": 1.0, "tanh": 1.0, "selu": 1.0, "elu": 1.5}


def perceptron(rng: np.random.Generator, name: str, *widths: int) -> Network:
    """Affine layers from width to width, with an activation between each two."""
    gain = GAINS.get(name, 2.0)
    layers: list[Layer] = []
    for inputs, outputs in pairwise(widths):
        layers += [Affine(rng, inputs, outputs, gain), Activation(name, outputs)]
    return Network(*layers[:-1])


# Training


def softmax(logits: Array) -> Array:
    powers = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return powers / powers.sum(axis=-1, keepdims=True)


def cross_entropy(logits: Array, labels: Array) -> tuple[float, Array]:
    """The mean over the rows, and its gradient with respect to the logits."""
    shares, rows = softmax(logits), np.arange(len(logits))
    loss = -np.log(np.maximum(shares[rows, labels], 1e-30)).mean()
    shares[rows, labels] -= 1
    return float(loss), shares / np.float32(len(logits))


class Momentum:
    """Stochastic gradient descent with momentum."""

    def __init__(self, network: Layer, rate: float, momentum: float = 0.9):
        self.network, self.rate, self.momentum = network, rate, momentum
        self.velocities = [np.zeros_like(each) for each in network.parameters]

    def step(self) -> None:
        moved = zip(self.network.parameters, self.network.gradients, self.velocities, strict=True)
        for parameter, gradient, velocity in moved:
            velocity *= self.momentum
            velocity -= self.rate * gradient
            parameter += velocity


class Adam:
    """Steps of about `rate` for each parameter, however large its gradients are."""

    slow, slower = 0.9, 0.999  # how much of the averages stays, of gradients and of their squares

    def __init__(self, network: Layer, rate: float = 1e-3):
        self.network, self.rate, self.steps = network, rate, 0
        self.means = [np.zeros_like(each) for each in network.parameters]
        self.squares = [np.zeros_like(each) for each in network.parameters]

    def step(self) -> None:
        self.steps += 1
        young = math.sqrt(1 - self.slower**self.steps) / (1 - self.slow**self.steps)
        averages = zip(self.means, self.squares, strict=True)
        moved = zip(self.network.parameters, self.network.gradients, averages, strict=True)
        for parameter, gradient, (mean, square) in moved:
            mean += (1 - self.slow) * (gradient - mean)
            square += (1 - self.slower) * (gradient * gradient - square)
            parameter -= self.rate * young * mean / (np.sqrt(square) + 1e-8)


def batches(rng: np.random.Generator, rows: int, size: int) -> Iterator[Array]:
    """The numbers of all rows, shuffled, in batches of one size; some rows may be left over."""
    order = rng.permutation(rows)
    for start in range(0, rows - size + 1, size):
        yield order[start : start + size]


def train(
    network: Layer,
    optimiser: Momentum | Adam,
    rng: np.random.Generator,
    examples: tuple[Array, Array],
    epochs: int,
    advance: Callable[[], None] = lambda: None,
    batch: int = 64,
) -> list[float]:
    """Learn the labels of the rows: the mean loss of each epoch. `advance` is called after each."""
    x, labels = examples
    losses = []
    for _ in range(epochs):
        of_batches = []
        for rows in batches(rng, len(x), batch):
            loss, dlogits = cross_entropy(network.forward(x[rows]), labels[rows])
            network.backward(dlogits)
            optimiser.step()
            of_batches.append(loss)
        losses.append(float(np.mean(of_batches)))
        advance()
    return losses


def accuracy(network: Layer, examples: tuple[Array, Array]) -> float:
    x, labels = examples
    return float(np.mean(network.forward(x).argmax(axis=-1) == labels))


def digits(seed: int) -> tuple[tuple[Array, Array], tuple[Array, Array]]:
    """Scans of handwritten digits to learn from, and scans that stay unseen: pixels and labels.

    They come with scikit-learn: 1,797 scans of 8 by 8 pixels, here in 0 to 1.
    """
    pixels, labels = load_digits(return_X_y=True)
    learn_x, unseen_x, learn_labels, unseen_labels = train_test_split(
        pixels.astype(np.float32) / 16, labels, test_size=0.3, stratify=labels, random_state=seed
    )
    return (learn_x, learn_labels), (unseen_x, unseen_labels)


# The program around a measurement


@dataclass
class Study:
    """What a script is asked for, and what it finds: figures by activation, claims and remarks."""

    quick: bool
    seed: int
    progress: Progress
    figures: dict[str, dict[str, float]] = field(default_factory=dict)
    claims: list[tuple[str, bool]] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)

    def choose(self, full: Any, quick: Any) -> Any:
        """One setting for a full run, and another for a quick one."""
        return quick if self.quick else full

    def bar(self, description: str, total: int) -> Callable[[], None]:
        """A new progress bar: what is returned moves it on by one."""
        task = self.progress.add_task(description, total=total)
        return lambda: self.progress.advance(task)

    def record(self, activation: str, figures: dict[str, float]) -> None:
        """Figures of an activation, by what they are, with the unit: {"time, ms": 1.5}."""
        self.figures.setdefault(activation, {}).update(figures)

    def claim(self, sentence: str, holds: bool | np.bool) -> None:
        """What must hold: otherwise the script ends with exit status 1."""
        self.claims.append((sentence, bool(holds)))

    def claim_time(self, sentence: str, holds: bool | np.bool) -> None:
        """The same of times, which a quick run doesn't judge: it may share the machine."""
        if not self.quick:
            self.claim(sentence, holds)

    def remark(self, sentence: str) -> None:
        """What was found, for which nothing is claimed; a claim of others that does not hold."""
        self.remarks.append(sentence)


# An activation has the same colour in all pictures: on a light page, and on a dark one.
COLOURS = {
    "relu": ("#0b62a8", "#6cb4ee"),
    "leaky_relu": ("#d9660a", "#f2a65a"),
    "prelu": ("#8a3fb0", "#c792ea"),
    "elu": ("#1b8a3a", "#7bd88f"),
    "selu": ("#a67c00", "#e6c34d"),
    "silu": ("#c2257a", "#ff8ac0"),
    "gelu": ("#11858f", "#5fd7e0"),
    "gelu_tanh": ("#11858f", "#5fd7e0"),
    "swiglu": ("#5a4bd1", "#a79bff"),
    "sigmoid": ("#c62828", "#ff6b6b"),
    "tanh": ("#6b6b6b", "#b0b0b0"),
}
THEMES = "light", "dark"
INK = "#333333", "#cccccc"  # of text and axes
FAINT = "#dddddd", "#3a3f47"  # of grids, and of what is only a measure for the rest


@dataclass(frozen=True)
class Theme:
    """The colours of a picture, which lies on a light page or on a dark one."""

    name: str

    def of(self, pair: tuple[str, str]) -> str:
        return pair[THEMES.index(self.name)]

    def colour(self, activation: str) -> str:
        return self.of(COLOURS.get(activation, INK))

    @property
    def style(self) -> dict[str, Any]:
        inked = ("text.color", "xtick.color", "ytick.color", "axes.labelcolor", "axes.edgecolor")
        return dict.fromkeys(inked, self.of(INK)) | {
            "grid.color": self.of(FAINT),
            "axes.axisbelow": True,
            "axes.spines.top": False,
            "axes.spines.right": False,
            "axes.titlesize": "medium",
            "legend.frameon": False,
            "legend.fontsize": "small",
            "figure.constrained_layout.use": True,
        }


def save_pictures(draw: Callable[[Theme], Any], path: Path) -> None:
    """Save what `draw` makes of each theme: FILE-light.png and FILE-dark.png."""
    for theme in map(Theme, THEMES):
        with matplotlib.rc_context(theme.style):
            figure = draw(theme)
            target = path.with_name(f"{path.stem}-{theme.name}.png")
            figure.savefig(target, dpi=90, transparent=True, metadata={"Software": None})
            pyplot.close(figure)


def tabulate(figures: dict[str, dict[str, float]]) -> Table:
    """A row for each activation, and a column for each figure."""
    table = Table("activation")
    labels = list(dict.fromkeys(label for row in figures.values() for label in row))
    for label in labels:
        table.add_column(label, justify="right")
    for name, row in figures.items():
        table.add_row(name, *(f"{row[label]:.3g}" if label in row else "" for label in labels))
    return table


def main(
    description: str, measure: Callable[[Study], Any], draw: Callable[[Any, Theme], Any]
) -> int:
    """Run a script: measure, print what was found, save it where asked, and judge its claims.

    `measure` fills in a study, and returns what `draw` makes a picture of.
    """
    parser = argparse.ArgumentParser(description=description.split("\n")[0])
    parser.add_argument("--quick", action="store_true", help="try that it runs, in seconds")
    parser.add_argument("--seed", type=int, default=7, help="of all that is random (7)")
    parser.add_argument("--picture", type=Path, help="where to save it: FILE-light.png, -dark.png")
    parser.add_argument("--json", type=Path, help="where to save figures and claims")
    asked = parser.parse_args()

    console = Console(highlight=False)
    columns = TextColumn("{task.description:<24}"), BarColumn(), MofNCompleteColumn()
    began = perf_counter()
    with (
        Progress(*columns, TimeElapsedColumn(), console=console) as progress,
        threadpool_limits(1, user_api="blas"),
    ):
        study = Study(asked.quick, asked.seed, progress)
        measured = measure(study)
    seconds = perf_counter() - began

    console.print(tabulate(study.figures))
    for remark in study.remarks:
        console.print(f"  · {remark}")
    for sentence, holds in study.claims:
        mark, style = ("✓", "") if holds else ("✗ does not hold:", "bold red")
        console.print(f"  {mark} {sentence}", style=style)
    about = f"relu_ufunc with {relu_ufunc.get_isa()}, NumPy {np.__version__}"
    console.print(f"{seconds:.0f} s, {about}")

    if asked.picture:
        save_pictures(lambda theme: draw(measured, theme), asked.picture)
    if asked.json:
        found = {name: getattr(study, name) for name in ("figures", "remarks", "claims")}
        asked.json.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n", "utf-8")
    return 0 if all(holds for _, holds in study.claims) else 1
