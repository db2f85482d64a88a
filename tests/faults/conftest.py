"""Faults of the system, made to happen."""

import platform
import sys
import sysconfig
from pathlib import Path

import pytest
from compilers import compiler
from processes import ROOT, output, python, run


@pytest.fixture(scope="session")
def faulty_python(tmp_path_factory):
    """Run a program of tests/helpers, or code, where memory and threads run out when it says so."""
    if platform.libc_ver()[0] != "glibc":
        pytest.skip("functions of the C library are replaced as glibc allows it")
    if sysconfig.get_config_var("Py_GIL_DISABLED"):
        pytest.skip("this Python takes the memory of its objects from nobody else")
    library = str(tmp_path_factory.mktemp("faults") / "faults.so")
    source = str(ROOT / "tests" / "c" / "faults.c")
    output(run(*compiler(), "-std=c11", "-O1", "-shared", "-fPIC", source, "-o", library))

    def run_faulty(*arguments, timeout=120):
        helpers = str(ROOT / "tests" / "helpers")
        # Python asks the C library for the memory of each object.
        environment = {"LD_PRELOAD": library, "PYTHONMALLOC": "malloc", "PYTHONPATH": helpers}
        return output(python(*arguments, timeout=timeout, **environment))

    return run_faulty


def pytest_collection_modifyitems(items):
    if sys.platform == "win32":
        for item in (item for item in items if item.path.parent == Path(__file__).parent):
            item.add_marker(pytest.mark.skip(reason="the system is to be one of POSIX"))
