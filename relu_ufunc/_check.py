"""`relu-ufunc check`: the exhaustive proof on this machine, with a progress bar and a table."""

from argparse import ArgumentTypeError
from collections import Counter
from time import perf_counter

from . import __version__, _proof
from ._command import Trouble
from ._cpus import allowed_cpus
from ._relu_ufunc import MOST_THREADS, get_isa, isas

REFRESH_SECONDS = 0.1


def add_arguments(parser):
    parser.add_argument(
        "--isa",
        nargs="+",
        choices=[*isas(), "all"],
        default=[get_isa()],
        help="instruction sets to check (default: the one in use)",
    )
    parser.add_argument(
        "--function",
        nargs="+",
        choices=[case.name for case in _proof.CASES],
        metavar="NAME",
        help="functions to check, by their names (default: all)",
    )
    parser.add_argument(
        "--threads",
        type=_number_of_threads,
        default=min(len(allowed_cpus()), MOST_THREADS),
        help="threads to work with (default: %(default)s)",
    )
    parser.set_defaults(trouble=2)  # 1 is the answer that a result is wrong


def _number_of_threads(text):
    if not (text.isascii() and text.isdigit() and 1 <= int(text[:9]) <= MOST_THREADS):
        raise ArgumentTypeError(f"{text!r}: must be from 1 to {MOST_THREADS}")
    return int(text)


def run(arguments):
    """Check every float32 input against the exact result; the exit status is 1 if one is wrong."""
    try:
        from rich.console import Console
        from rich.progress import Progress, TimeElapsedColumn, TimeRemainingColumn
    except ImportError as error:
        raise Trouble(
            "check shows its progress with rich: pip install 'relu_ufunc[check]'"
        ) from error

    class PlainConsole(Console):
        def on_broken_pipe(self):
            raise  # rich would exit with status 1, as if a result were wrong

    names = arguments.function
    cases = [case for case in _proof.CASES if names is None or case.name in names]
    chosen = isas() if "all" in arguments.isa else tuple(arguments.isa)
    console = PlainConsole()
    console.print(
        f"relu_ufunc {__version__}: all {_proof.INPUTS:,} float32 inputs, {', '.join(chosen)}, "
        f"{arguments.threads} thread(s)"
    )
    columns = *Progress.get_default_columns()[:3], TimeElapsedColumn(), TimeRemainingColumn()
    mismatches = []
    started = shown = perf_counter()
    # Shown by this thread and no other, where Ctrl-C and failures to write arrive.
    with Progress(*columns, console=console, auto_refresh=False) as progress:
        inputs = progress.add_task("checking", total=_proof.INPUTS)
        for found in _proof.check(chosen, cases, threads=arguments.threads):
            mismatches += found
            progress.advance(inputs, _proof.BLOCK)
            if perf_counter() - shown > REFRESH_SECONDS:
                progress.refresh()
                shown = perf_counter()
    console.print(_table(chosen, cases, mismatches))
    console.print(_table_of_doubts(chosen, cases))
    console.print(f"{perf_counter() - started:.0f} s")
    return 1 if mismatches else 0


def _table(chosen, cases, mismatches):
    from rich.table import Table

    wrong = Counter()
    witnesses = {}
    for mismatch in mismatches:
        wrong[mismatch.case, mismatch.isa] += mismatch.total
        witnesses.setdefault((mismatch.case, mismatch.isa), mismatch)
    table = Table("", *chosen, title="Results that are not exact")
    for case in cases:
        table.add_row(str(case), *(_cell(wrong, witnesses, (case, isa)) for isa in chosen))
    return table


def _cell(wrong, witnesses, key):
    if not wrong[key]:
        return "[green]none[/green]"
    first = witnesses[key]
    x, got, want = (float(value).hex() for value in (first.first, first.got, first.want))
    return f"[red]{wrong[key]:,}[/red]: {x} gives {got}, not {want}"


def _table_of_doubts(chosen, cases):
    from rich.table import Table

    table = Table("", *chosen, title="Of N(0, 9), a fast part leaves in doubt")
    for case in cases:
        shares = [_proof.share_of_doubts(case, isa) for isa in chosen]
        if any(shares):
            cells = (f"1 in {1 / share:,.0f}" if share else "no fast part" for share in shares)
            table.add_row(str(case), *cells)
    return table
