"""The methods of the ufuncs: NumPy's, with what NumPy does not know of.

Parameters may be left out and given by keyword as in a call, and numbers are converted alike in
every floating-point mode. They stand in the `__dict__` of each ufunc, before those of the type.
"""

from functools import wraps
from inspect import Parameter
from types import FunctionType, MethodType

import numpy as np

from ._operands import overrides
from ._signatures import inputs_of, is_parameter


def make_methods(call_numpy):
    """The methods, as functions of a ufunc; they call those of NumPy by way of `call_numpy`."""

    def at(ufunc, a, indices, /, *b, **kwargs):
        """
        As `numpy.ufunc.at`; a parameter may be given by keyword, or left out where it has a
        default.

        Examples
        --------
        >>> import numpy as np
        >>> import relu_ufunc
        >>> x = np.array([-np.inf, -np.inf, 2.0])
        >>> relu_ufunc.elu.at(x, [1, 2])
        >>> x
        array([-inf,  -1.,   2.])
        """
        _, *b = with_parameters(ufunc, "at", [a, *b], kwargs)
        return call_numpy(np.ufunc.at, ufunc, a, indices, *b, **kwargs)

    def outer(ufunc, /, *inputs, **kwargs):
        """
        As `numpy.ufunc.outer`; a parameter may be given by keyword, or left out where it has a
        default.

        Examples
        --------
        >>> import numpy as np
        >>> import relu_ufunc
        >>> relu_ufunc.leaky_relu.outer(np.array([-1.0, 2.0]), negative_slope=[0.5, 0.25])
        array([[-0.5 , -0.25],
               [ 2.  ,  2.  ]])
        """
        inputs = with_parameters(ufunc, "outer", inputs, kwargs)
        return call_numpy(np.ufunc.outer, ufunc, *inputs, **kwargs)

    def with_parameters(ufunc, method, inputs, kwargs):
        inputs = _with_parameters(ufunc, method, inputs, kwargs)
        dtype = _dtype_of_number(ufunc, inputs, kwargs)
        return inputs if dtype is None else [inputs[0], call_numpy(np.asarray, inputs[1], dtype)]

    def unchanged(numpys):
        @wraps(numpys)
        def method(ufunc, /, *args, **kwargs):
            return call_numpy(numpys, ufunc, *args, **kwargs)

        return method

    reductions = map(unchanged, (np.ufunc.reduce, np.ufunc.accumulate, np.ufunc.reduceat))
    return at, outer, *reductions


def add_methods(ufunc, methods):
    """Give a ufunc what `make_methods` has made, as functions of its own name."""
    for method in methods:
        name = method.__name__
        own = FunctionType(method.__code__, method.__globals__, name, None, method.__closure__)
        own.__dict__.update(method.__dict__)
        own.__doc__ = method.__doc__
        own.__module__ = "relu_ufunc"
        own.__qualname__ = f"{ufunc.__name__}.{name}"
        setattr(ufunc, name, MethodType(own, ufunc))


def _with_parameters(ufunc, method, inputs, kwargs):
    """Complete the inputs with parameters: those that `kwargs` has, which lose them, and defaults.

    What is missing still is for NumPy to say.
    """
    inputs = [*inputs]
    for i, input_ in enumerate(inputs_of(ufunc)):
        given = is_parameter(input_) and input_.name in kwargs
        if given and i < len(inputs):
            raise TypeError(
                f"{ufunc.__name__}.{method}() got multiple values for argument '{input_.name}'"
            )
        if given and i == len(inputs):
            inputs.append(kwargs.pop(input_.name))
        elif input_.default is not Parameter.empty and i == len(inputs):
            inputs.append(input_.default)
    return inputs


def _dtype_of_number(ufunc, inputs, kwargs):
    """The dtype that a call gives to a parameter that is a Python number, or None.

    NumPy's methods take it for an array of its own, which may be wider than the other input.
    """
    if ufunc.nin != 2 or len(inputs) != 2 or not is_parameter(inputs_of(ufunc)[1]):
        return None
    x, parameter = inputs
    if type(parameter) not in (int, float) or overrides(type(x)):
        return None
    if {"dtype", "signature", "sig"} & kwargs.keys():
        return None
    return ufunc.resolve_dtypes((np.asarray(x).dtype, type(parameter), *[None] * ufunc.nout))[1]
