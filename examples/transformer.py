"""The layers of a transformer, for the networks of the examples.

Texts are rows of words, all of one length, and a word is the number that it has in a vocabulary.
From the embedding to the mean, all words of all texts are the rows of one array.
"""

from __future__ import annotations

import math

import networks
import numpy as np
from networks import Affine, Array

import relu_ufunc


class Embedding(networks.Layer):
    """A vector for each word, plus one for its place in the text."""

    def __init__(self, rng: np.random.Generator, words: int, length: int, width: int):
        self.parameters = tuple(
            rng.standard_normal((count, width), dtype=np.float32) for count in (words, length)
        )

    def forward(self, x: Array) -> Array:
        self.x = x
        of_words, of_places = self.parameters
        return (of_words[x] + of_places).reshape(-1, of_words.shape[1])

    def backward(self, dy: Array) -> Array:
        """Sum, for each word, the gradients of where it stands; words have none themselves."""
        of_words, of_places = self.parameters
        words = self.x.ravel()
        order = np.argsort(words, kind="stable")
        there, starts = np.unique(words[order], return_index=True)
        dwords = np.zeros_like(of_words)
        dwords[there] = np.add.reduceat(dy[order], starts)
        self.gradients = dwords, dy.reshape(-1, *of_places.shape).sum(axis=0)
        return np.zeros_like(self.x)


class Norm(networks.Layer):
    """Rows divided by the root of their mean square, times a learned gain (RMSNorm)."""

    def __init__(self, width: int):
        self.parameters = (np.ones(width, np.float32),)

    def forward(self, x: Array) -> Array:
        self.root = np.sqrt(np.square(x).mean(axis=1, keepdims=True) + 1e-6)
        self.y = x / self.root
        return self.y * self.parameters[0]

    def backward(self, dy: Array) -> Array:
        self.gradients = ((dy * self.y).sum(axis=0),)
        dy = dy * self.parameters[0]
        return (dy - self.y * (dy * self.y).mean(axis=1, keepdims=True)) / self.root


class Attention(networks.Layer):
    """Each word gets a mean of all words of its text: the more of one, the better that matches.

    How well is the product of the word's query with the other's key. `heads` do so side by side.
    """

    def __init__(self, rng: np.random.Generator, length: int, width: int, heads: int):
        self.into, self.out = Affine(rng, width, 3 * width, 1), Affine(rng, width, width, 1)
        self.shape = length, 3, heads, width // heads
        self.scale = np.float32(1 / math.sqrt(width // heads))
        self.parameters = *self.into.parameters, *self.out.parameters

    @property
    def gradients(self) -> tuple[Array, ...]:
        return *self.into.gradients, *self.out.gradients

    def forward(self, x: Array) -> Array:
        mixed = self.into.forward(x).reshape(-1, *self.shape).transpose(2, 0, 3, 1, 4)
        self.query, self.key, self.value = mixed  # text, head, word, vector
        self.shares = networks.softmax(self.query @ self.key.swapaxes(2, 3) * self.scale)
        means = self.shares @ self.value
        return self.out.forward(means.swapaxes(1, 2).reshape(x.shape))

    def backward(self, dy: Array) -> Array:
        length, _, heads, part = self.shape
        dmeans = self.out.backward(dy).reshape(-1, length, heads, part).swapaxes(1, 2)
        dvalue = self.shares.swapaxes(2, 3) @ dmeans
        dshares = dmeans @ self.value.swapaxes(2, 3)
        mean = (dshares * self.shares).sum(axis=3, keepdims=True)
        dmatch = self.shares * (dshares - mean) * self.scale
        dquery, dkey = dmatch @ self.key, dmatch.swapaxes(2, 3) @ self.query
        dmixed = np.stack([dquery, dkey, dvalue]).transpose(1, 3, 0, 2, 4)
        return self.into.backward(dmixed.reshape(len(dy), -1))


class Gated(networks.Layer):
    """A gated function, such as swiglu, of the halves of each row: the gate, and what it gates."""

    def __init__(self, name: str):
        self.function = getattr(relu_ufunc, name)

    def forward(self, x: Array) -> Array:
        self.halves = np.split(x, 2, axis=1)
        return self.function(*self.halves)

    def backward(self, dy: Array) -> Array:
        return np.concatenate(relu_ufunc.vjp(self.function)(dy, *self.halves), axis=1)


class Residual(networks.Network):
    """What layers make of the input, plus the input."""

    def forward(self, x: Array) -> Array:
        return x + super().forward(x)

    def backward(self, dy: Array) -> Array:
        return dy + super().backward(dy)


class Mean(networks.Layer):
    """The mean over the words of each text."""

    def __init__(self, length: int):
        self.length = length

    def forward(self, x: Array) -> Array:
        return x.reshape(-1, self.length, x.shape[1]).mean(axis=1)

    def backward(self, dy: Array) -> Array:
        return np.repeat(dy / np.float32(self.length), self.length, axis=0)


GATED = "swiglu", "geglu", "reglu", "glu"


def feed_forward(rng: np.random.Generator, name: str, width: int, units: int) -> networks.Network:
    """A third of the weights of a gated one are those of its gates: all have as many."""
    if name in GATED:
        units = units * 2 // 3
        return networks.Network(
            Affine(rng, width, 2 * units, 1), Gated(name), Affine(rng, units, width, 1)
        )
    return networks.perceptron(rng, name, width, units, width)


def block(
    rng: np.random.Generator, name: str, length: int, width: int, heads: int, units: int
) -> networks.Network:
    """A transformer block: words look at each other, then each is worked on by itself."""
    return networks.Network(
        Residual(Norm(width), Attention(rng, length, width, heads)),
        Residual(Norm(width), feed_forward(rng, name, width, units)),
    )
