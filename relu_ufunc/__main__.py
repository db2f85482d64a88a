"""The command `relu-ufunc`, also `python -m relu_ufunc`."""

import argparse
import sys

from . import __version__, show_config


def info():
    """Print version, instruction sets, compiler and NumPy, a line each."""
    config = show_config(mode="dicts")
    isas = config["Instruction sets"]
    running = config["Running on"]
    lines = {
        "relu_ufunc": config["Version"],
        "ISA in use": isas["in use"],
        "ISA available": ", ".join(isas["available"]),
        "compiler": config["Build"]["compiler"],
        "NumPy": f"{running['numpy']} (built against {config['Build']['numpy']})",
        "Python": f"{running['python']} on {running['system']} {running['machine']}",
    }
    for name, value in lines.items():
        print(f"{name + ':':<15}{value}")


def main(arguments=None):
    parser = argparse.ArgumentParser(
        prog="relu-ufunc", description="ReLU, leaky ReLU, PReLU and ELU as NumPy ufuncs."
    )
    parser.add_argument("--version", action="version", version=f"%(prog)s {__version__}")
    commands = parser.add_subparsers(title="commands", dest="command")
    commands.add_parser("info", help=info.__doc__.splitlines()[0]).set_defaults(run=info)
    chosen = parser.parse_args(arguments)
    if chosen.command is None:
        parser.print_help()
        return 0
    chosen.run()
    return 0


if __name__ == "__main__":
    sys.exit(main())
