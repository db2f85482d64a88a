"""Which dtypes go in, and which come out."""

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


@pytest.mark.parametrize("name", oracle.FOR_INTEGERS)
def test_bool_becomes_the_smallest_integer(uf, name):
    function = getattr(uf, name)
    out = function(*[np.array([False, True])] * function.nin)
    assert_same_bits(out, np.array([0, 1], np.int8))


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
