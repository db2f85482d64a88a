"""Measures relu_ufunc beside NumPy, numexpr, numba, PyTorch, ONNX Runtime and JAX.

    python benchmarks/compare.py                        the group "quick"
    python benchmarks/compare.py --list                 cases and groups
    python benchmarks/compare.py --case relu-65536-out
    python benchmarks/compare.py --group threads --threads 2

All contestants of a case do the same work: one dtype, one way to get the output, one number of
threads. They are timed in turn, again and again, and compared within a turn. Who cannot take part
is a row that says why. Tables go to the terminal, all figures to compare.csv and compare.json,
plots beside them. The exit status is 1 if a result of relu_ufunc's was wrong, 2 for an unknown
case.
"""

import argparse
import shlex
import sys
from pathlib import Path

from comparison.environment import restrain

# Nothing else is imported yet: libraries look for their number of threads when they are loaded.
DEFAULT_FOLDER = Path(__file__).parent / ".compare"


def parser():
    about, _, details = __doc__.partition("\n\n")
    form = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser("compare.py", None, about, details, formatter_class=form)
    add = parser.add_argument
    add("--list", action="store_true", help="show the cases and groups, and measure nothing")
    add("--case", action="append", default=[], metavar="NAME", help="a case (may be repeated)")
    add("--group", action="append", default=[], metavar="NAME", help='a group, or "all"')
    add("--peer", action="append", default=[], metavar="NAME", help="this peer only (repeatable)")
    add("--threads", type=positive, default=1, metavar="N", help="for everybody (default: 1)")
    add("--repetitions", type=positive, default=21, metavar="N", help="turns (default: 21)")
    add("--sample", type=float, default=2, metavar="MS", help="length of a sample (default: 2 ms)")
    add("--no-ceilings", action="store_true", help="skip the machine's limits")
    add("--output", type=Path, default=DEFAULT_FOLDER, metavar="FOLDER", help="for the files")
    return parser


def positive(text):
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError("must be at least 1")
    return value


def main(arguments=None):
    parse = parser()
    options = parse.parse_args(arguments)
    try:
        enforced = restrain(options.threads)
    except ValueError as error:
        parse.error(f"--threads {options.threads}: {error}")
    from comparison.run import run, selected, show_list

    if options.list:
        return show_list()
    try:
        cases = selected(options.case, options.group, options.peer)
    except LookupError as error:
        parse.error(error.args[0])
    options.command = shlex.join(["python", "benchmarks/compare.py", *sys.argv[1:]])
    return run(cases, options, enforced)


if __name__ == "__main__":
    sys.exit(main())
