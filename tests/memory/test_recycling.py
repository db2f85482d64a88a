"""recycle_outputs: which memory an output lies on, and that nobody sees what it held."""

import asyncio
import contextvars
import copy
import gc
import os
import pickle
import random
import re
import sys
import threading
import tracemalloc

import numpy as np
import oracle
import pytest
from memory_handler import handler_of, in_force, recycling_from_source
from processes import output, python

from relu_ufunc import _relu_ufunc, leaky_relu, recycle_outputs, relu


@pytest.fixture(autouse=True)
def our_door():
    """Only outputs that the library makes itself are recycled."""
    before = _relu_ufunc.serve_directly(True)
    yield
    _relu_ufunc.serve_directly(before)


OURS, NUMPYS = "relu_ufunc.recycle_outputs", "default_allocator"
MIB = 1 << 20


def large(mib=4, value=1.0):
    return np.full(int(mib * MIB) // 4, value, np.float32)


def address(array):
    return array.ctypes.data


class Tagged(np.ndarray):
    pass


# Which memory


def test_an_output_lies_where_a_freed_one_lay():
    with recycle_outputs():
        y = relu(large())
        at = address(y)
        del y
        others = [np.empty(MIB, "f"), np.zeros(MIB, "f"), large() + 1, np.maximum(large(), 0)]
        assert at not in map(address, others)
        assert address(relu(large())) == at


@pytest.mark.parametrize("name", ["relu", "leaky_relu", "elu", "relu_grad", "relu_backward"])
def test_recycled_outputs_are_right(uf, name):
    function = getattr(uf, name)
    args = [np.linspace(-1, 1, MIB, dtype="f")] * len(oracle.REQUIRED[name])
    want = function(*args)
    with recycling_from_source() as source:
        for _ in range(3):
            relu(large(value=77))  # leaves its values behind
            assert np.array_equal(function(*args), want)
        assert source.allocations == 1


def test_recycled_outputs_are_like_any_other():
    with recycle_outputs():
        relu(large())
        y = relu(large().reshape(256, -1))
        assert type(y) is np.ndarray and y.shape == (256, 4096) and y.base is None
        assert y.flags.owndata and y.flags.writeable and y.flags.c_contiguous and y.flags.aligned
        assert address(y) % 64 == 0


@pytest.mark.parametrize("name", ["relu", "leaky_relu", "elu", "relu_grad", "elu_grad"])
def test_padding_of_an_element_shows_nothing(uf, name):
    unused = np.zeros(1, "g").view(np.uint8)
    unused[:] = 0xAA
    unused[: 10 if np.finfo("g").nmant == 63 else unused.size] = 0
    with recycle_outputs():
        large(value=-77).view(np.uint8)[:] = 0xAA
        relu(np.full(1 << 18, 1e300 / 3))
        out = getattr(uf, name)(np.linspace(-1, 1, 1 << 17, dtype="g"))
        assert not np.any(out.view(np.uint8).reshape(out.size, -1)[:, unused != 0])


@pytest.mark.parametrize("order", "CF")
def test_recycled_outputs_have_the_order_of_the_input(order):
    x = np.arange(-MIB / 2, MIB / 2, dtype="f").reshape((64, 128, -1), order=order)
    with recycle_outputs():
        relu(large(value=77))
        y = relu(x)
        assert handler_of(y) == OURS
        assert y.strides == x.strides
        assert y.flags.c_contiguous == (order == "C") and y.flags.f_contiguous == (order == "F")
        assert np.array_equal(y, np.maximum(x, 0))


def test_small_outputs_are_numpys():
    with recycle_outputs():
        assert handler_of(relu(large(1 / 8))) == OURS
        assert handler_of(relu(large(1 / 8)[1:])) == NUMPYS
        assert handler_of(relu(np.zeros((0, MIB), "f"))) == NUMPYS


def test_other_arrays_are_numpys():
    x, mask = large(), np.ones(MIB, bool)
    with recycle_outputs():
        relu(x)
        made = {
            "empty": np.empty(MIB, "f"),
            "empty_like": np.empty_like(relu(x)),
            "zeros": np.zeros(MIB, "f"),
            "a NumPy ufunc": np.negative(x),
            "of a subclass": relu(x.view(Tagged)),
            "where": relu(x, where=mask, out=None),
            "out": relu(x, out=np.empty(MIB, "f")),
            "copy": relu(x).copy(),
            "deepcopy": copy.deepcopy(relu(x)),
            "pickle": pickle.loads(pickle.dumps(relu(x))),
        }
        assert [name for name, array in made.items() if handler_of(array) == OURS] == []


def test_the_block_that_fits_best_is_taken():
    with recycling_from_source() as source:
        sizes = {}
        for mib in (4, 4.25, 8):
            y = relu(large(mib))
            sizes[address(y)] = mib
            del y
        for mib, taken in [(4.1, 4.25), (4, 4), (7.5, 8), (7.125, 8)]:
            y = relu(large(mib))
            assert sizes[address(y)] == taken
            assert y.nbytes == large(mib).nbytes
            del y
        assert source.allocations == 3
        relu(large(7))  # too far below 8
        assert source.allocations == 4


def test_the_handler_in_force_gives_no_recycled_memory():
    with recycle_outputs():
        relu(large(value=77))
        with in_force(_relu_ufunc.recycler_in_use.get()):
            made, zeros = np.empty(MIB, "f"), np.zeros(MIB, "f")
        assert handler_of(made) == handler_of(zeros) == OURS
        assert not zeros.any()
        relu(large())
        assert address(relu(large())) not in (address(made), address(zeros))


# How much


def test_the_limit_counts_what_is_free():
    with recycling_from_source(max_bytes=8 * MIB) as source:
        outputs = [relu(large()) for _ in range(5)]
        assert len(source.live) == 5
        del outputs
        assert len(source.live) == 2


@pytest.mark.parametrize(
    ("max_bytes", "kept"), [(0, 0), (4 * MIB - 1, 0), (4 * MIB, 1), (2**80, 1)]
)
def test_the_limit_is_a_limit(max_bytes, kept):
    with recycling_from_source(max_bytes) as source:
        relu(large())
        assert len(source.live) == kept
        relu(large())
        assert source.allocations == 2 - kept


def test_what_was_freed_longest_ago_goes_first():
    with recycling_from_source(max_bytes=13 * MIB) as source:
        a, b, c = (relu(large(mib)) for mib in (4, 5, 8))
        del b, a, c  # 5 MiB is the oldest: 17 > 13, 12 <= 13
        assert source.allocations == 3
        held = relu(large(4)), relu(large(8))
        assert source.allocations == 3
        relu(large(5))
        assert source.allocations == 4
        del held


def test_at_most_256_blocks_are_kept():
    x = large(1 / 8)
    with recycling_from_source(max_bytes=2**40) as source:
        outputs = [relu(x) for _ in range(258)]
        del outputs
        assert len(source.live) == 256


def test_a_block_too_large_to_keep_evicts_nothing():
    with recycling_from_source(max_bytes=4 * MIB) as source:
        relu(large(4))
        relu(large(8))
        relu(large(4))
        assert source.allocations == 2


@pytest.mark.parametrize("max_bytes", [True, False, np.True_, 1.0, np.float64(4), "1", None, 1e9])
def test_max_bytes_is_an_integer(max_bytes):
    message = (
        rf"recycle_outputs\(max_bytes={re.escape(repr(max_bytes))}\): must be an integer, not "
    )
    with pytest.raises(TypeError, match=message + type(max_bytes).__name__):
        recycle_outputs(max_bytes)


def test_max_bytes_is_not_negative():
    with pytest.raises(ValueError, match=r"recycle_outputs\(max_bytes=-1\)"):
        recycle_outputs(max_bytes=-1)
    with recycle_outputs(np.int64(MIB)), recycle_outputs(0):
        pass


def test_without_memory_what_is_kept_is_given_up():
    with recycling_from_source() as source:
        relu(large(4))
        assert len(source.live) == 1
        source.exhausted = True
        y = relu(large(8))
        assert handler_of(y) == NUMPYS
        assert not source.live


def test_tracemalloc_sees_what_is_in_use():
    x = large()
    domain = tracemalloc.DomainFilter(True, np.lib.tracemalloc_domain)

    def traced():
        traces = tracemalloc.take_snapshot().filter_traces([domain]).traces
        return sum(trace.size for trace in traces if trace.size >= MIB)

    tracemalloc.start()
    try:
        with recycle_outputs():
            for _ in range(2):
                y = relu(x)
                assert traced() == y.nbytes
                z = relu(x)
                assert traced() == y.nbytes + z.nbytes
                y.resize(2 * MIB, refcheck=False)
                assert traced() == y.nbytes + z.nbytes
                del y, z
                assert traced() == 0
    finally:
        tracemalloc.stop()


# When


def test_leaving_frees_what_is_kept_and_nothing_else():
    with recycling_from_source() as source:
        relu(large(8))
        y, z = relu(large(value=3)), relu(large(value=4))
        assert len(source.live) == 3
        del z
    assert len(source.live) == 1
    assert (y == 3).all()
    assert handler_of(relu(large())) == NUMPYS
    del y
    assert not source.live


def test_an_exception_leaves_too():
    with pytest.raises(ZeroDivisionError), recycling_from_source() as source:
        relu(large())
        1 / 0  # noqa: B018
    assert not source.live
    assert handler_of(relu(large())) == NUMPYS


def test_an_output_that_is_never_seen_is_recycled():
    with recycling_from_source() as source:
        for _ in range(3):
            with np.errstate(over="raise"), pytest.raises(FloatingPointError):
                leaky_relu(large(value=-3e38), 10.0)
            assert len(source.live) == 1
        relu(large())
        assert source.allocations == 1


def test_nested_ones_have_memory_of_their_own():
    with recycling_from_source() as outer:
        y = relu(large())
        with recycling_from_source(max_bytes=0) as inner:
            del y
            assert len(outer.live) == 1
            relu(large())
            assert (inner.allocations, len(inner.live)) == (1, 0)
        assert len(outer.live) == 1
        relu(large())
        assert (outer.allocations, inner.allocations) == (1, 1)


def test_garbage_cycles_are_recycled():
    with recycling_from_source() as source:
        holder = [relu(large())]
        holder.append(holder)
        del holder
        gc.collect()
        relu(large())
        assert source.allocations == 1


# Whose


@pytest.mark.skipif(
    getattr(sys.flags, "thread_inherit_context", False), reason="threads inherit the context"
)
def test_other_threads_are_not_affected():
    seen = []
    with recycle_outputs():
        thread = threading.Thread(target=lambda: seen.append(handler_of(relu(large()))))
        thread.start()
        thread.join()
    assert seen == [NUMPYS]


def test_asyncio_tasks_inherit_it():
    async def handler():
        await asyncio.sleep(0)
        return handler_of(relu(large()))

    async def main():
        before = asyncio.create_task(handler())
        with recycle_outputs():
            inside = asyncio.create_task(handler())
            assert await before == NUMPYS
            assert await inside == OURS
        assert await handler() == NUMPYS

    asyncio.run(main())


@pytest.mark.parametrize("after_leaving", [False, True])
def test_another_thread_may_free(after_leaving):
    held = []

    def free():
        thread = threading.Thread(target=held.clear)
        thread.start()
        thread.join()

    with recycling_from_source() as source:
        held.append(relu(large()))
        if not after_leaving:
            free()
            relu(large())
            assert source.allocations == 1
    if after_leaving:
        assert len(source.live) == 1
        free()
    assert not source.live


def test_threads_that_share_one():
    failures = []

    def work(seed):
        rng = random.Random(seed)
        x = np.arange(MIB, dtype=np.float32) + seed
        held = [(0, x[:0])] * 3
        for _ in range(400):
            n = rng.randrange(MIB // 64, MIB // 2)
            i = rng.randrange(3)
            held[i] = (n, relu(x[:n]))
            n, y = held[rng.randrange(3)]
            if not np.array_equal(y, x[:n]):
                failures.append((seed, n))

    with recycling_from_source(max_bytes=8 * MIB) as source:
        threads = [
            threading.Thread(target=contextvars.copy_context().run, args=(work, seed))
            for seed in range(1, 9)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sum(source.live.values()) <= 8 * MIB + 256 * 128
        assert source.allocations < 8 * 400
    assert not failures
    assert not source.live


# Arrays that change


def test_resize():
    with recycling_from_source() as source:
        relu(large(8, value=77))
        y = relu(large(8, value=3))
        y.resize(3 * MIB, refcheck=False)
        assert address(y) % 64 == 0
        assert (y[: 2 * MIB] == 3).all() and not y[2 * MIB :].any()
        y.resize(MIB, refcheck=False)
        assert (y == 3).all()
        y.resize(10, refcheck=False)
        assert (y == 3).all()
        assert sum(source.live.values()) < (8 + 12 + 4 + 1) * MIB
        del y
        assert all(size > MIB for size in source.live.values())
    assert not source.live


def test_resize_shows_nothing_of_the_block():
    with recycle_outputs():
        relu(large(4.25, value=77))
        y = relu(large(4, value=3))  # on the block of 4.25 MiB
        y.resize(5 * MIB // 4, refcheck=False)
        assert (y[:MIB] == 3).all() and not y[MIB:].any()


# The life of a process


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
def test_fork():
    code = """
import os, sys, threading, warnings
import numpy as np
from relu_ufunc import recycle_outputs, relu

warnings.simplefilter("ignore", DeprecationWarning)  # of a fork beside threads
x = np.ones(1 << 19, "f")
stop = threading.Event()

def churn():
    with recycle_outputs():
        while not stop.is_set():
            relu(x)

def check():
    y = relu(x)
    assert (y == 1).all()
    del y
    assert (relu(x[: 1 << 18]) == 1).all()

threads = [threading.Thread(target=churn) for _ in range(2)]
for thread in threads:
    thread.start()
with recycle_outputs():
    held = relu(x)
    relu(x)
    for _ in range(20):
        child = os.fork()
        if child == 0:
            check()
            assert (held == 1).all()
            del held
            check()
            os._exit(0)
        assert os.waitpid(child, 0)[1] == 0
        check()
stop.set()
for thread in threads:
    thread.join()
print("done")
"""
    assert output(python("-c", code)) == "done"


@pytest.mark.parametrize("left", [True, False])
def test_interpreter_exit(left):
    code = f"""
import sys
import numpy as np
from relu_ufunc import recycle_outputs, relu

x = np.ones(1 << 20, "f")
context = recycle_outputs()
context.__enter__()
relu(x)
y = relu(x)
if {left}:
    context.__exit__(None, None, None)
sys.held, sys.cycle = y, [y]
sys.cycle.append(sys.cycle)
print("done")
"""
    assert output(python("-c", code)) == "done"
