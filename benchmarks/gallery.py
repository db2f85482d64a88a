"""Run the examples, and write the sections of docs/gallery.md with their figures and pictures.

    python benchmarks/gallery.py [NAME]...

Needs relu_ufunc with the extra `examples`; takes some minutes for all, or less for those named.
Have the machine to yourself for it: some examples take times.
"""

import argparse
import ast
import json
import subprocess
import sys

from pages.writing import DOCS, fill, machine_text, table
from rich.console import Console

EXAMPLES = DOCS.parent / "examples"
PAGE = DOCS / "gallery.md"
GALLERY = DOCS / "gallery"
# In the order of the page: those that measure, draw and claim.
NAMES = (
    "vanishing_gradients",
    "sparse_activations",
    "efficiency",
    "robustness",
    "digits",
    "classify_digits",
    "detect_digits",
    "classify_docstrings",
    "generate_digits",
    "feed_forward",
)
sys.path.insert(0, str(EXAMPLES))
import variants  # noqa: E402


def run(name):
    """Its pictures and figures go to docs/gallery. A claim that does not hold ends all."""
    command = [sys.executable, str(EXAMPLES / f"{name}.py"), "--picture", str(GALLERY / name)]
    subprocess.run([*command, "--json", str(saved(name))], check=True)


def saved(name):
    return GALLERY / f"{name}.json"


def section(name):
    """An example as the page tells of it: by its docstring, its picture, and what it found."""
    docstring = ast.get_docstring(ast.parse((EXAMPLES / f"{name}.py").read_text("utf-8")))
    found = json.loads(saved(name).read_text("utf-8"))
    figures = found["figures"]
    labels = list(dict.fromkeys(label for row in figures.values() for label in row))
    rows = [
        [f"`{activation}`", *(f"{row[label]:.3g}" if label in row else "" for label in labels)]
        for activation, row in figures.items()
    ]
    lines = [
        f"## {title(name)}",
        docstring,
        picture(name, docstring.partition("\n")[0]),
        table(["", *labels], rows),
        "\n".join(
            f"- {'Holds' if holds else 'Does not hold'}: {claim}"
            for claim, holds in found["claims"]
        ),
        "\n".join(f"- {remark}" for remark in found["remarks"]),
    ]
    return "\n\n".join(line for line in lines if line)


def title(name):
    return name.replace("_", " ").capitalize()


def picture(name, alt):
    """For the theme that a reader has; docs/site/build.py knows it by this form."""
    return (
        f'<picture><source media="(prefers-color-scheme: dark)" srcset="gallery/{name}-dark.png">'
        f'<img alt="{alt}" src="gallery/{name}-light.png"></picture>'
    )


def comparison():
    names, rows = variants.compare([saved(name) for name in NAMES])
    lines, before = [], None
    for example, label, cells in rows:
        if example != before:
            lines.append([f"**{title(example)}**", *[""] * len(names)])
            before = example
        lines.append([label, *cells])
    return table(["", *(f"`{name}`" for name in names)], lines)


def parts():
    """What follows from the examples and from what they have saved."""
    return {"examples": "\n\n".join(map(section, NAMES)), "variants": comparison()}


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help="only these are run anew")
    for name in parser.parse_args().names or NAMES:
        Console().rule(name)
        run(name)
    fill(PAGE, parts() | {"machine": machine_text()})


if __name__ == "__main__":
    main()
