"""Convolutions for the networks of the examples, as matrix products.

Pictures are arrays of (picture, row, column, channel). A convolution lays the pixels under each
place of its window out as a row (im2col), so that all places are one affine layer's rows. Backward,
each pixel gets the sum of the gradients from all the rows that it was laid out in.
"""

from __future__ import annotations

import networks
import numpy as np
from networks import Array
from numpy.lib.stride_tricks import sliding_window_view


class Convolution(networks.Layer):
    """A window of size by size pixels, moved in steps, beyond the edges too, where pixels are 0."""

    def __init__(
        self, rng: np.random.Generator, channels: int, filters: int, size: int = 3, step: int = 1
    ):
        self.affine = networks.Affine(rng, size * size * channels, filters)
        self.parameters = self.affine.parameters
        self.size, self.step, self.edge = size, step, size // 2

    @property
    def gradients(self) -> tuple[Array, ...]:
        return self.affine.gradients

    def forward(self, x: Array) -> Array:
        edges = (self.edge, self.edge)
        x = np.pad(x, ((0, 0), edges, edges, (0, 0)))
        windows = sliding_window_view(x, (self.size, self.size), axis=(1, 2))
        windows = windows[:, :: self.step, :: self.step].transpose(0, 1, 2, 4, 5, 3)
        self.padded, self.windows = x.shape, windows.shape
        places = windows.shape[:3]
        rows = windows.reshape(np.prod(places), -1)
        return self.affine.forward(rows).reshape(*places, -1)

    def backward(self, dy: Array) -> Array:
        dwindows = self.affine.backward(dy.reshape(-1, dy.shape[-1])).reshape(self.windows)
        dx = np.zeros(self.padded, dy.dtype)
        _, rows, columns, *_ = self.windows
        for row in range(self.size):
            for column in range(self.size):
                below = slice(row, row + rows * self.step, self.step)
                right = slice(column, column + columns * self.step, self.step)
                dx[:, below, right] += dwindows[:, :, :, row, column]
        return dx[:, self.edge : -self.edge, self.edge : -self.edge]


class Reshape(networks.Layer):
    """The same values in another shape, but for the first axis."""

    def __init__(self, *shape: int):
        self.shape = shape

    def forward(self, x: Array) -> Array:
        self.before = x.shape
        return x.reshape(len(x), *self.shape)

    def backward(self, dy: Array) -> Array:
        return dy.reshape(self.before)
