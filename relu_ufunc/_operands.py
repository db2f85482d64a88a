"""What a function that is no ufunc, but made of calls of one, takes: plain arrays."""

import numpy as np

PLAIN = {np.ndarray, np.memmap, list, tuple, int, float, bool}
SCALARS = (np.generic, int, float, complex, str, bytes)  # ufuncs never ask these to wrap a result


def refuse_overrides(function, ufunc, **operands):
    """
    Refuse operands that would have a say in what a ufunc computes, or in how it wraps the result.

    Masks, labels, units and lazy arrays mean nothing to the function: it would drop them silently.

    Parameters
    ----------
    function : str
        Name of the function that is called.
    ufunc : str
        Name of the ufunc that does the same elementwise, and honours what is refused here.
    **operands : object
        The operands, by the names of the function's parameters.

    Raises
    ------
    TypeError
        If NumPy would hand the call on to an operand's ``__array_ufunc__``, if that is None, or if
        it would wrap the result by an operand's ``__array_wrap__``.
    """
    for name, operand in operands.items():
        kind = type(operand)
        if kind not in PLAIN and (overrides(kind) or _wraps(operand)):
            raise TypeError(
                f"{function}: {name} is a {kind.__module__}.{kind.__qualname__}, which has rules "
                f"of its own for ufuncs, and {function} follows none: pass np.asarray({name}) if "
                f"its bare values are meant, or else sum what {ufunc} gives"
            )


def overrides(kind):
    """NumPy looks at the type alone, and passes over ndarray's own method."""
    own = np.ndarray.__array_ufunc__
    return getattr(kind, "__array_ufunc__", own) is not own


def _wraps(operand):
    return hasattr(operand, "__array_wrap__") and not isinstance(operand, SCALARS)
