"""The least work that is given to a thread: measures it, or checks that threads never lose.

    python benchmarks/grains.py            writes src/engine/grains.h
    python benchmarks/grains.py --check    times 2 threads against 1, at every power of two

A grain is a number of elements that take about GRAIN_US on one thread, of a ufunc and a dtype, in
the best instruction set: a lesser one takes longer. A call uses at most one thread for each grain.
"""

import argparse
import timeit
from pathlib import Path

import numpy as np
from benchmarks.functions import FUNCTIONS
from benchmarks.timing import interleaved
from rich.console import Console
from rich.progress import track
from rich.table import Table

import relu_ufunc
from relu_ufunc import _relu_ufunc

GRAIN_US = 32  # to wake a sleeping thread costs 3 to 5 µs, of the 64 that two grains take
SIZE = 16384  # elements: in the second-level cache
HEADER = Path(__file__).parents[1] / "src" / "engine" / "grains.h"
TEXT = """\
/* Elements, by kernel and element: the least work that is given to a thread. Written by
 * benchmarks/grains.py, which measures them. */
#include "loops/kernel.h"

static const size_t grains[KERNEL_COUNT][ELEMENT_COUNT] = {{
{rows}
}};
"""
ELEMENTS = {  # by the name in enum element
    **{f"{kind}{8 * size}": f"{kind}{size}" for kind in "iu" for size in (1, 2, 4, 8)},
    **{"f16": "f2", "bf16": "bfloat16", "f32": "f4", "f64": "f8", "longdouble": "g"},
}
CHECKED = [2**power for power in range(25)]
AT_MOST = 1.1
PASSES = 6
CONSOLE = Console(stderr=True)


def loops():
    """Each kernel, the name of an element, and its dtype."""
    for kernel in _relu_ufunc.KERNELS:
        for element, name in ELEMENTS.items():
            dtype = np.dtype(name)
            if kernel.elements == "numbers" or dtype.kind not in "iu":
                yield kernel, element, dtype


def call(kernel, dtype, size):
    """A call without arguments, on `size` elements of mixed signs; parameters are numbers."""
    values = np.random.default_rng(size).standard_normal(size) * 2
    array = np.abs(values * 20).astype(dtype) if dtype.kind == "u" else values.astype(dtype)
    out = tuple(np.zeros_like(array) for _ in range(kernel.nout))
    measured = FUNCTIONS[kernel.name]
    inputs = [*[array] * len(measured.arrays), *measured.numbers.values()]
    function = getattr(relu_ufunc, kernel.name)
    return lambda: function(*inputs, out=out)


def write_header():
    """Each loop is measured in several passes over all of them: the machine has slow moments."""
    print(f"{relu_ufunc.get_isa()}, 1 thread")
    relu_ufunc.set_num_threads(1)
    fastest = {}  # seconds an element
    for kernel, element, dtype in track([*loops()] * PASSES, "measuring", console=CONSOLE):
        timer = timeit.Timer(call(kernel, dtype, SIZE))
        each = interleaved([timer], rounds=9, sample=5e-4).min() / SIZE
        key = kernel.name, element
        fastest[key] = min(each, fastest.get(key, each))
    entries = {}
    for (name, element), each in fastest.items():
        grain = 2 ** round(np.log2(GRAIN_US * 1e-6 / each))
        entries.setdefault(name, []).append(f"[ELEMENT_{element}] = {grain}")
    rows = (f"    [KERNEL_{name}] = {{{', '.join(row)}}}," for name, row in entries.items())
    HEADER.write_text(TEXT.format(rows="\n".join(rows)))
    print(f"{HEADER}: format it with spin lint --fix")


def on_threads(number, run):
    """A timer of a call; the first of each sample, which wakes the threads, does not count."""

    def setup():
        relu_ufunc.set_num_threads(number)
        run()

    return timeit.Timer(run, setup)


def ratio(run):
    """The time with 2 threads over that with 1: the median of the ratios within a turn."""
    timers = [on_threads(number, run) for number in (1, 2)]
    one, two = interleaved(timers, limit=0.2, least=5)
    return np.median(two / one)


def check(names, dtypes):
    """Print the ratios, and those above the limit."""
    print(f"{relu_ufunc.get_isa()}, 1 and 2 threads")
    powers = [str(int(np.log2(size))) for size in CHECKED]
    table = Table("2 threads / 1", *powers, title="by the power of two")
    lost = []
    todo = [a for a in loops() if a[0].name in names and a[1] in dtypes]
    for kernel, element, dtype in track(todo, "measuring", console=CONSOLE):
        ratios = [ratio(call(kernel, dtype, size)) for size in CHECKED]
        table.add_row(f"{kernel.name} {element}", *(f"{value:.2f}" for value in ratios))
        for size, value in zip(CHECKED, ratios, strict=True):
            if value > AT_MOST:
                lost.append(f"{kernel.name} {element} {size}: {value:.2f}")
    Console(width=220).print(table)
    print("\n".join(lost) or f"none above {AT_MOST}")


def main():
    about, _, details = __doc__.partition("\n\n")
    form = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=about, epilog=details, formatter_class=form)
    names = [kernel.name for kernel in _relu_ufunc.KERNELS]
    parser.add_argument("--check", action="store_true", help="measure threads instead")
    parser.add_argument("--name", action="append", choices=names, help="a ufunc (default: all)")
    parser.add_argument(
        "--element", action="append", choices=[*ELEMENTS], help="an element (default: f32)"
    )
    options = parser.parse_args()
    if options.check:
        check(options.name or names, options.element or ["f32"])
    else:
        write_header()


if __name__ == "__main__":
    import ml_dtypes  # noqa: F401  registers bfloat16

    main()
