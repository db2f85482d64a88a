"""What the compiled modules show to others, and what they allow: as little as can be.

`readelf` of binutils tells, on systems whose binaries are ELF.
"""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import relu_ufunc
from relu_ufunc import _relu_ufunc

MODULES = sorted(Path(_relu_ufunc.__file__).parent.glob("*.so"))

pytestmark = pytest.mark.skipif(
    sys.platform != "linux" or shutil.which("readelf") is None, reason="no readelf here"
)


@pytest.fixture(params=MODULES, ids=lambda path: path.name.partition(".")[0])
def module(request):
    return request.param


def readelf(option, path):
    """What readelf prints, a line a record."""
    command = ["readelf", "--wide", option, str(path)]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()


def segments(path, kind):
    """The flags of the program headers of a kind."""
    lines = [line for line in readelf("--program-headers", path) if line.split()[:1] == [kind]]
    return [re.findall(r"0x\w+ ([RWE ]{3}) 0x", line)[-1].replace(" ", "") for line in lines]


def test_both_modules_are_looked_at():
    assert len(MODULES) == 2
    assert relu_ufunc._relu_ufunc.__file__ in map(str, MODULES)


def test_nothing_is_exported_but_the_function_that_python_calls(module):
    defined = [
        fields[7]
        for fields in map(str.split, readelf("--dyn-syms", module))
        if len(fields) > 7 and fields[4] in ("GLOBAL", "WEAK") and fields[6] != "UND"
    ]
    assert [name for name in defined if name != "Name"] == [f"PyInit_{module.name.split('.')[0]}"]


def test_no_memory_is_writable_and_executable(module):
    flags = segments(module, "LOAD")
    assert flags and not any("W" in flag and "E" in flag for flag in flags)
    assert segments(module, "GNU_STACK") == ["RW"]


def test_addresses_are_bound_at_once_and_read_only_from_then_on(module):
    assert segments(module, "GNU_RELRO") == ["R"]
    assert any("NOW" in line.split() for line in readelf("--dynamic", module))


def test_code_is_the_same_wherever_it_is_loaded_and_libraries_are_the_systems(module):
    dynamic = "\n".join(readelf("--dynamic", module))
    assert not re.search(r"TEXTREL|RPATH|RUNPATH", dynamic)
    needed = set(re.findall(r"Shared library: \[([a-z-]+)", dynamic))
    assert needed <= {"libm", "libc", "libpthread", "ld-linux-x", "ld-linux-aarch"}
