"""A process that imports the package a second time: test runners and notebooks do, and so does
`mock.patch.dict(sys.modules)`. Every copy works, and so do the packages that it looks out for."""

import shutil
from pathlib import Path

import pytest
from processes import output, python

import relu_ufunc

INSTALLED = Path(relu_ufunc._relu_ufunc.__file__).parent
TOOLS = """
import importlib, sys
import numpy  # which cannot be imported twice
from unittest import mock

def forget(*packages):
    for name in list(sys.modules):
        if name.partition(".")[0] in packages:
            del sys.modules[name]

def finders():
    return sum(hasattr(finder, "relu_ufunc_actions") for finder in sys.meta_path)

def check(*copies):
    import ml_dtypes, numpy as np, pickle, threadpoolctl
    x = np.array([-1, 2], ml_dtypes.bfloat16)
    for copy in copies:
        for result in (copy.relu(x), copy.prelu(x, 0.5), *copy.prelu_vjp(x, x, 0.5)):
            assert result.dtype == x.dtype, result
        with copy.recycle_outputs():
            assert copy.elu(np.ones(1 << 17, "f")).sum() == 1 << 17
        before = copy.get_num_threads()
        with threadpoolctl.threadpool_limits(3, user_api="relu_ufunc"):
            assert copy.get_num_threads() == 3
        assert copy.get_num_threads() == before
        assert pickle.loads(pickle.dumps(copy.relu)) is copy.relu
    infos = [i for i in threadpoolctl.threadpool_info() if i["user_api"] == "relu_ufunc"]
    assert len(infos) == 1, infos
    assert finders() == 1
    print("fine")

"""

MANY = """
import relu_ufunc as first
for _ in range({count}):
    forget("relu_ufunc")
    import relu_ufunc as last
assert last is not first and finders() == 1
{between}
check(first, last)
"""
SCENARIOS = {
    "100 copies": MANY.format(count=100, between=""),
    "10 copies after the others": "import ml_dtypes, threadpoolctl"
    + MANY.format(count=10, between=""),
    "found, and not imported": MANY.format(
        count=10,
        between="""
from importlib.util import find_spec
before = set(sys.modules)
assert find_spec("ml_dtypes") and find_spec("threadpoolctl") and not find_spec("sklearn_x")
assert set(sys.modules) == before
""",
    ),
    "reloaded": """
import relu_ufunc
for _ in range(5):
    importlib.reload(relu_ufunc)
check(relu_ufunc)
""",
    "a copy within a patch of sys.modules": """
with mock.patch.dict(sys.modules):
    import relu_ufunc as first
    check(first)
assert "relu_ufunc" not in sys.modules
import relu_ufunc as second
check(first, second)
""",
    "a copy within a patch, that imports nothing else": """
with mock.patch.dict(sys.modules):
    import relu_ufunc as first
import relu_ufunc as second
check(first, second)
""",
    "a copy beside the one that stays": """
import relu_ufunc as first
with mock.patch.dict(sys.modules):
    forget("relu_ufunc")
    import relu_ufunc as second
    assert second is not first
assert sys.modules["relu_ufunc"] is first
check(first, second)
""",
    "the others before a patch, the first copy in it, the second behind it": """
import ml_dtypes, threadpoolctl
with mock.patch.dict(sys.modules):
    forget("ml_dtypes", "threadpoolctl")
    import relu_ufunc as first
import relu_ufunc as second
check(first, second)
""",
    "all of them again": """
import relu_ufunc as first, ml_dtypes as theirs, threadpoolctl
check(first)
forget("relu_ufunc", "ml_dtypes", "threadpoolctl")
import relu_ufunc as second
check(first, second)
import numpy as np
x = np.array([-1, 2], theirs.bfloat16)  # a type of its own
for copy in (first, second):
    assert copy.relu(x).dtype == copy.prelu(x, 0.5).dtype == x.dtype
    assert copy.relu(x).tolist() == [0, 2]
""",
    "ml_dtypes 12 times": """
import numpy as np, relu_ufunc
from relu_ufunc import _relu_ufunc
for _ in range(12):
    forget("ml_dtypes")
    import ml_dtypes
    x = np.array([-1, 2], ml_dtypes.bfloat16)
    for isa in _relu_ufunc.isas():
        ufuncs = _relu_ufunc.ufuncs_of(isa)
        assert ufuncs["relu"](x).tolist() == [0, 2] and ufuncs["elu"](x, 2).dtype == x.dtype
check(relu_ufunc)
""",
    "sys.meta_path put back": """
path = list(sys.meta_path)
import relu_ufunc as first
sys.meta_path[:] = path
forget("relu_ufunc")
import relu_ufunc as second
check(first, second)
""",
    "the threads that were set stay": """
import relu_ufunc as first
first.set_num_threads(7)
forget("relu_ufunc")
import relu_ufunc as second
assert first.get_num_threads() == second.get_num_threads() == 7
check(first, second)
""",
}


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_copies_beside_each_other(scenario):
    printed = output(python("-W", "error", "-c", TOOLS + SCENARIOS[scenario]))
    assert set(printed.split()) == {"fine"}


