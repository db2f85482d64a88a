"""Teach a small network to read handwritten digits, then put it to work on the CPU.

    pip install '.[examples]' && python examples/digits.py

For each of relu, leaky_relu, prelu and elu, a network with two hidden layers learns scikit-learn's
bundled scans of handwritten digits. Forward and backward passes are NumPy and relu_ufunc, nothing
else. PReLU learns one slope per hidden unit.

The trained network then reads scans it has never seen, twice: with relu_ufunc working in place, and
with the NumPy expression that one would write without it. All the rest is the same code, so that
the table at the end compares the activations, and shows what they mean for the whole pipeline.

The exit status is 1 if a network reads fewer than 95 % of the unseen scans, or if the two ways
disagree about any of them.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import pairwise
from statistics import median
from time import perf_counter

import numpy as np
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from threadpoolctl import threadpool_info, threadpool_limits

import relu_ufunc

SEED = 7
WIDTHS = 64, 256, 128, 10  # pixels, two hidden layers, digits

EPOCHS = 15
BATCH = 64
RATE = 0.1
MOMENTUM = 0.9
FIRST_SLOPE = 0.25  # where every PReLU slope starts

COPIES, BATCHES = 16, 4  # the timed stream: the unseen scans so many times over, in so many batches
REPEATS = 25
WANTED_ACCURACY = 0.95

Array = np.ndarray


@dataclass(frozen=True)
class Scans:
    """Images, a row of pixels in 0 to 1 for each, and the digits they show."""

    pixels: Array
    digits: Array


def load() -> tuple[Scans, Scans]:
    """Scans to learn from, and scans that stay unseen until the network is trained."""
    pixels, digits = load_digits(return_X_y=True)
    pixels = pixels.astype(np.float32) / 16
    learn_pixels, unseen_pixels, learn_digits, unseen_digits = train_test_split(
        pixels, digits, test_size=0.3, stratify=digits, random_state=SEED
    )
    return Scans(learn_pixels, learn_digits), Scans(unseen_pixels, unseen_digits)


# The activations


@dataclass(frozen=True)
class Activation:
    """An activation function, its gradient, and the NumPy expression it replaces.

    Where the slope is learned, all three take it as their last argument, and the gradient is a pair
    with the slope's own.
    """

    forward: np.ufunc
    backward: Callable
    plain: Callable
    learns_slope: bool = False

    def in_place(self, x: Array, *slope: Array) -> Array:
        """Replace x by its activation: one pass, no temporary."""
        return self.forward(x, *slope, out=x)

    def gradients(self, dy: Array, x: Array, *slope: Array) -> tuple[Array, ...]:
        """Carry dy back to x and, where it is learned, to the slope."""
        gradients = self.backward(dy, x, *slope)
        return gradients if self.learns_slope else (gradients,)


ACTIVATIONS = {
    "relu": Activation(
        forward=relu_ufunc.relu,
        backward=relu_ufunc.relu_backward,
        plain=lambda x: np.maximum(x, 0),
    ),
    "leaky_relu": Activation(
        forward=relu_ufunc.leaky_relu,
        backward=relu_ufunc.leaky_relu_backward,
        plain=lambda x: np.where(x > 0, x, 0.01 * x),
    ),
    "prelu": Activation(
        forward=relu_ufunc.prelu,
        backward=relu_ufunc.prelu_vjp,
        plain=lambda x, slope: np.where(x > 0, x, slope * x),
        learns_slope=True,
    ),
    "elu": Activation(
        forward=relu_ufunc.elu,
        backward=relu_ufunc.elu_backward,
        plain=lambda x: np.where(x > 0, x, np.expm1(x)),
    ),
}


# The network


@dataclass(frozen=True)
class Layer:
    """Weights, biases and, if the activation that follows learns them, its slopes: one per unit."""

    weight: Array
    bias: Array
    slope: tuple[Array, ...] = ()

    @property
    def parameters(self) -> tuple[Array, ...]:
        return self.weight, self.bias, *self.slope


Network = list[Layer]


def new_network(rng: np.random.Generator, activation: Activation) -> Network:
    """He's initial weights; no activation, and so no slope, after the last layer."""
    *hidden, last = (
        Layer(
            rng.standard_normal((inputs, units), dtype=np.float32) * math.sqrt(2 / inputs),
            np.zeros(units, np.float32),
        )
        for inputs, units in pairwise(WIDTHS)
    )
    if activation.learns_slope:
        hidden = [
            replace(layer, slope=(np.full_like(layer.bias, FIRST_SLOPE),)) for layer in hidden
        ]
    return [*hidden, last]


