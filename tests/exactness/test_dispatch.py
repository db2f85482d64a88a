"""Which kernels run: the best that the machine can, unless RELU_UFUNC_ISA says otherwise."""

import numpy as np
import oracle
import pytest
from processes import output, python

import relu_ufunc
from relu_ufunc import _relu_ufunc

ISAS = _relu_ufunc.isas()
KNOWN = ("avx512", "avx2", "sse2", "neon", "scalar")
WHICH = """
import relu_ufunc
from relu_ufunc import _relu_ufunc
table = _relu_ufunc.ufuncs_of(relu_ufunc.get_isa())
assert all(getattr(relu_ufunc, name) is ufunc for name, ufunc in table.items())
print(relu_ufunc.get_isa())
"""


def test_isas_are_known_and_end_with_scalar():
    assert set(ISAS) <= set(KNOWN)
    assert len(set(ISAS)) == len(ISAS)
    assert ISAS[-1] == "scalar"
    assert relu_ufunc.get_isa() in ISAS


def test_every_isa_has_every_ufunc_of_its_own(isa):
    table = _relu_ufunc.ufuncs_of(isa)
    assert tuple(table) == oracle.NAMES
    for other in set(ISAS) - {isa}:
        assert not set(table.values()) & set(_relu_ufunc.ufuncs_of(other).values())


def test_public_ufuncs_are_those_of_the_isa_in_use():
    for name, function in _relu_ufunc.ufuncs_of(relu_ufunc.get_isa()).items():
        assert getattr(relu_ufunc, name) is function


def test_an_isa_that_is_not_there_has_no_ufuncs():
    with pytest.raises((KeyError, ValueError), match="nonsense"):
        _relu_ufunc.ufuncs_of("nonsense")


def test_the_best_is_the_default():
    assert output(python("-c", WHICH)) == ISAS[0]


def test_the_one_asked_for_is_the_one_that_runs(isa):
    assert output(python("-c", WHICH, RELU_UFUNC_ISA=isa)) == isa


@pytest.mark.parametrize("spell", [str.upper, str.title], ids=["upper", "title"])
def test_it_may_be_asked_for_in_any_case(spell):
    assert output(python("-c", WHICH, RELU_UFUNC_ISA=spell(ISAS[-1]))) == ISAS[-1]


@pytest.mark.parametrize("value", ["nonsense", "AVX", "avx2 ", *sorted(set(KNOWN) - set(ISAS))])
def test_one_that_can_not_run_stops_the_import_in_one_line(value):
    process = python("-c", "import relu_ufunc", RELU_UFUNC_ISA=value)
    assert process.returncode == 1
    message = process.stderr.strip().splitlines()[-1]
    assert message.startswith("ImportError: ")
    assert "RELU_UFUNC_ISA" in message and value in message
    assert all(isa in message for isa in ISAS)


def test_show_config_gives_dicts():
    config = relu_ufunc.show_config(mode="dicts")
    assert isinstance(config, dict)
    words = repr(config)
    for word in (relu_ufunc.__version__, np.__version__, *ISAS):
        assert repr(word) in words
    config.clear()
    assert relu_ufunc.show_config(mode="dicts")


def test_show_config_prints(capsys):
    assert relu_ufunc.show_config() is None
    printed = capsys.readouterr().out
    assert relu_ufunc.show_config(mode="stdout") is None
    assert capsys.readouterr().out == printed
    for word in (relu_ufunc.__version__, np.__version__, *ISAS):
        assert word in printed


def test_show_config_knows_no_other_mode():
    with pytest.raises((AttributeError, ValueError), match="dicts"):
        relu_ufunc.show_config(mode="nonsense")


def test_threads_that_ask_at_once_get_the_same_ufuncs():
    code = """
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from relu_ufunc import _relu_ufunc

together = Barrier(8)

def ask(isa):
    together.wait()
    return id(_relu_ufunc.ufuncs_of(isa)["relu"])

with ThreadPoolExecutor(8) as pool:
    for isa in _relu_ufunc.isas():
        assert len(set(pool.map(ask, [isa] * 8))) == 1
"""
    output(python("-c", code))
