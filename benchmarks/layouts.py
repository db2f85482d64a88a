"""Measures every layout of operands against NumPy's plain ufunc on the same ones, on one thread.

    python benchmarks/layouts.py                         all layouts
    python benchmarks/layouts.py --only reversed         those whose name has this in it
    RELU_UFUNC_ISA=avx2 python benchmarks/layouts.py     on another instruction set

relu stands beside negative, leaky_relu beside multiply, relu_backward beside add: one pass over
memory that does as little to an element. A ratio below 1 is faster than NumPy; those above --most
are listed, and make the exit status 1. Samples are short, in turn, in the processor's time.
"""

import argparse
import os
import sys
from functools import partial
from statistics import median
from time import thread_time_ns

os.environ["RELU_UFUNC_NUM_THREADS"] = "1"

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

import relu_ufunc

SAMPLE_NS = 400_000
DTYPES = ("float32", "float64", "float16", "int16", "int8", "int64")
rng = np.random.default_rng(15)


def numbers(*shape):
    def make(dtype):
        # a range that all dtypes have, and with room for a sum
        return (rng.standard_normal(shape) * 8).astype(dtype)

    return make


def viewed(shape, view):
    make = numbers(*shape)
    return lambda dtype: view(make(dtype))


def field(size):
    """A field of records of its item size and so many bytes more."""

    def make(dtype):
        records = np.zeros(100_000, [("before", f"V{size}"), ("value", dtype)])
        records["value"] = numbers(100_000)(dtype)
        return records["value"]

    return make


def cropped(a):
    return a[:, 1:-1, 1:-1]


LAYOUTS = {
    "contiguous": numbers(100_000),
    "reversed": viewed((100_000,), lambda a: a[::-1]),
    "every 2nd": viewed((200_000,), lambda a: a[::2]),
    "every 3rd": viewed((300_000,), lambda a: a[::3]),
    "every 3rd of many": viewed((3_000_000,), lambda a: a[::3]),
    "every 4th": viewed((400_000,), lambda a: a[::4]),
    "every 5th": viewed((500_000,), lambda a: a[::5]),
    "every 16th": viewed((800_000,), lambda a: a[::16]),
    "every 2nd backwards": viewed((200_000,), lambda a: a[::-2]),
    "every 3rd backwards": viewed((300_000,), lambda a: a[::-3]),
    "records, 2 bytes more": field(2),
    "records, 8 bytes more": field(8),
    "rows of 1": viewed((100_000, 2), lambda a: a[:, :1]),
    "rows of 2": viewed((50_000, 3), lambda a: a[:, :2]),
    "rows of 3": viewed((50_000, 4), lambda a: a[:, :3]),
    "rows of 7": viewed((15_000, 9), lambda a: a[:, :7]),
    "rows of 16": viewed((6_000, 20), lambda a: a[:, :16]),
    "rows of 20, every 2nd": viewed((5_000, 40), lambda a: a[:, ::2]),
    "rows of 33, reversed": viewed((3_000, 40), lambda a: a[:, 32::-1]),
    "rows of 100": viewed((1_000, 120), lambda a: a[:, :100]),
    "rows from below": viewed((1_000, 100), lambda a: a[::-1]),
    "cropped images, 6 by 6": viewed((2_000, 8, 8), cropped),
    "cropped images, 18 by 18": viewed((500, 20, 20), cropped),
    "cropped channels last": viewed((100, 20, 20, 3), cropped),
    "columns of 3": viewed((3, 50_000), np.transpose),
    "columns of 100": viewed((100, 1_000), np.transpose),
    "columns of 1000": viewed((1_000, 1_000), np.transpose),
    "channels first": viewed((16, 32, 32, 16), lambda a: a.transpose(0, 3, 1, 2)),
    "channels first, many": viewed((64, 32, 32, 16), lambda a: a.transpose(0, 3, 1, 2)),
    "channels last": viewed((16, 16, 32, 32), lambda a: a.transpose(0, 2, 3, 1)),
    "channels of 3 last": viewed((16, 3, 48, 48), lambda a: a.transpose(0, 2, 3, 1)),
    "heads": viewed((8, 64, 8, 32), lambda a: a.transpose(0, 2, 1, 3)),
    "three axes turned": viewed((90, 100, 110), np.transpose),
    "five axes turned": viewed((6, 7, 8, 9, 10), np.transpose),
    "five axes mixed": viewed((6, 7, 8, 9, 10), lambda a: a.transpose(2, 0, 4, 1, 3)),
    "five axes cropped": viewed((6, 7, 8, 9, 10), lambda a: a[:, 1:, :, 1:, 1:]),
    "axes of 1": viewed((1, 300, 1, 300, 1), lambda a: a.transpose(4, 3, 2, 1, 0)),
    "one row for all": viewed((1, 500), lambda a: np.broadcast_to(a, (200, 500))),
    "one column for all": viewed((200, 1), lambda a: np.broadcast_to(a, (200, 500))),
    "windows of 5": viewed((20_000,), lambda a: sliding_window_view(a, 5)),
    "windows of 3 by 3": viewed((100, 100), lambda a: sliding_window_view(a, (3, 3))),
}


