"""The vector-Jacobian product of prelu, summed to the shapes of what was broadcast."""

from itertools import zip_longest

import numpy as np

from ._operands import refuse_overrides
from ._relu_ufunc import call_method, get_isa, ufuncs_of

_prelu_backward = ufuncs_of(get_isa())["prelu_backward"]
BLOCK_ELEMENTS = 1 << 15  # of a temporary: 128 KiB of float32, which stays in cache


def prelu_vjp(dy, x, slope):
    """
    Vector-Jacobian product of `prelu`: the gradients of a loss with respect to x and slope.

    ``dx`` is ``dy * slope`` where ``x <= 0`` and ``dy`` where ``x > 0``; ``dslope`` is ``dy * x``
    where ``x <= 0`` and 0 where ``x > 0``, summed over the axes along which `slope` was broadcast.
    No temporary grows with `dy`: beside the results there are blocks of some thousand elements, and
    sums of the shapes of `x` and `slope`.

    Parameters
    ----------
    dy : array_like
        Gradient of the loss with respect to ``prelu(x, slope)``, and of its shape.
    x : array_like
        Input of `prelu`, float.
    slope : array_like
        Slope given to `prelu`; broadcasts against `x`.

    Returns
    -------
    dx : ndarray or scalar
        Gradient with respect to `x`, of its shape: where `slope` made the output larger, the sum.
    dslope : ndarray or scalar
        Gradient with respect to `slope`, of its shape. Both have the dtype of
        ``prelu_backward(dy, x, slope)``.

    Raises
    ------
    ValueError
        If `x` and `slope` do not broadcast, or `dy` is not of the shape of ``prelu(x, slope)``.
    TypeError
        If there is no float loop for the dtypes; or if a ufunc would hand the call on to an input
        or have it wrap the result, as it does for masked arrays, pandas, xarray and other
        subclasses of ndarray than `numpy.memmap`: masks, labels and units would be lost here.

    See Also
    --------
    prelu_backward : The same elementwise, without the sums.

    Notes
    -----
    Each product is rounded to the dtype of the result, then summed in float64 (longdouble for
    longdouble), and the sum is rounded once. The order of the sums depends on the shapes alone.

    References
    ----------
    K. He, X. Zhang, S. Ren, J. Sun, "Delving deep into rectifiers", ICCV 2015, equation 8.

    Examples
    --------
    Slopes for each of two channels, with 3 values each in a batch of one:

    >>> import numpy as np
    >>> from relu_ufunc import prelu_vjp
    >>> x = np.array([[[-1.0, 2.0, -3.0], [4.0, 5.0, -6.0]]])
    >>> slope = np.array([[0.1], [0.2]])
    >>> dx, dslope = prelu_vjp(np.ones_like(x), x, slope)
    >>> dx
    array([[[0.1, 1. , 0.1],
            [1. , 1. , 0.2]]])
    >>> dslope
    array([[-4.],
           [-6.]])
    """
    refuse_overrides("prelu_vjp", "prelu_backward", dy=dy, x=x, slope=slope)
    given = dy, x, slope
    dy, x, slope = arrays = [np.asarray(a) for a in given]
    types = [
        type(a) if type(a) in (int, float) else array.dtype
        for a, array in zip(given, arrays, strict=True)
    ]
    dtype = _prelu_backward.resolve_dtypes((*types, None, None))[-1]
    shape = _broadcast(x.shape, slope.shape)
    if dy.shape != shape:
        raise ValueError(
            f"prelu_vjp: dy has shape {dy.shape}, but prelu(x, slope) has shape {shape}, from x of "
            f"shape {x.shape} and slope of shape {slope.shape}"
        )
    operands = [
        np.broadcast_to(call_method(a.astype, dtype) if a.ndim == 0 else a, shape)
        for a in (dy, x, slope)
    ]
    gradients = [_Gradient(operand.shape, shape, dtype) for operand in (x, slope)]
    for block in _blocks(shape):
        parts = tuple(gradient.elements_of(block) for gradient in gradients)
        _prelu_backward(*(operand[block] for operand in operands), out=parts)
        for gradient, part in zip(gradients, parts, strict=True):
            gradient.collect(block, part)
    return tuple(gradient.result() for gradient in gradients)


def _broadcast(x, slope):
    """The shape of prelu(x, slope), of up to 64 axes: np.broadcast_shapes takes no more than 32."""
    sizes = list(zip_longest(reversed(x), reversed(slope), fillvalue=1))
    if any(m != n and 1 not in (m, n) for m, n in sizes):
        raise ValueError(
            f"prelu_vjp: x of shape {x} and slope of shape {slope} can't be broadcast together"
        )
    return tuple(n if m == 1 else m for m, n in reversed(sizes))


def _blocks(shape):
    """Indices that cut an array of that shape into runs of at most BLOCK_ELEMENTS, in C order."""
    axis, inner = len(shape), 1
    while axis > 0 and inner * shape[axis - 1] <= BLOCK_ELEMENTS:
        axis -= 1
        inner *= shape[axis]
    if axis == 0:
        if inner > 0:
            yield (...,)
        return
    step = max(1, BLOCK_ELEMENTS // inner) if inner > 0 else shape[axis - 1]
    for outer in np.ndindex(*shape[: axis - 1]):
        for start in range(0, shape[axis - 1], step):
            yield (*(slice(i, i + 1) for i in outer), slice(start, start + step), ...)


class _Gradient:
    """The gradient with respect to an operand of shape `own`, which was broadcast to `full`."""

    def __init__(self, own, full, dtype):
        self.own, self.full, self.dtype = own, full, dtype
        aligned = (1,) * (len(full) - len(own)) + own
        self.summed = tuple(i for i, size in enumerate(full) if aligned[i] != size)
        if self.own == self.full:
            self.array = np.zeros(full, dtype)
        else:
            self.array = np.zeros(aligned, np.promote_types(dtype, np.float64))

    def elements_of(self, block):
        """Where the gradients of the block's elements are to be written."""
        if self.own == self.full:
            return self.array[block]
        return np.empty(np.broadcast_to(0, self.full)[block].shape, self.dtype)

    def collect(self, block, part):
        if self.own == self.full:
            return
        index = tuple(slice(None) if i in self.summed else cut for i, cut in enumerate(block))
        total = self.array[index]
        total += part.sum(axis=self.summed, dtype=self.array.dtype, keepdims=True)

    def result(self):
        return self.array.reshape(self.own).astype(self.dtype, copy=False)[()]
