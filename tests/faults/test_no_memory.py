"""When there is no memory, a call or an import fails whole, and works once there is."""

import inspect
import sys

import pytest
from processes import output, python


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="limits memory as Linux does")
@pytest.mark.parametrize("entry", ["direct", "numpy"])
def test_no_memory_for_an_output(entry):
    """The first of two outputs, made in vain, is given back."""
    code = """
        import resource
        import numpy as np
        import relu_ufunc as r

        row = np.broadcast_to(np.float32(-1), (100, 200_000))
        channel = np.ones((100, 1), "f")
        small = np.float32([-1, 2])
        r.elu(row[:2], channel[:2]), r.prelu_grad(row[:2], 0.5)
        in_use = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (in_use + 120_000_000,) * 2)
        for attempt in range(5):
            for f, *args in (r.prelu_grad, row, 0.5), (r.prelu_backward, row, row, channel):
                try:
                    f(*args)
                except MemoryError as error:
                    print(error)
                else:
                    print("there is memory for two outputs")
            assert r.elu(row, channel)[0, 0] == r.elu(np.float32(-1))
            assert r.relu(small).tolist() == [0, 2]
    """
    printed = output(python("-c", inspect.cleandoc(code), RELU_UFUNC_ENTRY=entry)).splitlines()
    assert len(printed) == 10
    assert set(printed) == {
        "Unable to allocate 76.3 MiB for an array with shape (100, 200000) and data type float32"
    }


def test_each_allocation_fails_in_its_turn(faulty_python):
    """MemoryError and nothing lost or half done; or, where it can do without, the same bits."""
    assert faulty_python("tests/helpers/out_of_memory.py") == "fine"


# Python counts no allocation of the import but our own: its compiler and NumPy crash at some.
IMPORT = """
import os, sys
import numpy as np
from running_out import fail_for_us_alone, failed, failing_call, ufuncs_may_fail_to_be_made

fail_for_us_alone()
ufuncs_may_fail_to_be_made()
failures = 0
for n in range({first}, 10**6, {step}):
    child = os.fork()
    if child == 0:
        try:
            failing_call(__import__, ("relu_ufunc",), {{}}, n)
        except MemoryError:
            assert failed() == 1 and "relu_ufunc" not in sys.modules
        import relu_ufunc
        assert relu_ufunc.elu(np.float32([0, 2])).tolist() == [0, 2]
        os._exit(10 + failed())
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    assert status in (10, 11), (n, status)
    if status == 10:
        break
    failures += 1
print(failures)
"""


STEPS = [47, pytest.param(5, marks=pytest.mark.exhaustive), pytest.param(1, marks=pytest.mark.soak)]


@pytest.mark.parametrize("step", STEPS)
def test_an_import_without_memory_works_the_second_time(faulty_python, step):
    failures = int(faulty_python("-c", IMPORT.format(first=step // 2, step=step)))
    assert failures * step > 100
