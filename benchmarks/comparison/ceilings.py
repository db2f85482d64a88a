"""The limits of the machine: memory by size class, a call, a pool of threads."""

import ctypes
from concurrent.futures import ThreadPoolExecutor
from ctypes.util import find_library
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from benchmarks.timing import interleaved

from relu_ufunc import _relu_ufunc

from .measure import Stopwatch, fill_times
from .peers import OURS, Contestant, Refused, first_line, memcpy, paged
from .results import REFUSED, Row

CASE = "ceilings"
# Bytes moved. They stand for: first cache, second, third, memory.
CLASSES = (2**14, 2**19, 2**22, 2**27)
TOO_SMALL_TO_SPLIT = 2**20
VECTOR = 64  # bytes: what a non-temporal store writes at once


def copy(size, threads):
    return memcpy(size)


def read(size, threads):
    """A maximum is the lightest reduction: it keeps up with what loads bring."""
    return Contestant("read", "x.max()", {"x": paged(size, 1)[0]}, kind="limit")


def fill(size, threads):
    return Contestant("fill", "x.fill(1)", {"x": paged(size, 1)[0]}, kind="limit")


def streaming_copy(size, threads):
    """Stores that go past the caches. Numba can say them; NumPy has no way to ask for them."""
    if find_spec("numba") is None:
        raise Refused("needs numba")
    from .streaming import stream

    source, target = paged(size // 2, 2)
    scope = {"stream": stream, "n": source.size // VECTOR, "keep": (source, target)}
    scope["a"], scope["b"] = source.ctypes.data, target.ctypes.data
    target.fill(0)
    stream(scope["b"], scope["a"], scope["n"])
    if not target.all():
        raise Refused("it does not copy")
    return Contestant("non-temporal copy", "stream(b, a, n)", scope, kind="limit")


def shared_copy(size, threads):
    """memcpy by several Python threads at once: NumPy lets go of the GIL."""
    if threads == 1:
        raise Refused("one thread")
    if size < TOO_SMALL_TO_SPLIT:
        raise Refused("too small")
    a, b = paged(size // 2, 2)
    parts = [np.array_split(array, threads) for array in (b, a)]
    scope = {"pool": ThreadPoolExecutor(threads).map, "copyto": np.copyto, "a": parts[1]}
    scope["b"] = parts[0]
    statement = "list(pool(copyto, b, a))"
    return Contestant(f"memcpy, {threads} threads", statement, scope, "limit", threads)


MEMORY = {
    "memcpy": copy,
    "read": read,
    "fill": fill,
    "non-temporal copy": streaming_copy,
    "memcpy, all threads": shared_copy,
}


def empty_call(threads):
    x, o = np.ones(1, np.float32), np.ones(1, np.float32)
    scope = {"negative": np.negative, "x": x, "o": o}
    return Contestant("empty ufunc call", "negative(x, out=o)", scope, kind="limit")


def openmp(threads):
    """GCC's OpenMP entered through its C interface, to run a function that does nothing."""
    if threads == 1:
        raise Refused("one thread")
    try:
        enter = library("gomp").GOMP_parallel
    except (OSError, AttributeError) as error:
        raise Refused(f"no GNU OpenMP here: {error}") from error
    enter.restype = None
    enter.argtypes = (ctypes.c_void_p, ctypes.c_void_p, ctypes.c_uint, ctypes.c_uint)
    nothing = ctypes.cast(ctypes.CDLL(None).abs, ctypes.c_void_p)
    scope = {"enter": enter, "f": nothing, "n": threads}
    return Contestant("fork-join, OpenMP", "enter(f, None, n, 0)", scope, "limit", threads)


def library(name):
    """A shared library of the system, or the one that PyTorch brings along."""
    torch = find_spec("torch")
    folder = Path(torch.origin).parent / "lib" if torch and torch.origin else Path()
    own = [str(path) for path in sorted(folder.glob(f"lib{name}*"))] if torch else []
    return ctypes.CDLL(next(iter([*own, find_library(name) or f"lib{name}.so.1"])))


def foreign_call(threads):
    """What of the OpenMP figure is the way out of Python."""
    function = ctypes.CDLL(None).abs
    return Contestant("foreign call", "f(1)", {"f": function}, kind="limit")


def own_pool(threads):
    """relu_ufunc's own pool, entered and left."""
    if not hasattr(_relu_ufunc, "empty_parallel_region"):
        raise Refused("this version has no pool")
    scope = {"enter": _relu_ufunc.empty_parallel_region}
    return Contestant(OURS, "enter()", scope, "own", threads)


CALLS = {"empty ufunc call": empty_call, "fork-join, OpenMP": openmp, "foreign call": foreign_call}
FORK_JOIN = {OURS: own_pool, "fork-join, OpenMP": openmp, "foreign call": foreign_call}


def measure_ceilings(options):
    """Each size class on its own, its contestants in turn."""
    rows = []
    for size in CLASSES:
        rows += measured(MEMORY, options, size)
    return rows + measured(CALLS, options)


def measure_fork_join(case, options):
    rows = measured(FORK_JOIN, options)
    for row in rows:
        row.case = case.name
    return rows


def measured(makers, options, size=None):
    rows, entered = [], []
    for name, make in makers.items():
        row = Row(CASE, name, "ceiling", bytes=size)
        rows.append(row)
        try:
            contestant = make(*(() if size is None else (size,)), options.threads)
        except Refused as refusal:
            row.status, row.note = REFUSED, f"not measured: {refusal}"
            continue
        except Exception as error:
            row.status, row.note = REFUSED, f"not measured: {first_line(error)}"
            continue
        row.statement, row.threads = contestant.statement, contestant.threads
        entered.append((Stopwatch(contestant, options), row))
    if entered:
        watches = [watch for watch, _ in entered]
        seconds = interleaved(watches, options.repetitions, options.sample)
        for sample, (_, row) in zip(seconds, entered, strict=True):
            row.rounds = options.repetitions
            fill_times(row, sample)
            if entered[0][1].contestant == OURS:
                row.ratio_q1, row.ratio, row.ratio_q3 = map(
                    float, np.percentile(seconds[0] / sample, (25, 50, 75))
                )
    return rows