def test_reimports_hold_on_to_nothing():
    code = """
import gc, relu_ufunc, threadpoolctl

def again():
    forget("relu_ufunc")
    import relu_ufunc
    gc.collect()
    return len(gc.get_objects()), len(threadpoolctl._ALL_CONTROLLERS)

again()
first, controllers = again()
for _ in range(20):
    last, more = again()
assert controllers == more
assert last < first + 100, (first, last)
"""
    output(python("-c", TOOLS + code))


def test_copies_in_other_folders(tmp_path):
    """Each has a compiled module of its own, and is served by the one finder."""
    shutil.copytree(INSTALLED, tmp_path / "vendor" / "relu_ufunc")
    for i in range(2):
        shutil.copytree(INSTALLED, tmp_path / str(i) / "relu_ufunc")
    code = f"""
import vendor.relu_ufunc as vendored
import relu_ufunc as here
copies = [here, vendored]
for i in range(2):
    forget("relu_ufunc")
    sys.path.insert(0, f"{tmp_path}/{{i}}")
    import relu_ufunc
    copies.append(relu_ufunc)
assert len({{copy._relu_ufunc.__file__ for copy in copies}}) == 4
assert vendored.relu is not here.relu and finders() == 1
import ml_dtypes, numpy as np, threadpoolctl
assert threadpoolctl.threadpool_info() and finders() == 1
x = np.array([-1, 2], ml_dtypes.bfloat16)
for copy in copies:
    assert copy.relu(x).tolist() == [0, 2] and copy.elu(x, alpha=2).dtype == x.dtype
"""
    where = f"{tmp_path}:{INSTALLED.parent}"
    output(python("-W", "error", "-c", TOOLS + code, cwd=tmp_path, PYTHONPATH=where))


def test_the_compiled_module_has_one_name(tmp_path):
    """Imported without its package it fails, and leaves nothing that a proper import could find."""
    code = f"""
import sys
sys.path.append({str(INSTALLED)!r})
for attempt in range(2):
    try:
        import _relu_ufunc
    except ImportError:
        assert not [name for name in sys.modules if "relu_ufunc" in name]
    else:
        raise AssertionError("it has no package")
import relu_ufunc, _exact_f32
from relu_ufunc import _exact_f32 as ours
import _relu_ufunc
assert relu_ufunc._relu_ufunc.__name__ == "relu_ufunc._relu_ufunc"
assert ours.__name__ in ("relu_ufunc._exact_f32", "_exact_f32")
assert _relu_ufunc is relu_ufunc._relu_ufunc
"""
    output(python("-c", code, cwd=tmp_path))


def test_the_compiled_modules_know_their_package():
    code = """
import sys
import relu_ufunc, relu_ufunc._exact_f32
names = [name for name in sys.modules if "relu_ufunc" in name or "exact_f32" in name]
assert all(name.partition(".")[0] == "relu_ufunc" for name in names), names
for module in (relu_ufunc._relu_ufunc, relu_ufunc._exact_f32):
    assert sys.modules[module.__name__] is module
    for function in vars(module).values():
        if type(function).__name__ == "cython_function_or_method":
            assert function.__module__ in (module.__name__, "relu_ufunc"), function
assert relu_ufunc.get_isa.__module__ == "relu_ufunc"
"""
    output(python("-c", code))
