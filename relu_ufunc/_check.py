"""`relu-ufunc check`: the exhaustive proof on this machine, with a progress bar and a table."""

from argparse import ArgumentTypeError
from collections import Counter
from time import perf_counter

from . import __version__, _proof, _terminal
from ._cpus import allowed_cpus
from ._relu_ufunc import MOST_THREADS, get_isa, isas


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
        type=number_of_threads,
        default=min(len(allowed_cpus()), MOST_THREADS),
        help="threads to work with (default: %(default)s)",
    )
    _terminal.add_json(parser)
    parser.set_defaults(trouble=2)  # 1 is the answer that a result is wrong


def number_of_threads(text):
    if not (text.isascii() and text.isdigit() and 1 <= int(text[:9]) <= MOST_THREADS):
        raise ArgumentTypeError(f"{text!r}: must be from 1 to {MOST_THREADS}")
    return int(text)


def run(arguments):
    """Check every float32 input against the exact result; the exit status is 1 if one is wrong."""
    names = arguments.function
    cases = [case for case in _proof.CASES if names is None or case.name in names]
    chosen = isas() if "all" in arguments.isa else tuple(arguments.isa)
    console = None if arguments.json else _terminal.console("check")
    if console:
        console.print(
            f"relu_ufunc {__version__}: all {_proof.INPUTS:,} float32 inputs, {', '.join(chosen)}, "
            f"{arguments.threads} thread(s)"
        )
    mismatches = []
    started = perf_counter()
    with _terminal.progress(console, _proof.INPUTS) as advance:
        for found in _proof.check(chosen, cases, threads=arguments.threads):
            mismatches += found
            advance(_proof.BLOCK)
    seconds = perf_counter() - started
    if console:
        console.print(_table(chosen, cases, mismatches))
        if (doubts := _table_of_doubts(chosen, cases)).row_count:
            console.print(doubts)
        console.print(f"{seconds:.0f} s")
    else:
        _terminal.print_json(_answer(arguments, chosen, cases, mismatches, seconds))
    return 1 if mismatches else 0


def _summed(mismatches):
    """How many inputs are wrong, and the first of them, for each case and instruction set."""
    wrong = Counter()
    witnesses = {}
    for mismatch in mismatches:
        wrong[mismatch.case, mismatch.isa] += mismatch.total
        witnesses.setdefault((mismatch.case, mismatch.isa), mismatch)
    return wrong, witnesses


def _answer(arguments, chosen, cases, mismatches, seconds):
    """For a program: what the table shows, with numbers in C's hexadecimal notation."""
    wrong, witnesses = _summed(mismatches)
    return {
        "relu_ufunc": __version__,
        "inputs": _proof.INPUTS,
        "threads": arguments.threads,
        "seconds": round(seconds, 1),
        "exact": not mismatches,
        "results": [
            {
                "function": case.name,
                "parameters": [float(number) for number in case.parameters],
                "isa": isa,
                "wrong": int(wrong[case, isa]),
                "first": _in_hexadecimal(witnesses.get((case, isa))),
                "in_doubt": float(_proof.share_of_doubts(case, isa)),
            }
            for case in cases
            for isa in chosen
        ],
    }


def _in_hexadecimal(witness):
    if witness is None:
        return None
    shown = {"x": witness.first, "got": witness.got, "want": witness.want}
    return {name: float(value).hex() for name, value in shown.items()}


def _table(chosen, cases, mismatches):
    from rich.table import Table

    wrong, witnesses = _summed(mismatches)
    table = Table("", *chosen, title="Results that are not exact")
    for case in cases:
        table.add_row(str(case), *(_cell(wrong, witnesses, (case, isa)) for isa in chosen))
    return table


def _cell(wrong, witnesses, key):
    if not wrong[key]:
        return "[green]none[/green]"
    first = _in_hexadecimal(witnesses[key])
    return f"[red]{wrong[key]:,}[/red]: {first['x']} gives {first['got']}, not {first['want']}"


def _table_of_doubts(chosen, cases):
    from rich.table import Table

    table = Table("", *chosen, title="Of N(0, 9), a fast part leaves in doubt")
    for case in cases:
        shares = [_proof.share_of_doubts(case, isa) for isa in chosen]
        if any(shares):
            cells = (f"1 in {1 / share:,.0f}" if share else "no fast part" for share in shares)
            table.add_row(str(case), *cells)
    return table
