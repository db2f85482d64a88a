"""One call through both doors: the direct entry, and NumPy's.

`assert_alike` makes the same call through each, on arguments made anew, and compares all that a
caller can see: what comes back or is raised, the warnings, the memory, the reference counts.
"""

import gc
import sys
import warnings
from contextlib import contextmanager

import numpy as np
from numpy._core.multiarray import get_handler_name

from relu_ufunc import _relu_ufunc
from relu_ufunc.testing import raw_bytes

FLAGS = ("OWNDATA", "WRITEABLE", "ALIGNED", "WRITEBACKIFCOPY", "C_CONTIGUOUS", "F_CONTIGUOUS")
LARGEST_WATCHED = 1 << 24


@contextmanager
def door(direct):
    before = _relu_ufunc.serve_directly(direct)
    try:
        yield
    finally:
        _relu_ufunc.serve_directly(before)


def served(function, *args, **kwargs):
    """How many calls the direct entry serves meanwhile."""
    before = _relu_ufunc.calls_served()
    with np.errstate(all="ignore"):
        function(*args, **kwargs)
    return _relu_ufunc.calls_served() - before


def call(*args, **kwargs):
    """The arguments of a call, to be made later."""
    return args, kwargs


def assert_alike(function, make, filters="always", **err):
    """Raise unless the call has the same effect through both doors; give it back.

    `make` makes the arguments anew, of which no two may depend on memory left as it was. All
    floating-point errors are warnings unless `err` says otherwise.
    """
    err = {"all": "warn"} | err
    direct, numpy = (_observe(function, make, filters, err, flag) for flag in (True, False))
    different = {key: (direct[key], numpy[key]) for key in numpy if direct[key] != numpy[key]}
    if different:
        args, kwargs = make()
        shown = "".join(f"\n  given {_summary(a)}" for a in (*args, *kwargs.items()))
        shown += "\n" + "\n".join(f"  {key}: {a}\n    not {b}" for key, (a, b) in different.items())
        raise AssertionError(f"{function}: the direct entry differs from NumPy's{shown}")
    return numpy


def _observe(function, make, filters, err, direct):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        args, kwargs = make()
    given = list(_leaves((*args, *kwargs.values())))
    counted = [a for a in given if not isinstance(a, (bool, int, str, type(None), type(...)))]
    before, seen = _memory(given), {"result": None, "raised": None}
    gc.disable()  # so that nobody else gives back references meanwhile
    counts = list(map(sys.getrefcount, counted))
    with door(direct), warnings.catch_warnings(record=True) as caught, np.errstate(**err):
        warnings.simplefilter(filters)
        try:
            result = function(*args, **kwargs)
        except Exception as error:
            seen["raised"] = _raised(error)
        else:
            seen["result"] = describe(result, given)
            del result
    seen["references"] = [n - m for n, m in zip(map(sys.getrefcount, counted), counts, strict=True)]
    gc.enable()
    seen["warnings"] = [(w.category, str(w.message), w.filename, w.lineno) for w in caught]
    seen["memory"] = after = _memory(given)
    seen["flags"] = [a.flags.num for a in given if isinstance(a, np.ndarray)]
    if seen["raised"] and seen["raised"][0] not in (FloatingPointError, RuntimeWarning):
        assert after == before, f"{function}: written although it raised {seen['raised']}"
    return seen


def _summary(argument):
    if isinstance(argument, np.ndarray):
        return f"{type(argument).__name__} {argument.dtype} {argument.shape} {argument.strides}"
    if isinstance(argument, tuple):
        return f"({', '.join(map(_summary, argument))})"
    return repr(argument)


def _raised(error):
    chain = [type(e) for e in (error.__cause__, error.__context__)]
    return type(error), str(error), chain


def _leaves(argument):
    if isinstance(argument, (tuple, list)):
        for item in argument:
            yield from _leaves(item)
    else:
        yield argument


def _memory(given):
    """What the memory holds that the arrays are views of."""
    return [_contents(_owner(a)) for a in given if isinstance(a, np.ndarray)]


def _owner(a):
    while getattr(a, "base", None) is not None:
        a = a.base
    return a


def _contents(owner):
    if not isinstance(owner, np.ndarray):
        return bytes(owner)
    return "not watched" if owner.nbytes > LARGEST_WATCHED else bits(owner)


def bits(a):
    if a.dtype.hasobject or a.dtype.kind in "cT":
        return repr(a)
    # In order, or NumPy 2.2 has no bytes of more than 32 axes.
    a = np.array(a, order="C", subok=False, copy=None)
    # The padding of a longdouble holds anything.
    return raw_bytes(a).tobytes() if a.dtype.type is np.longdouble else a.tobytes()


def describe(result, given=()):
    """All that can be seen of a result; what was given is told by its place."""
    for i, a in enumerate(given):
        if result is a and not isinstance(a, (bool, int, str, type(None))):
            return f"argument {i}"
    if isinstance(result, tuple):
        return tuple(describe(r, given) for r in result)
    if isinstance(result, dict):
        return {key: describe(r, given) for key, r in result.items()}
    if isinstance(result, np.generic):
        a = np.asarray(result)
        return type(result), _dtype(a.dtype, given), bits(a)
    if not isinstance(result, np.ndarray):
        return type(result).__qualname__, repr(result)
    return {
        "type": type(result).__qualname__,
        "dtype": _dtype(result.dtype, given),
        "shape": result.shape,
        "strides": result.strides,
        "flags": {flag: result.flags[flag] for flag in FLAGS},
        "base": result.base is not None and describe(result.base, given),
        "handler": get_handler_name(result) if result.flags.owndata else None,
        "mask": repr(getattr(result, "mask", None)),
        "values": str(np.asarray(result).ravel()[:8].tolist()),
        "bits": "not watched" if result.nbytes > LARGEST_WATCHED else bits(result),
    }


def _dtype(dtype, given):
    """The dtype, its identity included."""
    dtypes = [a.dtype for a in given if isinstance(a, np.ndarray)]
    identity = [dtype is other for other in dtypes], dtype is np.dtype(dtype.type)
    return repr(dtype), dtype.str, dtype.num, dtype.isnative, dtype.metadata, identity
