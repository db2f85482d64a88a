"""Forks, signals and the end of the interpreter, at any moment of a call."""

import os

import pytest
from processes import output, python

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="processes are to be POSIX's")
MORE, MANY = (
    pytest.param(times, marks=mark)
    for times, mark in ((80, pytest.mark.exhaustive), (1000, pytest.mark.soak))
)
FEW_AND_MANY = pytest.mark.parametrize("times", [8, MORE, MANY])

BUSY = """
import os, random, signal, sys, threading, time
import numpy as np
import relu_ufunc
from relu_ufunc import _relu_ufunc, recycle_outputs

x = np.linspace(-5, 5, 60_000, dtype="f").reshape(200, 300)
CALLS = [
    lambda: relu_ufunc.elu(x),
    lambda: relu_ufunc.relu(x.T),
    lambda: relu_ufunc.gelu(x[:40, ::2], dtype="d"),
    lambda: relu_ufunc.leaky_relu(x, x[:, :1], out=np.empty_like(x)),
    lambda: relu_ufunc.prelu_vjp(x, x, x[0])[1],
]
relu_ufunc.set_num_threads(1)
RIGHT = [call().tobytes() for call in CALLS]
relu_ufunc.set_num_threads(3)
_relu_ufunc.share_always(True)
random.seed(5)

def check(i):
    assert CALLS[i]().tobytes() == RIGHT[i]

def check_all():
    for i in range(len(CALLS)):
        check(i)

def check_for_ever():
    with recycle_outputs():
        while True:
            check_all()

def be_busy(threads):
    for _ in range(threads):
        threading.Thread(target=check_for_ever, daemon=True).start()

def assert_child_ended(child):
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    assert status == 7, status
"""


def busy(code, **values):
    code = BUSY + code.format(**values) + 'print("fine")\n'
    assert output(python("-W", "ignore", "-c", code, timeout=1200)) == "fine"


@FEW_AND_MANY
def test_a_storm_of_forks(times):
    """While two threads compute, and of children that compute as well."""
    busy(
        """
be_busy(2)
for _ in range({times}):
    time.sleep(random.uniform(0, 0.004))
    child = os.fork()
    if child == 0:
        check_all()
        if sys.platform == "linux":  # it has threads of its own
            assert len(os.listdir("/proc/self/task")) == 3
        grandchild = os.fork()
        check_all()
        if grandchild != 0:
            assert_child_ended(grandchild)
        os._exit(7)
    assert_child_ended(child)
check_all()
""",
        times=times,
    )


@FEW_AND_MANY
def test_the_interpreter_ends_in_the_middle_of_calls(times):
    """Of daemon threads, which nobody waits for; each end is that of a child."""
    busy(
        """
for _ in range({times}):
    child = os.fork()
    if child == 0:
        be_busy(2)
        time.sleep(random.uniform(0, 0.01))
        check(0)
        sys.exit(7)
    assert_child_ended(child)
    random.random()
""",
        times=times,
    )


@FEW_AND_MANY
def test_signals_at_every_point(times):
    """Whose handlers call a ufunc themselves, or raise: what is called next gives the same bits."""
    busy(
        """
handled = 0
interruptible = False

class Interrupted(Exception):
    pass

def handle(signum, frame):
    global handled, interruptible
    handled += 1
    check(handled % len(CALLS))
    if interruptible and handled % 3 == 0:
        interruptible = False
        raise Interrupted

signal.signal(signal.SIGALRM, handle)
while handled < 25 * {times}:
    try:
        interruptible = True  # by a signal that comes while this is tried, and not after
        signal.setitimer(signal.ITIMER_REAL, random.uniform(1e-5, 1e-3))
        check_all()
        interruptible = False
    except Interrupted:
        pass
signal.setitimer(signal.ITIMER_REAL, 0)
check_all()
""",
        times=times,
    )
