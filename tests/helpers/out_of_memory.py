"""A program: each allocation of a call fails in its turn, and the next call works."""

import copy
import gc
import tracemalloc

import numpy as np
from abi_1 import NO_MEMORY, OK, TYPES, api
from abi_1 import call as call_by_c
from call_layouts import FEW, calls
from kinds import SIGNATURES
from running_out import (
    fail_for_us_alone,
    failed,
    failing_call,
    live_blocks,
    same_bits,
    ufuncs_may_fail_to_be_made,
)

import relu_ufunc
from relu_ufunc import _relu_ufunc, recycle_outputs

TRIES = 4  # at each allocation: what is lost is lost in each, what a thread keeps is new once
blocks = np.zeros(TRIES, int)  # filled without an allocation


def each_allocation_fails(function, args, kwargs, label):
    """Returns how many there are."""
    want = copy.deepcopy(function(*args, **kwargs))
    n, finished = 0, False
    while not finished:
        for all_after in (False, True):
            for attempt in range(TRIES):
                got = raised = None
                try:
                    got = failing_call(function, args, kwargs, n, all_after)
                except MemoryError:
                    raised = True
                finished = not failed()
                assert not (finished and raised), (label, n)
                assert raised or same_bits(got, want), (label, n, all_after)
                got = None
                blocks[attempt] = live_blocks()
            assert (blocks[1:] <= blocks[:-1]).any(), (label, n, all_after, blocks)
        assert same_bits(function(*args, **kwargs), want), (label, n)
        n += 1
    return n - 1


def recycling():
    """An output on memory that is kept, and what keeps it, which is never entered by half."""
    x = np.linspace(-1, 1, 1 << 16, dtype="f")
    manager = recycle_outputs(16 << 20)
    for n in range(2):  # the recycler, its capsule: Python's own, the next ones, crash
        try:
            failing_call(manager.__enter__, (), {}, n)
        except MemoryError:
            assert _relu_ufunc.recycler_in_use.get(None) is None
        else:
            raise AssertionError(n)
    for attempt in range(TRIES):  # a block that is lost is missed at the end, when all are freed
        with manager:
            [relu_ufunc.relu(x) for _ in range(3)]
            count = each_allocation_fails(relu_ufunc.relu, (x,), {}, "recycled")
        blocks[attempt] = live_blocks()
    assert (blocks[1:] <= blocks[:-1]).any(), blocks
    tracemalloc.start()  # which needs memory, too, to note what an array takes
    with manager:
        each_allocation_fails(relu_ufunc.relu, (x,), {}, "traced")
    tracemalloc.stop()
    return 2 + count


def direct():
    """All that the direct door asks for, whoever it asks."""
    _relu_ufunc.serve_directly(True)
    _relu_ufunc.set_threads(1)  # the C library gives up the process where a new one has no memory
    count = recycling()
    for name in SIGNATURES:
        for label, inputs, kwargs in calls(name, "f"):
            if "new outputs" in label or label.startswith(("one ", "few")):
                function = getattr(relu_ufunc, name)
                served = _relu_ufunc.calls_served()
                function(*inputs, **kwargs)
                if _relu_ufunc.calls_served() > served:
                    count += each_allocation_fails(function, tuple(inputs), kwargs, (name, label))
    return count


def either_door():
    """What our own C asks for, in several layouts and on two threads."""
    fail_for_us_alone()
    _relu_ufunc.set_threads(2)
    _relu_ufunc.share_always(True)
    count = 0
    for direct in (True, False):
        _relu_ufunc.serve_directly(direct)
        for name in ("relu", "elu", "prelu_backward"):
            for label, inputs, kwargs in calls(name, "f"):
                if label not in FEW:
                    continue
                function = getattr(relu_ufunc, name)
                count += each_allocation_fails(function, tuple(inputs), kwargs, (name, label))
    return count


def by_c():
    x = np.linspace(-1, 1, 100, dtype="f")
    out = np.zeros_like(x)
    given = api().find(b"relu", TYPES[x.dtype]), x.shape, [x, out]
    assert [failing_call(call_by_c, given, {}, n) for n in range(2)] == [NO_MEMORY, OK]
    assert out.tobytes() == np.maximum(x, 0).tobytes()
    return 1


def ufuncs_of_another_isa():
    """Half-way nothing is kept: the next call makes all of them."""
    ufuncs_may_fail_to_be_made()
    isa = _relu_ufunc.isas()[-1]
    failures, made = 0, None
    while made is None:
        try:
            made = failing_call(_relu_ufunc.ufuncs_of, (isa,), {}, 7 * failures)
        except MemoryError:
            failures += 1
    assert failed() == 0
    assert set(made) == {kernel.name for kernel in _relu_ufunc.KERNELS}
    assert made["relu"](np.float32([-1, 2])).tolist() == [0, 2]
    return failures


gc.disable()
with np.errstate(all="ignore"):
    for part in (direct, either_door, by_c, ufuncs_of_another_isa):
        assert part() > 0
print("fine")
