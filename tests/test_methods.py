"""The methods of a ufunc, where NumPy defines them."""

from functools import reduce

import numpy as np
import oracle
import pytest
from samples import operands

from relu_ufunc.testing import as_tuple, assert_same_bits

ONE_TO_ONE = [name for name in oracle.NAMES if len(oracle.OPERANDS[name]) == 1]
TWO_TO_ONE = [
    name for name in oracle.NAMES if (len(oracle.OPERANDS[name]), oracle.OUTPUTS[name]) == (2, 1)
]
OTHERS = [name for name in oracle.NAMES if name not in ONE_TO_ONE + TWO_TO_ONE]
X = np.linspace(-2, 2, 24, dtype="f").reshape(4, 6)


@pytest.mark.parametrize("name", [*TWO_TO_ONE, "prelu_grad"])
@pytest.mark.parametrize("shapes", [((40,), (30,)), ((3, 4), (5,)), ((), (5,)), ((0,), (3,))])
@np.errstate(all="ignore")
def test_outer(uf, name, shapes):
    function = getattr(uf, name)
    a, b = (np.resize(v, shape) for v, shape in zip(operands(name, "f", 90), shapes, strict=True))
    want = function(a.reshape(a.shape + (1,) * b.ndim), b)
    assert_same_bits(function.outer(a, b), want)


@pytest.mark.parametrize("name", ONE_TO_ONE)
def test_at_with_one_operand(uf, name):
    function = getattr(uf, name)
    x = X.ravel().copy()
    index = [0, 3, 3, -1]
    want = x.copy()
    want[index] = function(x[index])
    function.at(x, index)
    assert_same_bits(x, want)


@pytest.mark.parametrize("name", TWO_TO_ONE)
def test_at_with_two_operands(uf, name):
    function = getattr(uf, name)
    x = X.ravel().copy()
    want = x.copy()
    index, second = [0, 3, 3, -1], np.float32([0.5, -2, 0.25, 3])
    for i, s in zip(index, second, strict=True):
        want[i] = function(want[i], s)
    function.at(x, index, second)
    assert_same_bits(x, want)


@pytest.mark.parametrize("axis", [0, 1, -1, None])
@pytest.mark.parametrize("name", TWO_TO_ONE)
def test_reduce_goes_from_left_to_right(uf, name, axis):
    function = getattr(uf, name)
    if axis is None:  # a ufunc that can't be reordered takes one axis at a time
        with pytest.raises(ValueError, match="not reorderable"):
            function.reduce(X, axis=None)
    else:
        want = reduce(function, np.moveaxis(X, axis, 0))
        assert_same_bits(function.reduce(X, axis=axis), want)
        assert_same_bits(function.reduce(X, axis=axis, keepdims=True), np.expand_dims(want, axis))


@pytest.mark.parametrize("axis", [0, 1])
@pytest.mark.parametrize("name", TWO_TO_ONE)
def test_accumulate_keeps_every_step(uf, name, axis):
    function = getattr(uf, name)
    rows = np.moveaxis(X, axis, 0)
    want = np.stack([reduce(function, rows[: i + 1]) for i in range(len(rows))], axis)
    assert_same_bits(function.accumulate(X, axis=axis), want)


@pytest.mark.parametrize("name", TWO_TO_ONE)
def test_reduceat_reduces_each_part(uf, name):
    function = getattr(uf, name)
    x = X.ravel()
    want = np.array([reduce(function, part) for part in (x[0:5], x[5:23], x[23:])])
    assert_same_bits(function.reduceat(x, [0, 5, 23]), want)


@pytest.mark.parametrize("name", TWO_TO_ONE)
def test_reduce_has_no_identity(uf, name):
    function = getattr(uf, name)
    assert function.identity is None
    with pytest.raises(ValueError, match=f"reduction operation {name} which has no identity"):
        function.reduce(np.empty(0, "f"))
    one = function.reduce(np.float32([-3]))
    assert one == -3


@pytest.mark.parametrize("name", OTHERS)
def test_reductions_take_two_operands_and_give_one(uf, name):
    for method in ("reduce", "accumulate"):
        with pytest.raises(ValueError, match="only supported for"):
            getattr(getattr(uf, name), method)(X)


@pytest.mark.parametrize("name", oracle.NAMES)
def test_what_a_ufunc_says_of_itself(uf, name):
    function = getattr(uf, name)
    assert isinstance(function, np.ufunc)
    assert function.__name__ == name
    assert function.signature is None
    assert function.ntypes == len(function.types)
    assert as_tuple(function.nargs) == (function.nin + function.nout,)
