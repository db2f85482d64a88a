"""The floating-point modes of the calling thread."""

import ctypes
import ctypes.util
import platform
from contextlib import contextmanager

import pytest

MACHINE = {"AMD64": "x86_64", "arm64": "aarch64"}.get(platform.machine(), platform.machine())
ROUNDING = {
    "x86_64": {"nearest": 0, "down": 0x400, "up": 0x800, "to zero": 0xC00},
    "aarch64": {"nearest": 0, "up": 0x400000, "down": 0x800000, "to zero": 0xC00000},
}.get(MACHINE)
# The bits of the x86-64 control register MXCSR, which glibc keeps at byte 28 of its fenv_t.
MXCSR_AT, ZERO_MODES, CONTROL = 28, 0x8040, 0xFFC0
MODES = ["nearest", "down", "up", "to zero", "subnormals to zero"]

_libm = ctypes.CDLL(ctypes.util.find_library("m"))


@contextmanager
def mode(name):
    """Change a mode of this thread; skips the test where that can't be done from Python."""
    if name == "subnormals to zero":
        if MACHINE != "x86_64" or platform.libc_ver()[0] != "glibc":
            pytest.skip("the layout of fenv_t is known for glibc on x86-64 only")
        before = _mxcsr()
        _set_mxcsr(before | ZERO_MODES)
        try:
            yield
        finally:
            _set_mxcsr(before)
    else:
        if ROUNDING is None:
            pytest.skip(f"the rounding modes of {MACHINE} are not known here")
        before = _libm.fegetround()
        assert _libm.fesetround(ROUNDING[name]) == 0
        try:
            yield
        finally:
            _libm.fesetround(before)


def current():
    """The modes as they are, flags apart."""
    if MACHINE == "x86_64" and platform.libc_ver()[0] == "glibc":
        return _libm.fegetround(), _mxcsr() & CONTROL
    return (_libm.fegetround(),)


def _environment():
    environment = (ctypes.c_uint32 * 64)()
    assert _libm.fegetenv(environment) == 0
    return environment


def _mxcsr():
    return _environment()[MXCSR_AT // 4]


def _set_mxcsr(value):
    environment = _environment()
    environment[MXCSR_AT // 4] = value
    assert _libm.fesetenv(environment) == 0
