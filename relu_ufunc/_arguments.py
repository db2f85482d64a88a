"""What the functions of this package ask of their arguments."""

import operator

import numpy as np


def as_integer(function, name, value):
    """The int that an integer of any type stands for. A bool is none."""
    try:
        if isinstance(value, bool | np.bool_):
            raise TypeError
        return operator.index(value)
    except TypeError:
        kind = type(value).__name__
        raise TypeError(f"{function}({name}={value!r}): must be an integer, not {kind}") from None
