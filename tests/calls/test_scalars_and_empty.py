"""No axes, and no elements."""

import numpy as np
import oracle
import pytest
from cases import in_turn
from kinds import LOOPS_AND_DTYPES, SIGNATURES_AND_DTYPES, each_signature

import relu_ufunc as ru
from relu_ufunc.testing import as_tuple, assert_same_bits


@in_turn("name, dtype", SIGNATURES_AND_DTYPES)
def test_no_axes_give_numpy_scalars(name, dtype):
    function = getattr(ru, name)
    kind = np.dtype(dtype).type
    want = tuple(out[0] for out in as_tuple(function(*[np.ones(1, dtype)] * function.nin)))
    for one in (kind(1), np.ones((), dtype)):
        got = as_tuple(function(*[one] * function.nin))
        assert all(type(g) is type(w) for g, w in zip(got, want, strict=True))
        assert_same_bits(got, want)


@each_signature
@np.errstate(invalid="ignore")  # elu_backward_from_output takes no negative alpha
def test_python_numbers(name):
    function = getattr(ru, name)
    for got in as_tuple(function(*[-1.5] * function.nin)):
        assert type(got) is np.float64
    for got in as_tuple(function(*[2] * function.nin)):
        assert type(got) is (np.int64 if name in oracle.FOR_INTEGERS else np.float64)


def test_lists_and_nested_lists():
    assert ru.relu([-1.0, 2.0]).tolist() == [0, 2]
    assert ru.leaky_relu([[-1.0], [2.0]], [1, 2]).tolist() == [[-1, -2], [2, 2]]


def test_out_without_axes_stays_an_array():
    out = np.empty((), "f")
    assert ru.relu(np.float32(3), out=out) is out
    assert ru.elu(np.float32(3), out=out) is out
    assert out == 3


@pytest.mark.skipif(
    np.lib.NumpyVersion(np.__version__) < "2.3.0", reason="out=... came with NumPy 2.3"
)
def test_out_ellipsis_asks_for_an_array():
    for got in (ru.relu(-1.0, out=...), ru.elu(0.0, out=...), ru.elu(0.0, alpha=2, out=...)):
        assert type(got) is np.ndarray and got.shape == () and got == 0


EMPTY = [
    # x     parameter  result
    ((0,), (), (0,)),
    ((0,), (1,), (0,)),
    ((0,), (0,), (0,)),
    ((1,), (0,), (0,)),
    ((0, 3), (3,), (0, 3)),
    ((3, 0), (3, 1), (3, 0)),
    ((3, 0, 2), (2,), (3, 0, 2)),
    ((4, 1), (0,), (4, 0)),
]


@in_turn("name, dtype", LOOPS_AND_DTYPES)
def test_no_elements(uf, name, dtype):
    function = getattr(uf, name)
    for x, parameter, result in EMPTY:
        parameters = [parameter] * len(oracle.PARAMETERS[name])
        shapes = [x] * (function.nin - len(parameters)) + parameters
        result = result if parameters else x
        for got in as_tuple(function(*(np.ones(shape, dtype) for shape in shapes))):
            assert got.shape == result
            assert got.dtype == np.dtype(dtype)


def test_no_elements_into_out():
    out = np.empty((0, 3), "f")
    assert ru.relu(np.empty((0, 3), "f"), out=out) is out
    assert ru.elu(np.empty((0, 3)), out=out) is out
    with pytest.raises(ValueError, match="broadcast"):
        ru.elu(np.empty((0, 3), "f"), out=np.empty((3, 2), "f"))
