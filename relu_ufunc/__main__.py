"""The command `relu-ufunc`, also `python -m relu_ufunc`."""

import sys

from . import _command

with _command.errors_in_one_line():
    import argparse

    from . import __version__, _bench, _check, _terminal, show_config

EXIT_STATUS = """\
exit status:
  0    success; of check: every result is exact
  1    the output can't be written; of check: a result is wrong
  2    the command line or an environment variable is wrong; of check and bench: they can't work
  130  Ctrl-C
  141  the reader of a pipe is gone"""


def info(arguments):
    """Print version, instruction sets, threads, compiler and NumPy, a line each."""
    config = show_config(mode="dicts")
    if arguments.json:
        _terminal.print_json(config)
        return 0
    isas = config["Instruction sets"]
    threads = config["Threads"]
    serial = " (this build has no threads)" if threads["pool"] == "serial" else ""
    running = config["Running on"]
    lines = {
        "relu_ufunc": config["Version"],
        "ISA in use": isas["in use"],
        "ISA available": ", ".join(isas["available"]),
        "threads": f"{threads['in use']}{serial}",
        "learned": _in_words(config["Learned"]),
        "compiler": config["Build"]["compiler"],
        "NumPy": f"{running['numpy']} (built against {config['Build']['numpy']})",
        "Python": f"{running['python']} on {running['system']} {running['machine']}",
    }
    for name, value in lines.items():
        print(f"{name + ':':<15}{value}")
    return 0


def _in_words(learned):
    """What show_config tells of it, in a line."""
    if isinstance(learned, str):
        return learned
    return "; ".join(f"{name}: {value or 'nothing yet'}" for name, value in learned.items())


def main(arguments=None):
    """Run the command with these arguments, by default the process's; give the exit status."""
    chosen = argparse.Namespace(trouble=1)
    try:
        try:
            return _run(arguments, chosen)
        finally:
            if sys.stdout is not None:
                sys.stdout.flush()  # a failure at exit could no longer be told in a line
    except KeyboardInterrupt:
        _command.complain("interrupted")
        return _command.INTERRUPTED
    except BrokenPipeError:
        _command.drop_output()
        return _command.READER_GONE
    except OSError as error:
        _command.drop_output()
        _command.complain(f"error: the output can't be written: {error.strerror}")
    except _command.Trouble as trouble:
        _command.complain(f"error: {trouble}")
    return chosen.trouble


def _run(arguments, chosen):
    parser = _parser()
    parser.parse_args(arguments, chosen)
    if not hasattr(chosen, "run"):
        parser.print_help()
        return 0
    if sys.stdout is None:
        raise _command.Trouble("standard output is closed")
    return chosen.run(chosen)


class _Parser(argparse.ArgumentParser):
    def _print_message(self, message, file=None):
        """As argparse does, which however passes over a failure to write."""
        if file is not None and file is sys.stdout:
            file.write(message)
        else:
            super()._print_message(message, file)


def _parser():
    style = {"epilog": EXIT_STATUS, "formatter_class": argparse.RawDescriptionHelpFormatter}
    parser = _Parser(
        prog=_command.NAME, description="Activation functions as NumPy ufuncs.", **style
    )
    parser.add_argument("--version", action="version", version=f"%(prog)s {__version__}")
    commands = parser.add_subparsers(title="commands")
    for name, run, add_arguments in (
        ("info", info, _terminal.add_json),
        ("check", _check.run, _check.add_arguments),
        ("bench", _bench.run, _bench.add_arguments),
    ):
        command = commands.add_parser(name, help=run.__doc__, description=run.__doc__, **style)
        command.set_defaults(run=run)
        add_arguments(command)
    return parser


if __name__ == "__main__":
    sys.exit(main())
