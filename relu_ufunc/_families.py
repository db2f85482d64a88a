"""Which ufuncs belong together: a function, its derivative and its gradients.

The declarations say so. A kernel whose outputs are named for the inputs of the function declared
last before it, as dx is for x, is a derivative of that function: without dy among its inputs the
derivative alone, with dy a gradient, from the inputs of the function or from its output.
"""

from functools import cache

import numpy as np

from ._relu_ufunc import KERNELS, get_isa, ufuncs_of
from ._signatures import operands, outputs


class Family:
    """A function, and its derivatives as far as there are any.

    `given` has the names of those inputs of which backward gives the gradients.
    """

    def __init__(self, function):
        self.function = function
        self.grad = self.backward = self.backward_from_output = None
        self.given = ()


@cache
def families():
    """All families, by the name of the function."""
    ufuncs, found, inputs, family = ufuncs_of(get_isa()), {}, (), None
    for kernel in KERNELS:
        ufunc, names = ufuncs[kernel.name], tuple(operands(kernel))
        of = {f"d{name}": name for name in inputs}
        if not of.keys() >= outputs(kernel).keys():
            family = found[kernel.name] = Family(ufunc)
            inputs = names
        elif names == inputs:
            family.grad = ufunc
        elif names == ("dy", *inputs):
            family.backward = ufunc
            family.given = tuple(of[output] for output in outputs(kernel))
        else:
            family.backward_from_output = ufunc
    return found


def family_of(caller, f):
    """The family of a function, which `caller` was called with."""
    name = getattr(f, "__name__", None)
    family = families().get(name)
    if family is not None and family.function is f:
        return family
    if isinstance(f, np.ufunc) and ufuncs_of(get_isa()).get(name) is f:
        raise TypeError(f"{caller}({name}): {name} is a derivative itself, of which there is none")
    raise TypeError(f"{caller}({name or repr(f)}): it is no function of relu_ufunc")


def backward_of(f):
    """
    Find the ufunc that gives the gradients of a function.

    Parameters
    ----------
    f : ufunc
        A function of this package: `relu`, `elu`, `swiglu` ...

    Returns
    -------
    ufunc
        That of the gradients: `elu_backward` for `elu`. It takes ``dy`` and the inputs of `f`.

    Raises
    ------
    TypeError
        If `f` is no function of this package, or a derivative.

    See Also
    --------
    vjp : The gradients with respect to all inputs, each summed to the shape of its input.
    grad_of : The derivative alone.

    Examples
    --------
    >>> import relu_ufunc
    >>> relu_ufunc.backward_of(relu_ufunc.elu) is relu_ufunc.elu_backward
    True
    """
    return family_of("backward_of", f).backward


def grad_of(f):
    """
    Find the ufunc that gives the derivative of a function.

    Parameters
    ----------
    f : ufunc
        A function of one input and any number of parameters: `relu`, `elu`, `prelu` ...

    Returns
    -------
    ufunc
        That of the derivative: `elu_grad` for `elu`. It takes the inputs of `f`.

    Raises
    ------
    TypeError
        If `f` is no function of this package, a derivative, or a function of two inputs such as
        `swiglu` and `add_relu`, which have gradients only.

    See Also
    --------
    backward_of : The product with the gradient of the loss.

    Examples
    --------
    >>> import relu_ufunc
    >>> relu_ufunc.grad_of(relu_ufunc.elu) is relu_ufunc.elu_grad
    True
    """
    grad = family_of("grad_of", f).grad
    if grad is None:
        raise TypeError(
            f"grad_of({f.__name__}): a function of two inputs has no derivative alone; "
            f"backward_of({f.__name__}) gives its gradients"
        )
    return grad
