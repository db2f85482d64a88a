"""A program: calls from a thread of little stack give what they give from one that has much."""

import sys
import threading
from itertools import product

import numpy as np
from call_layouts import calls, streaming
from doors import door
from kinds import FEW_LOOPS
from oracle import COSTLY

from relu_ufunc import _relu_ufunc, set_num_threads
from relu_ufunc.testing import as_tuple, assert_same_bits

LEAST, MUCH = 32 << 10, 16 << 20  # bytes; Python allows no less


def results(stack, ufunc, jobs):
    """What each of the calls gives, made from a thread with a stack of that size."""
    got = []

    @np.errstate(all="ignore")
    def call_all():
        for _, inputs, keywords in jobs:
            got.append(tuple(a.copy() for a in as_tuple(ufunc(*inputs, **keywords))))

    threading.stack_size(stack)
    thread = threading.Thread(target=call_all)
    thread.start()
    thread.join()
    return got


@np.errstate(all="ignore")
def main(isas):
    set_num_threads(1)
    for isa, name, dtype in product(isas, FEW_LOOPS, "fg"):
        if dtype == "g" and (name in COSTLY or isa != isas[0]):
            continue  # as any other there, but for the time that it takes; one kernel for all
        ufunc = _relu_ufunc.ufuncs_of(isa)[name]
        jobs = list(calls(name, dtype))
        for direct, threshold in ((True, 1 << 62), (False, 0)):
            with door(direct), streaming(threshold):
                little, much = results(LEAST, ufunc, jobs), results(MUCH, ufunc, jobs)
            for (label, *_), got, want in zip(jobs, little, much, strict=True):
                assert_same_bits(got, want, f"{isa}, {name}, {dtype}, {label}")
    print("fine")


main(sys.argv[1:])
