"""The examples of the page about other libraries, and of their modules, run and are right."""

import doctest
import importlib
import re
import sys
from importlib.metadata import entry_points

import pytest
from processes import ROOT, output, python

NEEDS = {
    "autograd": "autograd",
    "onnx": "onnx",
    "sklearn": "sklearn",
    "thinc": "thinc",
}  # by module of this package
PAGE = (ROOT / "docs" / "clients.md").read_text("utf-8")
EXAMPLES = re.findall(r"^```python\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("example", EXAMPLES, ids=range(len(EXAMPLES)))
def test_examples_of_the_page(example):
    for package in re.findall(r"^(?:from|import) (\w+)", example, re.MULTILINE):
        pytest.importorskip(package)
    if "thinc" in example and not entry_points(group="thinc_ops", name="relu_ufunc"):
        importlib.import_module("relu_ufunc.thinc")  # in a build that is not installed
    exec(compile(example, "docs/clients.md", "exec"), {"__name__": "__main__"})


@pytest.mark.parametrize("name", NEEDS)
def test_examples_of_docstrings(name):
    pytest.importorskip(NEEDS[name])
    module = importlib.import_module(f"relu_ufunc.{name}")
    attempted = 0
    for test in doctest.DocTestFinder(exclude_empty=True).find(module):
        runner = doctest.DocTestRunner()
        assert runner.run(test).failed == 0, test.name
        attempted += runner.tries
    assert attempted > 0


@pytest.mark.parametrize("name", NEEDS)
def test_without_its_package_a_module_names_the_extra(name):
    """Also where it is there: it is hidden."""
    code = f"""
import sys
sys.modules["{NEEDS[name]}"] = None
try:
    import relu_ufunc.{name}
except ImportError as error:
    print(error)
"""
    want = f"relu_ufunc.{name} needs the package {NEEDS[name]}: pip install 'relu_ufunc[{name}]'"
    assert output(python("-c", code)) == want


def test_the_package_imports_none_of_them():
    code = "import sys, relu_ufunc; print(*sys.modules)"
    modules = output(python("-c", code)).split()
    assert not {name for name in NEEDS if f"relu_ufunc.{name}" in modules}
    assert not {*NEEDS.values()} & {*modules}
    assert "relu_ufunc" in modules and "relu_ufunc" in sys.modules
