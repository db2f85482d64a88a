"""Which dtypes go in, and which come out."""

from itertools import product

import ml_dtypes
import numpy as np
import oracle
import pytest
from cases import in_turn
from kinds import SIGNATURES, each_signature

import relu_ufunc as ru
from relu_ufunc.testing import as_tuple, assert_same_bits

WITH_PARAMETERS = [name for name in SIGNATURES if oracle.PARAMETERS[name]]
FOR_INTEGERS = [name for name in SIGNATURES if name in oracle.FOR_INTEGERS]
WITH_INTEGER_PARAMETERS = [name for name in WITH_PARAMETERS if name in FOR_INTEGERS]
WITH_FLOAT_PARAMETERS = [name for name in WITH_PARAMETERS if name not in FOR_INTEGERS]
ARITHMETIC = ("?", *oracle.INTEGERS, *oracle.NUMPY_FLOATS)

# NEP 50: a Python number takes the dtype of the array, a NumPy scalar has its own.
f2, f4, f8, g = np.float16, np.float32, np.float64, np.longdouble
i1, i2, i4, u1 = np.int8, np.int16, np.int32, np.uint8
NEP_50 = [
    # x    parameter  result
    (f2, 0.5, f2),
    (f4, 0.5, f4),
    (f8, 0.5, f8),
    (g, 0.5, g),
    (f2, 2, f2),
    (f4, 2, f4),
    (f2, True, f2),
    (f2, f4(0.5), f4),
    (f2, np.array(0.5, f4), f4),
    (f4, f8(0.5), f8),
    (f4, f2(0.5), f4),
    (f8, g(0.5), g),
    (f4, np.ones(3, f8), f8),
    (f8, np.ones(3, f4), f8),
    (f2, i1(1), f2),
    (f2, i2(1), f4),
    (f4, i4(1), f8),
    (f4, np.ones(3, i1), f4),
    (bool, 0.5, f8),
    (i1, 0.5, f8),
    (u1, 0.5, f8),
    (i2, 0.5, f8),
    (i4, 0.5, f8),
    (np.int64, 0.5, f8),
    (bool, True, f2),
    (i1, i1(1), f2),
    (i2, i1(1), f4),
    (i4, f2(1), f8),
]


@in_turn("name", oracle.NAMES)
def test_types_lists_the_loops(name):
    function = getattr(ru, name)
    loops = [
        f"{c * function.nin}->{c * function.nout}" for c in oracle.DTYPES[name] if c != "bfloat16"
    ]
    assert function.types == loops


@in_turn("name, dtype", oracle.LOOPS)
def test_a_dtype_in_is_the_dtype_out(name, dtype):
    function = getattr(ru, name)
    outputs = function(*[np.ones(3, dtype)] * function.nin)
    for out in outputs if function.nout > 1 else [outputs]:
        assert out.dtype == np.dtype(dtype)


@in_turn("x, parameter, result", NEP_50)
@pytest.mark.parametrize("name", WITH_FLOAT_PARAMETERS)
def test_nep_50(name, x, parameter, result):
    function = getattr(ru, name)
    parameters = [parameter] * len(oracle.PARAMETERS[name])
    outputs = function(*[np.ones(3, x)] * len(oracle.INPUTS[name]), *parameters)
    for out in outputs if function.nout > 1 else [outputs]:
        assert out.dtype == result


@pytest.mark.parametrize("name", WITH_INTEGER_PARAMETERS)
def test_nep_50_of_ufuncs_for_integers(name):
    function, arrays = getattr(ru, name), len(oracle.INPUTS[name])
    for x, parameter, result in [
        *(row for row in NEP_50 if np.dtype(row[0]).kind == "f"),
        *((i1, 2, i1), (u1, 2, u1), (i1, i1(1), i1), (i2, i1(1), i2), (i1, u1(1), i2)),
        *((i1, 0.5, f8), (i1, f2(1), f2), (i4, f2(1), f8)),
    ]:
        assert function(*[np.ones(3, x)] * arrays, parameter).dtype == result, (x, parameter)
        if name in oracle.WITH_DEFAULTS:
            assert function(*[np.ones(3, x)] * arrays).dtype == x


