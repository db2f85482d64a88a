"""When there is no memory, a call fails whole, by either door."""

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


def test_no_memory_for_an_object():
    """Each allocation fails in its turn: the call fails whole, or succeeds whole."""
    pytest.importorskip("_testcapi")
    code = """
        import sys
        import _testcapi
        import numpy as np
        import relu_ufunc as r
        from relu_ufunc import _relu_ufunc

        x, s, out = np.float32([[-1, 2], [3, -4]]), np.float32([1, 2]), np.zeros((2, 2), "f")
        column, named = s[:, None], {"alpha": 0.5, "out": out}
        lasting = [x, s, out, column, np.dtype("f"), r.relu, named]
        calls = [
            (r.relu, (x,), {}),
            (r.relu, (x, out), {}),
            (r.relu, (x.T,), {"out": out}),
            (r.elu, (x,), {}),
            (r.elu, (x,), named),
            (r.elu, (x, column), {}),
            (r.prelu, (x, s[0]), {}),
            (r.prelu, (x, 2), {"out": (out,)}),
            (r.prelu_grad, (x, s), {}),
            (r.prelu_grad, (x, s), {"out": (None, out)}),
            (r.prelu_backward, (x, x, 0.25), {}),
        ]
        _relu_ufunc.serve_directly(True)
        failures = 0
        for f, args, kwargs in calls:
            want = np.copy(f(*args, **kwargs))
            served = _relu_ufunc.calls_served()
            f(*args, **kwargs)
            assert _relu_ufunc.calls_served() == served + 1, f
            counts = list(map(sys.getrefcount, lasting))
            for start in range(1, 30):
                got = None
                _testcapi.set_nomemory(start, start + 1)
                try:
                    got = f(*args, **kwargs)
                except MemoryError:
                    failures += 1
                finally:
                    _testcapi.remove_mem_hooks()
                assert got is None or (np.copy(got) == want).all(), f
            got = None
            assert counts == list(map(sys.getrefcount, lasting)), f
        print(failures)
    """
    assert int(output(python("-c", inspect.cleandoc(code)))) > 0
