"""Statements that are timed in turn, on memory and threads as they say."""

import argparse
import mmap
import time
import timeit
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from benchmarks.machine import available_cores
from benchmarks.timing import interleaved

import relu_ufunc
from relu_ufunc import _relu_ufunc

ROOT = Path(__file__).resolve().parents[2]
ITEM = 4  # bytes of a float32
HUGE = 4 << 20  # bytes, from where NumPy asks for huge pages
SAMPLE = 2e-4  # seconds
FEWEST = 5  # samples


def start(doc, seconds, meaning):
    """What --seconds says, for a script with this docstring; shows what it will run on."""
    about, _, details = doc.partition("\n\n")
    form = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=about, epilog=details, formatter_class=form)
    meaning += f" (default: {seconds})"
    parser.add_argument("--seconds", type=float, default=seconds, help=meaning)
    options = parser.parse_args()
    if available_cores() < 2:
        raise SystemExit("this process may use one processor: two are needed")
    print(f"{relu_ufunc.get_isa()}, 1 and 2 threads")
    return options.seconds


@dataclass(frozen=True)
class Way:
    """A statement on x, o of its size and f, the function; and what holds while it runs."""

    statement: str
    threads: int = 1
    recycle: bool = False

    def around(self):
        relu_ufunc.set_num_threads(self.threads)
        return relu_ufunc.recycle_outputs(2 << 30) if self.recycle else nullcontext()


EMPTY = Way("pass")


class Stopwatch:
    """A timer for `interleaved`. One thread is timed by its processor time, two by the clock."""

    def __init__(self, way, scope, clock=None):
        self.way = way
        clock = clock or (time.thread_time if way.threads == 1 else time.perf_counter)
        self.timer = timeit.Timer(way.statement, globals=scope, timer=clock)

    def timeit(self, number):
        with self.way.around():
            self.timer.timeit(1)  # others had the caches, and malloc, before
            return self.timer.timeit(number)


def array_of(size):
    """Memory of its own for so many float32, without malloc: it begins at a page."""
    memory = mmap.mmap(-1, size * ITEM)
    if size * ITEM >= HUGE and hasattr(mmap, "MADV_HUGEPAGE"):
        memory.madvise(mmap.MADV_HUGEPAGE)  # as NumPy does
    return np.frombuffer(memory, np.float32)


def nanoseconds(ways, scope, seconds, clock=None, sample=SAMPLE):
    """The median of the time of a call, for each way, less what an empty statement takes."""
    watches = [Stopwatch(way, scope, clock) for way in (*ways, EMPTY)]
    rows = interleaved(watches, 101, sample, limit=seconds, least=FEWEST)
    medians = np.median(rows, axis=1) * 1e9
    return dict(zip(ways, medians[:-1] - medians[-1], strict=True))


def threads_used(function, size, threads, inputs=1):
    """How many of so many threads a call on float32 has by the library's model."""
    name = f"{function} f32"
    if name not in _relu_ufunc.learned()["ns an element, in cache"]:
        ufunc = getattr(relu_ufunc, function)
        ufunc(*[array_of(1024)] * ufunc.nin)
    learned = _relu_ufunc.learned()
    byte, own = learned["ns a byte, from memory"], _relu_ufunc.caches()[0]
    alone, bytes_read = size * learned["ns an element, in cache"][name], inputs * size * ITEM
    if bytes_read + size * ITEM > own:
        alone += (bytes_read + size * ITEM) * byte
    return _relu_ufunc.threads_by_model(alone, min(bytes_read, own) * byte, threads, threads)


def threads_begin(function, inputs=1):
    """From how many elements on a call of float32 has two threads."""
    return next(2**n for n in range(9, 40) if threads_used(function, 2**n, 2, inputs) == 2)
