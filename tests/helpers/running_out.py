"""What tests/c/faults.c can do, for programs that have it before the C library (LD_PRELOAD)."""

import ctypes

import numpy as np
from numpy._core import _multiarray_umath

_faults = ctypes.PyDLL(None)
_faults.call_failing.argtypes = [*[ctypes.py_object] * 3, ctypes.c_long, ctypes.c_bool]
_faults.call_failing.restype = ctypes.py_object
_faults.failed.restype = _faults.live_blocks.restype = ctypes.c_long
_faults.fail_for.argtypes = [ctypes.c_char_p]
_faults.refuse_threads.argtypes, _faults.refuse_threads.restype = [ctypes.c_bool], ctypes.c_long

live_blocks = _faults.live_blocks  # how many blocks of memory are in use
refuse_threads = _faults.refuse_threads  # or no longer; returns how many have been refused
failed = _faults.failed  # how many allocations have failed in the last failing_call


def failing_call(function, args, kwargs, allocations, all_after=False):
    """A call in which the allocation after so many fails, and those after it, if wanted."""
    return _faults.call_failing(function, args, kwargs, allocations, all_after)


def fail_for_us_alone():
    """Only allocations by our own C fail from here on: NumPy's crash where there is no memory."""
    _faults.fail_for(b"/_relu_ufunc.")


def ufuncs_may_fail_to_be_made():
    """NumPy's function that makes a ufunc counts as one allocation: it crashes in the middle."""
    pointer = ctypes.pythonapi.PyCapsule_GetPointer
    pointer.restype, pointer.argtypes = ctypes.c_void_p, [ctypes.py_object, ctypes.c_char_p]
    _faults.stand_in(ctypes.c_void_p(pointer(_multiarray_umath._UFUNC_API, None)))


def same_bits(got, want):
    """Whether two results, arrays or tuples of them, are the same."""
    if type(want) is tuple:
        return len(got) == len(want) and all(map(same_bits, got, want))
    return np.asarray(got).tobytes() == np.asarray(want).tobytes()
