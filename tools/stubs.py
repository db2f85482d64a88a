"""Write the ufuncs into the stub of the package, relu_ufunc/__init__.pyi.

    python tools/stubs.py            writes it
    python tools/stubs.py --check    only says whether it is up to date, and stubtest whether all
                                     that it says is true

They are those of the installed package.
"""

import subprocess
import sys
from pathlib import Path

import relu_ufunc
from relu_ufunc import _relu_ufunc

ROOT = Path(__file__).resolve().parents[1]
STUB = ROOT / "relu_ufunc" / "__init__.pyi"
STUBTEST = (
    *("-P", "-m", "mypy.stubtest", "relu_ufunc"),
    *("--mypy-config-file", "pyproject.toml", "--allowlist", "tools/stubtest.txt"),
)


def between(text, name, lines):
    """The text with these lines in the place that the comments `name: begin` and `end` mark."""
    begin, end = f"# {name}: begin\n", f"# {name}: end\n"
    head, rest = text.split(begin)
    _, tail = rest.split(end)
    return "".join([head, begin, *(f"{line}\n" for line in lines), end, tail])


def stub(text):
    """The stub, with the names and the ufuncs as they are."""
    names = [f'    "{name}",' for name in sorted(relu_ufunc.__all__)]
    text = between(text, "names", ["__all__ = [", *names, "]"])
    ufuncs = [f"{kernel.name}: Final[np.ufunc]" for kernel in _relu_ufunc.KERNELS]
    return between(text, "ufuncs", ufuncs)


def main():
    before = STUB.read_text(encoding="utf-8")
    after = stub(before)
    if "--check" in sys.argv[1:]:
        if after != before:
            sys.exit(f"{STUB.name} is not up to date: run python tools/stubs.py")
        sys.exit(subprocess.run([sys.executable, *STUBTEST], cwd=ROOT, check=False).returncode)
    STUB.write_text(after, encoding="utf-8")


if __name__ == "__main__":
    main()
