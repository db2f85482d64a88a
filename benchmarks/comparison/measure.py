"""Checks results, then times the contestants of a case turn by turn."""

import time
import timeit
from dataclasses import dataclass, field

import numpy as np
from benchmarks.functions import FUNCTIONS, KERNELS
from benchmarks.machine import cache_sizes
from benchmarks.timing import interleaved

from .accuracy import exact, same_function, sample_of, ulp_from
from .cases import ONE_THREAD, Operands, Workload
from .contestants import NAMES
from .peers import (
    NOT_INSTALLED,
    OURS,
    Refused,
    first_line,
    memcpy,
    yardstick,
)
from .results import MEASURED, REFUSED, WRONG, Row

SINGLES = 3  # samples of one call that are taken at a time, for their median
SETTLE = 0.01  # seconds in which the pool of whoever came before stops spinning
IDLE = 1.0  # seconds
TRIES = 4  # of a sample, as long as other processes disturb it
DISTURBED = 1.1  # a sample took so much longer than the process was running
COUNTABLE = 5e-4  # seconds, beside which reading the clock of the CPU, a system call, is nothing
CLOCK = 2e-6  # seconds by which the clocks may differ
FEWEST = 5  # repetitions, however slow a case is


@dataclass
class Options:
    """How to measure: for every case alike."""

    threads: int = 1
    repetitions: int = 21
    sample: float = 0.002  # seconds in which calls are counted
    budget: float = 6.0  # seconds for a case, which slow ones reach with fewer repetitions
    samples: int = 0  # taken so far
    retaken: int = 0  # of these
    flush: np.ndarray = field(default_factory=lambda: np.zeros(flush_size(), np.uint8))


def flush_size():
    """Bytes that leave nothing else in the caches."""
    return 2 * max([*cache_sizes().values(), 2**24])


class Stopwatch:
    """A timer for `interleaved`: it prepares each sample, and counts the CPU time that it takes."""

    def __init__(self, contestant, options, before=None):
        """With `before`, a sample is the median of single calls, each after a call of that."""
        self.contestant, self.options, self.before = contestant, options, before
        self.settle = SETTLE if options.threads > 1 else 0
        self.timer = timeit.Timer(contestant.statement, globals=contestant.scope)
        self.wall = self.cpu = 0

    def timeit(self, number):
        with self.contestant.around():
            if self.settle:
                time.sleep(self.settle)
            if self.before is None:
                self.timer.timeit(1)  # the others' data and code were in the cache
                return self.counted(number)
            return float(np.median([self.counted(1) for _ in range(SINGLES)])) * number

    def counted(self, number):
        """Seconds, of the try in which other processes disturbed least."""
        tries = []
        while not tries or (self.disturbed(*min(tries)) and len(tries) < TRIES):
            if self.before is not None:
                self.before()
            cpu = time.process_time()
            seconds = self.timer.timeit(number)
            tries.append((seconds, time.process_time() - cpu))
        self.options.samples += 1
        self.options.retaken += len(tries) > 1
        seconds, cpu = min(tries)
        if seconds > COUNTABLE:
            self.wall += seconds
            self.cpu += cpu
        return seconds

    @property
    def cpus(self):
        """The cores that it kept busy, if its samples are long enough to tell."""
        return self.cpu / self.wall if self.wall else None

    def disturbed(self, seconds, cpu):
        """Whether another process had the core meanwhile: with one thread, the clocks tell."""
        return self.options.threads == 1 and seconds > cpu * DISTURBED + CLOCK


