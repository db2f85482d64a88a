"""Vector-Jacobian products: the gradients of a function, each summed to the shape of its input."""

from functools import cache
from inspect import Parameter, Signature
from itertools import zip_longest

import numpy as np

from ._families import family_of
from ._operands import refuse_overrides
from ._parameter_gradients import gradient
from ._relu_ufunc import call_method, get_isa, ufuncs_of
from ._signatures import inputs_of

_prelu = ufuncs_of(get_isa())["prelu"]
BLOCK_ELEMENTS = 1 << 15  # of a temporary: 128 KiB of float32, which stays in cache


@cache
def vjp(f):
    """
    Vector-Jacobian product of a function: the gradients of a loss with respect to its inputs.

    Parameters
    ----------
    f : ufunc
        A function of this package: `relu`, `elu`, `swiglu` ...

    Returns
    -------
    callable
        Called with ``dy``, the gradient of the loss with respect to the output, and the inputs of
        `f` as in a call of `f`, it returns a tuple: for each input that was given, parameters
        included, the gradient, summed over the axes along which that input was broadcast, to its
        shape. A parameter that is left out is a constant, and has none. All have the dtype of
        ``backward_of(f)(dy, *inputs)``. It pickles.

    Raises
    ------
    TypeError
        If `f` is no function of this package, or a derivative.

    See Also
    --------
    backward_of : The ufunc that gives the gradients elementwise.
    prelu_vjp : That of `prelu`.

    Notes
    -----
    The callable raises ValueError where the inputs do not broadcast, or ``dy`` is not of the shape
    of ``f(*inputs)``. It raises TypeError where `f` would; and for masked arrays, pandas, xarray,
    dask and other subclasses of ndarray than `numpy.memmap`, which have rules of their own for
    ufuncs: masks, labels and units would be lost, and what is lazy computed.

    No temporary grows with ``dy``: beside the results there are blocks of some thousand elements,
    and sums of the shapes of the inputs. Sums are formed in float64 (longdouble for longdouble) and
    rounded once; integers wrap. Their order depends on the shapes alone.

    What a ``_backward`` ufunc gives is rounded to the dtype before it is summed. The gradients with
    respect to parameters are ``dy`` times, in float64 from end to end:

    ===================  ================  ======================================================
    function             parameter         derivative
    ===================  ================  ======================================================
    `leaky_relu`         `negative_slope`  ``where(x > 0, 0, x)``
    `elu`                `alpha`           ``where(x > 0, 0, expm1(x))``
    `celu`               `alpha`           ``where(x < 0, expm1(z) - z * exp(z), 0)``, z = x / alpha
    `silu`               `beta`            ``x**2 * sigmoid(z) * sigmoid(-z)``, z = beta * x
    `swiglu`             `beta`            the same of gate, times `up`
    `softplus`           `beta`            ``(x * sigmoid(beta * x) - softplus(x, beta)) / beta``
    `clipped_relu`       `max_value`       ``where(relu(x) > max_value, 1, 0)``
    `thresholded_relu`   `theta`           0: where the output jumps there is no derivative
    `hardsigmoid`        `alpha`, `beta`   x and 1 where the output is not cut, else 0
    ===================  ================  ======================================================

    Where these cancel they are computed in another form, to some units in the last place of float64
    for every x. At a kink they are of the same side as the gradient with respect to x.

    The output of `f` may be given in the place of x to the callables of `relu`, of
    `thresholded_relu` with ``theta >= 0`` and, as far as the gradient with respect to x goes, of
    `leaky_relu` with finite slopes above 0. For `elu` there is `elu_backward_from_output`. All
    others need x.

    Examples
    --------
    >>> import numpy as np
    >>> import relu_ufunc
    >>> x = np.array([[-1.0, 2.0], [-3.0, 4.0]])
    >>> alpha = np.array([0.5, 1.0])  # one for each column
    >>> dx, dalpha = relu_ufunc.vjp(relu_ufunc.elu)(np.ones_like(x), x, alpha)
    >>> dx
    array([[0.18393972, 1.        ],
           [0.02489353, 1.        ]])
    >>> dalpha
    array([-1.58233349,  0.        ])
    >>> relu_ufunc.vjp(relu_ufunc.elu)(np.ones_like(x), x)  # alpha is 1, and no input
    (array([[0.36787944, 1.        ],
           [0.04978707, 1.        ]]),)
    """
    return _Vjp(f)