@pytest.mark.parametrize("x", [f2, f4, f8, g])
@pytest.mark.parametrize("name", [n for n in SIGNATURES if n in oracle.WITH_DEFAULTS])
def test_a_default_does_not_change_the_dtype(name, x):
    function = getattr(ru, name)
    for needed in (np.ones(3, x), x(1)):
        outputs = function(*[needed] * len(oracle.REQUIRED[name]))
        assert all(out.dtype == x for out in as_tuple(outputs))


@pytest.mark.parametrize("name", [n for n in WITH_FLOAT_PARAMETERS if len(oracle.OPERANDS[n]) == 2])
def test_every_pair_promotes_as_in_logaddexp(name):
    function = getattr(ru, name)
    kinds = [*map(np.dtype, ARITHMETIC), int, float]
    pairs = [(a, b) for a in kinds for b in kinds if isinstance(a, np.dtype)]
    outs = (None,) * function.nout
    promoted = [function.resolve_dtypes((*pair, *outs))[-1] for pair in pairs]
    assert promoted == [np.logaddexp.resolve_dtypes((*pair, None))[-1] for pair in pairs]


BOOL = np.array([False, True])
NOT_FOR_BOOL = {
    "call": lambda f: f(*[BOOL] * f.nin),
    "Python's": lambda f: f(*[True] * f.nin),
    "scalar": lambda f: f(*[np.True_] * f.nin),
    "out": lambda f: f(*[BOOL] * f.nin, out=(OUT,) * f.nout),
    "out, unsafe": lambda f: f(*[BOOL] * f.nin, out=(OUT,) * f.nout, casting="unsafe"),
    "at": lambda f: f.at(BOOL, [0], *[BOOL[:1]] * (f.nin - 1)),
    "types": lambda f: f.resolve_dtypes((np.dtype(bool),) * f.nin + (None,) * f.nout),
}
OUT = np.full(2, 77.0)


@pytest.mark.parametrize("way", NOT_FOR_BOOL)
@pytest.mark.parametrize("name", FOR_INTEGERS)
def test_bool_alone_is_refused(name, way):
    """As by NumPy's arithmetic."""
    if way == "at" and getattr(ru, name).nin > 2:
        pytest.skip("NumPy has no `at` for more than two inputs")
    for numpys in (np.negative, np.subtract):
        if numpys.nin == getattr(ru, name).nin:
            with pytest.raises(TypeError):
                NOT_FOR_BOOL[way](numpys)
    for _ in range(2):  # NumPy keeps what it has found out about types
        with pytest.raises(TypeError, match=f"ufunc '{name}' is not defined for bool"):
            NOT_FOR_BOOL[way](getattr(ru, name))
    assert (OUT == 77).all() and BOOL.tolist() == [False, True]


def test_bool_in_reductions():
    with pytest.raises(TypeError, match="'relu_backward' is not defined for bool"):
        ru.relu_backward.reduce(BOOL)
    with pytest.raises(TypeError, match="'relu_backward' is not defined for bool"):
        ru.relu_backward.outer(BOOL, BOOL)
    assert ru.relu_backward.reduce(BOOL, dtype="i4").dtype == np.int32


@pytest.mark.parametrize(
    "other", [1, 1.5, np.int8(1), np.float32(1), np.uint16([1]), np.array(1.5)]
)
def test_bool_beside_a_number_promotes_as_in_subtract(other):
    for pair in ((BOOL, other), (other, BOOL)):
        assert ru.relu_backward(*pair).dtype == np.subtract(*pair).dtype


FOREIGN = [
    np.dtype(getattr(ml_dtypes, name))
    for name in dir(ml_dtypes)
    if isinstance(getattr(ml_dtypes, name), type)
    and issubclass(getattr(ml_dtypes, name), np.generic)
    and name != "bfloat16"
]


@pytest.mark.parametrize("dtype", FOREIGN, ids=str)
@each_signature
def test_dtypes_of_others_are_refused(name, dtype):
    function, foreign = getattr(ru, name), np.ones(3, dtype)
    outs = tuple(np.full(3, 77.0) for _ in range(function.nout))
    message = f"ufunc '{name}' is not defined for {dtype.name}"
    others = [np.ones(3, "f"), np.ones(3, "d"), np.ones(3, ml_dtypes.bfloat16), 0.5, foreign]
    for at, other in product(range(function.nin), others):
        for operand in (foreign, foreign[0], foreign[..., 0]):
            inputs = [other] * function.nin
            inputs[at] = operand
            for keywords in ({}, {"out": outs}, {"out": outs, "where": False}):
                with pytest.raises(TypeError, match=message):
                    function(*inputs, **keywords)
        types = [np.asarray(a).dtype for a in inputs]
        with pytest.raises(TypeError, match=message):
            function.resolve_dtypes((*types, *[None] * function.nout))
    for parameter in oracle.PARAMETERS[name]:
        keywords = dict.fromkeys(oracle.PARAMETERS[name], 0.5) | {parameter: foreign}
        with pytest.raises(TypeError, match=message):
            function(*[np.ones(3, "f")] * len(oracle.INPUTS[name]), **keywords)
    assert all((out == 77).all() for out in outs)


