"""How the command `relu-ufunc` ends where it can't do its work: in one line and an exit status.

Environment variables are read while the package is imported, before the command itself begins:
`__init__.py` needs this too.
"""

import os
import sys
from contextlib import contextmanager, suppress

NAME = "relu-ufunc"
PACKAGE = __package__

WRONG_USAGE = 2  # as argparse has it
INTERRUPTED = 128 + 2  # as the shell tells of a process that SIGINT or SIGPIPE has ended
READER_GONE = 128 + 13


class Trouble(Exception):
    """The command can't do its work, for a reason that is no fault of the program."""


def complain(message):
    """Print a line to standard error, if there is any."""
    if sys.stderr is not None:  # print would take None for standard output
        with suppress(OSError):
            print(f"{NAME}: {message}", file=sys.stderr, flush=True)


def drop_output():
    """Give up what is still to be written: at exit, Python would try again and complain."""
    with open(os.devnull, "w") as nowhere, suppress(OSError):
        os.dup2(nowhere.fileno(), sys.stdout.fileno())


@contextmanager
def errors_in_one_line():
    """Where the package is imported to run the command, end with a line instead of a traceback."""
    try:
        yield
    except ImportError as error:
        if not _is_running():
            raise
        complain(f"error: {error}")
        sys.exit(WRONG_USAGE)
    except KeyboardInterrupt:
        if not _is_running():
            raise
        complain("interrupted")
        sys.exit(INTERRUPTED)


def _is_running():
    """Whether this process was started as the command, by one of its names."""
    started_as, *arguments = getattr(sys, "argv", None) or [""]
    if started_as == "-m":
        # Python still looks for the module: the last word before the arguments.
        module = sys.orig_argv[-len(arguments) - 1]
        return module == PACKAGE or (module.startswith("-") and module.endswith(f"m{PACKAGE}"))
    folder, file = os.path.split(started_as)
    if file == "__main__.py":
        return os.path.basename(folder) == PACKAGE
    return os.path.splitext(file)[0] == NAME
