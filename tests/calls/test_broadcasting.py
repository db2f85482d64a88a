"""A parameter is an input like any other: whatever broadcasts is welcome."""

import numpy as np
import oracle
import pytest
from cases import in_turn
from kinds import LOOPS, SIGNATURES
from samples import operands

import relu_ufunc as ru
from relu_ufunc.testing import assert_same_bits

X = (5, 7, 33)
SHAPES = {
    "a number": (),
    "one element": (1,),
    "one element, all axes": (1, 1, 1),
    "last axis": (33,),
    "middle axis": (7, 1),
    "first axis": (5, 1, 1),
    "last two axes": (7, 33),
    "first two axes": (5, 7, 1),
    "first and last axes": (5, 1, 33),
    "all axes": X,
    "more axes than the others": (2, 1, 7, 1),
}
ORDERS = {
    "C": lambda a: a.copy(order="C"),
    "Fortran": lambda a: a.copy(order="F"),
    "middle axis outermost": lambda a: (
        a.swapaxes(-2, 0).copy().swapaxes(-2, 0) if a.ndim > 2 else a
    ),
    "reversed": lambda a: a[::-1].copy()[::-1] if a.ndim else a,
    "cropped": lambda a: np.pad(a, 1)[(slice(1, -1),) * a.ndim],
}


def filled(name, shapes):
    """Operands of the given shapes, with values of every kind."""
    sizes = [int(np.prod(shape)) for shape in shapes]
    inputs = operands(name, "f", max(sizes))
    return [a[:n].reshape(s) for a, n, s in zip(inputs, sizes, shapes, strict=True)]


def expanded(inputs):
    return [np.ascontiguousarray(a) for a in np.broadcast_arrays(*inputs)]


@in_turn("order", ORDERS)
@in_turn("shape", SHAPES)
@pytest.mark.parametrize("name", [name for name in SIGNATURES if len(oracle.OPERANDS[name]) > 1])
@np.errstate(all="ignore")
def test_each_operand_over_every_axis(name, shape, order):
    function = getattr(ru, name)
    for at in range(function.nin):
        inputs = filled(name, [SHAPES[shape] if i == at else X for i in range(function.nin)])
        want = function(*expanded(inputs))
        assert_same_bits(function(*map(ORDERS[order], inputs)), want)


@in_turn("name", [name for name in LOOPS if oracle.PARAMETERS[name]])
@np.errstate(all="ignore")
def test_parameters_over_every_axis(uf, name):
    function, parameters = getattr(uf, name), len(oracle.PARAMETERS[name])
    for shape in SHAPES.values():
        inputs = filled(name, [X] * (function.nin - parameters) + [shape] * parameters)
        assert_same_bits(function(*inputs), function(*expanded(inputs)))


@np.errstate(all="ignore")
def test_three_operands_that_all_broadcast():
    inputs = filled("prelu_backward", [(5, 1, 33), (7, 1), (33,)])
    assert_same_bits(ru.prelu_backward(*inputs), ru.prelu_backward(*expanded(inputs)))
