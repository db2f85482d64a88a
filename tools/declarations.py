"""Write what follows from the declarations of kernels: the stubs, and the table of ufuncs.

    python tools/declarations.py            writes them
    python tools/declarations.py --check    only says whether they are up to date, and stubtest
                                            whether the package has all that the stubs say

The kernels are those of the installed package.
"""

import subprocess
import sys
from pathlib import Path

import relu_ufunc
from relu_ufunc import _relu_ufunc
from relu_ufunc._signatures import is_parameter, operands, outputs

ROOT = Path(__file__).resolve().parents[1]
LINE = 100  # characters, as ruff lays them out


def between(text, begin, end, lines):
    """The text with these lines in the place that two others mark."""
    head, rest = text.split(f"{begin}\n")
    _, tail = rest.split(f"{end}\n")
    return "".join([head, begin, "\n", *(f"{line}\n" for line in lines), end, "\n", tail])


def stub(text):
    """The stub of the package, with the names and the ufuncs as they are."""
    names = [f'    "{name}",' for name in sorted(relu_ufunc.__all__)]
    text = between(text, "# names: begin", "# names: end", ["__all__ = [", *names, "]"])
    ufuncs = [f"{kernel.name}: Final[_ufuncs.{class_of(kernel)}]" for kernel in _relu_ufunc.KERNELS]
    return between(text, "# ufuncs: begin", "# ufuncs: end", ufuncs)


def ufunc_stub(text):
    """The stub of the types of ufuncs: a class for each signature that there is."""
    kernels = {class_of(kernel): kernel for kernel in _relu_ufunc.KERNELS}
    classes = [class_lines(name, kernels[name]) for name in sorted(kernels)]
    lines = [line for each in classes for line in ["", *each]]
    return between(text, "# classes: begin", "# classes: end", [*lines, ""])


def class_of(kernel):
    """The name of the class with the signature of a kernel."""
    names = "_".join(operands(kernel)).title().replace("_", "")
    return f"{kernel.elements.title()}{names}{'Pair' if kernel.nout == 2 else ''}"


def class_lines(name, kernel):
    """A class: a call for each kind of operands, of which the first that fits is meant."""
    numbers, pair = kernel.elements == "numbers", kernel.nout == 2
    results = (
        ("Out, Out2", "Options", "Pair[Out, Out2]") if pair else ("Out", "Options", "Single[Out]")
    )
    calls = [
        call(kernel, "Scalar", "np.integer | np.floating" if numbers else "np.floating", "Typed"),
        call(kernel, "Any", "Any", "Options", "Any", first="Overrides"),
        call(kernel, "Reals", *results),
    ]
    if sum(not is_parameter(each) for each in operands(kernel).values()) == 1 and not pair:
        # Python's numbers, for which functions alone are called, and no gradients.
        python = [call(kernel, "int", "np.integer")] if numbers else []
        calls = [*python, call(kernel, "float", "np.float64"), *calls]
    return ["@type_check_only", f"class {name}(Ufunc):", *(line for each in calls for line in each)]


def call(kernel, operand, result, options="Plain", out="None", first=None):
    """A call on operands of one type, but for the first where that has a type of its own."""
    inputs = list(operands(kernel).values())
    names = [name_of(each, first or operand if each is inputs[0] else operand) for each in inputs]
    names.insert(sum(not is_parameter(each) for each in inputs), "/")
    if kernel.nout == 2 and result != "Any":
        result = f"tuple[{result if ', ' in result else f'{result}, {result}'}]"
    arguments = ["self", *names, f"out: {out} = None", f"**options: Unpack[{options}]"]
    return ["    @overload", *laid_out("    def __call__", arguments, f" -> {result}: ...")]


def name_of(operand, kind):
    default = "" if operand.default is operand.empty else f" = {operand.default}"
    return f"{operand.name}: {kind}{default}"


def laid_out(head, arguments, tail):
    """A function's first line, or as many as it takes."""
    line = ", ".join(arguments)
    if len(f"{head}({line}){tail}") <= LINE:
        return [f"{head}({line}){tail}"]
    indent = " " * 8
    inner = [f"{indent}{line}"]
    if len(inner[0]) > LINE:
        inner = [f"{indent}{argument}," for argument in arguments]
    return [f"{head}(", *inner, f"    ){tail}"]


def table(text):
    """The page of the ufuncs, with each of them as it is."""
    rows = ["", "| ufunc | gives | of |", "|---|---|---|", *map(row, _relu_ufunc.KERNELS), ""]
    return between(text, "<!-- ufuncs: begin -->", "<!-- ufuncs: end -->", rows)


def row(kernel):
    gives = ", ".join(f"`{name} = {formula}`" for name, formula in outputs(kernel).items())
    inputs = ", ".join(str(o) for o in operands(kernel).values())
    return f"| `{kernel.name}({inputs})` | {gives} | {kernel.elements} |"


FILES = {
    ROOT / "relu_ufunc" / "__init__.pyi": stub,
    ROOT / "relu_ufunc" / "_ufuncs.pyi": ufunc_stub,
    ROOT / "docs" / "functions.md": table,
}


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
