"""Which calls the direct entry serves, and which it leaves to NumPy."""

import pickle
import warnings
from functools import partial

import numpy as np
import oracle
import pytest
from arrays import (
    SHAPE,
    alike,
    by_keyword,
    cropped,
    misaligned,
    operand,
    operands,
    outputs,
    read_only,
    room,
)
from cases import in_turn
from doors import assert_alike, call, door, served
from kinds import SIGNATURES, every_signature
from numpy.lib.stride_tricks import as_strided
from oddities import Overrider, Tagged
from processes import output, python

import relu_ufunc
from relu_ufunc import _relu_ufunc


def last_as(convert):
    """All operands, with the last parameter made something else."""

    def make(name, dtype):
        inputs = operands(name, dtype)
        inputs[-1] = convert(inputs[-1])
        return call(*inputs)

    make.names = oracle.WITH_PARAMETERS
    return make


def all_as(convert):
    return lambda name, dtype: call(*map(convert, operands(name, dtype)))


def first_as(convert):
    return lambda name, dtype: call(convert(operands(name, dtype)[0]), *operands(name, dtype)[1:])


def with_keywords(name, dtype):
    return by_keyword(name, operands(name, dtype), len(oracle.INPUTS[name]))


def with_keywords_and_out(name, dtype):
    args, keywords = with_keywords(name, dtype)
    return call(*args, **{"out": outputs(name, lambda: room(SHAPE, dtype)), **keywords})


def with_the_last_keyword(name, dtype):
    return by_keyword(name, operands(name, dtype), len(oracle.OPERANDS[name]) - 1)


def with_a_number_by_keyword(name, dtype):
    args, keywords = with_the_last_keyword(name, dtype)
    return call(*args, **dict.fromkeys(keywords, 0.5))


def by_default(name, dtype):
    return call(*operands(name, dtype)[: len(oracle.REQUIRED[name])])


for with_parameters in (
    with_keywords,
    with_keywords_and_out,
    with_the_last_keyword,
    with_a_number_by_keyword,
):
    with_parameters.names = oracle.WITH_PARAMETERS
by_default.names = oracle.WITH_DEFAULTS


def with_out(make_out, position=False):
    def make(name, dtype):
        outs = outputs(name, lambda: make_out(dtype))
        inputs = operands(name, dtype)
        return call(*inputs, *outs) if position else call(*inputs, out=outs)

    return make


def in_place(view):
    def make(name, dtype):
        inputs = operands(name, dtype, (4, 4))
        return call(*inputs, out=(view(inputs[0]),) + (None,) * (oracle.OUTPUTS[name] - 1))

    return make


def shifted_by_a_row(name, dtype):
    inputs = operands(name, dtype)
    rest = (None,) * (oracle.OUTPUTS[name] - 1)
    return call(*(a[1:] for a in inputs), out=(inputs[0][:-1], *rest))


SERVED = {
    "contiguous": all_as(lambda a: a),
    "strided": all_as(lambda a: a[::2, ::3]),
    "reversed": all_as(lambda a: a[::-1, ::-1]),
    "transposed": all_as(lambda a: a.T),
    "transposed, the first alone": lambda name, dtype: call(
        *(a.T if i == 0 else a for i, a in enumerate(operands(name, dtype, (4, 4))))
    ),
    "1-d": all_as(np.ravel),
    "3-d": all_as(lambda a: a.reshape(2, 2, 5).swapaxes(0, 1)),
    "long": all_as(lambda a: np.resize(a, 20_011)),
    "misaligned": all_as(misaligned),
    "read-only": all_as(lambda a: read_only(a.view())),
    "a row for a parameter": last_as(lambda a: a[0]),
    "a column for a parameter": last_as(lambda a: a[:, :1]),
    "a broadcast parameter": last_as(lambda a: np.broadcast_to(a[0], SHAPE)),
    "a Python float": last_as(lambda a: 0.25),
    "an inexact Python float": last_as(lambda a: 0.1),
    "a Python int": last_as(lambda a: 2),
    "a parameter without axes": last_as(lambda a: a[0, 0, ...]),
    "parameters by keyword": with_keywords,
    "parameters by keyword, and out": with_keywords_and_out,
    "the last parameter by keyword": with_the_last_keyword,
    "a number by keyword": with_a_number_by_keyword,
    "defaults": by_default,
    "out": with_out(lambda dtype: room(SHAPE, dtype)),
    "out by position": with_out(lambda dtype: room(SHAPE, dtype), position=True),
    "out in another order": with_out(lambda dtype: room((5, 4), dtype).T),
    "out cropped": with_out(cropped),
    "out misaligned": with_out(lambda dtype: misaligned(room(SHAPE, dtype))),
    "in place": in_place(lambda a: a),
    "in place, through a view": in_place(lambda a: a[:]),
}
# Beside integers, NumPy has a say in what these are.
NUMBERS = [
    *("a Python float", "an inexact Python float", "a Python int"),
    *("a number by keyword", "defaults"),
]
NOT_SERVED = {
    "a subclass": first_as(lambda a: a.view(Tagged)),
    "a masked array": first_as(np.ma.masked_array),
    "a list": first_as(lambda a: a.tolist()),
    "an overriding object": first_as(lambda a: Overrider()),
    "byte-swapped": all_as(lambda a: a.astype(a.dtype.newbyteorder(">"))),
    "another dtype": last_as(lambda a: a.astype("d")),
    "a wider numpy scalar": last_as(lambda a: np.float64(0.5)),
    "bool for a parameter": last_as(lambda a: np.True_),
    "a complex number": last_as(lambda a: 1j),
    "a str": last_as(lambda a: "1"),
    "a subclass for a parameter": last_as(lambda a: a.view(Tagged)),
    "a subclass for out": with_out(lambda dtype: room(SHAPE, dtype).view(Tagged)),
    "out of another dtype": with_out(lambda dtype: room(SHAPE, "d")),
    "out byte-swapped": with_out(lambda dtype: room(SHAPE, np.dtype(dtype).newbyteorder(">"))),
    "out read-only": with_out(lambda dtype: read_only(room(SHAPE, dtype))),
    "out of the wrong shape": with_out(lambda dtype: room((3, 3), dtype)),
    "out broadcast": with_out(lambda dtype: as_strided(room(5, dtype), SHAPE, (0, 4))),
    "reversed in place": in_place(lambda a: a[::-1]),
    "transposed in place": in_place(lambda a: a.T),
    "shifted by a row": shifted_by_a_row,
    "too many arguments": lambda name, dtype: call(*[operand()] * 9),
    "no arguments": lambda name, dtype: call(),
    **{
        next(iter(keyword)): lambda name, dtype, keyword=keyword: call(
            *operands(name, dtype), **keyword
        )
        for keyword in (
            {"where": np.ones(SHAPE, bool)},
            {"dtype": "d"},
            {"casting": "unsafe"},
            {"order": "C"},
            {"subok": False},
            {"signature": "nonsense"},
            {"unheard": 1},
        )
    },
}


