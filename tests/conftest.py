"""A test that asks for `isa` or `uf` runs once for every instruction set this machine can run.

With RELU_UFUNC_ISA set, it runs for that one alone.
"""

import os
from types import SimpleNamespace

import c_programs
import hypothesis
import pytest

from relu_ufunc import _relu_ufunc, get_isa

# A machine shared with others is no judge of time; in CI the examples are the same every run.
hypothesis.settings.register_profile(
    "suite", deadline=None, max_examples=25, derandomize="CI" in os.environ
)
hypothesis.settings.load_profile("suite")


# The dispatch capped by hand is a wish for that instruction set alone.
SWEPT = (get_isa(),) if os.environ.get("RELU_UFUNC_ISA") else _relu_ufunc.isas()


def pytest_collection_modifyitems(config, items):
    """Tests with one of these marks run where -m asks for them; any other -m leaves them out."""
    for mark in ("build", "serial", "soak"):
        if mark not in config.option.markexpr:
            left_out = [item for item in items if item.get_closest_marker(mark)]
            items[:] = [item for item in items if item not in left_out]
            config.hook.pytest_deselected(items=left_out)


@pytest.fixture(scope="session")
def built_c(tmp_path_factory):
    """The folder of the programs in C."""
    return c_programs.build(tmp_path_factory.mktemp("c"))


@pytest.fixture(scope="module", params=SWEPT)
def isa(request):
    """The name of an instruction set."""
    return request.param


@pytest.fixture(scope="module")
def uf(isa):
    """All ufuncs, built on the kernels of one instruction set."""
    return SimpleNamespace(**_relu_ufunc.ufuncs_of(isa))
