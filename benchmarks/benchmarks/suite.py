"""What the classes of asv's benchmarks have in common."""

import os
import time
from abc import ABC, abstractmethod
from functools import lru_cache

import numpy as np

import relu_ufunc

from .common import Case
from .timing import interleaved

# For a look at whether everything runs, not at how fast: short lists of parameters, one round.
QUICK = bool(os.environ.get("BENCH_QUICK"))


# What one thread does is timed by that thread's processor time. By the clock on the wall, a process
# that shares its core is charged for the others; and more so in a long sample than in a short one,
# which flatters the faster of a pair.
CLOCK = time.thread_time


def cut(values, *kept):
    """A list of parameters; in a quick run only those `kept`, or the first where none is named."""
    return list(kept or values[:1]) if QUICK else list(values)


# asv calls setup before each sample; drawing the data anew would take longer than the calls.
@lru_cache(maxsize=1)
def checked_case(*arguments):
    """A case whose results have been seen to agree, so that nothing wrong is timed."""
    case = Case(*arguments)
    case.check()
    return case


def ratio(timer, reference, number=None):
    """The median of one timer's time over the other's, sample by sample."""
    seconds, of_reference = in_turn([timer, reference], number)
    return float(np.median(seconds / of_reference))


def in_turn(timers, number=None):
    """What `interleaved` returns; a quick run takes one sample of one call."""
    if QUICK:
        return interleaved(timers, rounds=1, number=1)
    return interleaved(timers, number=number, limit=1)


class Beside(ABC):
    """relu_ufunc and the expression it replaces, on one case and one thread.

    A time is that of as many calls as 2**20 elements take: the times of all sizes can be compared,
    and what asv adds to a call does not count. In place it is the time of one call, for each needs
    its inputs restored.
    """

    timer = CLOCK
    warmup_time = 0.02  # a sample of 2**20 elements warms up by itself
    repeat = (2, 5, 2.0)  # at least two samples, at most five, none begun after two seconds
    timeout = 300

    # Abstract, or asv would take this class for a benchmark wherever it is imported.
    @abstractmethod
    def case(self, *params):
        """The arguments of the Case that asv's parameters stand for."""

    def setup(self, *params):
        relu_ufunc.set_num_threads(1)
        self._case = checked_case(*self.case(*params))
        self._case.restore()
        self._calls = range(self._case.number or max(1, 2**20 // self._case.size))
        self._ours = self._case.bind(self._case.ours)
        self._numpy = self._case.bind(self._case.numpy)

    def time_relu_ufunc(self, *params):
        call = self._ours
        for _ in self._calls:
            call()

    def time_numpy(self, *params):
        call = self._numpy
        for _ in self._calls:
            call()

    def track_ratio(self, *params):
        case = self._case
        ours, numpy = (case.timer(f, clock=CLOCK) for f in (case.ours, case.numpy))
        return ratio(ours, numpy, case.number)

    track_ratio.unit = "ratio"