class Measurement:
    """One workload: `rows` in the order of the report."""

    def __init__(self, work, peers, options):
        self.work, self.options = work, options
        self.operands = Operands(work)
        self.rows, self.contestants, self.entered = [], [], []
        self.reference, self.arrays = None, []
        self.gather(peers)
        self.check()
        if self.entered:
            self.time()

    def row(self, name, kind, **values):
        row = Row(self.work.name, name, kind, **self.facts(), **values)
        self.rows.append(row)
        return row

    def facts(self):
        work = self.work
        return {
            "function": work.function,
            "dtype": work.dtype,
            "shape": "x".join(map(str, work.shape)),
            "layout": work.layout,
            "values": work.values,
            "cache": work.cache,
            "output": work.output,
            "elements": work.size,
            "bytes": self.operands.bytes,
        }

    def gather(self, peers):
        """Ask everybody; who refuses is a row all the same."""
        work, operands = self.work, self.operands
        variants = [v for v in work.variants if v != ONE_THREAD or self.options.threads > 1]
        own = peers[OURS]
        asked = [(OURS, "own", own)]
        asked += [(v, "own", lambda *a, v=v: own.variant(v, *a)) for v in variants]
        asked += [(name, "peer", peers[name]) for name in NAMES if name in peers]
        asked += [
            (statement, "yardstick", lambda *a, s=statement: yardstick(s, *a))
            for statement in work.yardsticks
        ]
        asked.append(("memcpy", "limit", lambda *_: memcpy(operands.bytes)))
        for name, kind, peer in asked:
            self.ask(name, kind, peer)

    def ask(self, name, kind, peer):
        row = self.row(name, kind)
        if isinstance(peer, str):
            row.status, row.note = reason(peer)
            return
        make = getattr(peer, "contestant", peer)
        try:
            contestant = make(self.work, self.operands)
        except Refused as refusal:
            row.status, row.note = REFUSED, str(refusal)
            return
        except Exception as error:  # a library says in many ways that it cannot do something
            row.status, row.note = REFUSED, first_line(error)
            return
        row.statement, row.threads = contestant.statement, contestant.threads
        if contestant.checked and contestant.threads < self.options.threads:
            row.note = "1 thread" if contestant.threads == 1 else f"{contestant.threads} threads"
        self.contestants.append((contestant, row))

    def check(self):
        """Whose result is another function's is not timed."""
        where = sample_of(self.work.size)
        sampled = self.sampled(where)
        operands = self.operands.named
        self.arrays = [np.array(operands[name]) for name in FUNCTIONS[self.work.function].arrays]
        right = exact(self.work.function, sampled, self.operands.dtype)
        for contestant, row in self.contestants:
            if not contestant.checked:
                self.entered.append((contestant, row))
                continue
            self.operands.restore()
            for array in self.operands.new:
                if self.work.output == "out":
                    array.fill(99)  # what others left there is no result
            try:
                results = self.results_of(contestant)
                self.compare(results, row)
                row.ulp = ulp_from(right, results, where)
            except Refused as refusal:
                row.status, row.note = REFUSED, str(refusal)
                continue
            except Exception as error:
                row.status, row.note = REFUSED, first_line(error)
                continue
            if row.kind == "own" and row.ulp > self.bound():
                row.status, row.note = WRONG, f"more than {self.bound():g} ULP off"
            if row.status == MEASURED:
                self.entered.append((contestant, row))
        self.operands.restore()

    def bound(self):
        """In ULP of the correctly rounded result, from which the exact one is up to half away."""
        error = KERNELS[self.work.function].error
        return error + 1 if error else 0

    def sampled(self, where):
        def at(value):
            return np.broadcast_to(value, self.work.shape)[np.unravel_index(where, self.work.shape)]

        self.operands.restore()
        dtype = self.operands.dtype
        return {name: at(np.asarray(v, dtype)) for name, v in self.operands.named.items()}

    def results_of(self, contestant):
        scope = dict(contestant.scope)
        with contestant.around():
            value = eval(contestant.statement, scope)
            return self.operands.results(value, self.work.output)

    def compare(self, results, row):
        """The same dtype, shape and values as relu_ufunc's, which come first."""
        if self.reference is None:
            self.reference = results
        for result, expected in zip(results, self.reference, strict=True):
            if result.dtype != expected.dtype:
                raise Refused(f"gives {result.dtype}")
            if result.shape != expected.shape:
                raise Refused(f"gives the shape {result.shape}")
        if not same_function(results, self.reference, self.arrays):
            row.status, row.note = WRONG, "the result differs by more than rounding"

    def time(self):
        before = {"cold": self.flush}.get(self.work.cache)
        if self.work.output == "inplace":
            before = self.operands.restore
        watches = [Stopwatch(contestant, self.options, before) for contestant, _ in self.entered]
        number = None if before is None else 1
        rounds = self.rounds(watches)
        seconds = interleaved(watches, rounds, self.options.sample, number)
        ours, limit = seconds[0], seconds[-1]
        for watch, sample, (_, row) in zip(watches, seconds, self.entered, strict=True):
            row.rounds = rounds
            row.cpus = watch.cpus
            fill_times(row, sample)
            row.limit_share = float(np.median(limit / sample))
            if (row.cpus or 0) > self.options.threads + 0.3:
                row.status, row.note = REFUSED, f"used {row.cpus:.1f} cores"
            elif self.entered[0][1].contestant == OURS:
                ratios = np.percentile(ours / sample, (25, 50, 75))
                row.ratio_q1, row.ratio, row.ratio_q3 = map(float, ratios)

    def rounds(self, watches):
        """As many as the budget pays for."""
        start = time.perf_counter()
        for watch in watches:
            watch.timeit(1)
        one = time.perf_counter() - start + len(watches) * self.options.sample
        return int(np.clip(self.options.budget / one, FEWEST, self.options.repetitions))

    def flush(self):
        self.options.flush += 1


def reason(refusal):
    """The status and the note of a peer that could not be loaded."""
    return (refusal if refusal == NOT_INSTALLED else REFUSED), refusal


def fill_times(row, seconds):
    row.ns_q1, row.ns, row.ns_q3 = map(float, np.percentile(seconds * 1e9, (25, 50, 75)))
    if row.elements:
        row.ns_element = row.ns / row.elements
    if row.bytes:
        row.gb_s = row.bytes / row.ns


def measure_idle(case, peers, options):
    """The CPU time of this process while it sleeps, after calls that use the library's pool.

    The median of a few, as threads of another library may wake up now and then.
    """
    work = Workload("relu", (case.size,), "fresh")
    operands = Operands(work)
    rows = []
    for name in (OURS, *(name for name in NAMES if name in peers)):
        row = Row(case.name, name, "own" if name == OURS else "peer")
        rows.append(row)
        if isinstance(peers[name], str):
            row.status, row.note = reason(peers[name])
            continue
        contestant = peers[name].contestant(work, operands)
        row.statement, row.threads = contestant.statement, contestant.threads
        row.ns = float(np.median([ns_while_idle(contestant) for _ in range(FEWEST)]))
    return rows


def ns_while_idle(contestant):
    time.sleep(IDLE / 2)
    timeit.Timer(contestant.statement, globals=contestant.scope).timeit(20)
    start = time.process_time()
    time.sleep(IDLE)
    return (time.process_time() - start) * 1e9
