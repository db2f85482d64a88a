"""The memory of freed outputs, kept for the next."""

import functools
import sys

from . import _relu_ufunc
from ._arguments import as_integer


def recycle_outputs(max_bytes=256 << 20):
    """
    Keep the memory of freed large outputs for the next outputs.

    Inside ``with recycle_outputs():`` a ufunc of relu_ufunc that makes its output itself, of
    128 KiB or more, makes it on the memory of an earlier output that has been freed, if one of
    about that size is there. That saves the page faults of fresh memory, which can take longer than
    the computation.

    Parameters
    ----------
    max_bytes : int, optional
        How much freed memory to keep at most, in bytes. Beyond it, what was freed longest ago goes
        back to the system. Arrays in use do not count. 0 keeps nothing.

    Returns
    -------
    context manager
        Gives nothing to ``as``. It can be entered again once it has been left. As a decorator of a
        function it enters another one like itself for each call.

    Raises
    ------
    TypeError
        If `max_bytes` is not an integer.
    ValueError
        If `max_bytes` is negative.
    RuntimeError
        On entering it while it is entered, or leaving it while it is not.

    Notes
    -----
    It holds for the code inside, as a `contextvars.ContextVar` does: for this thread or asyncio
    task and those that inherit its context. Of nested ones the innermost holds, with a limit and a
    memory of its own.

    On leaving, what is kept is freed. Arrays that are in use stay valid, and give their memory back
    to the system when they go. It may be left in another context than it was entered in, as a
    fixture or a generator may be: the former context then goes on without recycling.

    An output is written in full before anyone can see it: nothing ever shows what an earlier array
    held. Arrays that are made in any other way, such as by `numpy.empty`, with ``where=`` or by a
    subclass of ndarray, get no recycled memory.

    Examples
    --------
    >>> import numpy as np
    >>> from relu_ufunc import elu, recycle_outputs
    >>> x = np.linspace(-1, 1, 1 << 20)
    >>> with recycle_outputs(max_bytes=64 << 20):
    ...     for _ in range(3):
    ...         x = elu(x)  # the third elu writes where x was after the first
    """
    limit = as_integer("recycle_outputs", "max_bytes", max_bytes)
    if limit < 0:
        raise ValueError(f"recycle_outputs(max_bytes={max_bytes!r}): must not be negative")
    return _Recycling(min(limit, sys.maxsize))


class _Recycling(_relu_ufunc.Recycling):
    __slots__ = ()

    def __call__(self, function):
        @functools.wraps(function)
        def recycling(*args, **kwargs):
            with type(self)(self.max_bytes):
                return function(*args, **kwargs)

        return recycling
