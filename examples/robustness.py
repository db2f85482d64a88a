"""Read noisy digits with each rectifier, and see how far a unit is like a neuron.

    pip install '.[examples]' && python examples/robustness.py

Two claims. elu is said to be more robust to noise than the others, since it saturates for negative
inputs. And rectifiers are said to be biologically plausible: like a neuron, a unit is silent below
a threshold, fires the more the stronger its input above it, and is silent for most inputs.

For the first, networks learn clean scans of handwritten digits from several seeds, and read unseen
ones with normal noise on each pixel (0 is white, 1 black). For the second, a leaky integrate-and-
fire neuron is stepped through time at constant currents; what is fitted to its rate is
`a * f(b * (current - c))`. And in the trained networks, units are sorted by the share of inputs for
which they fire: for which they are positive.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from itertools import product

import networks
import numpy as np
from matplotlib import pyplot
from networks import Activation, Adam, Array, Study, Theme

NAMES = "relu", "leaky_relu", "prelu", "elu"
FITTED = *NAMES, "sigmoid"
WIDTHS = 64, 128, 64, 10
NOISES = np.linspace(0, 0.8, 9)  # standard deviations

# The neuron: milliseconds, millivolts, megohms, nanoamperes.
LEAK, REFRACTORY, THRESHOLD, RESISTANCE = 20.0, 2.0, 15.0, 50.0
CURRENTS = np.linspace(0, 1, 101)
STEP = 0.01


@dataclass
class Found:
    accuracies: dict[str, Array]  # a row for each seed, a column for each strength of noise
    firing: dict[str, Array]  # of each hidden unit of the first seed's network
    rates: Array  # of the neuron, in spikes a second, by current
    fits: dict[str, Array]


def measure(study: Study) -> Found:
    seeds = range(study.seed, study.seed + study.choose(10, 2))
    accuracies, firing = {}, {}
    for name in NAMES:
        advance = study.bar(name, len(seeds))
        rows = []
        for seed in seeds:
            row, shares = noisy_accuracies(study, name, seed)
            rows.append(row)
            firing.setdefault(name, shares)
            advance()
        accuracies[name] = np.array(rows)
    rates = neuron_rates()
    fits = {name: fit(name, rates) for name in FITTED}
    for name in NAMES:
        study.record(
            name,
            {
                "accuracy": accuracies[name][:, 0].mean(),
                f"accuracy, noise {NOISES[3]:.1f}": accuracies[name][:, 3].mean(),
                f"accuracy, noise {NOISES[6]:.1f}": accuracies[name][:, 6].mean(),
                "inputs that fire a unit": firing[name].mean(),
            },
        )
    for name in FITTED:
        study.record(name, {"neuron's variance explained": explained(fits[name], rates)})
    judge(study, accuracies, firing, rates, fits)
    return Found(accuracies, firing, rates, fits)


def noisy_accuracies(study: Study, name: str, seed: int) -> tuple[Array, Array]:
    """By strength of noise; and the share of clean inputs for which each hidden unit fires."""
    learn, (pixels, labels) = networks.digits(seed)
    rng = np.random.default_rng(seed)
    network = networks.perceptron(rng, name, *WIDTHS)
    networks.train(network, Adam(network), rng, learn, study.choose(20, 8))
    noise = rng.standard_normal(pixels.shape, dtype=np.float32)  # the same for all strengths
    noisy = [(pixels + np.float32(strength) * noise, labels) for strength in NOISES]
    accuracies = np.array([networks.accuracy(network, each) for each in noisy])
    network.forward(pixels)
    return accuracies, np.concatenate([(each.x > 0).mean(axis=0) for each in network.activations])


def neuron_rates() -> Array:
    """Spikes a second at each current, counted over one.

    The voltage leaks, and the current charges it; at the threshold it spikes, and is held at rest
    for a while.
    """
    voltage, rest = np.zeros_like(CURRENTS), np.zeros_like(CURRENTS)
    spikes = np.zeros_like(CURRENTS)
    decay = np.exp(-STEP / LEAK)
    for _ in range(round(1000 / STEP)):
        charged = RESISTANCE * CURRENTS + (voltage - RESISTANCE * CURRENTS) * decay
        voltage = np.where(rest > 0, 0, charged)
        rest = np.maximum(rest - STEP, 0)
        fires = voltage >= THRESHOLD
        spikes += fires
        voltage[fires], rest[fires] = 0, REFRACTORY
    return spikes


def neuron_formula() -> Array:
    """The same as a formula: the time from one spike to the next."""
    drive = RESISTANCE * CURRENTS
    with np.errstate(divide="ignore", invalid="ignore"):
        interval = REFRACTORY + LEAK * np.log(drive / (drive - THRESHOLD))
    return np.where(drive > THRESHOLD, 1000 / interval, 0)


def fit(name: str, rates: Array) -> Array:
    """The nearest a * f(b * (current - c)): a grid of b and c, with the best a for each."""
    activation = Activation(name, ())
    best, least = rates, np.inf
    for b, c in product(np.geomspace(1, 100, 41), np.linspace(0, 1, 101)):
        shape = activation.forward(b * (CURRENTS - c))
        size = shape @ shape
        fitted = shape * (shape @ rates / size) if size else shape
        error = np.sum((fitted - rates) ** 2)
        if error < least:
            best, least = fitted, error
    return best


def explained(fitted: Array, rates: Array) -> float:
    return float(1 - np.sum((fitted - rates) ** 2) / np.sum((rates - rates.mean()) ** 2))


def judge(
    study: Study,
    accuracies: dict[str, Array],
    firing: dict[str, Array],
    rates: Array,
    fits: dict[str, Array],
) -> None:
    least = study.choose(0.95, 0.9)
    study.claim(
        f"Without noise, each reads at least {least:.0%} of the unseen digits.",
        min(each[:, 0].mean() for each in accuracies.values()) >= least,
    )
    study.claim(
        f"With a noise of {NOISES[-1]:.1f}, each reads at least 0.2 less.",
        max((each[:, -1] - each[:, 0]).max() for each in accuracies.values()) < -0.2,
    )
    study.claim(
        "The stepped neuron's rates are those of the formula, within two spikes a second.",
        np.abs(rates - neuron_formula()).max() < 2,
    )
    study.claim(
        "relu explains at least 0.95 of the neuron's variance over the currents.",
        explained(fits["relu"], rates) > 0.95,
    )
    if not study.quick:  # which has too few seeds
        study.remark(verdict_on_elu(accuracies))
    shares = ", ".join(f"{name} {firing[name].mean():.0%}" for name in NAMES)
    few = "holds" if firing["relu"].mean() < 0.5 else "does not hold"
    study.remark(
        f"A unit fires for so many inputs: {shares}. That it is silent for most {few} here. Cortex "
        "is far sparser: estimates are a few per cent at most (Lennie, 2003)."
    )
    study.remark(
        "A neuron's response has relu's threshold and near-straight rise. elu fits it as well, and "
        "sigmoid nearly: the likeness is no more than that."
    )


def verdict_on_elu(accuracies: dict[str, Array]) -> str:
    """elu against each other, seed by seed, over all strengths of noise but 0."""
    compared, holds = [], True
    for name in NAMES:
        if name == "elu":
            continue
        gains = 100 * (accuracies["elu"] - accuracies[name])[:, 1:].mean(axis=1)
        error = gains.std(ddof=1) / np.sqrt(len(gains))
        holds &= bool(gains.mean() > 2 * error)
        compared.append(f"{gains.mean():+.1f} ± {error:.1f} than {name}")
    found = "holds here" if holds else "does not hold here"
    return (
        f"The claim that elu is the most robust {found}: over all strengths of noise, it reads so "
        f"many points of accuracy more: {', '.join(compared)} (mean and standard error)."
    )


def draw(found: Found, theme: Theme) -> pyplot.Figure:
    figure, (noise, firing, neuron) = pyplot.subplots(1, 3, figsize=(10, 3.8))
    for shift, (name, rows) in zip(
        (-0.009, -0.003, 0.003, 0.009), found.accuracies.items(), strict=True
    ):
        noise.errorbar(
            NOISES + shift,
            rows.mean(axis=0),
            rows.std(axis=0),
            color=theme.colour(name),
            label=name,
            linewidth=1.5,
            elinewidth=0.8,
            capsize=2,
        )
        shares = np.sort(found.firing[name])[::-1]
        firing.plot(np.linspace(0, 1, len(shares)), shares, color=theme.colour(name), label=name)
    noise.set(
        title="digits read, mean and deviation of seeds",
        xlabel="noise on a pixel, standard deviation",
        ylabel="accuracy",
    )
    firing.set(
        title="for how many inputs a unit fires",
        xlabel="share of the hidden units",
        ylabel="share of inputs",
        ylim=(0, 1.02),
    )
    neuron.plot(CURRENTS, found.rates, color=theme.of(networks.INK), linewidth=3, label="neuron")
    for name, line in ("elu", "solid"), ("relu", "dashed"), ("sigmoid", "solid"):
        colour = theme.colour(name)
        neuron.plot(CURRENTS, found.fits[name], color=colour, linestyle=line, label=name)
    neuron.set(title="a neuron's response", xlabel="current, nA", ylabel="rate, spikes a second")
    for axes in noise, firing, neuron:
        axes.grid(axis="y")
        axes.legend(loc="lower left" if axes is firing else "best")
    return figure


if __name__ == "__main__":
    sys.exit(networks.main(__doc__, measure, draw))
