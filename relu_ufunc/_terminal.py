"""What the commands print with: rich where it draws, JSON where a program reads."""

import json
from contextlib import contextmanager
from time import perf_counter

from ._command import Trouble

REFRESH_SECONDS = 0.1


def add_json(parser):
    """The option by which a program gets what a reader gets as a table."""
    parser.add_argument("--json", action="store_true", help="print JSON, and nothing else")


def print_json(answer):
    print(json.dumps(answer, indent=2))


def console(command):
    """A console of rich's, for the command of this name."""
    try:
        from rich.console import Console
    except ImportError as error:
        raise Trouble(
            f"{command} draws its table with rich: pip install 'relu_ufunc[check]', or use --json"
        ) from error

    class PlainConsole(Console):
        def on_broken_pipe(self):
            raise  # rich would exit with status 1, as if a result were wrong

    return PlainConsole()


@contextmanager
def progress(console, total):
    """A bar for so many steps: what it gives is called with a number of further steps done.

    Without a console there is none.
    """
    if console is None:
        yield lambda steps: None
        return
    from rich.progress import Progress, TimeElapsedColumn, TimeRemainingColumn

    columns = *Progress.get_default_columns()[:3], TimeElapsedColumn(), TimeRemainingColumn()
    # Shown by this thread and no other, where Ctrl-C and failures to write arrive.
    with Progress(*columns, console=console, auto_refresh=False) as bar:
        task = bar.add_task("working", total=total)
        shown = perf_counter()

        def advance(steps):
            nonlocal shown
            bar.advance(task, steps)
            if perf_counter() - shown > REFRESH_SECONDS:
                bar.refresh()
                shown = perf_counter()

        yield advance
