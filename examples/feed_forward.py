"""Time the activation in the feed-forward layer of a language model, for one token and for many.

    pip install '.[examples]' && python examples/feed_forward.py

The layer of Llama, Qwen and their like is `(silu(x @ gate) * (x @ up)) @ down`. Widths are those of
published models, weights are random. What comes between the products is computed in four ways, and
by PyTorch where that is installed, with one thread for all.

All get gates and ups in copies just written, as a product leaves them, and take turns. A time is
that of the quickest turn, a ratio the median over the turns. NumPy has no fast product of bfloat16:
it is computed in float32, and then rounded.

The claim: what one pass gives is as good as silu and a product, or better, and takes less time.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median
from time import perf_counter
from typing import Any

import ml_dtypes
import networks
import numpy as np
from matplotlib import pyplot
from networks import Array, Study, Theme
from rich.table import Table

import relu_ufunc as ru

try:
    import torch
except ImportError:
    torch = None

# The width of the model, and of what is activated
MODELS = {
    "Qwen2.5 0.5B": (896, 4864),
    "Llama 3.2 1B": (2048, 8192),
    "Llama 3.1 8B": (4096, 14336),
}
QUICK_MODELS = ("Qwen2.5 0.5B",)
DTYPES = {"float32": np.dtype(np.float32), "bfloat16": np.dtype(ml_dtypes.bfloat16)}
ONE, MANY = 1, 512  # tokens
PRODUCTS = 3  # how often a layer's products are timed
TURNS = {ONE: 15, MANY: 11}  # of the ways
CALLS = {ONE: 20, MANY: 1}  # in a row, so that what is timed is longer than the clock is coarse

Way = Callable[[Any, Any], Any]

# The ways, from a gate and an up to what goes into the last product


def expression(gate: Array, up: Array) -> Array:
    """As one writes it."""
    return gate / (1 + np.exp(-gate)) * up


def in_place(gate: Array, up: Array) -> Array:
    """As one writes it to save memory."""
    powers = np.negative(gate)
    np.exp(powers, out=powers)
    powers += powers.dtype.type(1)
    np.divide(gate, powers, out=gate)
    return np.multiply(gate, up, out=gate)


def two_passes(gate: Array, up: Array) -> Array:
    ru.silu(gate, out=gate)
    return np.multiply(gate, up, out=gate)


def one_pass(gate: Array, up: Array) -> Array:
    return ru.swiglu(gate, up, out=gate)


def of_torch(gate: Any, up: Any) -> Any:
    return torch.nn.functional.silu(gate, inplace=True).mul_(up)


NUMPY = "NumPy"
EXPRESSION, IN_PLACE, TORCH = "NumPy expression", "NumPy in place", "PyTorch"
SILU, SWIGLU = "silu, then product", "swiglu"
WAYS: dict[str, Way] = {
    EXPRESSION: expression,
    IN_PLACE: in_place,
    SILU: two_passes,
    SWIGLU: one_pass,
}

# Measurement


@dataclass
class Case:
    """Seconds: of the products of a layer, NumPy's and PyTorch's, and of each way's turns."""

    model: str
    tokens: int
    dtype: str
    products: dict[str, float]
    ways: dict[str, list[float]]

    def time(self, way: str) -> float:
        """Of the quickest turn: what else the machine does only adds to it."""
        return min(self.ways[way])

    def beside(self, way: str, peer: str) -> float:
        """The time of a way over a peer's in the same turn: the median."""
        pairs = zip(self.ways[way], self.ways[peer], strict=True)
        return median(ours / theirs for ours, theirs in pairs)

    def share(self, way: str) -> float:
        """Of the layer's time."""
        return self.time(way) / (self.time(way) + self.products[TORCH if way == TORCH else NUMPY])


def seconds(function: Callable[..., Any], *arguments: Any) -> float:
    began = perf_counter()
    function(*arguments)
    return perf_counter() - began


def as_tensor(array: Array) -> Any:
    """The same memory."""
    if array.dtype == ml_dtypes.bfloat16:
        return torch.from_numpy(array.view(np.int16)).view(torch.bfloat16)
    return torch.from_numpy(array)


def time_products(factors: list[tuple[Array, Array]], dtype: np.dtype) -> dict[str, float]:
    """Seconds for all products of a layer, by NumPy and by PyTorch."""

    def product(x: Array, weight: Array) -> Array:
        return (x.astype(np.float32, copy=False) @ weight).astype(dtype, copy=False)

    of_numpy = [[seconds(product, *pair) for pair in factors] for _ in range(PRODUCTS)]
    times = {NUMPY: min(map(sum, of_numpy))}
    if torch:
        tensors = [
            tuple(as_tensor(each.astype(dtype, copy=False)) for each in pair) for pair in factors
        ]
        of_torch = [[seconds(torch.matmul, *pair) for pair in tensors] for _ in range(PRODUCTS)]
        times[TORCH] = min(map(sum, of_torch))
    return times


def time_ways(gate: Array, up: Array, turns: int, calls: int) -> dict[str, list[float]]:
    """Seconds for a call of each way, turn by turn. A turn that does not count comes first."""
    ways = WAYS | ({TORCH: of_torch} if torch else {})
    times = {name: [] for name in ways}
    for _ in range(1 + turns):
        for name, way in ways.items():
            convert = as_tensor if name == TORCH else np.asarray
            operands = [(convert(gate.copy()), convert(up.copy())) for _ in range(calls)]
            began = perf_counter()
            for pair in operands:
                way(*pair)
            times[name].append((perf_counter() - began) / calls)
    return {name: of_turns[1:] for name, of_turns in times.items()}


