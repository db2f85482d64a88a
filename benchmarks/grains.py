"""The least work that is given to a thread: measures it, or checks that threads never lose.

    python benchmarks/grains.py            writes src/grains.h
    python benchmarks/grains.py --check    times 2 threads against 1, at every power of two

A grain is a number of elements that take about GRAIN_US on one thread, of a ufunc and a dtype, in
the best instruction set: a lesser one takes longer. A call uses at most one thread for each grain.
"""

import argparse
import statistics
import timeit
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.progress import track
from rich.table import Table

import relu_ufunc
from relu_ufunc import _relu_ufunc

GRAIN_US = 32  # to wake a sleeping thread costs 3 to 5 µs, of the 64 that two grains take
SIZE = 16384  # elements: in the second-level cache
HEADER = Path(__file__).parents[1] / "src" / "grains.h"
ELEMENTS = {  # by the name in enum element
    **{f"{kind}{8 * size}": f"{kind}{size}" for kind in "iu" for size in (1, 2, 4, 8)},
    **{"f16": "f2", "bf16": "bfloat16", "f32": "f4", "f64": "f8", "longdouble": "g"},
}
CHECKED = [2**power for power in range(25)]
AT_MOST = 1.1
PASSES = 6
CONSOLE = Console(stderr=True)


def loops():
    """Each kernel, the name of an element, and the operands of a call, with room for the output."""
    for kernel in _relu_ufunc.KERNELS:
        for element, dtype in ELEMENTS.items():
            if kernel.dtypes == "any" or element[0] not in "iu":
                yield kernel, element, np.dtype(dtype)


def call(kernel, dtype, size):
    """A call without arguments, on `size` elements of mixed signs; a parameter is one number."""
    values = np.random.default_rng(size).standard_normal(size) * 2
    array = np.abs(values * 20).astype(dtype) if dtype.kind == "u" else values.astype(dtype)
    arrays = [array] * (kernel.nin - (kernel.parameter is not None))
    number = [] if kernel.parameter is None else [0.25]
    out = tuple(np.zeros_like(array) for _ in range(kernel.nout))
    function = getattr(relu_ufunc, kernel.name)
    return lambda: function(*arrays, *number, out=out)


def seconds_of(run, number):
    return timeit.timeit(run, number=number) / number


def count_for(run, seconds):
    return max(1, round(seconds / max(seconds_of(run, 1), 1e-7)))


def write_header():
    """Each loop is measured in several passes over all of them: the machine has slow moments."""
    relu_ufunc.set_num_threads(1)
    fastest = {}  # seconds an element
    for kernel, element, dtype in track([*loops()] * PASSES, "measuring", console=CONSOLE):
        run = call(kernel, dtype, SIZE)
        number = count_for(run, 5e-4)
        each = min(seconds_of(run, number) for _ in range(9)) / SIZE
        key = kernel.name, element
        fastest[key] = min(each, fastest.get(key, each))
    lines = {}
    for (name, element), each in fastest.items():
        grain = 2 ** round(np.log2(GRAIN_US * 1e-6 / each))
        lines.setdefault(name, []).append(f"[ELEMENT_{element}] = {grain}")
    text = (
        "/* Elements, by kernel and element: the least work that is given to a thread. Written by\n"
    )
    text += " * benchmarks/grains.py, which measures them. */\n"
    text += '#include "kernel.h"\n\n'
    text += "static const size_t grains[KERNEL_COUNT][ELEMENT_COUNT] = {\n"
    for name, entries in lines.items():
        text += f"    [KERNEL_{name}] = {{{', '.join(entries)}}},\n"
    HEADER.write_text(text + "};\n")
    print(f"{HEADER}: format it with spin lint --fix")


def ratio(run, size):
    """The time with 2 threads over that with 1, measured in turn: the median of the turns."""
    number = count_for(run, 3e-4)
    ratios = []
    for _ in range(15 if size < 2**22 else 7):
        seconds = {}
        for threads in (1, 2):
            relu_ufunc.set_num_threads(threads)
            run()
            seconds[threads] = seconds_of(run, number)
        ratios.append(seconds[2] / seconds[1])
    return statistics.median(ratios)


def check(names, dtypes):
    """Print the ratios; give those above the limit."""
    powers = [str(int(np.log2(size))) for size in CHECKED]
    table = Table("2 threads / 1", *powers, title="by the power of two")
    lost = []
    todo = [a for a in loops() if a[0].name in names and a[1] in dtypes]
    for kernel, element, dtype in track(todo, "measuring", console=CONSOLE):
        ratios = [ratio(call(kernel, dtype, size), size) for size in CHECKED]
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
