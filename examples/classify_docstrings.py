"""Tell which library a docstring is from, by a small transformer and by counting words.

    pip install '.[examples]' && python examples/classify_docstrings.py

The texts are what stands in docstrings before their first section, in NumPy, SciPy, scikit-learn,
Matplotlib and Python's standard library as they are installed. The libraries' names are taken out.
A quarter of the files is kept aside: what counts is the share of their texts that is told right.
Other versions of the libraries have other texts, and give other figures.

The transformer is an embedding, one block and a mean; its feed-forward layer has each activation
in turn. Some of the words are hidden while it learns. It is compared with logistic regression on
the counts of the same words, which knows nothing of their order.
"""

from __future__ import annotations

import ast
import importlib.util
import re
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import networks
import numpy as np
from matplotlib import pyplot
from matplotlib.colors import ListedColormap
from networks import Array, Network, Study, Theme
from sklearn.linear_model import LogisticRegression
from transformer import Embedding, Mean, Norm, block

# The packages of each library, or the parts of one
LIBRARIES = {
    "NumPy": ("numpy",),
    "SciPy": tuple(
        f"scipy.{part}"
        for part in ("integrate", "interpolate", "linalg", "optimize", "signal", "sparse")
    ),
    "scikit-learn": ("sklearn",),
    "Matplotlib": ("matplotlib",),
    "Python": ("asyncio", "email", "http", "importlib", "logging", "tkinter", "unittest", "xml"),
}
NAMES = {"numpy", "np", "scipy", "sklearn", "scikit", "learn", "matplotlib", "mpl", "python"}
QUICK = 5  # of the files, every so many is read in a quick run

VOCABULARY = 2000  # words that are told apart; all others are one
LENGTH = 32  # words that are read of a text
WIDTH, HEADS, UNITS = 32, 2, 64
ACTIVATIONS = "swiglu", "silu", "gelu", "relu"
EPOCHS, QUICK_EPOCHS = 8, 8
BATCH, QUICK_BATCH = 64, 16
RATE = 5e-3
HIDDEN = 0.4  # the share of the words that a text is learned without, others in each epoch

# Right answers beyond those of naming the commonest library, in percent
WANTED, QUICK_WANTED = 30, 8

# The texts


@dataclass(frozen=True)
class Texts:
    """The words of each text, and the number of its library."""

    words: list[list[str]]
    labels: Array


