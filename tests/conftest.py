"""A test that asks for `isa` or `uf` runs once for every instruction set this machine can run.

One that asks for `isas` goes through them itself: where there are many kernels and dtypes, so that
there are not as many tests as all of these multiply to, and what is to be compared with is made
once. With RELU_UFUNC_ISA set, either runs for that one alone.
"""

import os
from collections import Counter, defaultdict
from types import SimpleNamespace

import c_programs
import hypothesis
import pytest

from relu_ufunc import _relu_ufunc, get_isa

# A machine shared with others is no judge of time; in CI the examples are the same every run.
hypothesis.settings.register_profile(
    "suite", deadline=None, max_examples=15, derandomize="CI" in os.environ
)
hypothesis.settings.load_profile("suite")


# The dispatch capped by hand is a wish for that instruction set alone.
SWEPT = (get_isa(),) if os.environ.get("RELU_UFUNC_ISA") else _relu_ufunc.isas()


ASKED_FOR = ("build", "exhaustive", "serial", "soak")
left_out = Counter()


def pytest_addoption(parser):
    parser.addoption(
        "--at-most",
        type=int,
        metavar="N",
        help="of the sets of parameters of each test, try N, evenly spread",
    )


def spread(items, count):
    """Of each test so many items at most, from the first to the last."""
    of_tests = defaultdict(list)
    for item in items:
        of_tests[item.nodeid.split("[")[0]].append(item)
    for of_test in of_tests.values():
        step = (len(of_test) - 1) / max(1, count - 1)
        yield from (of_test[round(i * step)] for i in range(count))


def pytest_collection_modifyitems(config, items):
    """Tests with one of these marks run where -m names it; any other -m leaves them out too."""
    for item in items:
        if {"isa", "isas"} & set(item.fixturenames):
            item.add_marker("every_isa")
    unasked = {marker for marker in ASKED_FOR if marker not in config.option.markexpr}
    kept, unwanted = [], []
    for item in items:
        markers = unasked & {marker.name for marker in item.iter_markers()}
        (unwanted if markers else kept).append(item)
        left_out.update(f"for pytest -m {marker}" for marker in markers)
    if config.option.at_most:
        few = set(spread(kept, config.option.at_most))
        unwanted += [item for item in kept if item not in few]
        left_out["by --at-most"] = len(kept) - len(few)
        kept = [item for item in kept if item in few]
    items[:] = kept
    config.hook.pytest_deselected(items=unwanted)


def pytest_report_collectionfinish():
    return [f"left out: {n} tests, {why}" for why, n in left_out.items()]


@pytest.fixture(scope="session")
def built_c(tmp_path_factory):
    """The folder of the programs in C."""
    return c_programs.build(tmp_path_factory.mktemp("c"))


@pytest.fixture(scope="module", params=SWEPT)
def isa(request):
    """The name of an instruction set."""
    return request.param


def ufuncs_of(isa):
    return SimpleNamespace(**_relu_ufunc.ufuncs_of(isa))


@pytest.fixture(scope="module")
def uf(isa):
    """All ufuncs, built on the kernels of one instruction set."""
    return ufuncs_of(isa)


@pytest.fixture(scope="session")
def isas():
    """The name of each instruction set, and all ufuncs that are built on its kernels."""
    return [(isa, ufuncs_of(isa)) for isa in SWEPT]
