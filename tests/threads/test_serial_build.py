"""A build without threads has one thread, says so, and takes no other number."""

import numpy as np
import pytest
import threadpoolctl
from processes import output, python

import relu_ufunc
from relu_ufunc import _relu_ufunc

pytestmark = pytest.mark.serial
WORDS = "must be 1: this build has no threads"


def test_it_is_one():
    assert (_relu_ufunc.POOL_KIND, _relu_ufunc.MOST_THREADS) == ("serial", 1)


def test_it_has_one_thread():
    assert relu_ufunc.get_num_threads() == 1
    assert relu_ufunc.set_num_threads(1) == 1
    assert relu_ufunc.set_num_threads(np.int8(1)) == 1
    _relu_ufunc.empty_parallel_region()
    assert relu_ufunc.get_num_threads() == 1


def test_calls_of_any_size():
    x = np.linspace(-1, 1, 1 << 21, dtype="f")
    assert np.array_equal(relu_ufunc.relu(x), np.maximum(x, 0))


@pytest.mark.parametrize("n", [0, -1, 2, 8, 1024, 2**64], ids=str)
def test_other_numbers(n):
    with pytest.raises(ValueError, match=rf"set_num_threads\(n={n}\): {WORDS}$"):
        relu_ufunc.set_num_threads(n)
    with pytest.raises(ValueError, match=f"threads={n}: must be from 1 to 1$"):
        _relu_ufunc.set_threads(n)
    assert relu_ufunc.get_num_threads() == 1


@pytest.mark.parametrize("value", ["0", "2", "8", "1024", "two"])
def test_other_numbers_in_the_environment(value):
    process = python("-c", "import relu_ufunc", RELU_UFUNC_NUM_THREADS=value)
    assert process.returncode == 1
    message = process.stderr.strip().splitlines()[-1]
    assert message == f"ImportError: RELU_UFUNC_NUM_THREADS={value!r}: {WORDS}"


def test_one_in_the_environment():
    for limit in ({"RELU_UFUNC_NUM_THREADS": "1"}, {"OMP_NUM_THREADS": "8"}):
        code = "import relu_ufunc; print(relu_ufunc.get_num_threads())"
        assert output(python("-c", code, **limit)) == "1"


def test_it_says_so():
    config = relu_ufunc.show_config(mode="dicts")
    assert config["Threads"] == {"in use": 1, "default": 1, "pool": "serial"}
    printed = output(python("-m", "relu_ufunc", "info"))
    [line] = [line for line in printed.splitlines() if line.startswith("threads:")]
    assert line.split() == ["threads:", "1", "(this", "build", "has", "no", "threads)"]


def test_threadpoolctl():
    [info] = [i for i in threadpoolctl.threadpool_info() if i["user_api"] == "relu_ufunc"]
    assert info["num_threads"] == 1
    for limit in (1, 8):
        with threadpoolctl.threadpool_limits(limit):
            assert relu_ufunc.get_num_threads() == 1