def measure(study: Study) -> list[Case]:
    rng = np.random.default_rng(study.seed)
    cases = []
    threads = ru.set_num_threads(1)
    if torch:
        torch.set_num_threads(1)
    for model in study.choose(tuple(MODELS), QUICK_MODELS):
        advance = study.bar(model, len(TURNS) * len(DTYPES))
        width, units = MODELS[model]
        into_gate, into_up, out_of = (
            rng.standard_normal(shape, dtype=np.float32) * np.float32(shape[0] ** -0.5)
            for shape in ((width, units), (width, units), (units, width))
        )
        for tokens, turns in TURNS.items():
            x = rng.standard_normal((tokens, width), dtype=np.float32)
            for name, dtype in DTYPES.items():
                gate, up = ((x @ weight).astype(dtype) for weight in (into_gate, into_up))
                products = time_products([(x, into_gate), (x, into_up), (gate, out_of)], dtype)
                ways = time_ways(gate, up, turns, CALLS[tokens])
                cases.append(Case(model, tokens, name, products, ways))
                advance()
    ru.set_num_threads(threads)

    study.progress.console.print(tabulate(cases))
    report(study, cases)
    return cases


def report(study: Study, cases: list[Case]) -> None:
    """Say what the batches took; and claim what one pass is for."""
    many = [case for case in cases if case.tokens == MANY]
    for case in many:
        for name, way in (("silu", SILU), ("swiglu", SWIGLU)):
            if case.model == many[-1].model:
                study.record(name, {f"{case.dtype}, ms": 1e3 * case.time(way)})
                for peer in (IN_PLACE, TORCH) if torch else (IN_PLACE,):
                    study.record(name, {f"{case.dtype}, beside {peer}": case.beside(way, peer)})
        shares = ", ".join(f"{way} {case.share(way):.1%}" for way in (IN_PLACE, SILU, SWIGLU))
        study.remark(f"{case.model}, {case.dtype}, of the time of the layer: {shares}.")
    others = f", beside PyTorch {torch.__version__}" if torch else ""
    study.remark(f"The table has the times of {many[-1].model}, {MANY} tokens{others}.")

    for peer, most in ((SILU, 0.95), (IN_PLACE, 0.6)):
        ratio = median(case.beside(SWIGLU, peer) for case in many)
        study.claim_time(
            f"For {MANY} tokens, swiglu takes less than {most} of the time of {peer!r}, in the "
            f"median of all cases: {ratio:.2f}.",
            ratio < most,
        )
    pair = 4 * np.random.default_rng(study.seed).standard_normal((2, 1 << 18), dtype=np.float32)
    study.claim(
        "In float32, swiglu gives the bits of silu and a product.",
        one_pass(*pair.copy()).tobytes() == two_passes(*pair.copy()).tobytes(),
    )
    pair = pair.astype(ml_dtypes.bfloat16)
    once, twice = (largest_error(way, pair) for way in (one_pass, two_passes))
    study.claim(
        f"In bfloat16, swiglu is rounded once: its error is at most {once:.3f} units in the last "
        f"place, that of silu and a product {twice:.2f}.",
        once < 0.501 < twice,
    )


def largest_error(way: Way, pair: Array) -> float:
    """In units in the last place, against float64."""
    exact = expression(*pair.astype(np.float64))
    unit = np.spacing(abs(exact).astype(pair.dtype)).astype(np.float64)
    return float((abs(way(*pair.copy()).astype(np.float64) - exact) / unit).max())


def tabulate(cases: list[Case]) -> Table:
    names = list(cases[0].ways)
    table = Table(title="Time between the products, µs, and its share of the layer's")
    table.add_column("", no_wrap=True)
    for name in names:
        table.add_column(name, justify="right")
    for case in cases:
        row = (f"{1e6 * case.time(way):,.0f} ({case.share(way):.1%})" for way in names)
        table.add_row(f"{case.model}, {case.dtype}, {case.tokens}", *row)
    return table


COLOURS = {
    EXPRESSION: ("#9a9a9a", "#7d8590"),
    IN_PLACE: ("#4d4d4d", "#c0c4ca"),
    SILU: networks.COLOURS["silu"],
    SWIGLU: networks.COLOURS["swiglu"],
    TORCH: networks.COLOURS["leaky_relu"],
}


def draw(cases: list[Case], theme: Theme) -> Any:
    models = list(dict.fromkeys(case.model for case in cases))
    names = list(cases[0].ways)
    figure, axes = pyplot.subplots(
        len(DTYPES), len(TURNS), figsize=(8, 4.8), sharex="col", sharey=True
    )
    for case in cases:
        axis = axes[list(DTYPES).index(case.dtype), list(TURNS).index(case.tokens)]
        axis.set(title=f"{case.tokens} token{'s' * (case.tokens > 1)}, {case.dtype}")
        for place, way in enumerate(names):
            height = models.index(case.model) + 0.13 * (place - len(names) / 2)
            axis.plot(1e3 * case.time(way), height, "o", markersize=6, color=theme.of(COLOURS[way]))
    for axis in axes.flat:
        axis.set(xscale="log", yticks=range(len(models)), yticklabels=models)
        axis.grid(axis="x")
        axis.set_axisbelow(True)
    axes[0, 0].invert_yaxis()
    for axis in axes[-1]:
        axis.set_xlabel("time between the products, ms")
    handles = [
        pyplot.Line2D([], [], marker="o", linestyle="", color=theme.of(COLOURS[way]))
        for way in names
    ]
    figure.legend(handles, names, loc="outside upper center", ncols=len(names))
    return figure


if __name__ == "__main__":
    sys.exit(networks.main(__doc__, measure, draw))
