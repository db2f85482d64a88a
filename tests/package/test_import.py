"""The installed package is what runs, also where the folder of its source is in the way."""

import pytest
from processes import ROOT, output, python

import relu_ufunc
from relu_ufunc import _relu_ufunc

SOURCE = ROOT / "relu_ufunc"
WHERE = "import relu_ufunc; print(relu_ufunc._relu_ufunc.__file__, relu_ufunc.relu(-1.0))"


def test_the_source_folder_hands_over_to_the_installed_package(tmp_path):
    assert SOURCE.is_dir()
    want = f"{_relu_ufunc.__file__} 0.0"
    assert output(python("-c", WHERE, cwd=tmp_path)) == want
    assert output(python("-c", WHERE, cwd=ROOT)) == want
    assert output(python("-c", WHERE, cwd=tmp_path, PYTHONPATH=str(ROOT))) == want


def test_source_folders_do_not_hand_over_to_each_other(tmp_path):
    (tmp_path / "relu_ufunc").symlink_to(SOURCE)
    want = f"{_relu_ufunc.__file__} 0.0"
    assert output(python("-c", WHERE, cwd=tmp_path, PYTHONPATH=str(ROOT))) == want


def test_the_source_folder_runs_nothing_of_its_own():
    code = """
import sys, relu_ufunc
modules = [type(finder).__module__ for finder in sys.meta_path]
assert modules.count("relu_ufunc._when_imported") == 1
"""
    output(python("-c", code, cwd=ROOT))


def test_submodules_and_pickles_work_from_the_source_folder():
    code = """
import pickle, relu_ufunc, relu_ufunc.__main__, sys
assert sys.modules["relu_ufunc"] is relu_ufunc
assert pickle.loads(pickle.dumps(relu_ufunc.elu)) is relu_ufunc.elu
"""
    output(python("-c", code, cwd=ROOT))


def test_importing_it_is_quiet():
    assert output(python("-W", "error", "-c", "import relu_ufunc", cwd=ROOT)) == ""


def test_without_an_installed_package_the_error_says_what_to_do():
    code = f"import sys; sys.path.insert(0, {str(ROOT)!r}); import relu_ufunc"
    process = python("-I", "-S", "-c", code)
    assert process.returncode == 1
    message = process.stderr.strip().splitlines()[-1]
    assert message.startswith("ImportError: ")
    assert "pip install ." in message


@pytest.mark.parametrize(
    "command",
    [["-P", "-m", "pytest"], ["-m", "pytest", "--import-mode=prepend"]],
    ids=" ".join,
)
def test_pytest_collects_from_the_root(command):
    printed = output(
        python(*command, "--collect-only", "-q", "tests/calls/test_pickling.py", cwd=ROOT)
    )
    assert "tests/calls/test_pickling.py::test_pickle" in printed


def test_testing_is_imported_for_whoever_names_it():
    for use in (
        "relu_ufunc.testing",
        "from relu_ufunc import testing",
        "import relu_ufunc.testing",
    ):
        code = f"""
import sys, relu_ufunc
assert "relu_ufunc.testing" not in sys.modules and "testing" in dir(relu_ufunc)
{use}
assert relu_ufunc.testing is sys.modules["relu_ufunc.testing"]
assert relu_ufunc.testing.ulp_distance(1.0, 1.0) == 0
assert dir(relu_ufunc).count("testing") == 1 and {{*relu_ufunc.__all__}} <= {{*dir(relu_ufunc)}}
"""
        output(python("-c", code))
    with pytest.raises(AttributeError, match="module 'relu_ufunc' has no attribute 'nonsense'"):
        relu_ufunc.nonsense  # noqa: B018


def test_public_names():
    for name in relu_ufunc.__all__:
        assert getattr(relu_ufunc, name) is not None
    assert {"prelu_vjp", "get_isa", "get_num_threads", "set_num_threads", "show_config"} <= set(
        relu_ufunc.__all__
    )


def test_little_is_imported_beyond_numpy():
    """What takes long to import, and few calls need, comes with the first that does."""
    code = (
        "import numpy, sys; old = {*sys.modules}; import relu_ufunc; print(*{*sys.modules} - old)"
    )
    brought = {name for name in output(python("-P", "-c", code)).split() if "relu_" not in name}
    slow = {"difflib", "importlib.abc", "json", "pathlib", "platform", "tempfile", "urllib"}
    assert not brought & slow
    assert not {name.partition(".")[0] for name in brought} & {"ml_dtypes", "numba", "rich"}
