"""A memory handler of NumPy (NEP 49) that counts, for what an array's address can't tell."""

import ctypes
from contextlib import ExitStack, contextmanager

from numpy._core import _multiarray_umath

from relu_ufunc import recycle_outputs

_api = ctypes.pythonapi
_api.PyCapsule_GetPointer.restype = ctypes.c_void_p
_api.PyCapsule_GetPointer.argtypes = [ctypes.py_object, ctypes.c_char_p]
_api.PyCapsule_New.restype = ctypes.py_object
_api.PyCapsule_New.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_void_p]
_api.PyMem_RawMalloc.restype = _api.PyMem_RawCalloc.restype = ctypes.c_void_p
_api.PyMem_RawMalloc.argtypes = [ctypes.c_size_t]
_api.PyMem_RawCalloc.argtypes = [ctypes.c_size_t, ctypes.c_size_t]
_api.PyMem_RawFree.argtypes = [ctypes.c_void_p]

_SET_HANDLER = 304  # PyDataMem_SetHandler, in NumPy's table
_table = ctypes.cast(
    _api.PyCapsule_GetPointer(_multiarray_umath._ARRAY_API, None), ctypes.POINTER(ctypes.c_void_p)
)
_set_handler = ctypes.PYFUNCTYPE(ctypes.py_object, ctypes.py_object)(_table[_SET_HANDLER])

_Size = ctypes.c_size_t
_Malloc = ctypes.CFUNCTYPE(ctypes.c_void_p, ctypes.c_void_p, _Size)
_Calloc = ctypes.CFUNCTYPE(ctypes.c_void_p, ctypes.c_void_p, _Size, _Size)
_Realloc = ctypes.CFUNCTYPE(ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p, _Size)
_Free = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_void_p, _Size)


class _Handler(ctypes.Structure):
    _fields_ = [
        ("name", ctypes.c_char * 127),
        ("version", ctypes.c_uint8),
        ("ctx", ctypes.c_void_p),
        ("malloc", _Malloc),
        ("calloc", _Calloc),
        ("realloc", _Realloc),
        ("free", _Free),
    ]


@contextmanager
def in_force(capsule):
    """NumPy allocates by this handler."""
    before = _set_handler(capsule)
    try:
        yield
    finally:
        _set_handler(before)


class Source:
    """Memory from Python: how many blocks it has given, and the sizes of those that live."""

    immortal: list = []  # noqa: RUF012 - NumPy and the arrays hold plain pointers

    def __init__(self):
        self.allocations, self.live, self.exhausted = 0, {}, False
        self.handler = _Handler(
            b"counting",
            1,
            None,
            _Malloc(self.malloc),
            _Calloc(self.calloc),
            _Realloc(0),
            _Free(self.free),
        )
        self.capsule = _api.PyCapsule_New(ctypes.addressof(self.handler), b"mem_handler", None)
        Source.immortal.append(self)

    def malloc(self, _, size):
        return self.remember(0 if self.exhausted else _api.PyMem_RawMalloc(size), size)

    def calloc(self, _, count, size):
        return self.remember(_api.PyMem_RawCalloc(count, size), count * size)

    def remember(self, address, size):
        if address:
            self.allocations += 1
            self.live[address] = size
        return address

    def free(self, _, address, size):
        assert self.live.pop(address) == size
        _api.PyMem_RawFree(address)


@contextmanager
def recycling_from_source(max_bytes=256 << 20):
    """`recycle_outputs` with its memory, and no other, from a Source; that is what it yields."""
    source = Source()
    with ExitStack() as stack:
        with in_force(source.capsule):
            stack.enter_context(recycle_outputs(max_bytes))
        yield source


def handler_of(array):
    """The name of the handler that is to free an array."""
    return _multiarray_umath.get_handler_name(array)
