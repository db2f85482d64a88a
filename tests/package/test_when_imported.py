"""The finder that waits for ml_dtypes and threadpoolctl disturbs no import, whoever else finds."""

from itertools import product

import pytest
from processes import output, python

CHECK = """
import relu_ufunc, ml_dtypes, numpy as np, threadpoolctl
x = np.array([-1, 2], ml_dtypes.bfloat16)
assert relu_ufunc.relu(x).dtype == x.dtype == relu_ufunc.prelu(x, 0.5).dtype
[info] = [i for i in threadpoolctl.threadpool_info() if i["user_api"] == "relu_ufunc"]
for module in (ml_dtypes, threadpoolctl):
    assert "relu_ufunc" not in type(module.__spec__.loader).__module__
    assert module.__loader__ is module.__spec__.loader
"""
# Other finders that ask all of sys.meta_path, as those do that wrap what the others find.
WALKERS = """
import importlib, importlib.util, sys

class Careless:
    def find_spec(self, name, path=None, target=None):
        for finder in list(sys.meta_path):
            if finder is not self:
                spec = finder.find_spec(name, path, target)
                if spec is not None:
                    return spec

class Careful:
    def __init__(self):
        self.asking = set()

    def find_spec(self, name, path=None, target=None):
        if name in self.asking:
            return None
        self.asking.add(name)
        try:
            for finder in list(sys.meta_path):
                spec = finder.find_spec(name, path, target)
                if spec is not None:
                    return spec
        finally:
            self.asking.discard(name)
"""
MODULES = """
for name in ("ml_dtypes", "threadpoolctl"):
    for _ in range(2):
        assert importlib.util.find_spec(name).origin
"""