class _Vjp:
    """What `vjp` gives."""

    def __init__(self, f):
        self.family = family_of("vjp", f)
        self.__name__ = self.__qualname__ = f"{f.__name__}_vjp"
        inputs = inputs_of(f)
        self.__signature__ = Signature(
            [Parameter("dy", Parameter.POSITIONAL_ONLY), *inputs], return_annotation=tuple
        )
        self.names = [input_.name for input_ in inputs]
        needed = {input_.name for input_ in inputs if input_.default is Parameter.empty}
        # How many arguments a call has that _backward serves at once, if there is such a call.
        self.plain = 1 + len(needed) if needed == {*self.family.given} else None

    def __call__(self, *args, **kwargs):
        if len(args) == self.plain and not kwargs and _alike(args):
            gradients = self.family.backward(*args)
            return gradients if type(gradients) is tuple else (gradients,)
        try:
            bound = self.__signature__.bind(*args, **kwargs)
        except TypeError as error:
            raise TypeError(f"{self.__name__}: {error}") from None
        given = {name for name in bound.arguments if name != "dy"}
        bound.apply_defaults()
        dy, *inputs = bound.arguments.values()
        return self.gradients(dy, inputs, [name for name in self.names if name in given])

    def gradients(self, dy, inputs, wanted):
        """The gradients with respect to those of the inputs that are wanted, by name."""
        backward = self.family.backward
        given = dict(zip(["dy", *self.names], [dy, *inputs], strict=True))
        refuse_overrides(self.__name__, backward.__name__, **given)
        arrays = [np.asarray(a) for a in given.values()]
        types = [
            type(a) if type(a) in (int, float) else array.dtype
            for a, array in zip(given.values(), arrays, strict=True)
        ]
        dtype = backward.resolve_dtypes((*types, *[None] * backward.nout))[-1]
        dy, *inputs = arrays
        shape = self.output_shape(dy, inputs)
        operands = [
            np.broadcast_to(call_method(a.astype, dtype) if a.ndim == 0 else a, shape)
            for a in arrays
        ]
        shapes = {n: a.shape for n, a in zip(self.names, inputs, strict=True)}
        of_backward = [_Gradient(shapes[name], shape, dtype) for name in self.family.given]
        found = dict(zip(self.family.given, of_backward, strict=True))
        others = {n: _Gradient(shapes[n], shape, dtype) for n in wanted if n not in found}
        summed = others or any(found[name].summed for name in found)
        for block in _blocks(shape) if summed else [(...,)]:
            here = [operand[block] for operand in operands]
            if not found.keys().isdisjoint(wanted):
                parts = tuple(g.elements_of(block) for g in of_backward)
                backward(*here, out=parts)
                for g, part in zip(of_backward, parts, strict=True):
                    g.collect(block, part)
            if others:
                here = [a.astype(dtype, copy=False) for a in here]
            for name, g in others.items():
                g.collect(block, gradient(self.family.function.__name__, name)(*here))
        found |= others
        return tuple(found[name].result() for name in wanted)

    def output_shape(self, dy, inputs):
        """The shape of the output, which that of dy must be."""
        function = self.family.function.__name__
        shape = ()
        for a in inputs:
            shape = broadcast(shape, a.shape)
            if shape is None:
                raise ValueError(
                    f"{self.__name__}: {self.listed(inputs)} can't be broadcast together"
                )
        if dy.shape != shape:
            raise ValueError(
                f"{self.__name__}: dy has shape {dy.shape}, but {function}"
                f"({', '.join(self.names)}) has shape {shape}, from {self.listed(inputs)}"
            )
        return shape

    def listed(self, inputs):
        pairs = zip(self.names, inputs, strict=True)
        return " and ".join(f"{name} of shape {a.shape}" for name, a in pairs)

    def __reduce__(self):
        return vjp, (self.family.function,)

    def __repr__(self):
        return f"<relu_ufunc.vjp of {self.family.function.__name__}>"


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
    vjp : The same for every function.

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
    return vjp(_prelu)(dy, x, slope)


def broadcast(a, b):
    """The shape of both, of up to 64 axes, or None: np.broadcast_shapes takes no more than 32."""
    sizes = list(zip_longest(reversed(a), reversed(b), fillvalue=1))
    if any(m != n and 1 not in (m, n) for m, n in sizes):
        return None
    return tuple(n if m == 1 else m for m, n in reversed(sizes))


def _alike(arrays):
    """Whether they are plain arrays of one shape, of which nothing is summed."""
    return all(type(a) is np.ndarray and a.shape == arrays[0].shape for a in arrays)


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
        self.summed = own != full
        self.axes = tuple(i for i, size in enumerate(full) if aligned[i] != size)
        if self.summed:
            wide = dtype if dtype.kind in "iu" else np.promote_types(dtype, np.float64)
            self.array = np.zeros(aligned, wide)
        else:
            self.array = np.empty(full, dtype)

    def elements_of(self, block):
        """Where the gradients of the block's elements are to be written."""
        if self.summed:
            return np.empty(np.broadcast_to(0, self.full)[block].shape, self.dtype)
        return self.array[block]

    def collect(self, block, part):
        """Take the gradients of the block's elements, which may lie in their place already."""
        if not self.summed:
            if not np.may_share_memory(part, self.array):
                self.array[block] = part
            return
        index = tuple(slice(None) if i in self.axes else cut for i, cut in enumerate(block))
        total = self.array[index]
        total += part.sum(axis=self.axes, dtype=self.array.dtype, keepdims=True)

    def result(self):
        return self.array.reshape(self.own).astype(self.dtype, copy=False)[()]
