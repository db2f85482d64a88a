"""A tape of gradients in the style of micrograd, in ten lines, for every function of relu_ufunc.

pip install . && python examples/micrograd.py
"""

import numpy as np

import relu_ufunc as ru


class Value:
    """An array that knows how it came about, and collects the gradient of a loss."""

    def __init__(self, data, parents=(), vjp=lambda dy: ()):
        self.data, self.parents, self.vjp, self.grad = np.asarray(data), parents, vjp, 0

    def backward(self, dy=1.0):
        self.grad = self.grad + dy
        for parent, gradient in zip(
            self.parents, self.vjp(dy) if self.parents else (), strict=True
        ):
            parent.backward(gradient)


def apply(f, *inputs):
    """f of values, such as apply(ru.elu, x, alpha)."""
    arrays = [value.data for value in inputs]
    return Value(f(*arrays), inputs, lambda dy: ru.vjp(f)(dy, *arrays))


def main():
    x, alpha = Value([-1.0, 2.0, -0.5]), Value(0.5)
    y = apply(ru.silu, apply(ru.elu, x, alpha))
    y.backward(np.ones(3))
    print("d sum(y) / dx     =", x.grad)
    print("d sum(y) / dalpha =", alpha.grad)


if __name__ == "__main__":
    main()
