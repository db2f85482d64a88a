"""Python threads that call at the same time, and that run during a call."""

import sys
import threading
import time

import numpy as np
import pytest
from doors import door
from samples import numbers

import relu_ufunc


def test_threads_do_not_disturb_each_other():
    def work(seed, found):
        x = numbers("f", 60, seed)
        with np.errstate(all="ignore"):
            want = relu_ufunc.elu(x, 0.5).tobytes()
            found.append(all(relu_ufunc.elu(x, alpha=0.5).tobytes() == want for _ in range(300)))

    found = []
    threads = [threading.Thread(target=work, args=(seed, found)) for seed in range(4)]
    with door(True):
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert found == [True] * 4


@pytest.mark.parametrize(
    "inputs",
    [
        lambda x: (x,),
        lambda x: (x[::2],),
        lambda x: (x.reshape(-1, 1000).T,),
        lambda x: (x.reshape(-1, 1000), np.linspace(0, 1, 1000)),
    ],
    ids=["contiguous", "strided", "transposed", "broadcast"],
)
def test_other_threads_run_during_a_long_call(inputs):
    """The lock is given up: while it is held, the other thread gets none before a 1000 s wait."""
    count, stop = 0, threading.Event()

    def tick():
        nonlocal count
        while not stop.wait(1e-4):
            count += 1

    interval = sys.getswitchinterval()
    other = threading.Thread(target=tick)
    other.start()
    try:
        sys.setswitchinterval(1000)
        time.sleep(0.02)  # so that no wait with the old interval is left
        for size in (10**6, *[8 * 10**6] * 40):  # on a busy machine, the other may not run for long
            args = inputs(np.full(size, -0.5))
            out = np.empty(np.broadcast_shapes(*(a.shape for a in args)))
            with door(True):
                before = count
                relu_ufunc.elu(*args, out=out)
                after = count
            if after > before:
                break
        assert after > before
    finally:
        sys.setswitchinterval(interval)
        stop.set()
        other.join()
