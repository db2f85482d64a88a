"""Anything in the place of an operand: the doors take it for the same."""

from functools import partial
from itertools import product

import modes
import numpy as np
import oracle
import pytest
from arrays import (
    SHAPE,
    alike,
    by_keyword,
    operands,
    operands_with,
    outputs,
    parameters_of,
    room,
    table,
)
from doors import call
from kinds import SIGNATURES
from oddities import VALUES

WITH_PARAMETERS = [name for name in SIGNATURES if oracle.PARAMETERS[name]]


@table("value", VALUES)
def test_anything_as_an_operand(value):
    def make(name, i, dtype, out):
        outs = {"out": outputs(name, lambda: room(SHAPE, dtype))} if out else {}
        return call(*operands_with(name, i, value(), dtype), **outs)

    for name in SIGNATURES:
        last = len(oracle.OPERANDS[name]) - 1
        for i in range(last + 1):
            alike(name, partial(make, name, i, "f", out=False))
        alike(name, partial(make, name, 0, "e", out=True))
        for dtype in ("d", "bfloat16", *("bQ" if name in oracle.FOR_INTEGERS else "")):
            alike(name, partial(make, name, last, dtype, out=False))


@table("value", VALUES)
def test_anything_as_a_parameter_by_keyword(value):
    def make(name, i, dtype, out):
        args, keywords = by_keyword(name, operands_with(name, i, value(), dtype), i)
        if out:
            keywords = {"out": outputs(name, lambda: room(SHAPE, dtype))} | keywords
        return call(*args, **keywords)

    for name in WITH_PARAMETERS:
        for i in parameters_of(name):
            for dtype, out in (("f", False), ("f", True), ("d", False), ("e", True)):
                alike(name, partial(make, name, i, dtype, out))


@table("value", VALUES)
def test_anything_as_every_operand(value):
    for name in SIGNATURES:
        alike(name, lambda name=name: call(*(value() for _ in oracle.OPERANDS[name])))
        alike(name, lambda name=name: call(*[value()] * len(oracle.OPERANDS[name])))


@pytest.mark.parametrize("mode", modes.MODES)
@pytest.mark.parametrize("name", WITH_PARAMETERS)
def test_a_parameter_is_rounded_alike_in_every_mode(name, mode):
    for value, dtype in product((0.1, -1e-40, 1e-46, 1 << 60 | 1, np.float32(0.1)), "efd"):

        def make(value=value, dtype=dtype):
            return call(*operands(name, dtype)[:-1], value)

        with modes.mode(mode):
            alike(name, make)
