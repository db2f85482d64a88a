"""What type checkers are told of the package is true of it when it runs.

`spin lint` has mypy and pyright read the files of tests/typing/.
"""

import ast
import typing

import numpy as np
import pytest
from processes import ROOT

FOLDER = ROOT / "tests" / "typing"


def is_of(value, expected):
    """Whether a value is of a type, as far as that can be asked of it."""
    arguments = typing.get_args(expected)
    origin = typing.get_origin(expected) or expected
    if hasattr(origin, "__value__"):  # an alias by the statement `type`: NumPy 2.5's NDArray
        return is_of(value, origin.__value__[arguments])
    if origin is tuple:
        return len(value) == len(arguments) and all(map(is_of, value, arguments))
    if origin is np.ndarray:
        (dtype,) = typing.get_args(arguments[1])
        return type(value) is np.ndarray and (dtype is typing.Any or value.dtype == dtype)
    if arguments and origin not in (dict, set):
        return any(is_of(value, each) for each in arguments)
    return isinstance(value, origin)


def test_what_checkers_accept_runs(monkeypatch):
    seen = []

    def assert_type(value, expected):
        assert is_of(value, expected), f"{value!r} is no {expected}"
        seen.append(value)

    monkeypatch.setattr(typing, "assert_type", assert_type)
    source = (FOLDER / "accepted.py").read_text(encoding="utf-8")
    exec(compile(source, "accepted.py", "exec"), {"__name__": "accepted"})
    assert len(seen) == source.count("assert_type(")


def test_what_checkers_reject_fails():
    source = (FOLDER / "rejected.py").read_text(encoding="utf-8")
    scope = {"__name__": "rejected"}
    lines = source.splitlines()
    failed = 0
    for statement in ast.parse(source).body:
        code = compile(ast.Module([statement], []), "rejected.py", "exec")
        if "type: ignore" not in lines[statement.end_lineno - 1]:
            exec(code, scope)
            continue
        with pytest.raises((TypeError, ValueError, AttributeError)):
            exec(code, scope)
            pytest.fail(f"it runs: {lines[statement.lineno - 1]}")
        failed += 1
    assert failed == source.count("# type: ignore[")
