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


def takes(kernel):
    """Numbers or floats: that some of these have a short formula is no matter of users."""
    return kernel.elements.removesuffix("_short")


def class_of(kernel):
    """The name of the class with the signature of a kernel."""
    names = "_".join(operands(kernel)).title().replace("_", "")
    return f"{takes(kernel).title()}{names}{'Pair' if kernel.nout == 2 else ''}"


def class_lines(name, kernel):
    """A class: a call for each kind of operands, of which the first that fits is meant."""
    calls = [line for kind in kinds(kernel) for line in ["    @overload", *call(kernel, *kind)]]
    return ["@type_check_only", f"class {name}(Ufunc):", *calls]


def kinds(kernel):
    """Types: of the first operand, of the others, of out and of the result; and the options."""
    numbers, pair = kernel.elements == "numbers", kernel.nout == 2
    if by_position(kernel) == 1 and not pair:
        # Python's own numbers. Gradients, and units of two inputs, are seldom asked for these.
        if numbers:
            yield "int", "int", "None", "np.integer", "Plain"
        yield "float", "float", "None", "np.float64", "Plain"
    scalar = "np.integer | np.floating" if numbers else "np.floating"
    yield "Scalar", "Scalar", "None", f"tuple[{scalar}, {scalar}]" if pair else scalar, "Typed"
    yield "Overrides", "Any", "Any", "Any", "Options"
    arrays = ("Pair[Out, Out2]", "tuple[Out, Out2]") if pair else ("Single[Out]", "Out")
    yield "Reals", "Reals", *arrays, "Options"


def by_position(kernel):
    """How many inputs are given by position alone."""
    return sum(not is_parameter(operand) for operand in operands(kernel).values())


def call(kernel, first, others, out, result, options):
    arguments = []
    for operand in operands(kernel).values():
        default = "" if operand.default is operand.empty else f" = {operand.default}"
        arguments.append(f"{operand.name}: {others if arguments else first}{default}")
    arguments.insert(by_position(kernel), "/")
    arguments = ["self", *arguments, f"out: {out} = None", f"**options: Unpack[{options}]"]
    return laid_out("    def __call__", arguments, f" -> {result}: ...")


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
    return f"| `{kernel.name}({inputs})` | {gives} | {takes(kernel)} |"


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