def forward(
    network: Network, activation: Activation, x: Array
) -> tuple[list[Array], list[Array], Array]:
    """Values before the activations, the inputs of the layers (x first), and the logits."""
    *hidden, last = network
    before, inputs = [], [x]
    for layer in hidden:
        before.append(inputs[-1] @ layer.weight + layer.bias)
        inputs.append(activation.forward(before[-1], *layer.slope))
    return before, inputs, inputs[-1] @ last.weight + last.bias


def backward(network: Network, activation: Activation, scans: Scans) -> list[Array]:
    """Gradients of the mean cross-entropy, in the order of the network's parameters."""
    *hidden, last = network
    before, inputs, logits = forward(network, activation, scans.pixels)
    dz = softmax(logits)
    dz[np.arange(len(dz)), scans.digits] -= 1
    dz /= len(dz)

    gradients = affine_gradients(inputs.pop(), dz)
    dy = dz @ last.weight.T
    for layer in reversed(hidden):
        dz, *dslope = activation.gradients(dy, before.pop(), *layer.slope)
        gradients = [*affine_gradients(inputs.pop(), dz), *dslope, *gradients]
        dy = dz @ layer.weight.T
    return gradients


def affine_gradients(inputs: Array, dz: Array) -> list[Array]:
    """Gradients with respect to a layer's weights and biases."""
    return [inputs.T @ dz, dz.sum(axis=0)]


def softmax(logits: Array) -> Array:
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


# Training


def train(activation: Activation, scans: Scans, advance: Callable[[], None]) -> Network:
    """Stochastic gradient descent with momentum, in shuffled mini-batches."""
    rng = np.random.default_rng(SEED)
    network = new_network(rng, activation)
    parameters = [parameter for layer in network for parameter in layer.parameters]
    velocities = [np.zeros_like(parameter) for parameter in parameters]

    for _ in range(EPOCHS):
        for batch in shuffled_batches(rng, scans):
            gradients = backward(network, activation, batch)
            for parameter, velocity, gradient in zip(
                parameters, velocities, gradients, strict=True
            ):
                velocity *= MOMENTUM
                velocity -= RATE * gradient
                parameter += velocity
        advance()
    return network


def shuffled_batches(rng: np.random.Generator, scans: Scans) -> Iterator[Scans]:
    order = rng.permutation(len(scans.digits))
    for start in range(0, len(order), BATCH):
        rows = order[start : start + BATCH]
        yield Scans(scans.pixels[rows], scans.digits[rows])


# Inference

ALONE, WHOLE = "the activations alone", "the whole pipeline"  # what is timed


def read(
    network: Network, activate: Callable[..., Array], stream: list[Array]
) -> tuple[Array, dict[str, float]]:
    """Read batches of scans, with buffers that are allocated once: the digits, and the seconds.

    `activate` gets a buffer, and returns its activation: there, or in an array of its own.
    """
    *hidden, last = network
    buffers = [np.empty((len(stream[0]), layer.bias.size), np.float32) for layer in hidden]
    digits = []
    seconds = dict.fromkeys((ALONE, WHOLE), 0.0)

    start = perf_counter()
    for values in stream:
        for layer, buffer in zip(hidden, buffers, strict=True):
            np.matmul(values, layer.weight, out=buffer)
            np.add(buffer, layer.bias, out=buffer)
            entered = perf_counter()
            values = activate(buffer, *layer.slope)
            seconds[ALONE] += perf_counter() - entered
        digits.append((values @ last.weight + last.bias).argmax(axis=1))
    seconds[WHOLE] = perf_counter() - start
    return np.concatenate(digits), seconds


@dataclass(frozen=True)
class Result:
    """What one trained network did with the unseen scans; times are medians, in seconds."""

    accuracy: float
    zeros: float
    slopes: Array
    same: bool
    ours: dict[str, float]
    plain: dict[str, float]

    @property
    def good(self) -> bool:
        return self.same and self.accuracy >= WANTED_ACCURACY


