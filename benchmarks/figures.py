"""Writes docs/speed.md, its plots, and the table of the README from the CSV of compare.py.

    python benchmarks/compare.py --group readme --group sizes --output benchmarks/figures
    python benchmarks/figures.py

Every figure is from the CSV. The text stands between two comments, in either page.
"""

import argparse
import os
import sys
from pathlib import Path
from textwrap import fill

from comparison import results
from comparison.cases import README
from comparison.contestants import NAMES
from comparison.peers import OURS, NumPy
from comparison.plots import draw_all
from comparison.report import DRAW, losses, ratio_number, spread_text
from pages.writing import DOCS, filled, table

HERE = Path(__file__).resolve().parent
MARK = "performance"
WIDTH = 100
IN_SHORT = ("relu", "elu", "silu", "gelu")  # the rows of the README
PLOTS = {
    "time_per_element.png": "time an element against size",
    "time_by_dtype.png": "time an element for each dtype",
}
INTRODUCTION = """\
{count} runs in turn with {threads}: the time of relu_ufunc over that of each peer, **below 1 where
relu_ufunc is faster**. Median of the ratios within a turn, with the quartiles; behind them how far
the peer's result was from the correctly rounded one, if it was. `limit` is the time of a memcpy
that moves as many bytes over the time of relu_ufunc. A dash: the peer has no such function, or
cannot write into `out`. float32 unless said, of mixed signs, caches warm."""
REPRODUCE = """\
    pip install '.[compare]' && {command}
    python benchmarks/figures.py"""


def main(arguments=None):
    about, _, details = __doc__.partition("\n\n")
    form = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser("figures.py", None, about, details, formatter_class=form)
    parser.add_argument("csv", nargs="?", type=Path, default=HERE / "figures" / "compare.csv")
    parser.add_argument("--page", type=Path, default=DOCS / "speed.md")
    parser.add_argument("--readme", type=Path, default=HERE.parent / "README.md")
    parser.add_argument("--check", action="store_true", help="write nothing; fail if it would")
    options = parser.parse_args(arguments)
    try:
        rows, machine = results.read(options.csv)
        folder = options.csv.resolve().parent
        plots = [] if options.check else draw_all(rows, folder, machine)
        link = Path(os.path.relpath(folder, options.page.resolve().parent)).as_posix()
        written = {
            options.page: section(rows, machine, link),
            options.readme: summary(rows, machine),
        }
        changed = [page for page, text in written.items() if put(page, text, options.check)]
    except (OSError, ValueError) as error:
        print(f"figures.py: {error}", file=sys.stderr)
        return 1
    if options.check:
        return int(bool(changed))
    print("\n".join(f"wrote {path}" for path in [*plots, *written]))
    return 0


def put(page, content, only_check):
    """Whether a page changes by its new content; writes it."""
    old = page.read_text("utf-8")
    new = filled(old, MARK, content)
    if not only_check:
        page.write_text(new, "utf-8")
    return new != old


def summary(rows, machine):
    """The gain over NumPy alone, for a few functions at one size."""
    named = {(row.case, row.contestant): row for row in rows}
    lines = []
    for function in IN_SHORT:
        case = f"{function}-65536-out"
        if (case, NumPy.name) not in named:
            raise ValueError(f"the CSV lacks NumPy's row of {case}: --group readme measures it")
        ours, numpy = named[case, OURS], named[case, NumPy.name]
        lines.append([f"`{ours.statement}`", f"{ours.ns_element:.2g}", f"{1 / numpy.ratio:.1f}"])
    threads = counted(machine["threads"], "thread")
    return table(
        (f"float32, 65,536 elements, {threads}", "ns an element", "times as fast as NumPy"), lines
    )


def section(rows, machine, folder):
    measured = [row for row in rows if row.case in README]
    if not measured:
        raise ValueError("the CSV holds none of the README's cases: --group readme measures them")
    rounds = sorted({row.rounds for row in measured if row.rounds})
    count = str(rounds[-1]) if len(rounds) == 1 else f"{rounds[0]} to {rounds[-1]}"
    parts = [
        INTRODUCTION.format(count=count, threads=counted(machine["threads"], "thread")),
        "\n".join(table_lines(measured)),
        *(f"![{text}]({folder}/{name})" for name, text in PLOTS.items()),
        loss_text(rows),
        machine_text(machine),
        REPRODUCE.format(command=machine["command"]),
    ]
    return "\n\n".join(parts)


def counted(number, noun):
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def table_lines(rows):
    names = [name for name in NAMES if any(row.contestant == name for row in rows)]
    yield f"| case | ns/element | limit | {' | '.join(names)} |"
    yield "|---" * (3 + len(names)) + "|"
    for case in README:
        found = {row.contestant: row for row in rows if row.case == case}
        if OURS in found:
            ours = found[OURS]
            cells = " | ".join(ratio_cell(found.get(name)) for name in names)
            share = f"{ours.limit_share:.0%}"
            yield f"| {title(ours)} | {ours.ns_element:.3g} | {share} | {cells} |"


def title(row):
    special = "" if row.dtype == "float32" else f" {row.dtype}"
    shape = f"({row.shape.replace('x', ', ')})" if "x" in row.shape else f"{row.elements:,}"
    return f"`{row.statement}`{special}, {shape}"


def ratio_cell(row):
    if row is None or row.ratio is None:
        return "-"
    off = f", {row.ulp:,.0f} ULP" if row.ulp else ""
    return f"{ratio_number(row.ratio)} <sub>{spread_text(row)}{off}</sub>"


def loss_text(rows):
    """All there is to lose, whether the table shows it or not."""
    compared = [row for row in rows if row.kind == "peer" and row.ratio is not None]
    cases = len({row.case for row in compared})
    lost = losses(rows)
    opening = f"Of {len(compared)} comparisons in {cases} cases"
    if not lost:
        return f"{opening}, relu_ufunc lost none by more than {DRAW:.0%}."
    lines = [f"{opening}, relu_ufunc lost these by more than {DRAW:.0%}:", ""]
    for name in dict.fromkeys(row.contestant for row in lost):
        found = [f"`{row.case}` {row.ratio:.2f}" for row in lost if row.contestant == name]
        text = f"- {name}: {', '.join(found)}"
        lines.append(fill(text, WIDTH, subsequent_indent="  ", break_on_hyphens=False))
    return "\n".join(lines)


def machine_text(machine):
    caches = ", ".join(f"{name} {size // 1024:,} KiB" for name, size in machine["caches"].items())
    versions = {"Python": machine["python"], "NumPy": machine["numpy"]} | machine["peers"]
    libraries = ", ".join(f"{name} {version}" for name, version in versions.items())
    text = (
        f"Measured on {machine['cpu']} ({machine['architecture']}, {machine['system']}; caches "
        f"{caches}), relu_ufunc {machine['relu_ufunc']} on {machine['isa']}, "
        f"{counted(machine['threads'], 'thread')}; {libraries}."
    )
    return fill(text, WIDTH, break_on_hyphens=False)


if __name__ == "__main__":
    sys.exit(main())
