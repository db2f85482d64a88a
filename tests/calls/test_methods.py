"""The methods of a ufunc beyond what tests/conformance says of any: defaults, keywords, errors."""

import inspect
import pickle
from functools import partial

import ml_dtypes
import numpy as np
import oracle
import pytest
from kinds import SIGNATURES
from samples import operands

import relu_ufunc as ru
from relu_ufunc.testing import as_tuple, assert_same_bits


def of_shape(nin, nout):
    """One kernel of each signature with so many inputs, parameters among them, and outputs."""
    return [n for n in SIGNATURES if (len(oracle.OPERANDS[n]), oracle.OUTPUTS[n]) == (nin, nout)]


TWO_TO_ONE, TWO_TO_TWO = of_shape(2, 1), of_shape(2, 2)
X = np.linspace(-2, 2, 24, dtype="f").reshape(4, 6)


@pytest.mark.parametrize("name", TWO_TO_ONE + TWO_TO_TWO)
@pytest.mark.parametrize("shapes", [((40,), (30,)), ((3, 4), (5,)), ((), (5,)), ((0,), (3,))])
@np.errstate(all="ignore")
def test_outer(name, shapes):
    function = getattr(ru, name)
    a, b = (np.resize(v, shape) for v, shape in zip(operands(name, "f", 90), shapes, strict=True))
    want = function(a.reshape(a.shape + (1,) * b.ndim), b)
    assert_same_bits(function.outer(a, b), want)


WITH_PARAMETER = [n for n in TWO_TO_ONE + TWO_TO_TWO if len(oracle.PARAMETERS[n]) == 1]
DEFAULTED = [name for name in WITH_PARAMETER if name in oracle.WITH_DEFAULTS]


def at(function, a, indices, *b, **kwargs):
    """What `at` leaves."""
    a = a.copy()
    assert function.at(a, indices, *b, **kwargs) is None
    return a


@pytest.mark.parametrize("dtype", oracle.FLOATS)
@pytest.mark.parametrize("name", DEFAULTED)
def test_methods_know_the_default(name, dtype):
    function, x = getattr(ru, name), X.ravel().astype(dtype)
    want = x.copy()
    want[[0, 3, -1]] = function(x[[0, 3, -1]])
    assert_same_bits(at(function, x, [0, 3, -1]), want)
    for shaped in (x, x.reshape(4, 6), x[0], x[:0]):
        assert_same_bits(function.outer(shaped), function(shaped))


@pytest.mark.parametrize("dtype", [*oracle.FLOATS, "b", "?"])
@pytest.mark.parametrize("number", [0.1, 2, -1e-3])
@pytest.mark.parametrize("name", WITH_PARAMETER)
def test_methods_take_the_parameter_as_a_call_does(name, number, dtype):
    """By position or keyword; a Python number does not change the dtype."""
    function, x, parameter = getattr(ru, name), X.ravel().astype(dtype), oracle.OPERANDS[name][1]
    want = function(x, number)
    assert_same_bits(function.outer(x, number), want)
    assert_same_bits(function.outer(x, **{parameter: number}), want)
    several = function(x[:, None], np.float32([number, 2]))
    assert_same_bits(function.outer(x, **{parameter: np.float32([number, 2])}), several)
    wide = function(x, number, dtype="g")
    assert_same_bits(function.outer(x, number, dtype="g"), wide)
    if function.nout == 1 and want.dtype == x.dtype:
        every = np.arange(x.size)
        assert_same_bits(at(function, x, every, number), want)
        assert_same_bits(at(function, x, every, **{parameter: number}), want)


def test_lists_and_numbers_in_methods():
    assert_same_bits(ru.elu.outer([-1, 2]), ru.elu([-1, 2]))
    assert_same_bits(ru.elu.outer(-1.0), ru.elu(-1.0))
    assert ru.elu.outer(np.float16([-1]), np.float32(0.5)).dtype == np.float32
    assert ru.elu.outer(np.ones(2, ml_dtypes.bfloat16)).dtype == ml_dtypes.bfloat16


def test_wrong_arguments_of_methods():
    x = np.float32([-1, 2])
    calls = [
        (partial(ru.elu.at, x), TypeError, r"elu\.at\(\) missing .*'indices'"),
        (partial(ru.elu.at, x, [0], 0.5, 0.7), TypeError, "takes at most 3 arguments"),
        (partial(ru.elu.at, x, [0], 0.5, alpha=0.5), TypeError, r"elu\.at\(\) got multiple values"),
        (partial(ru.elu.outer, x, 0.5, alpha=1), TypeError, r"elu\.outer\(\) got multiple values"),
        (
            partial(ru.elu.outer, x, beta=1),
            TypeError,
            r"elu\(\) got an unexpected .*'beta'",
        ),
        (partial(ru.elu.at, x, [0], beta=1), TypeError, "keyword"),
        (partial(ru.prelu.at, x, [0]), ValueError, "second operand needed"),
        (partial(ru.prelu.outer, x), TypeError, "exactly two arguments"),
        (partial(ru.elu.outer), TypeError, "exactly two arguments"),
        (partial(ru.elu_backward.at, x, [0], x[:1]), ValueError, "unary and binary"),
        (partial(ru.elu_backward.outer, x, x), ValueError, "only supported for binary"),
        (partial(ru.elu.at, x, [0], None), TypeError, "ufunc 'elu'"),
    ]
    for call, error, message in calls:
        with pytest.raises(error, match=message):
            call()
    assert x.tolist() == [-1, 2]


def test_overriders_see_the_methods_with_the_parameter():
    class Overrider:
        def __array_ufunc__(self, *args, **kwargs):
            return args, kwargs

    a, elu = Overrider(), ru.elu
    assert elu.outer(a) == ((elu, "outer", a, 1.0), {})
    assert elu.outer(a, alpha=0.5, where=True) == ((elu, "outer", a, 0.5), {"where": True})
    assert elu.outer(X, a) == ((elu, "outer", X, a), {})
    assert elu.at(a, [0]) == ((elu, "at", a, [0], 1.0), {})
    assert elu.at(a, [0], alpha=0.5) == ((elu, "at", a, [0], 0.5), {})
    assert elu.reduce(a, axis=1) == ((elu, "reduce", a), {"axis": 1})


@pytest.mark.parametrize("method", ["at", "outer", "reduce", "accumulate", "reduceat"])
def test_methods_look_like_numpys(method):
    bound = getattr(ru.elu, method)
    assert bound.__self__ is ru.elu
    assert bound.__name__ == method and bound.__doc__
    assert repr(bound) == f"<bound method elu.{method} of <ufunc 'elu'>>"
    assert pickle.loads(pickle.dumps(bound)) == bound


def test_signatures_of_methods():
    assert str(inspect.signature(ru.elu.at)) == "(a, indices, /, *b, **kwargs)"
    assert str(inspect.signature(ru.elu.outer)) == "(*inputs, **kwargs)"


@pytest.mark.parametrize("name", oracle.NAMES)
def test_what_a_ufunc_says_of_itself(name):
    function = getattr(ru, name)
    assert isinstance(function, np.ufunc)
    assert function.__name__ == name
    assert function.signature is None
    assert function.ntypes == len(function.types)
    assert as_tuple(function.nargs) == (function.nin + function.nout,)