def examine(
    network: Network, activation: Activation, scans: Scans, advance: Callable[[], None]
) -> Result:
    """Read the unseen scans both ways, by turns, so that a busy machine disturbs both alike."""
    stream = np.split(np.tile(scans.pixels, (COPIES, 1)), BATCHES)
    our_times, plain_times = [], []
    for _ in range(REPEATS):
        digits, seconds = read(network, activation.in_place, stream)
        our_times.append(seconds)
        plain_digits, seconds = read(network, activation.plain, stream)
        plain_times.append(seconds)
        advance()

    _, (_, *hidden), _ = forward(network, activation, scans.pixels)
    slopes = [slope for layer in network for slope in layer.slope]
    return Result(
        accuracy=np.mean(digits == np.tile(scans.digits, COPIES)),
        zeros=np.mean(np.concatenate(hidden, axis=1) == 0),
        slopes=np.concatenate(slopes) if slopes else np.empty(0),
        same=np.array_equal(digits, plain_digits),
        ours=medians(our_times),
        plain=medians(plain_times),
    )


def medians(times: list[dict[str, float]]) -> dict[str, float]:
    return {part: median(seconds[part] for seconds in times) for part in (ALONE, WHOLE)}


# The program


def run(console: Console, learn: Scans, unseen: Scans) -> dict[str, Result]:
    """Train and examine one network for each activation, with a progress bar for each step."""
    bar = TextColumn("{task.description:<22}"), BarColumn(), MofNCompleteColumn()
    results = {}
    with Progress(*bar, TimeElapsedColumn(), console=console) as progress:

        def step(description: str, total: int) -> Callable[[], None]:
            task = progress.add_task(description, total=total)
            return lambda: progress.advance(task)

        for name, activation in ACTIVATIONS.items():
            network = train(activation, learn, step(f"{name}: epochs", EPOCHS))
            results[name] = examine(
                network, activation, unseen, step(f"{name}: timed runs", REPEATS)
            )
    return results


def tabulate(results: dict[str, Result]) -> Table:
    """A column for each activation."""
    table = Table(title="Unseen digits, read with relu_ufunc and with plain NumPy")
    table.add_column("", no_wrap=True)
    for name in results:
        table.add_column(name, justify="right", no_wrap=True)

    def row(label: str, cell: Callable[[Result], str] = lambda result: "") -> None:
        table.add_row(label, *map(cell, results.values()))

    def slope_row(label: str, statistic: Callable[[Array], float]) -> None:
        row(label, lambda result: f"{statistic(result.slopes):.3f}" if result.slopes.size else "")

    def time_rows(part: str) -> None:
        table.add_section()
        row(f"time of {part}")
        row("  NumPy expression, ms", lambda result: f"{1e3 * result.plain[part]:.2f}")
        row("  relu_ufunc, ms", lambda result: f"{1e3 * result.ours[part]:.2f}")
        row("  ratio", lambda result: f"{result.plain[part] / result.ours[part]:.2f}")

    row("accuracy", lambda result: f"{result.accuracy:.1%}")
    row("activations that are zero", lambda result: f"{result.zeros:.1%}")
    row("same predictions", lambda result: "yes" if result.same else "no")
    table.add_section()
    row("learned slopes")
    slope_row("  least", np.min)
    slope_row("  mean", np.mean)
    slope_row("  greatest", np.max)
    time_rows(ALONE)
    time_rows(WHOLE)
    return table


def main() -> int:
    console = Console(highlight=False)
    learn, unseen = load()
    seen, rows = len(learn.digits), len(unseen.digits)
    console.print(f"relu_ufunc with {relu_ufunc.get_isa()}, NumPy {np.__version__}")
    console.print(f"{seen} scans to learn from, {rows} unseen")

    # Matrices this small gain nothing from threads, which make the times hard to repeat. The limit
    # is for BLAS and for relu_ufunc, whose threads NumPy's expressions could not match.
    with threadpool_limits(limits=1):
        threads = max(library["num_threads"] for library in threadpool_info())
        results = run(console, learn, unseen)
    console.print(tabulate(results))
    console.print(
        f"Times are for {rows * COPIES} rows, the unseen scans {COPIES} times over, in {BATCHES} "
        f"batches, with {threads} thread{'s' * (threads > 1)}: medians of {REPEATS} runs. Matrix "
        "products and their buffers are the same for both ways."
    )

    for name, result in results.items():
        if not result.good:
            wrong = f"accuracy below {WANTED_ACCURACY:.0%}" if result.same else "predictions differ"
            console.print(f"{name}: {wrong}", style="bold red")
    return 0 if all(result.good for result in results.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