ASKING = ["Careless()", "Careful()", "Careful(), Careful()", "Careful(), Careless(), Careful()"]
PLACES = ["sys.meta_path[:0]", "sys.meta_path[1:1]", "sys.meta_path[9:]"]
# A third of all ways, in which each of these is twice or more.
WAYS_TO_ASK = [
    pytest.param(
        walkers, where, first, marks=pytest.mark.exhaustive if (i + k + (i + k) // 3) % 3 else ()
    )
    for i, walkers in enumerate(ASKING)
    for k, (where, first) in enumerate(product(PLACES, ["ours", "theirs"]))
]


@pytest.mark.parametrize(("walkers", "where", "first"), WAYS_TO_ASK)
def test_finders_that_ask_all_finders(walkers, where, first):
    steps = ["import relu_ufunc", f"{where} = [{walkers}]"]
    if first == "theirs":
        steps.reverse()
    code = "\n".join([WALKERS, *steps, MODULES, "import numpy.f2py, wsgiref.types", CHECK])
    output(python("-W", "error", "-c", code))


def test_what_is_not_there_is_asked_for_once():
    code = """
import sys, relu_ufunc
asked = []

class Last:
    def find_spec(self, name, path=None, target=None):
        asked.append(name)

from importlib.machinery import PathFinder
sys.meta_path.remove(PathFinder)
sys.meta_path.append(Last())
for _ in range(2):
    try:
        import ml_dtypes
    except ModuleNotFoundError as error:
        assert error.name == "ml_dtypes"
assert len(asked) <= 4, asked
"""
    output(python("-c", code))


def test_to_find_is_not_to_import():
    code = f"""
import copy, importlib.util, pickle, sys, relu_ufunc
modules, finders = dict(sys.modules), list(sys.meta_path)
for name in ("ml_dtypes", "threadpoolctl"):
    spec = importlib.util.find_spec(name)
    assert spec.name == name and spec.loader.name == name
    assert spec.loader.get_source(name).encode() == spec.loader.get_data(spec.origin)
    assert spec.loader.is_package(name) == (name == "ml_dtypes")
    assert not hasattr(spec.loader, "nonsense")
    assert copy.deepcopy(spec).loader.path == copy.copy(spec.loader).path == spec.origin
assert sys.modules == modules and sys.meta_path == finders
{CHECK}
"""
    output(python("-W", "error", "-c", code))


def test_a_spec_that_its_finder_keeps_stays_as_it_is():
    code = f"""
import importlib.util, sys
from importlib.machinery import PathFinder

class Cache:
    specs = {{}}
    @classmethod
    def find_spec(cls, name, path=None, target=None):
        if name in ("ml_dtypes", "threadpoolctl"):
            return cls.specs.setdefault(name, PathFinder.find_spec(name, path, target))

sys.meta_path.insert(0, Cache)
import relu_ufunc
for name in ("ml_dtypes", "threadpoolctl"):
    for _ in range(50):
        importlib.util.find_spec(name)
    assert type(Cache.specs[name].loader).__name__ == "SourceFileLoader"
{CHECK}
"""
    output(python("-W", "error", "-c", code))


FAILING = """
import sys, relu_ufunc
class Failing:
    @staticmethod
    def find_spec(name, path=None, target=None):
        if name in ("ml_dtypes", "threadpoolctl"):
            raise {exception}("not today")
sys.meta_path.insert({at}, Failing)
for _ in range(3):
    for name in ("ml_dtypes", "threadpoolctl"):
        try:
            __import__(name)
        except {exception} as error:
            assert str(error) == "not today"
        else:
            raise AssertionError("it was found")
sys.meta_path.remove(Failing)
"""


@pytest.mark.parametrize("at", [0, 1])
@pytest.mark.parametrize("exception", ["ImportError", "ValueError", "KeyboardInterrupt"])
def test_exceptions_of_other_finders(exception, at):
    output(python("-c", FAILING.format(exception=exception, at=at) + CHECK))


def test_an_import_that_fails_can_be_tried_again(tmp_path):
    for name in ("ml_dtypes", "threadpoolctl"):
        (tmp_path / f"{name}.py").write_text("raise RuntimeError('not today')\n")
    code = f"""
import sys, relu_ufunc
sys.path.insert(0, {str(tmp_path)!r})
for _ in range(3):
    for name in ("ml_dtypes", "threadpoolctl"):
        try:
            __import__(name)
        except RuntimeError:
            assert name not in sys.modules
        else:
            raise AssertionError("it was imported")
del sys.path[0]
{CHECK}
"""
    output(python("-W", "error", "-c", code))


def test_reloading():
    code = f"{CHECK}\nimport importlib\nfor module in (ml_dtypes, threadpoolctl) * 3:\n"
    code += f"    assert importlib.reload(module) is module\n{CHECK}"
    output(python("-W", "error", "-c", code))


STAND_INS = {
    "folders": """
from importlib.machinery import PathFinder
for name in ("ml_dtypes", "threadpoolctl"):
    os.mkdir(name)

class Here:
    @staticmethod
    def find_spec(name, path=None, target=None):
        return PathFinder.find_spec(name, ["."]) if os.path.isdir(name) else None

sys.meta_path.insert(0 if "relu_ufunc" not in sys.modules else 1, Here)
""",
    "empty modules": """
for name in ("ml_dtypes.py", "threadpoolctl.py"):
    open(name, "w").close()
""",
    "mocks": """
for name in ("ml_dtypes", "threadpoolctl"):
    sys.modules[name] = unittest.mock.MagicMock()
""",
    "one of NumPy's own types": """
with open("ml_dtypes.py", "w") as file:
    file.write("from numpy import float32 as bfloat16")
""",
}


# Two thirds of all ways, in which each of these is twice or more.
WAYS_TO_STAND_IN = [
    pytest.param(stand_in, ours, marks=pytest.mark.exhaustive if (i + ours) % 3 == 2 else ())
    for i, stand_in in enumerate(STAND_INS)
    for ours in range(3)
]


@pytest.mark.parametrize(("stand_in", "ours"), WAYS_TO_STAND_IN)
def test_other_modules_of_these_names(stand_in, ours, tmp_path):
    steps = [STAND_INS[stand_in], "import ml_dtypes, threadpoolctl"]
    steps.insert(ours, "import relu_ufunc")
    code = "\n".join(["import os, sys, unittest.mock, numpy", *steps, "relu_ufunc.relu(1.0)"])
    output(python("-W", "error::RuntimeWarning", "-c", code, cwd=tmp_path))


def test_lazy_loaders():
    """Those of other finders, and those that wrap what our finder has found."""
    code = f"""
import importlib.util, sys
from importlib.machinery import PathFinder

def lazy(spec):
    spec.loader = importlib.util.LazyLoader(spec.loader)
    return spec

class Lazy:
    @staticmethod
    def find_spec(name, path=None, target=None):
        return lazy(PathFinder.find_spec(name, path, target)) if name == "threadpoolctl" else None

import relu_ufunc
sys.meta_path.insert(1, Lazy)
spec = lazy(importlib.util.find_spec("ml_dtypes"))
sys.modules["ml_dtypes"] = module = importlib.util.module_from_spec(spec)
spec.loader.exec_module(module)
{CHECK}
"""
    output(python("-W", "error", "-c", code))


def test_a_loader_that_executes_a_module_of_ones_own():
    """Without a spec, and without an entry in sys.modules."""
    code = """
import importlib.util, sys, types, relu_ufunc
spec = importlib.util.find_spec("threadpoolctl")
module = types.ModuleType("threadpoolctl")
module.__dict__["__annotations__"] = {}
sys.modules["threadpoolctl"] = module  # for its dataclasses
spec.loader.exec_module(module)
del sys.modules["threadpoolctl"]
assert [i for i in module.threadpool_info() if i["user_api"] == "relu_ufunc"]
"""
    output(python("-W", "error", "-c", code))


def test_threads_that_look_at_once():
    code = """
import sys, threading, time, relu_ufunc

class Slow:
    @staticmethod
    def find_spec(name, path=None, target=None):
        time.sleep(0.2)

ours, found = sys.meta_path[0], []
sys.meta_path.insert(1, Slow)
threads = [
    threading.Thread(target=lambda: found.append(ours.find_spec("ml_dtypes"))) for _ in range(4)
]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert len(found) == 4 and all(found), found
"""
    output(python("-c", code))
