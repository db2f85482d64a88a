"""Ufuncs made in Python, through NumPy's C interface, to be as faulty as a test asks for."""

import ctypes
import struct

import numpy as np

LOOP = ctypes.CFUNCTYPE(
    None,
    ctypes.POINTER(ctypes.c_void_p),
    ctypes.POINTER(ctypes.c_ssize_t),
    ctypes.POINTER(ctypes.c_ssize_t),
    ctypes.c_void_p,
)
_FROM_FUNC_AND_DATA = 1  # its place in the table of NumPy's ufunc functions
_kept = []  # what NumPy keeps pointers to


def _function_of_numpy():
    pointer = ctypes.pythonapi.PyCapsule_GetPointer
    pointer.restype, pointer.argtypes = ctypes.c_void_p, [ctypes.py_object, ctypes.c_char_p]
    table = ctypes.cast(pointer(np._core._multiarray_umath._UFUNC_API, None), ctypes.c_void_p).value
    size = struct.calcsize("P")
    address = ctypes.c_void_p.from_address(table + _FROM_FUNC_AND_DATA * size).value
    text, integer, anything = ctypes.c_char_p, ctypes.c_int, ctypes.c_void_p
    kinds = [anything, anything, anything, *[integer] * 4, text, text, integer]
    return ctypes.PYFUNCTYPE(ctypes.py_object, *kinds)(address)


def view(address, stride, n):
    """An array of n doubles in memory."""
    stride = stride or 0
    low = address + min(0, stride * (n - 1))
    size = abs(stride) * (n - 1) + 8
    memory = np.frombuffer((ctypes.c_char * size).from_address(low), np.uint8)
    return np.ndarray((n,), "d", memory.data, address - low, (stride,))


def ufunc(loop, nin=1, name="faulty"):
    """A ufunc of doubles with one output; `loop` takes the address and stride of each, and n."""

    def inner(args, dimensions, steps, _):
        n = dimensions[0]
        if n:
            loop([(args[i], steps[i]) for i in range(nin + 1)], n)

    types = ctypes.create_string_buffer(bytes([np.dtype("d").num] * (nin + 1)))
    functions = (LOOP * 1)(LOOP(inner))
    data = (ctypes.c_void_p * 1)()
    label = name.encode()
    _kept.append((types, functions, data, label))
    return _function_of_numpy()(
        *map(ctypes.addressof, (functions, data, types)), 1, nin, 1, -1, label, b"", 0
    )


def elementwise(fault=lambda *_: False, nin=1):
    """x, or the product of all inputs, but one bit off in the elements where there is a fault.

    `fault` takes the operands (each an address and a stride), the number of elements and their
    indices.
    """

    def loop(operands, n):
        *inputs, out = (view(*operand, n) for operand in operands)
        result = np.ones(n)
        for a in inputs:
            result = result * a
        wrong = np.broadcast_to(fault(operands, n, np.arange(n)), n).astype(bool)
        result.view(np.uint64)[wrong] ^= 1
        out[...] = result

    return ufunc(loop, nin)
