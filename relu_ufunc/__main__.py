"""The command `relu-ufunc`, also `python -m relu_ufunc`."""

import argparse
import sys

from . import __version__, _check, show_config


def info(arguments):
    """Print version, instruction sets, threads, compiler and NumPy, a line each."""
    config = show_config(mode="dicts")
    isas = config["Instruction sets"]
    threads = config["Threads"]
    serial = " (this build has no threads)" if threads["pool"] == "serial" else ""
    running = config["Running on"]
    lines = {
        "relu_ufunc": config["Version"],
        "ISA in use": isas["in use"],
        "ISA available": ", ".join(isas["available"]),
        "threads": f"{threads['in use']}{serial}",
        "compiler": config["Build"]["compiler"],
        "NumPy": f"{running['numpy']} (built against {config['Build']['numpy']})",
        "Python": f"{running['python']} on {running['system']} {running['machine']}",
    }
    for name, value in lines.items():
        print(f"{name + ':':<15}{value}")
    return 0


def main(arguments=None):
    parser = argparse.ArgumentParser(
        prog="relu-ufunc", description="ReLU, leaky ReLU, PReLU and ELU as NumPy ufuncs."
    )
    parser.add_argument("--version", action="version", version=f"%(prog)s {__version__}")
    commands = parser.add_subparsers(title="commands")
    for name, run in {"info": info, "check": _check.run}.items():
        command = commands.add_parser(name, help=run.__doc__, description=run.__doc__)
        command.set_defaults(run=run)
        if name == "check":
            _check.add_arguments(command)
    chosen = parser.parse_args(arguments)
    if not hasattr(chosen, "run"):
        parser.print_help()
        return 0
    return chosen.run(chosen)


if __name__ == "__main__":
    sys.exit(main())
