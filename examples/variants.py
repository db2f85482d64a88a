"""Compare the activations over all examples: what each of these found, in one table.

    pip install '.[examples]' && python examples/variants.py

It reads the figures that the others save with `--json FILE`, from the files that are named, or from
those in docs/gallery. A row is a figure of one example, a column an activation.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from rich.console import Console
from rich.table import Table

GALLERY = Path(__file__).resolve().parents[1] / "docs" / "gallery"

Row = tuple[str, str, list[str]]  # the example, the figure, and a cell for each activation


def compare(files: list[Path]) -> tuple[list[str], list[Row]]:
    """The activations, and the rows of the table."""
    found = {path.stem: json.loads(path.read_text("utf-8"))["figures"] for path in files}
    names = list(dict.fromkeys(name for figures in found.values() for name in figures))
    rows = []
    for example, figures in found.items():
        for label in dict.fromkeys(label for row in figures.values() for label in row):
            values = [figures.get(name, {}).get(label) for name in names]
            rows.append((example, label, ["" if v is None else f"{v:.3g}" for v in values]))
    return names, rows


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("files", nargs="*", type=Path, help="what the others saved with --json")
    names, rows = compare(parser.parse_args().files or sorted(GALLERY.glob("*.json")))
    table = Table("figure", *names)
    before = None
    for example, label, cells in rows:
        if example != before:
            table.add_section()
            table.add_row(example.replace("_", " "), style="bold")
            before = example
        table.add_row(f"  {label}", *cells)
    # As wide as it needs: a pager or a file takes it.
    Console(width=max(80, 50 + 12 * len(names))).print(table)
    return 0


if __name__ == "__main__":
    sys.exit(main())
