"""Which dtypes go in, and which come out."""

from itertools import product

import ml_dtypes
import numpy as np
import oracle
import pytest

from relu_ufunc.testing import assert_same_bits

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


@pytest.mark.parametrize("name", oracle.NAMES)
def test_types_lists_the_loops(uf, name):
    function = getattr(uf, name)
    loops = [
        f"{c * function.nin}->{c * function.nout}" for c in oracle.DTYPES[name] if c != "bfloat16"
    ]
    assert function.types == loops


@pytest.mark.parametrize(("name", "dtype"), oracle.LOOPS)
def test_a_dtype_in_is_the_dtype_out(uf, name, dtype):
    function = getattr(uf, name)
    outputs = function(*[np.ones(3, dtype)] * function.nin)
    for out in outputs if function.nout > 1 else [outputs]:
        assert out.dtype == np.dtype(dtype)


@pytest.mark.parametrize(("x", "parameter", "result"), NEP_50)
@pytest.mark.parametrize("name", oracle.PARAMETER)
def test_nep_50(uf, name, x, parameter, result):
    function = getattr(uf, name)
    inputs = [np.ones(3, x)] * (function.nin - 1)
    outputs = function(*inputs, parameter)
    for out in outputs if function.nout > 1 else [outputs]:
        assert out.dtype == result


@pytest.mark.parametrize("x", [f2, f4, f8, g])
@pytest.mark.parametrize("name", [n for n, p in oracle.PARAMETER.items() if p != "slope"])
def test_a_default_does_not_change_the_dtype(uf, name, x):
    function = getattr(uf, name)
    assert function(*[np.ones(3, x)] * (function.nin - 1)).dtype == x
    assert function(*[x(1)] * (function.nin - 1)).dtype == x


@pytest.mark.parametrize("name", ["leaky_relu", "prelu", "elu", "leaky_relu_grad", "elu_grad"])
def test_every_pair_promotes_as_in_logaddexp(uf, name):
    function = getattr(uf, name)
    kinds = [*map(np.dtype, ARITHMETIC), int, float]
    pairs = [(a, b) for a in kinds for b in kinds if isinstance(a, np.dtype)]
    promoted = [function.resolve_dtypes((*pair, None))[-1] for pair in pairs]
    assert promoted == [np.logaddexp.resolve_dtypes((*pair, None))[-1] for pair in pairs]


BOOL = np.array([False, True])
NOT_FOR_BOOL = {
    "call": lambda f: f(*[BOOL] * f.nin),
    "Python's": lambda f: f(*[True] * f.nin),
    "scalar": lambda f: f(*[np.True_] * f.nin),
    "out": lambda f: f(*[BOOL] * f.nin, out=OUT),
    "out, unsafe": lambda f: f(*[BOOL] * f.nin, out=OUT, casting="unsafe"),
    "at": lambda f: f.at(BOOL, [0], *[BOOL[:1]] * (f.nin - 1)),
    "types": lambda f: f.resolve_dtypes((np.dtype(bool),) * f.nin + (None,)),
}
OUT = np.full(2, 77.0)


@pytest.mark.parametrize("way", NOT_FOR_BOOL)
@pytest.mark.parametrize("name", oracle.FOR_INTEGERS)
def test_bool_alone_is_refused(uf, name, way):
    """As by NumPy's arithmetic."""
    for numpys in (np.negative, np.subtract):
        if numpys.nin == getattr(uf, name).nin:
            with pytest.raises(TypeError):
                NOT_FOR_BOOL[way](numpys)
    for _ in range(2):  # NumPy keeps what it has found out about types
        with pytest.raises(TypeError, match=f"ufunc '{name}' is not defined for bool"):
            NOT_FOR_BOOL[way](getattr(uf, name))
    assert (OUT == 77).all() and BOOL.tolist() == [False, True]


def test_bool_in_reductions(uf):
    with pytest.raises(TypeError, match="'relu_backward' is not defined for bool"):
        uf.relu_backward.reduce(BOOL)
    with pytest.raises(TypeError, match="'relu_backward' is not defined for bool"):
        uf.relu_backward.outer(BOOL, BOOL)
    assert uf.relu_backward.reduce(BOOL, dtype="i4").dtype == np.int32


