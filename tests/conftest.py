"""A test that asks for `isa` or `uf` runs once for every instruction set this machine can run."""

import os
from types import SimpleNamespace

import hypothesis
import pytest

from relu_ufunc import _relu_ufunc

# A machine shared with others is no judge of time; in CI the examples are the same every run.
hypothesis.settings.register_profile(
    "suite", deadline=None, max_examples=25, derandomize="CI" in os.environ
)
hypothesis.settings.load_profile("suite")


@pytest.fixture(scope="module", params=_relu_ufunc.isas())
def isa(request):
    """The name of an instruction set."""
    return request.param


@pytest.fixture(scope="module")
def uf(isa):
    """All ufuncs, built on the kernels of one instruction set."""
    return SimpleNamespace(**_relu_ufunc.ufuncs_of(isa))