def times_served(name, make, dtype="f"):
    args, kwargs = make(name, dtype)

    def attempt():
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                getattr(relu_ufunc, name)(*args, **kwargs)
            except (TypeError, ValueError):
                assert make in NOT_SERVED.values()

    return served(attempt)


def cases(makes):
    """Each case and each signature that it is one for."""
    chosen = [
        (name, case)
        for case, make in makes.items()
        for name in SIGNATURES
        if name in getattr(make, "names", oracle.NAMES)
    ]
    return in_turn("name, case", chosen)


@cases(SERVED)
def test_served(name, case):
    for dtype in oracle.DTYPES[name]:
        if dtype != "g":
            with door(True):
                left_out = dtype in oracle.INTEGERS and case in NUMBERS
                assert times_served(name, SERVED[case], dtype) == (not left_out), dtype
            with door(False):
                assert times_served(name, SERVED[case], dtype) == 0, dtype
            alike(name, partial(SERVED[case], name, dtype))


@pytest.mark.parametrize("name", [name for name in SIGNATURES if oracle.PARAMETERS[name]])
def test_numpy_scalars_are_served(name):
    for dtype in "efd":
        scalar = last_as(lambda a: a[1, 1])
        with door(True):
            assert times_served(name, scalar, dtype) == 1
        with door(False):
            assert times_served(name, scalar, dtype) == 0


@cases(NOT_SERVED)
def test_not_served(name, case):
    with door(True):
        assert times_served(name, NOT_SERVED[case]) == 0


@every_signature
def test_every_instruction_set_is_served(uf, name):
    function = getattr(uf, name)
    with door(True):
        assert served(function, *operands(name)) == 1
    assert_alike(function, lambda: call(*operands(name)))


@pytest.mark.parametrize(
    "route",
    [
        lambda f, *args: f.__call__(*args),
        lambda f, *args: partial(f, *args[:-1])(args[-1]),
        lambda f, *args: type(f).__call__(f, *args),
        lambda f, *args: next(map(f, *([a] for a in args))),
        lambda f, *args: pickle.loads(pickle.dumps(f))(*args),
    ],
    ids=["__call__", "partial", "type", "map", "pickle"],
)
def test_every_way_to_call_is_served(route):
    for name in ("relu", "elu", "prelu_backward"):
        with door(True):
            assert served(route, getattr(relu_ufunc, name), *operands(name)) == 1
        assert_alike(
            partial(route, getattr(relu_ufunc, name)), lambda name=name: call(*operands(name))
        )


def test_the_switch_gives_back_what_it_was():
    before = _relu_ufunc.serve_directly(True)
    try:
        assert _relu_ufunc.serve_directly(False) is True
        assert _relu_ufunc.serve_directly(False) is False
        assert _relu_ufunc.serve_directly(True) is False
    finally:
        _relu_ufunc.serve_directly(before)


@pytest.mark.parametrize(
    ("environment", "want"),
    [
        ({}, "1"),
        ({"RELU_UFUNC_ENTRY": "direct"}, "1"),
        ({"RELU_UFUNC_ENTRY": "numpy"}, "0"),
        ({"RELU_UFUNC_ENTRY": "NumPy"}, "0"),
    ],
    ids=["unset", "direct", "numpy", "NumPy"],
)
def test_the_environment_sets_the_switch(environment, want):
    code = (
        "import numpy as np, relu_ufunc; from relu_ufunc import _relu_ufunc as r; "
        "relu_ufunc.relu(np.ones(3)); print(r.calls_served())"
    )
    assert output(python("-c", code, **environment)) == want


def test_an_unknown_entry_is_refused():
    process = python("-c", "import relu_ufunc", RELU_UFUNC_ENTRY="quick")
    assert process.returncode != 0
    assert "ImportError: RELU_UFUNC_ENTRY='quick'" in process.stderr