def fresh(x):
    return np.empty(x.shape, x.dtype)


# Where the output, and the gradient of relu_backward, lie for an input x.
OUTPUTS = {
    "C": fresh,
    "alike": lambda x: np.empty_like(x) if 0 in x.strides else like(x),
    "F": lambda x: np.empty(x.shape, x.dtype, "F"),
}


def like(x):
    """An array of the strides of x, in memory of its own."""
    reach = [(n - 1) * s for n, s in zip(x.shape, x.strides, strict=True)]
    low, high = sum(r for r in reach if r < 0), sum(r for r in reach if r > 0) + x.itemsize
    return np.ndarray(x.shape, x.dtype, np.zeros(high - low, np.uint8), -low, x.strides)


def pairs(x):
    """Each case for an input: its name, our call and NumPy's."""
    yield "new: relu", partial(relu_ufunc.relu, x), partial(np.negative, x)
    alike = OUTPUTS["alike"](x)
    alike[...] = 1
    for output, make in OUTPUTS.items():
        y = make(x)
        cases = {
            "relu": (relu_ufunc.relu, np.negative, x),
            "relu_backward": (relu_ufunc.relu_backward, np.add, alike, x),
            "relu_backward of C": (relu_ufunc.relu_backward, np.add, np.ones(x.shape, x.dtype), x),
        }
        if x.dtype.kind == "f":
            cases["leaky_relu"] = relu_ufunc.leaky_relu, np.multiply, x, x.dtype.type(0.1)
        for name, (ours, numpys, *inputs) in cases.items():
            calls = (partial(call, *inputs, out=y) for call in (ours, numpys))
            yield f"to {output}: {name}", *calls


def sample(call, times):
    start = thread_time_ns()
    for _ in range(times):
        call()
    return (thread_time_ns() - start) / times


def ratio(ours, numpys, turns):
    """The median, over turns, of our time over NumPy's."""
    count, count_numpys = (
        max(1, int(SAMPLE_NS / min(sample(call, 1) for _ in range(3)))) for call in (ours, numpys)
    )
    return median(sample(ours, count) / sample(numpys, count_numpys) for _ in range(turns))


def cases(dtypes):
    for layout, make in LAYOUTS.items():
        for dtype in dtypes:
            for name, *calls in pairs(make(dtype)):
                yield f"{layout}, {dtype}, {name}", calls


def main():
    about, _, details = __doc__.partition("\n\n")
    form = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser("layouts.py", None, about, details, formatter_class=form)
    parser.add_argument("--only", default="", metavar="TEXT", help="cases that have this in them")
    parser.add_argument("--dtype", action="append", choices=DTYPES, help="this one (repeatable)")
    parser.add_argument("--turns", type=int, default=11, metavar="N", help="default: 11")
    parser.add_argument("--most", type=float, default=1.1, metavar="RATIO", help="default: 1.1")
    options = parser.parse_args()
    found = {}
    for name, calls in cases(options.dtype or DTYPES):
        if options.only in name:
            found[name] = ratio(*calls, options.turns)
    worst = sorted(found, key=found.get, reverse=True)
    for name in worst:
        if found[name] > options.most:
            print(f"{found[name]:5.2f}  {name}")
    above = sum(r > options.most for r in found.values())
    print(
        f"{relu_ufunc.get_isa()}: {len(found) - above} of {len(found)} at most {options.most},",
        end=" ",
    )
    print(f"median {median(found.values()):.2f}")
    return above > 0


if __name__ == "__main__":
    sys.exit(main())
