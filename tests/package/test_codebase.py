"""Checks of the source: what is written in several places says the same in all of them."""

import re
import runpy
import tomllib

import numpy as np
import oracle
import pytest
from cases import in_turn
from processes import ROOT, output, python

import relu_ufunc
from relu_ufunc import _relu_ufunc

UFUNCS = [name for name in relu_ufunc.__all__ if name in oracle.NAMES]
FOLDERS = (
    *("src", "relu_ufunc", "tests", "examples", "benchmarks", "docs", "tools"),
    *(".ci", ".github", ".spin"),
)
SOURCES = [
    path
    for folder in FOLDERS
    for path in sorted((ROOT / folder).rglob("*"))
    if path.is_file() and not re.search(r"cache|/\.hypothesis/", str(path))
] + [path for path in ROOT.glob("*") if path.suffix in (".md", ".toml", ".build", ".yaml")]


def read(name):
    return (ROOT / name).read_text(encoding="utf-8")


def test_one_version():
    versions = {
        "pyproject.toml": tomllib.loads(read("pyproject.toml"))["project"]["version"],
        "meson.build": re.search(r"\bversion: *'([^']+)'", read("meson.build"))[1],
        "CHANGELOG.md": re.search(r"^## \[?(\d[^\s\]]*)", read("CHANGELOG.md"), re.MULTILINE)[1],
    }
    assert versions == dict.fromkeys(versions, relu_ufunc.__version__)


def test_one_list_of_ufuncs():
    """Every kernel that is declared has a formula in the oracle, and is public."""
    assert sorted(oracle.NEAREST) == sorted(oracle.NAMES)
    assert sorted(UFUNCS) == sorted(oracle.NAMES)
    for name in oracle.NAMES:
        assert isinstance(getattr(relu_ufunc, name), np.ufunc)


def test_what_follows_from_the_declarations_is_up_to_date():
    declarations = runpy.run_path(str(ROOT / "tools" / "declarations.py"))
    for path, write in declarations["FILES"].items():
        text = path.read_text(encoding="utf-8")
        assert write(text) == text


@in_turn("kernel", _relu_ufunc.KERNELS)
def test_kernel_records(kernel):
    """A declaration says what the ufunc is."""
    function = getattr(relu_ufunc, kernel.name)
    assert (kernel.nin, kernel.nout) == (function.nin, function.nout)
    assert len(oracle.OPERANDS[kernel.name]) == kernel.nin
    assert len(kernel.expression.split(";")) == kernel.nout
    assert kernel.elements in ("numbers", "floats", "floats_short")
    fast = ("fast", "fast_at_1", "fast_product", "fast_product_at_1")
    brief = ("brief", "brief_at_defaults", "brief_product")
    assert kernel.loop in ("select", "compute", "costly", "product", *brief, *fast, "branch")
    assert (kernel.error == 0) == (kernel.loop == "select")


@pytest.mark.parametrize("name", relu_ufunc.__all__)
def test_docstrings_are_complete(name):
    if name == "__version__":
        return
    doc = getattr(relu_ufunc, name).__doc__
    sections = re.findall(r"^ *(\w[\w ]*)\n *-+$", doc, re.MULTILINE)
    without_parameters = name in ("get_include", "get_isa", "get_num_threads")
    wanted = ["Parameters", "Returns", "Examples"][without_parameters:]
    assert [section for section in sections if section in wanted] == wanted
    assert ">>> " in doc
    for operand in oracle.OPERANDS.get(name, ()):
        assert re.search(rf"^ *(\w+, )*{operand}(, \w+)* : ", doc, re.MULTILINE), operand


@in_turn("name", oracle.NAMES)
def test_docstrings_do_not_contradict_themselves(name):
    doc = getattr(relu_ufunc, name).__doc__
    assert ("There is no floating-point warning" in doc) == (name in oracle.SELECTING)
    assert ("Floating-point warnings are" in doc) != (name in oracle.SELECTING)
    returned = re.search(r"Returns\n-+\n([\w, ]+) :", doc)[1].split(", ")
    assert not set(returned) & set(oracle.OPERANDS[name])
    assert len(returned) == oracle.OUTPUTS[name]


@pytest.mark.parametrize("page", ["README.md", "docs/guide.md"])
def test_examples_of_pages_run(page):
    for block in re.findall(r"^```python\n(.*?)^```", read(page), re.MULTILINE | re.DOTALL):
        exec(compile(block, page, "exec"), {})


@pytest.mark.parametrize(
    "header",
    [
        "src/simd/packing.h",
        "src/math/exp_constants.h",
        pytest.param("src/math/gelu_constants.h", marks=pytest.mark.exhaustive),
        pytest.param("src/math/hard_constants.h", marks=pytest.mark.exhaustive),
        pytest.param("src/math/pair_constants.h", marks=pytest.mark.exhaustive),
        pytest.param("src/math/short_constants.h", marks=pytest.mark.exhaustive),
        pytest.param("src/math/smooth_constants.h", marks=pytest.mark.exhaustive),
    ],
)
def test_generated_headers_are_what_their_script_prints(header):
    printed = output(python(str((ROOT / header).with_suffix(".py")))) + "\n"
    assert printed == read(header)


@in_turn("path", SOURCES)
def test_no_path_of_one_machine(path):
    found = re.search(rb"/(?:home|root|Users|work)/\w+", path.read_bytes())
    assert not found, found
