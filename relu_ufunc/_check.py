"""`relu-ufunc check`: the exhaustive proof on this machine, with a progress bar and a table."""

import sys
from collections import Counter
from time import perf_counter

from . import __version__, _proof
from ._cpus import allowed_cpus
from ._relu_ufunc import get_isa, isas


def add_arguments(parser):
    parser.add_argument(
        "--isa",
        nargs="+",
        choices=[*isas(), "all"],
        default=[get_isa()],
        help="instruction sets to check (default: the one in use)",
    )
    parser.add_argument(
        "--threads",
        type=int,
        default=len(allowed_cpus()),
        help="threads to work with (default: %(default)s)",
    )


def run(arguments):
    """Check every float32 input against the exact result; the exit status is 1 if one is wrong."""
    try:
        from rich.console import Console
        from rich.progress import Progress, TimeElapsedColumn, TimeRemainingColumn
    except ImportError:
        sys.exit("relu-ufunc check shows its progress with rich: pip install 'relu_ufunc[check]'")
    if arguments.threads < 1:
        sys.exit(f"--threads={arguments.threads}: must be at least 1")

    chosen = isas() if "all" in arguments.isa else tuple(arguments.isa)
    console = Console()
    console.print(
        f"relu_ufunc {__version__}: all {_proof.INPUTS:,} float32 inputs, {', '.join(chosen)}, "
        f"{arguments.threads} thread(s)"
    )
    columns = *Progress.get_default_columns()[:3], TimeElapsedColumn(), TimeRemainingColumn()
    mismatches = []
    started = perf_counter()
    with Progress(*columns, console=console) as progress:
        inputs = progress.add_task("checking", total=_proof.INPUTS)
        for found in _proof.check(chosen, threads=arguments.threads):
            mismatches += found
            progress.advance(inputs, _proof.BLOCK)
    console.print(_table(chosen, mismatches))
    console.print(f"{perf_counter() - started:.0f} s")
    return 1 if mismatches else 0


def _table(chosen, mismatches):
    from rich.table import Table

    wrong = Counter()
    witnesses = {}
    for mismatch in mismatches:
        wrong[mismatch.case, mismatch.isa] += mismatch.total
        witnesses.setdefault((mismatch.case, mismatch.isa), mismatch)
    table = Table("", *chosen, title="Results that are not exact")
    for case in _proof.CASES:
        table.add_row(str(case), *(_cell(wrong, witnesses, (case, isa)) for isa in chosen))
    return table


def _cell(wrong, witnesses, key):
    if not wrong[key]:
        return "[green]none[/green]"
    first = witnesses[key]
    x, got, want = (float(value).hex() for value in (first.first, first.got, first.want))
    return f"[red]{wrong[key]:,}[/red]: {x} gives {got}, not {want}"