@pytest.mark.parametrize("dtype", FOREIGN, ids=str)
def test_dtypes_of_others_are_refused_by_methods(dtype):
    foreign, x = np.ones(3, dtype), np.ones(3, "f")
    calls = {
        "relu": [lambda: ru.relu.at(foreign, [0])],
        "elu": [
            lambda: ru.elu.at(foreign, [0]),
            lambda: ru.elu.at(x, [0], foreign[:1]),
            lambda: ru.elu.outer(foreign),
            lambda: ru.elu.outer(x, foreign),
            lambda: ru.elu.reduce(foreign),
            lambda: ru.elu.accumulate(foreign),
            lambda: ru.elu.reduceat(foreign, [0]),
        ],
    }
    for name, made in calls.items():
        for made_call in made:
            with pytest.raises(TypeError, match=f"ufunc '{name}' is not defined for"):
                made_call()
    assert (x == 1).all()


@pytest.mark.parametrize("given", [bool, *(d for d in FOREIGN if "complex" not in d.name)], ids=str)
@pytest.mark.parametrize("name", FOR_INTEGERS)
def test_a_cast_that_is_asked_for_is_done(name, given):
    """With dtype= or signature=, as by NumPy."""
    function = getattr(ru, name)
    inputs = [np.ones(3).astype(given)] * function.nin
    want = as_tuple(function(*(a.astype("f") for a in inputs)))
    for keywords in (
        {"dtype": "f"},
        {"signature": "f" * function.nin + "->" + "f" * function.nout},
    ):
        for _ in range(2):
            assert_same_bits(as_tuple(function(*inputs, casting="unsafe", **keywords)), want)
        with pytest.raises(TypeError):
            function(*inputs)


def test_gradient_of_mixed_dtypes():
    assert ru.relu_backward(np.ones(3, f4), np.ones(3, i4)).dtype == f8
    assert ru.relu_backward(np.ones(3, f4), np.ones(3, f2)).dtype == f4
    assert ru.relu_backward(np.ones(3, u1), np.ones(3, i1)).dtype == i2
    assert ru.leaky_relu_backward(np.ones(3, f2), np.ones(3, f4)).dtype == f4


REFUSED = {
    "complex": np.ones(3, complex),
    "complex64": np.ones(3, np.complex64),
    "object": np.ones(3, object),
    "bytes": np.array([b"1"]),
    "str": np.array(["1"]),
    "StringDType": np.array(["1"], np.dtypes.StringDType()),
    "datetime64": np.array(["2020-01-01"], "M8[D]"),
    "timedelta64": np.array([1], "m8[s]"),
    "structured": np.ones(3, "f4,f4"),
    "void": np.ones(3, "V4"),
    "None": None,
    "a Python str": "1",
}


@pytest.mark.parametrize("refused", REFUSED)
@each_signature
def test_other_dtypes_raise_and_name_the_ufunc(name, refused):
    function = getattr(ru, name)
    for at in range(function.nin):
        inputs = [np.float32(1)] * function.nin
        inputs[at] = REFUSED[refused]
        with pytest.raises(TypeError, match=rf"ufunc '{name}'"):
            function(*inputs)


@pytest.mark.parametrize("name", WITH_PARAMETERS)
def test_parameters_of_other_dtypes_raise_by_keyword_too(name):
    function = getattr(ru, name)
    for refused, parameter in product(REFUSED.values(), oracle.PARAMETERS[name]):
        keywords = dict.fromkeys(oracle.PARAMETERS[name], 0.5) | {parameter: refused}
        with pytest.raises(TypeError, match=rf"ufunc '{name}'"):
            function(*[np.ones(3, "f")] * len(oracle.INPUTS[name]), **keywords)
