"""Check that the links of all pages lead somewhere, and run the examples of pages and docstrings.

    python tools/docs.py

Examples run in the installed package. Those of a page run in their order, in one namespace.
"""

import contextlib
import doctest
import io
import re
import sys
import traceback
from pathlib import Path

import numpy as np

import relu_ufunc

ROOT = Path(__file__).resolve().parents[1]
FOLDERS = (".", "docs", "benchmarks", "src")
OF_CLIENTS = "clients.md"  # whose examples need extras: tests/clients runs them
PAGES = [page for folder in FOLDERS for page in sorted((ROOT / folder).glob("*.md"))]


def prose(text):
    """The text without its code, in which brackets mean something else."""
    return re.sub(r"^```.*?^```|`[^`\n]*`", "", text, flags=re.MULTILINE | re.DOTALL)


def broken_links(page):
    """The links to files that are not there, and to headings that a page has not."""
    for link in re.findall(r"\]\(([^)\s]+)\)", prose(page.read_text("utf-8"))):
        if re.match(r"\w+:", link):
            continue  # to another site: CI has no network
        path, _, heading = link.partition("#")
        target = page.parent / path if path else page
        if not target.exists():
            yield f"{link}: there is no such file"
        elif heading and heading not in headings(target):
            yield f"{link}: there is no such heading"


def headings(page):
    """The headings of a page as a link names them."""
    found = re.findall(r"^#+ (.+)$", page.read_text("utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading).strip().lower().replace(" ", "-") for heading in found}


def failed_examples(page):
    """The blocks of Python that raise."""
    scope = {"__name__": page.stem}
    text = page.read_text("utf-8")
    for block in re.finditer(r"^```python\n(.*?)^```", text, re.MULTILINE | re.DOTALL):
        line = text.count("\n", 0, block.start(1))
        try:
            with contextlib.redirect_stdout(io.StringIO()):
                exec(compile("\n" * line + block[1], str(page), "exec"), scope)
        except Exception:
            yield f"the example in line {line + 1}:\n{traceback.format_exc()}"


def failed_docstrings():
    """The names whose docstrings show another result; doctest prints which."""
    finder, runner = doctest.DocTestFinder(), doctest.DocTestRunner()
    public = {name: getattr(relu_ufunc, name) for name in relu_ufunc.__all__}
    for name, thing in {"relu_ufunc": relu_ufunc, **public}.items():
        for test in finder.find(thing, name, module=False, globs={"np": np}):
            if runner.run(test).failed:
                yield name


def main():
    faults = []
    for page in PAGES:
        name = page.relative_to(ROOT)
        faults += [f"{name}: {fault}" for fault in broken_links(page)]
        if page.name != OF_CLIENTS:
            faults += [f"{name}: {fault}" for fault in failed_examples(page)]
    faults += [f"the docstring of {name}" for name in failed_docstrings()]
    if faults:
        sys.exit("\n".join(faults))
    print(f"{len(PAGES)} pages and the docstrings are well")


if __name__ == "__main__":
    main()