@pytest.mark.parametrize(
    "other", [1, 1.5, np.int8(1), np.float32(1), np.uint16([1]), np.array(1.5)]
)
def test_bool_beside_a_number_promotes_as_in_subtract(uf, other):
    for pair in ((BOOL, other), (other, BOOL)):
        assert uf.relu_backward(*pair).dtype == np.subtract(*pair).dtype


FOREIGN = [
    np.dtype(getattr(ml_dtypes, name))
    for name in dir(ml_dtypes)
    if isinstance(getattr(ml_dtypes, name), type)
    and issubclass(getattr(ml_dtypes, name), np.generic)
    and name != "bfloat16"
]


@pytest.mark.parametrize("dtype", FOREIGN, ids=str)
@pytest.mark.parametrize("name", oracle.NAMES)
def test_dtypes_of_others_are_refused(uf, name, dtype):
    function, foreign = getattr(uf, name), np.ones(3, dtype)
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
    for parameter in {oracle.PARAMETER.get(name)} - {None}:
        with pytest.raises(TypeError, match=message):
            function(*[np.ones(3, "f")] * (function.nin - 1), **{parameter: foreign})
    assert all((out == 77).all() for out in outs)


@pytest.mark.parametrize("dtype", FOREIGN, ids=str)
def test_dtypes_of_others_are_refused_by_methods(uf, dtype):
    foreign, x = np.ones(3, dtype), np.ones(3, "f")
    calls = {
        "relu": [lambda: uf.relu.at(foreign, [0])],
        "elu": [
            lambda: uf.elu.at(foreign, [0]),
            lambda: uf.elu.at(x, [0], foreign[:1]),
            lambda: uf.elu.outer(foreign),
            lambda: uf.elu.outer(x, foreign),
            lambda: uf.elu.reduce(foreign),
            lambda: uf.elu.accumulate(foreign),
            lambda: uf.elu.reduceat(foreign, [0]),
        ],
    }
    for name, made in calls.items():
        for made_call in made:
            with pytest.raises(TypeError, match=f"ufunc '{name}' is not defined for"):
                made_call()
    assert (x == 1).all()


@pytest.mark.parametrize("given", [bool, *(d for d in FOREIGN if "complex" not in d.name)], ids=str)
@pytest.mark.parametrize("name", oracle.FOR_INTEGERS)
def test_a_cast_that_is_asked_for_is_done(uf, name, given):
    """With dtype= or signature=, as by NumPy."""
    function = getattr(uf, name)
    inputs = [np.ones(3).astype(given)] * function.nin
    want = function(*(a.astype("f") for a in inputs))
    for keywords in ({"dtype": "f"}, {"signature": "f" * function.nin + "->f"}):
        for _ in range(2):
            assert_same_bits(function(*inputs, casting="unsafe", **keywords), want)
        with pytest.raises(TypeError):
            function(*inputs)


def test_gradient_of_mixed_dtypes(uf):
    assert uf.relu_backward(np.ones(3, f4), np.ones(3, i4)).dtype == f8
    assert uf.relu_backward(np.ones(3, f4), np.ones(3, f2)).dtype == f4
    assert uf.relu_backward(np.ones(3, u1), np.ones(3, i1)).dtype == i2
    assert uf.leaky_relu_backward(np.ones(3, f2), np.ones(3, f4)).dtype == f4


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
@pytest.mark.parametrize("name", oracle.NAMES)
def test_other_dtypes_raise_and_name_the_ufunc(uf, name, refused):
    function = getattr(uf, name)
    for at in range(function.nin):
        inputs = [np.float32(1)] * function.nin
        inputs[at] = REFUSED[refused]
        with pytest.raises(TypeError, match=rf"ufunc '{name}'"):
            function(*inputs)


@pytest.mark.parametrize("name", oracle.PARAMETER)
def test_parameters_of_other_dtypes_raise_by_keyword_too(uf, name):
    function = getattr(uf, name)
    for refused in REFUSED.values():
        with pytest.raises(TypeError, match=rf"ufunc '{name}'"):
            function(*[np.ones(3, "f")] * (function.nin - 1), **{oracle.PARAMETER[name]: refused})
