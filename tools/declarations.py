"""Write what follows from the declarations of kernels: the package's stub, and the guide's table.

    python tools/declarations.py            writes them
    python tools/declarations.py --check    only says whether they are up to date, and stubtest
                                            whether all that the stub says is true

The kernels are those of the installed package.
"""

import subprocess
import sys
from pathlib import Path

import relu_ufunc
from relu_ufunc import _relu_ufunc
from relu_ufunc._signatures import operands, outputs

ROOT = Path(__file__).resolve().parents[1]


def between(text, begin, end, lines):
    """The text with these lines in the place that two others mark."""
    head, rest = text.split(f"{begin}\n")
    _, tail = rest.split(f"{end}\n")
    return "".join([head, begin, "\n", *(f"{line}\n" for line in lines), end, "\n", tail])


def stub(text):
    """The stub, with the names and the ufuncs as they are."""
    names = [f'    "{name}",' for name in sorted(relu_ufunc.__all__)]
    text = between(text, "# names: begin", "# names: end", ["__all__ = [", *names, "]"])
    ufuncs = [f"{kernel.name}: Final[np.ufunc]" for kernel in _relu_ufunc.KERNELS]
    return between(text, "# ufuncs: begin", "# ufuncs: end", ufuncs)


def guide(text):
    """The guide, with the table of ufuncs as they are."""
    rows = ["", "| ufunc | gives | of |", "|---|---|---|", *map(row, _relu_ufunc.KERNELS), ""]
    return between(text, "<!-- ufuncs: begin -->", "<!-- ufuncs: end -->", rows)


def row(kernel):
    gives = ", ".join(f"`{name} = {formula}`" for name, formula in outputs(kernel).items())
    elements = "floats and integers" if kernel.elements == "numbers" else "floats"
    inputs = ", ".join(str(o) for o in operands(kernel).values())
    return f"| `{kernel.name}({inputs})` | {gives} | {elements} |"


FILES = {ROOT / "relu_ufunc" / "__init__.pyi": stub, ROOT / "docs" / "guide.md": guide}


STUBTEST = (
    *("-P", "-m", "mypy.stubtest", "relu_ufunc"),
    *("--mypy-config-file", "pyproject.toml", "--allowlist", "tools/stubtest.txt"),
)


def check(path, before, after):
    if after != before:
        sys.exit(f"{path.name} is not up to date: run python tools/declarations.py")


def main():
    checking = "--check" in sys.argv[1:]
    for path, write in FILES.items():
        before = path.read_text(encoding="utf-8")
        after = write(before)
        if checking:
            check(path, before, after)
        else:
            path.write_text(after, encoding="utf-8")
    if checking:
        sys.exit(subprocess.run([sys.executable, *STUBTEST], cwd=ROOT, check=False).returncode)


if __name__ == "__main__":
    main()
