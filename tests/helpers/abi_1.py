"""The C API as ABI 1 has it. No later release may change it but by members at the end of `Api`."""

import ctypes

import numpy as np

import relu_ufunc

ABI = 1
TYPES = {
    **{np.dtype(f"i{1 << n}"): 2 * n + 1 for n in range(4)},
    **{np.dtype(f"u{1 << n}"): 2 * n + 2 for n in range(4)},
    **{np.dtype("f2"): 9, np.dtype("f4"): 11, np.dtype("f8"): 12, np.dtype("g"): 13},
}
BFLOAT16 = 10
OK, OVERLAP, NO_MEMORY, BAD_SHAPE = range(4)
MAX_AXES = 16

_int, _pointer, _text = ctypes.c_int, ctypes.c_void_p, ctypes.c_char_p
_pointers = ctypes.POINTER(ctypes.c_void_p)
_lengths = ctypes.POINTER(ctypes.c_ssize_t)
_of = ctypes.CFUNCTYPE


class Api(ctypes.Structure):
    _fields_ = (
        ("abi", ctypes.c_int32),
        ("size", ctypes.c_uint32),
        ("find", _of(_pointer, _text, _int)),
        ("signature", _of(_text, _pointer)),
        ("inputs", _of(_int, _pointer)),
        ("outputs", _of(_int, _pointer)),
        ("apply", _of(_int, _pointer, ctypes.c_size_t, _pointers, ctypes.c_uint, _pointers)),
        ("call", _of(_int, _pointer, _int, _lengths, _pointers, ctypes.POINTER(_lengths))),
        ("get_num_threads", _of(_int)),
        ("set_num_threads", _of(_int, _int)),
        ("isa", _of(_text)),
    )


def api():
    """The structure that the package hands out."""
    get_pointer = ctypes.pythonapi.PyCapsule_GetPointer
    get_pointer.restype, get_pointer.argtypes = ctypes.c_void_p, (ctypes.py_object, ctypes.c_char_p)
    return Api.from_address(get_pointer(relu_ufunc._C_API, b"relu_ufunc._C_API"))


def addresses(arrays):
    return (ctypes.c_void_p * len(arrays))(*(array.ctypes.data for array in arrays))


def apply(function, n, inputs, single, outputs):
    return api().apply(function, n, addresses(inputs), single, addresses(outputs))


def call(function, shape, arrays):
    """The general call: on arrays, each of which has as many axes as the shape."""
    axes = len(shape)
    strides = [(ctypes.c_ssize_t * axes)(*array.strides) for array in arrays]
    rows = (_lengths * len(arrays))(*(ctypes.cast(row, _lengths) for row in strides))
    return api().call(function, axes, (ctypes.c_ssize_t * axes)(*shape), addresses(arrays), rows)
