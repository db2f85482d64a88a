"""A call takes little of the stack of its thread, which may be small: 8 KiB."""

import ctypes
import sys
import sysconfig
from pathlib import Path

import numpy as np
import pytest
from call_layouts import FEW, calls, streaming
from compilers import compiler
from doors import door
from kinds import FEW_LOOPS, every_loop
from processes import ROOT, output, python, run

import relu_ufunc
from relu_ufunc import _relu_ufunc

MOST = 8 << 10
HERE = ROOT / "tests" / "c"


def library(folder, source, *flags):
    path = str(folder / "library.so")
    flags = ("-std=c11", "-O1", "-shared", "-fPIC", *flags)
    output(run(*compiler(), *flags, str(HERE / source), "-o", path))
    return path


@pytest.fixture(scope="module")
def depth(tmp_path_factory):
    """A function that tells how much stack a call takes, in bytes."""
    headers = Path(sysconfig.get_path("include"))
    if not (headers / "Python.h").exists():
        pytest.skip("the headers of Python are not here")
    path = library(tmp_path_factory.mktemp("depth"), "depth.c", f"-I{headers}")
    told = ctypes.PyDLL(path).depth_of_call
    told.argtypes, told.restype = [ctypes.py_object] * 3, ctypes.c_size_t

    def depth_of(function, inputs, keywords):
        return told(function, tuple(inputs), keywords)

    return depth_of


@pytest.fixture(autouse=True)
def one_thread():
    before = relu_ufunc.set_num_threads(1)
    yield
    relu_ufunc.set_num_threads(before)


NEVER = 1 << 62
# By each door, and past the caches; what a kernel takes itself, in every dtype.
WAYS = [
    *((dtype, True, NEVER) for dtype in ("bfloat16", "f", "d", "g")),
    *(("f", True, 0), ("f", False, NEVER)),
]


@every_loop
@np.errstate(all="ignore")
def test_a_call_takes_little_stack(isas, depth, name):
    """Beside what NumPy takes of it, where it serves the call."""

    def taken(function, inputs, keywords):
        before = _relu_ufunc.calls_served()
        ours = depth(function, inputs, keywords)
        if _relu_ufunc.calls_served() > before:
            return ours
        options = keywords | ({"out": keywords["out"][0]} if "out" in keywords else {})
        return ours - depth(np.add, [inputs[0], inputs[-1]], options)

    depth(np.add, [1.0, 1.0], {})
    for dtype, direct, threshold in WAYS:
        every = name in FEW_LOOPS and dtype == "f"
        made = [call for call in calls(name, dtype) if every or call[0] in FEW]
        for label, *call in made:
            with door(direct), streaming(threshold):
                for isa, uf in isas[:1] if dtype == "g" else isas:  # it has one kernel for all
                    function = getattr(uf, name)
                    # The first call of some C functions takes more, to find them.
                    fits = any(taken(function, *call) <= MOST for _ in range(2))
                    assert fits, (isa, dtype, direct, threshold, label)


@pytest.fixture(scope="module")
def no_memory(tmp_path_factory):
    if sys.platform != "linux":
        pytest.skip("a function of the C library is replaced as Linux does it")
    return library(tmp_path_factory.mktemp("no_memory"), "no_memory.c")


def test_a_thread_of_the_least_stack(isas):
    names = [isa for isa, _ in isas]
    assert output(python("tests/helpers/little_stack.py", *names)) == "fine"


def test_a_thread_of_the_least_stack_without_memory(no_memory):
    """The engine finds none, whatever the instruction set."""
    isa = relu_ufunc.get_isa()
    assert output(python("tests/helpers/little_stack.py", isa, LD_PRELOAD=no_memory)) == "fine"
