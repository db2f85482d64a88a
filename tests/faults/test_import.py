"""An import that can't succeed raises ImportError, at every attempt; an odd system is no reason."""

import shutil
import sys
from pathlib import Path

import pytest
from processes import output, python

import relu_ufunc

TWICE = """
for _ in range(2):
    try:
        import relu_ufunc
    except ImportError as error:
        print(error)
    else:
        raise AssertionError("it was imported")
"""


@pytest.mark.parametrize(
    ("numpy", "message"),
    [
        ("raise ImportError('no libopenblas here')", "no libopenblas here"),
        ("__version__ = '1.0'", "No module named 'numpy."),
    ],
)
def test_a_broken_numpy(tmp_path, numpy, message):
    (tmp_path / "numpy").mkdir()
    (tmp_path / "numpy" / "__init__.py").write_text(numpy)
    first, second = output(python("-c", TWICE, PYTHONPATH=str(tmp_path))).splitlines()
    assert first == second and message in first


# What the functions in NumPy's table that tell its versions say of themselves.
OTHER_VERSION = """
import ctypes
import numpy
pointer = ctypes.pythonapi.PyCapsule_GetPointer
pointer.restype, pointer.argtypes = ctypes.c_void_p, [ctypes.py_object, ctypes.c_char_p]
table = pointer(numpy._core._multiarray_umath._ARRAY_API, None)
version = ctypes.CFUNCTYPE(ctypes.c_uint)(lambda: {version})
ctypes.cast(table, ctypes.POINTER(ctypes.c_void_p))[{place}] = ctypes.cast(version, ctypes.c_void_p)
"""
ABI, API = 0, 211


@pytest.mark.parametrize(("place", "version"), [(ABI, 0x3000000), (API, 0x11)])
def test_a_numpy_that_is_too_new_or_too_old(place, version):
    """It is refused by name, and again at the second attempt, rather than used all the same."""
    process = python("-c", OTHER_VERSION.format(place=place, version=version) + TWICE)
    first, second = output(process).splitlines()
    assert first == second
    assert first.startswith("relu_ufunc does not work with NumPy ") and hex(version) in first


def test_a_package_without_its_compiled_module(tmp_path):
    """As where it was unpacked for another Python."""
    installed = Path(relu_ufunc.__file__).parent
    ignore = shutil.ignore_patterns("_relu_ufunc*", "__pycache__")
    shutil.copytree(installed, tmp_path / "relu_ufunc", ignore=ignore)
    code = f"import sys\nsys.path.insert(0, {str(tmp_path)!r})\n" + TWICE
    process = python("-I", "-S", "-c", code)
    first, second = output(process).splitlines()
    assert first == second and "pip install" in first


UNREADABLE = """
import builtins, os
import numpy as np

refused = 0

def refusing(function):
    def instead(path, *args, **kwargs):
        global refused
        if str(path).startswith(("/proc", "/sys")):
            refused += 1
            raise {error}
        return function(path, *args, **kwargs)
    return instead

builtins.open, os.listdir = refusing(open), refusing(os.listdir)
import relu_ufunc
assert relu_ufunc.relu(np.float32([-1, 2])).tolist() == [0, 2]
assert relu_ufunc.get_num_threads() >= 1
relu_ufunc.show_config("dicts")
print(refused)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux is asked by files")
@pytest.mark.parametrize("error", ["PermissionError(13, 'no')", "OSError(5, 'broken')"])
def test_files_of_the_system_that_can_not_be_read(error):
    assert int(output(python("-c", UNREADABLE.format(error=error)))) > 0
