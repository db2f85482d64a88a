"""Keywords, numbers of arguments and methods: the doors take and refuse the same."""

import sys
from functools import partial
from itertools import product

import numpy as np
import oracle
import pytest
from arrays import (
    SHAPE,
    alike,
    by_keyword,
    operand,
    operands,
    outputs,
    parameters_of,
    room,
    table,
)
from doors import assert_alike, call
from kinds import SIGNATURES, every_signature

import relu_ufunc

WITH_PARAMETERS = [name for name in SIGNATURES if oracle.PARAMETERS[name]]


class Name(str):
    """A keyword that is not quite a str."""


def spelt(word):
    """The same word in a string of its own."""
    return "".join(list(word))


KEYWORDS = {
    **{f"{key}={value!r}": {key: value} for key, value in [
        *product(["where"], [True, False, np.True_, np.False_, np.array(True), None, 1, "yes"]),
        *product(["casting"], ["no", "equiv", "safe", "same_kind", "unsafe", "nonsense", None, 3]),
        *product(["order"], ["C", "F", "A", "K", "k", "Z", None, b"C"]),
        *product(["dtype"], ["f", "d", "e", "i", "g", "F", None, float, "nonsense", ">f4"]),
        *product(["subok"], [True, False, None, 1]),
        *product(["signature", "sig"], [None, "f", "ff->f", "d->d", "dd->d", "nonsense", "", 3]),
        *product(["signature"], [(None, None), (np.float64,) * 3, ("d", None, None)]),
        *product(["out"], [None, (), (None,), (None, None), [None], {}]),
        ("keepdims", True), ("axis", 0), ("axes", [0]), ("extobj", []), ("initial", 0),
        ("x", 1), ("dy", 1), ("alpha", 0.5), ("slope", 0.5), ("negative_slope", 0.5),
        ("Alpha", 0.5), ("alpha ", 0.5), ("älpha", 0.5), ("", 0.5), ("out\0", None),
        ("\ud800", 0.5),
    ]},
    "where=rows": {"where": np.arange(4)[:, None] % 2 > 0},
    "where of more axes": {"where": np.ones((2, 4, 5), bool)},
    "where of the wrong shape": {"where": np.ones(3, bool)},
    "where and casting": {"where": True, "casting": "unsafe"},
    "dtype and signature": {"dtype": "f", "signature": "f->f"},
    "sig and signature": {"sig": "f->f", "signature": "f->f"},
    "dtype and casting": {"dtype": "e", "casting": "same_kind"},
    "two unknown": {"unheard": 1, "unseen": 2},
}  # fmt: skip


@table("keywords", KEYWORDS)
def test_keywords(keywords):
    fills = keywords.get("where", True) is True  # else memory is left as it was

    def make(name, dtype, left_out, given_out):
        inputs = operands(name, dtype)[: len(oracle.OPERANDS[name]) - left_out]
        outs = outputs(name, lambda: room(SHAPE, dtype))
        if given_out == "keyword":
            return call(*inputs, **{"out": outs, **keywords})
        return call(*inputs, *(outs if given_out == "position" else ()), **keywords)

    for name, dtype in product(SIGNATURES, ("f", "d")):
        for left_out, given_out in ((0, "keyword"), (1, "keyword"), (0, "position")):
            alike(name, partial(make, name, dtype, left_out, given_out))
        if fills:
            alike(name, partial(make, name, dtype, 0, None))
            alike(name, partial(make, name, dtype, 1, None))


@pytest.mark.parametrize("spell", [sys.intern, spelt, Name], ids=["interned", "spelt", "subclass"])
@pytest.mark.parametrize("name", WITH_PARAMETERS)
def test_however_a_keyword_is_spelt(name, spell):
    first = len(oracle.INPUTS[name])
    for more in ({}, {"out": None}, {"where": True}, {"unheard": 1}, {"order": "F"}):

        def make(more=more):
            args, keywords = by_keyword(name, operands(name), first)
            keywords |= more
            if "out" in more:
                keywords["out"] = outputs(name, lambda: room(SHAPE, "f"))
            return call(*args, **{spell(k): v for k, v in keywords.items()})

        for seen in (
            alike(name, make),
            alike(name, lambda make=make: (make()[0], dict(reversed(make()[1].items())))),
        ):
            assert (seen["raised"] is None) == ("unheard" not in more)


@every_signature
def test_number_of_arguments(name):
    n, nout = len(oracle.OPERANDS[name]), oracle.OUTPUTS[name]
    for count in [*range(n + nout + 3), 30, 40, 100]:
        for kind in (lambda: operand(), lambda: room(SHAPE, "f"), lambda: None, lambda: 0.5):

            def make(count=count, kind=kind):
                inputs = [operand() for _ in range(min(count, n))]
                return call(*inputs, *(kind() for _ in range(count - len(inputs))))

            alike(name, make)
            for keywords in ({"out": None}, {"slope": 0.5}, {"alpha": 0.5, "out": ()}):
                alike(name, lambda make=make, k=keywords: (make()[0], k))


@pytest.mark.parametrize("name", WITH_PARAMETERS)
def test_a_parameter_given_twice(name):
    for i, more in product(
        parameters_of(name), ({}, {"out": None}, {"where": False}, {"unheard": 1})
    ):
        keywords = {oracle.OPERANDS[name][i]: 0.5} | more
        seen = alike(name, lambda keywords=keywords: call(*operands(name), **keywords))
        assert seen["raised"][0] is TypeError
        alike(name, lambda i=i, k=keywords: call(*operands(name)[:i], room(SHAPE, "f"), **k))


@every_signature
def test_methods(name):
    n = len(oracle.OPERANDS[name])
    function = getattr(relu_ufunc, name)
    for method in ("reduce", "accumulate", "reduceat", "outer", "at"):
        arguments = [operand() for _ in range(n + (method in ("reduceat", "at")))]
        assert_alike(getattr(function, method), lambda arguments=arguments: call(*arguments))
