"""The proof that float32 results are exact: every one of the 2^32 inputs against a reference."""

from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from typing import NamedTuple

import numpy as np

from ._reference import Reference
from ._relu_ufunc import KERNELS, take_doubts, ufuncs_of
from ._signatures import operands, parameters
from ._threads import set_num_threads

INPUTS = 1 << 32
BLOCK = 1 << 17  # half a megabyte of float32: stays in the second-level cache
APART = 256  # from one of 512 numbers, as a fast part takes them, to the next
REQUIRED = {"max_value": 6, "slope": 0.25}  # for parameters that may not be left out


class Case(NamedTuple):
    """A ufunc of one array, and a number for each parameter."""

    name: str
    parameters: tuple[np.float32, ...] = ()

    def __str__(self):
        if not self.parameters:
            return self.name
        return f"{self.name}(x, {', '.join(f'{number:g}' for number in self.parameters)})"


def _cases():
    """Each function of one input, with one output, at the defaults of its parameters."""
    for kernel in KERNELS:
        given = parameters(kernel)
        if kernel.nout == 1 and list(operands(kernel)) == ["x", *given]:
            numbers = (REQUIRED[o] if default is None else default for o, default in given.items())
            yield Case(kernel.name, tuple(map(np.float32, numbers)))


CASES = tuple(_cases())


class Mismatch(NamedTuple):
    """Results of one case on one instruction set, in one block of inputs, that are wrong."""

    case: Case
    isa: str
    total: int
    first: np.float32  # the first wrong input, with what it gave and should have given
    got: np.float32
    want: np.float32


def blocks(start=0, stop=INPUTS):
    """The bit patterns of all inputs, in arrays of BLOCK."""
    for first in range(start, stop, BLOCK):
        yield np.arange(first, min(first + BLOCK, stop), dtype=np.uint32)


def apart(patterns):
    """The same in another order, in which neighbours are APART from each other.

    What a fast part is not certain of comes in runs, and a stretch with many of them it leaves to
    the formula proper: this way all else is tried. But tiny numbers, of which one may send all
    beside it there, are not all tried: test_fast_parts.py has some of them alone.
    """
    return np.concatenate([patterns[first::APART] for first in range(APART)])


def check_block(patterns, isas, cases=CASES):
    """The mismatches among the inputs with these bit patterns."""
    patterns = apart(patterns)
    reference = Reference(patterns)
    got = np.empty_like(patterns)
    mismatches = []
    with np.errstate(all="ignore"):
        for case in cases:
            want = reference.bits_of(case.name, *case.parameters)
            for isa in isas:
                ufunc = ufuncs_of(isa)[case.name]
                ufunc(reference.x, *case.parameters, out=got.view(np.float32))
                wrong = got != want
                if wrong.any():
                    i = wrong.argmax()
                    values = (a[i].view(np.float32) for a in (patterns, got, want))
                    mismatches.append(Mismatch(case, isa, np.count_nonzero(wrong), *values))
    return mismatches


def check(isas, cases=CASES, threads=1, blocks_to_check=None):
    """Check block after block, on several threads; an iterator over the mismatches of each."""
    pending_blocks = iter(blocks() if blocks_to_check is None else blocks_to_check)
    pool = ThreadPoolExecutor(threads)
    try:
        # A few blocks at a time: handed in all at once, 32,768 of them would wait in memory.
        pending = [
            pool.submit(check_block, block, isas, cases)
            for block in islice(pending_blocks, 2 * threads)
        ]
        while pending:
            yield pending.pop(0).result()
            pending += [
                pool.submit(check_block, block, isas, cases) for block in islice(pending_blocks, 1)
            ]
    finally:
        pool.shutdown(cancel_futures=True)  # broken off, none begins any more


def share_of_doubts(case, isa, deviation=3, count=1 << 20):
    """The share of normal numbers that a fast part leaves in doubt: 0 where there is none."""
    x = np.random.default_rng(0).normal(0, deviation, count).astype(np.float32)
    before = set_num_threads(1)  # doubts are counted for each thread
    try:
        take_doubts()
        ufuncs_of(isa)[case.name](x, *case.parameters)
        return take_doubts() / len(x)
    finally:
        set_num_threads(before)
