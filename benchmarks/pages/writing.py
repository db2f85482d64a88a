"""Text for the pages in docs/."""

import platform
from pathlib import Path

import numpy as np
from benchmarks.machine import cache_sizes, cpu_model

import relu_ufunc

DOCS = Path(__file__).resolve().parents[2] / "docs"


def filled(text, name, content):
    """The text with what stands between the comments `name: begin` and `name: end` replaced."""
    begin, end = f"<!-- {name}: begin -->", f"<!-- {name}: end -->"
    before, found_begin, rest = text.partition(begin)
    _, found_end, after = rest.partition(end)
    if not found_begin or not found_end:
        raise ValueError(f"the page lacks the lines {begin} and {end}")
    return f"{before}{begin}\n\n{content}\n\n{end}{after}"


def fill(page, parts):
    """Replace parts of a page by name."""
    text = page.read_text("utf-8")
    for name, content in parts.items():
        text = filled(text, name, content)
    page.write_text(text, "utf-8")


def table(header, rows):
    lines = ["| " + " | ".join(header) + " |", "|---" * len(header) + "|"]
    lines += ["| " + " | ".join(row) + " |" for row in rows]
    return "\n".join(lines)


def duration(ns):
    """Two digits, or three."""
    for unit, scale in (("ns", 1), ("µs", 1e3), ("ms", 1e6), ("s", 1e9)):
        if ns < 999.5 * scale or unit == "s":
            value = ns / scale
            digits = 0 if value >= 9.95 or value == int(value) else 1
            return f"{value:.{digits}f} {unit}"


def binary(size):
    for unit, scale in (("MiB", 1 << 20), ("KiB", 1 << 10)):
        if size >= scale:
            return f"{size / scale:,.0f} {unit}"
    return f"{size} bytes"


def exponent(size):
    """2ⁿ, as a reader knows it."""
    digits = str(round(np.log2(size))).translate(str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹"))
    return f"2{digits}"


def machine_text():
    caches = ", ".join(f"{name} {binary(size)}" for name, size in cache_sizes().items())
    return (
        f"Measured on {cpu_model()} ({platform.machine()}, {platform.system()}; caches {caches}),\n"
        f"relu_ufunc {relu_ufunc.__version__} on {relu_ufunc.get_isa()}, 1 and 2 threads;"
        f" Python {platform.python_version()}, NumPy {np.__version__}."
    )
