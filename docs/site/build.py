"""Build the site: the pages that there are, and the reference, written from the declarations.

    python docs/site/build.py FOLDER

The pages are those that one reads in the repository. They are copied to FOLDER/source, and a link
between them leads to the copy; one to a source file becomes its name. The reference has a page for
each function, with its gradients and a plot. FOLDER/html is the site; a warning is an error.
"""

import os
import re
import shutil
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

import numpy as np

import relu_ufunc
from relu_ufunc import _relu_ufunc, testing

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
GRADIENTS = re.compile("_(grad|backward(_from_output)?)$")

# What the site has beside the pages of docs/, by its name there.
ELSEWHERE = {
    "index": "README.md",
    "sources": "src/README.md",
    "contributing": "CONTRIBUTING.md",
    "benchmarks": "benchmarks/README.md",
    "security": "SECURITY.md",
    "changelog": "CHANGELOG.md",
}
# The parts of the site: the page that each begins with, and those below it, as they are listed.
REFERENCE = "api/index"
PARTS = {
    "index": ("guide", REFERENCE, "how_it_works", "speed", "contributing", "changelog"),
    "guide": (
        "install",
        "functions",
        "gallery",
        "coming_from",
        "clients",
        "c",
        "promises",
        "threads",
        "recycling",
    ),
    "how_it_works": ("testing", "floating_point", "accuracy"),
    "speed": ("cost", "tuning", "benchmarks"),
    "contributing": ("sources", "security"),
}
# Names of the reference that are no ufuncs: its last pages.
TESTING = [f"testing.{name}" for name in testing.__all__ if callable(getattr(testing, name))]


# The pages


def pages():
    """Every page of the repository that is on the site, by its name there."""
    found = {path.stem: path for path in sorted((ROOT / "docs").glob("*.md"))}
    return found | {name: ROOT / path for name, path in ELSEWHERE.items()}


def copied(path, names, source):
    """The text of a page, with its links as they are on the site, and its pictures beside it."""

    def link(match):
        text, target = match.groups()
        if re.match(r"\w+:|#", target):
            return match[0]
        place, mark, heading = target.partition("#")
        place = (path.parent / place).resolve()
        if place in names:
            text = "" if text.endswith(place.name) else text  # for the title that it has
            return f"[{text}]({names[place]}.md{mark}{heading})"
        if place.suffix == ".png":
            shutil.copy(place, source)
            return f"[{text}]({place.name})"
        return text  # a source file, which is not on the site

    text = re.sub(r"\[([^\]]*)\]\(([^)\s]+)\)", link, path.read_text("utf-8"))
    return re.sub(r"<picture>.*?</picture>", lambda match: both(match[0], path, source), text)


def both(element, path, source):
    """A picture that there is for either theme, as the site has it. GitHub takes the element."""
    dark, alt, light = re.search('srcset="(.*?)".*alt="(.*?)" src="(.*?)"', element).groups()
    lines = []
    for theme, name in (("light", light), ("dark", dark)):
        shutil.copy(path.parent / name, source)
        lines += image(Path(name).name, alt, theme)
    return "\n".join(lines)


def image(name, alt, theme):
    return [f"```{{image}} {name}", f":alt: {alt}", f":class: only-{theme}", "```", ""]


def write_pages(source):
    found = pages()
    names = {path: name for name, path in found.items()}
    for name, path in found.items():
        below = [page for page in PARTS.get(name, ()) if page in found or page == REFERENCE]
        text = copied(path, names, source) + toctree(below)
        (source / f"{name}.md").write_text(text, "utf-8")


def toctree(names):
    """What makes pages lie below the one that ends so. A page that lies nowhere is a warning."""
    return "\n".join(["", "```{toctree}", ":hidden:", "", *names, "```", ""]) if names else ""


# The reference


def families():
    """The ufuncs by the function that they belong to, in the order of the declarations."""
    names = [kernel.name for kernel in _relu_ufunc.KERNELS]
    members = defaultdict(list)
    for name in names:
        members[GRADIENTS.sub("", name)].append(name)
    return dict(members)


def write_reference(folder):
    folder.mkdir()
    others = [
        name
        for name in sorted(relu_ufunc.__all__)
        if name != "__version__" and not isinstance(getattr(relu_ufunc, name), np.ufunc)
    ]
    rows = []
    for name, members in families().items():
        text = [f"# {name}", "", *plot(name), *(line for each in members for line in entry(each))]
        (folder / f"{name}.md").write_text("\n".join(text), "utf-8")
        rows.append((name, members))
    for name, title, members in (
        ("functions", "Functions and settings", others),
        ("testing", "relu_ufunc.testing", TESTING),
    ):
        text = [f"# {title}", "", *(line for each in members for line in entry(each))]
        (folder / f"{name}.md").write_text("\n".join(text), "utf-8")
        rows.append((name, members))
    (folder / "index.md").write_text(index_of(rows), "utf-8")


def entry(name):
    return ["```{eval-rst}", f".. autofunction:: relu_ufunc.{name}", "```", ""]


def plot(name):
    lines = []
    for theme in ("light", "dark"):
        lines += image(f"{name}-{theme}.svg", f"{name} and its derivative", theme)
    return lines


def index_of(rows):
    text = ["# Reference", "", "| page | about |", "|---|---|"]
    for name, members in rows:
        text.append(f"| [{name}]({name}.md) | {', '.join(f'`{each}`' for each in members)} |")
    return "\n".join([*text, toctree([name for name, _ in rows])])


def write_plots(folder):
    """A picture of each function and its derivative, for either theme."""
    sys.path.insert(0, str(ROOT / "benchmarks"))
    import curves
    from matplotlib import pyplot, rc_context

    for theme, colours, ink in (
        ("light", curves.LIGHT, "0.25"),
        ("dark", curves.DARK, "0.8"),
    ):
        style = {f"{part}.color": ink for part in ("text", "xtick", "ytick")}
        style |= {"axes.edgecolor": ink, "svg.hashsalt": "relu_ufunc"}
        with rc_context(style):
            for name in families():
                figure, axis = pyplot.subplots(figsize=(4.6, 3))
                curves.panel(axis, name, colours)
                axis.legend(handles=curves.legend(colours), frameon=False, loc="upper left")
                figure.tight_layout()
                figure.savefig(folder / f"{name}-{theme}.svg", transparent=True)
                pyplot.close(figure)


def main():
    (folder,) = map(Path, sys.argv[1:])
    source = folder / "source"
    shutil.rmtree(source, ignore_errors=True)
    source.mkdir(parents=True)
    shutil.copy(HERE / "conf.py", source)
    write_pages(source)
    write_reference(source / "api")
    write_plots(source / "api")
    command = [sys.executable, "-P", "-m", "sphinx", "-W", "--keep-going", "-q"]
    environment = os.environ | {"PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(
        [*command, str(source), str(folder / "html")], env=environment, check=False
    )
    sys.exit(done.returncode)


if __name__ == "__main__":
    main()
