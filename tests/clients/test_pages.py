"""The examples of the page about other libraries, and of their modules, run and are right."""

import doctest
import importlib
import re
from importlib.metadata import entry_points

import pytest
from processes import ROOT, output, python

MODULES = ("autograd", "keras", "onnx", "sklearn", "thinc")  # each named for what it needs
PAGE = (ROOT / "docs" / "clients.md").read_text("utf-8")
EXAMPLES = re.findall(r"^```python\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("example", EXAMPLES, ids=range(len(EXAMPLES)))
def test_examples_of_the_page(example):
    for package in re.findall(r"^(?:from|import) (\w+)", example, re.MULTILINE):
        pytest.importorskip(package)
    if "thinc" in example and not entry_points(group="thinc_ops", name="relu_ufunc"):
        importlib.import_module("relu_ufunc.thinc")  # in a build that is not installed
    exec(compile(example, "docs/clients.md", "exec"), {"__name__": "__main__"})


@pytest.mark.parametrize("name", MODULES)
def test_examples_of_docstrings(name):
    pytest.importorskip(name)
    module = importlib.import_module(f"relu_ufunc.{name}")
    runner = doctest.DocTestRunner()
    for test in doctest.DocTestFinder(exclude_empty=True).find(module):
        if not test.name.startswith("relu_ufunc.autograd."):  # those are the ufuncs' own
            runner.run(test)
    assert runner.tries > 0 and runner.failures == 0


def test_without_its_package_a_module_names_the_extra():
    """Also where they are there: they are hidden."""
    code = f"""
import importlib, sys
for name in {MODULES}:
    sys.modules[name] = None
    try:
        importlib.import_module(f"relu_ufunc.{{name}}")
    except ImportError as error:
        print(error)
"""
    assert output(python("-c", code)).splitlines() == [
        f"relu_ufunc.{name} needs the package {name}: pip install 'relu_ufunc[{name}]'"
        for name in MODULES
    ]


def test_the_package_imports_none_of_them():
    modules = output(python("-c", "import sys, relu_ufunc; print(*sys.modules)")).split()
    assert "relu_ufunc" in modules
    assert {*modules}.isdisjoint([*MODULES, *(f"relu_ufunc.{name}" for name in MODULES)])
