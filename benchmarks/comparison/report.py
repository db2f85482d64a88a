"""What the terminal shows."""

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from .peers import OURS
from .results import MEASURED

# Ratios closer to 1 than this are a draw.
DRAW = 0.05
FILE_WIDTH = 120  # of what is no terminal
NARROW = 110  # below, the columns that follow from others are left out
DERIVED = ("ns a call", "GB/s")
UNITS = (("ns", 1), ("us", 1e3), ("ms", 1e6), ("s", 1e9))
LEGEND = """\
ratio: relu_ufunc's time over this one's, below 1 where relu_ufunc is faster; the median over the \
repetitions, and the quartiles.
limit: the time of a memcpy that moves as many bytes, over this one's.
ULP: the most that a sample of the result was off the correctly rounded one; 0 is exact.
np.…: statements that do other work on as many bytes. They are yardsticks, not peers."""


def new_console():
    console = Console(highlight=False)
    return console if console.is_terminal else Console(highlight=False, width=FILE_WIDTH)


def machine_lines(machine):
    for key, value in machine.items():
        if isinstance(value, dict):
            value = ", ".join(f"{name} {item}" for name, item in value.items() if item)
        yield f"{key}: {value}"


def show_machine(console, machine):
    console.print("\n".join(machine_lines(machine)), style="dim")


def show_table(console, title, records):
    """A table of rows, given with the cells to show; dim where nothing was measured."""
    table = Table(title=title, title_justify="left", box=SIMPLE_HEAD, pad_edge=False)
    columns = [name for name in records[0][1] if console.width >= NARROW or name not in DERIVED]
    for column in columns:
        last = column == columns[-1]
        side = "left" if last or column == columns[0] else "right"
        table.add_column(column, justify=side, no_wrap=not last, overflow="fold")
    for row, record in records:
        style = None if row.status == MEASURED else "dim"
        table.add_row(*(record[column] for column in columns), style=style)
    console.print(table)


def show_case(console, case, rows):
    """One table for a case, its contestants in the order in which they were asked."""
    about = described(rows[0]) if rows[0].function else f": {case.about}"
    title = Text(case.name, style="bold").append(about, style="not bold")
    show_table(console, title, [(row, record_of(row)) for row in rows])


def described(row):
    parts = [row.dtype, row.shape, row.layout, f"{row.values} values", f"cache {row.cache}"]
    return f"  {row.statement}\n" + ", ".join((*parts, f"{row.rounds} repetitions"))


def record_of(row):
    return {
        "": row.contestant if row.kind != "limit" else f"{row.contestant}, the limit",
        "ratio": ratio_text(row),
        "quartiles": spread_text(row),
        "ns a call": number(row.ns, "{:,.0f}"),
        "ns/element": number(row.ns_element, "{:.3g}"),
        "GB/s": number(row.gb_s, "{:.1f}"),
        "limit": number(row.limit_share, "{:.0%}"),
        "ULP": number(row.ulp, "{:,.0f}"),
        "note": note_text(row),
    }


def note_text(row):
    if row.status in (MEASURED, row.note):
        return row.note
    return f"{row.status}: {row.note}"


def spread_text(row):
    if row.ratio is None or row.contestant == OURS:
        return ""
    return f"{ratio_number(row.ratio_q1)}-{ratio_number(row.ratio_q3)}"


def ratio_number(ratio):
    """Two digits that say something, however small the ratio."""
    return f"{ratio:.2f}" if ratio >= 0.0995 else f"{ratio:.2g}"


def number(value, form):
    return "" if value is None else form.format(value)


def duration(ns):
    if ns is None:
        return ""
    unit, size = next(pair for pair in UNITS if ns < 1000 * pair[1])
    return f"{ns / size:.3g} {unit}"


def ratio_text(row):
    if row.ratio is None or row.contestant == OURS:
        return ""
    style = "green" if row.ratio < 1 - DRAW else "red" if row.ratio > 1 + DRAW else ""
    return Text(ratio_number(row.ratio), style=style)


def show_ceilings(console, rows):
    records = [(row, ceiling_record(row)) for row in rows]
    show_table(console, Text("the machine's limits", style="bold"), records)


def ceiling_record(row):
    return {
        "": row.contestant,
        "bytes moved": number(row.bytes, "{:,}"),
        "statement": row.statement,
        "time": duration(row.ns),
        "quartiles": "" if row.ns is None else f"{duration(row.ns_q1)}-{duration(row.ns_q3)}",
        "rate": number(row.gb_s, "{:.1f} GB/s"),
        "note": row.note,
    }


def show_losses(console, rows):
    """Where a peer is faster than relu_ufunc, in one place."""
    lost = losses(rows)
    if not lost:
        console.print("No peer was faster in any case measured.")
        return
    console.print(Text("Faster than relu_ufunc:", style="bold"))
    for row in lost:
        ulp = f", {row.ulp:,.0f} ULP off" if row.ulp else ""
        console.print(f"  {row.case}: {row.contestant}, ratio {row.ratio:.2f}{ulp}")


def losses(rows):
    measured = (row for row in rows if row.kind == "peer" and row.ratio is not None)
    return [row for row in measured if row.status == MEASURED and row.ratio > 1 + DRAW]