def docstrings(path: Path) -> Iterator[list[str]]:
    """The words of those in a file, up to their first section."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            prose = re.split(r"\n.*\n---", ast.get_docstring(node) or "")[0]
            yield [word for word in re.findall("[a-z]+", prose.lower()) if word not in NAMES]


def files(package: str) -> list[Path]:
    """Of a package, without its tests."""
    folder = Path(importlib.util.find_spec(package).origin).parent
    return [
        path
        for path in sorted(folder.rglob("*.py"))
        if not {"tests", "test"} & set(path.relative_to(folder).parts)
    ]


def collect(rng: np.random.Generator, every: int) -> tuple[Texts, Texts]:
    """Texts to learn from, and texts from other files. Of the files, every so many is read."""
    groups: tuple[list, list] = ([], [])
    for label, packages in enumerate(LIBRARIES.values()):
        paths = [path for package in packages for path in files(package)][::every]
        found, seen = [[], []], set()
        for path in rng.permutation(paths):
            kept = found[rng.random() < 0.25]
            for words in docstrings(path):
                beginning = tuple(words[:LENGTH])
                if len(words) >= 8 and beginning not in seen:  # many are copies
                    seen.add(beginning)
                    kept.append((list(beginning), label))
        for group, texts in zip(groups, found, strict=True):
            group += texts
    return tuple(
        Texts([words for words, _ in group], np.array([label for _, label in group]))
        for group in groups
    )


def vocabulary(texts: Texts) -> dict[str, int]:
    """The commonest words by their numbers, from 1; 0 is any other."""
    counts = Counter(word for words in texts.words for word in words)
    common = sorted(counts, key=lambda word: (-counts[word], word))[: VOCABULARY - 1]
    return {word: number for number, word in enumerate(common, 1)}


def numbered(texts: Texts, numbers: dict[str, int]) -> Array:
    """A row of words for each text; a shorter one begins anew until the row is full."""
    return np.array(
        [np.resize([numbers.get(word, 0) for word in words], LENGTH) for words in texts.words]
    )


def counted(texts: Texts, numbers: dict[str, int]) -> Array:
    """How often each word is in each text: in logarithms, so that a repeated one counts less."""
    counts = np.zeros((len(texts.words), VOCABULARY), np.float32)
    for row, words in zip(counts, texts.words, strict=True):
        np.add.at(row, [numbers.get(word, 0) for word in words], 1)
    return np.log1p(counts)


# The program


def new_network(rng: np.random.Generator, name: str) -> Network:
    return Network(
        Embedding(rng, VOCABULARY, LENGTH, WIDTH),
        block(rng, name, LENGTH, WIDTH, HEADS, UNITS),
        Norm(WIDTH),
        Mean(LENGTH),
        networks.Affine(rng, WIDTH, len(LIBRARIES)),
    )


def learn(study: Study, name: str, words: Array, labels: Array) -> Network:
    rng = np.random.default_rng(study.seed)
    network = new_network(rng, name)
    optimiser = networks.Adam(network)
    epochs, batch = study.choose((EPOCHS, BATCH), (QUICK_EPOCHS, QUICK_BATCH))
    advance = study.bar(f"{name}: epochs", epochs)
    for epoch in range(epochs):
        optimiser.rate = RATE * (1 - epoch / epochs)
        shown = np.where(rng.random(words.shape) < HIDDEN, 0, words)
        networks.train(network, optimiser, rng, (shown, labels), 1, advance, batch)
    return network


@dataclass(frozen=True)
class Told:
    """Shares of right answers; and of each answer to each library, with the first activation."""

    right: dict[str, float]
    answers: Array


COUNTS = "words counted"


def measure(study: Study) -> Told:
    seen, unseen = collect(np.random.default_rng(study.seed), study.choose(1, QUICK))
    numbers = vocabulary(seen)
    linear = LogisticRegression(max_iter=1000).fit(counted(seen, numbers), seen.labels)
    right = {COUNTS: linear.score(counted(unseen, numbers), unseen.labels)}

    words, unseen_words = numbered(seen, numbers), numbered(unseen, numbers)
    answers = np.zeros((len(LIBRARIES), len(LIBRARIES)))
    for name in study.choose(ACTIVATIONS, ACTIVATIONS[:1]):
        network = learn(study, name, words, seen.labels)
        said = network.forward(unseen_words).argmax(axis=1)
        right[name] = float(np.mean(said == unseen.labels))
        study.record(name, {"accuracy": right[name]})
        if not answers.any():
            np.add.at(answers, (unseen.labels, said), 1)

    commonest = np.bincount(unseen.labels).max() / len(unseen.labels)
    wanted = study.choose(WANTED, QUICK_WANTED)
    least = min(right.values())
    study.claim(
        f"Each tells at least {wanted} of 100 texts more right than naming the commonest library, "
        f"{commonest:.1%}: {least:.1%}.",
        least >= commonest + wanted / 100,
    )
    best = max(study.figures, key=right.__getitem__)
    wins = "Order helps" if right[best] > right[COUNTS] else "Counting wins"
    study.remark(
        f"{wins}: the linear baseline tells {right[COUNTS]:.1%} right from counts alone, the best "
        f"transformer, with {best}, {right[best]:.1%}."
    )
    study.remark(f"{len(seen.words):,} texts to learn from, {len(unseen.words):,} unseen.")
    return Told(right, answers / answers.sum(axis=1, keepdims=True))


def draw(told: Told, theme: Theme) -> Any:
    figure, (bars, table) = pyplot.subplots(
        1, 2, figsize=(8, 3.4), gridspec_kw={"width_ratios": (2, 3)}
    )
    names = list(told.right)
    shares = [100 * share for share in told.right.values()]
    drawn = bars.barh(names, shares, height=0.6, color=[theme.colour(name) for name in names])
    bars.bar_label(drawn, fmt="%.1f", padding=3)
    bars.invert_yaxis()
    bars.set(xlabel="texts told right, %", xlim=(0, 100))

    libraries, places = list(LIBRARIES), range(len(LIBRARIES))
    alone = ListedColormap([theme.colour(names[1])])  # the larger the share, the less transparent
    table.imshow(told.answers, cmap=alone, alpha=told.answers)
    for (row, column), share in np.ndenumerate(told.answers):
        ink = theme.of(("white", "black") if share > 0.5 else networks.INK)
        table.text(column, row, f"{share:.0%}", ha="center", va="center", color=ink)
    table.set(title=f"answers with {names[1]}", xlabel="said", ylabel="from")
    table.set_xticks(places, libraries, rotation=30, ha="right", rotation_mode="anchor")
    table.set_yticks(places, libraries)
    return figure


if __name__ == "__main__":
    sys.exit(networks.main(__doc__, measure, draw))
