"""A backend for thinc, and so for spaCy: its operations for NumPy, with our activations.

It is found by thinc where this package is installed:

>>> from thinc.api import Relu, chain, use_ops
>>> with use_ops("relu_ufunc"):
...     model = chain(Relu(nO=64, nI=16), Relu(nO=4))
>>> model.ops.name
'relu_ufunc'
"""

import relu_ufunc as ru

from ._extras import from_extra

with from_extra("thinc"):
    from thinc.api import NumpyOps, registry

__all__ = ["ReluUfuncOps"]

NO_SOFTPLUS = 20.0  # from there on mish(x) is x, in every dtype of thinc


def _apply(f, X, *parameters, inplace):
    return f(X, *parameters, out=X if inplace else None)


def _backprop(f, dY, X, *parameters, inplace):
    if dY.shape != X.shape:
        raise ValueError(f"arrays have incompatible shapes: {dY.shape} and {X.shape}")
    return f(dY, X, *parameters, out=dY if inplace else None)


@registry.ops("relu_ufunc")
class ReluUfuncOps(NumpyOps):
    """
    Operations of thinc on NumPy arrays, with the activations of this package.

    Those that it has not are thinc's own: the gradient of `sigmoid` from its output, `hard_tanh`,
    `hard_swish`, `dish`, `maxout`, and `clipped_linear` other than of the two kinds below.

    Notes
    -----
    Where thinc's formula is exact, as of relu, the results have the same bits. Elsewhere they are
    the exact functions, rounded once, where thinc approximates: of gelu the error function, of
    sigmoid and swish the tails. `inplace` is honoured: the result takes the place of X, and of dY.

    Examples
    --------
    >>> import numpy as np
    >>> from thinc.api import get_ops
    >>> get_ops("relu_ufunc").mish(np.array([[-1.0, 0.0, 2.0]]))
    array([[-0.30340146,  0.        ,  1.94395896]])
    """

    name = "relu_ufunc"

    def relu(self, X, inplace=False):
        return _apply(ru.relu, X, inplace=inplace)

    def backprop_relu(self, dY, Y, inplace=False):
        return _backprop(ru.relu_backward, dY, Y, inplace=inplace)

    def sigmoid(self, X, *, inplace=False):
        return _apply(ru.sigmoid, X, inplace=inplace)

    def clipped_linear(self, X, slope=1.0, offset=0.0, min_val=0.0, max_val=1.0, inplace=False):
        if (min_val, max_val) == (0, 1):
            return _apply(ru.hardsigmoid, X, slope, offset, inplace=inplace)
        if (slope, offset, min_val) == (1, 0, 0):
            return _apply(ru.clipped_relu, X, max_val, inplace=inplace)
        return super().clipped_linear(X, slope, offset, min_val, max_val, inplace)

    def backprop_clipped_linear(
        self, dY, X, slope=1.0, offset=0.0, min_val=0.0, max_val=1.0, inplace=False
    ):
        if (min_val, max_val) == (0, 1):
            return _backprop(ru.hardsigmoid_backward, dY, X, slope, offset, inplace=inplace)
        if (slope, offset, min_val) == (1, 0, 0):
            return _backprop(ru.clipped_relu_backward, dY, X, max_val, inplace=inplace)
        return super().backprop_clipped_linear(dY, X, slope, offset, min_val, max_val, inplace)

    def backprop_hard_sigmoid(self, dY, X, inplace=False):
        return self.backprop_clipped_linear(dY, X, slope=0.2, offset=0.5, inplace=inplace)

    def hard_swish_mobilenet(self, X, inplace=False):
        return _apply(ru.hardswish, X, inplace=inplace)

    def backprop_hard_swish_mobilenet(self, dY, X, inplace=False):
        return _backprop(ru.hardswish_backward, dY, X, inplace=inplace)

    def swish(self, X, inplace=False):
        return _apply(ru.silu, X, inplace=inplace)

    def backprop_swish(self, dY, X, Y, inplace=False):
        return _backprop(ru.silu_backward, dY, X, inplace=inplace)

    def gelu(self, X, inplace=False):
        return _apply(ru.gelu, X, inplace=inplace)

    def backprop_gelu(self, dY, X, inplace=False):
        return _backprop(ru.gelu_backward, dY, X, inplace=inplace)

    def gelu_approx(self, X, inplace=False):
        return _apply(ru.gelu_tanh, X, inplace=inplace)

    def backprop_gelu_approx(self, dY, X, inplace=False):
        return _backprop(ru.gelu_tanh_backward, dY, X, inplace=inplace)

    def mish(self, X, threshold=NO_SOFTPLUS, inplace=False):
        if threshold < NO_SOFTPLUS:
            return super().mish(X, threshold, inplace)
        return _apply(ru.mish, X, inplace=inplace)

    def backprop_mish(self, dY, X, threshold=NO_SOFTPLUS, inplace=False):
        if threshold < NO_SOFTPLUS:
            return super().backprop_mish(dY, X, threshold, inplace)
        return _backprop(ru.mish_backward, dY, X, inplace=inplace)
