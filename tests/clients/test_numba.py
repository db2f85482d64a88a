"""Functions that numba compiles call the ufuncs: the same bits, types and errors as in Python."""

import numpy as np
import pytest
from processes import output, python

import relu_ufunc as ru

numba = pytest.importorskip("numba")

from numba.core.errors import TypingError  # noqa: E402

import relu_ufunc.numba as of_numba  # noqa: E402

njit = numba.njit
X = np.random.default_rng(0).normal(0, 3, (5, 7))


@pytest.fixture(scope="module", autouse=True)
def _told():
    """In an installed package, numba does this by itself."""
    of_numba.init()


@njit
def elu(x, alpha):
    return ru.elu(x, alpha=alpha)


@njit
def silu(x):
    return ru.silu(x)


@njit
def silu_into(x, y):
    return ru.silu(x, out=y)


@njit
def relu(x):
    return ru.relu(x)


@njit
def prelu(x, slope):
    return ru.prelu(x, slope)


@njit
def prelu_backward(dy, x, slope):
    return ru.prelu_backward(dy, x, slope)


def same(ours, theirs):
    return ours.dtype == theirs.dtype and ours.tobytes() == theirs.tobytes()


@pytest.mark.parametrize("name", ["gelu", "silu_backward", "swiglu", "swiglu_backward"])
def test_ufuncs_of_every_shape(name):
    ufunc = getattr(ru, name)
    names = ["a", "b", "c", "d"][: ufunc.nin]
    compiled = njit(eval(f"lambda {', '.join(names)}: ru.{name}({', '.join(names)})"))
    inputs = [X + i for i in range(ufunc.nin)]
    ours, theirs = ufunc(*inputs), compiled(*inputs)
    if ufunc.nout == 1:
        ours, theirs = [ours], [theirs]
    assert all(same(a, b) for a, b in zip(ours, theirs, strict=True))


@pytest.mark.parametrize("dtype", ["f4", "f8", "i1", "u8"])
def test_types(dtype):
    assert same(relu(X.astype(dtype)), ru.relu(X.astype(dtype)))


def test_types_are_promoted():
    assert same(prelu(X.astype("i4"), X.astype("f4")), ru.prelu(X.astype("i4"), X.astype("f4")))


def test_layouts():
    for x in (X, X.T, X[::-1, ::2], X[:0]):
        assert same(silu(x), ru.silu(x))


def test_broadcasting():
    x, slope = X.astype("f4"), np.arange(7, dtype="f4")
    assert same(prelu(x, slope), ru.prelu(x, slope))
    assert same(prelu(x[:, :1], slope), ru.prelu(x[:, :1], slope))
    dx, dslope = prelu_backward(x, x[:1], slope)
    wanted_dx, wanted_dslope = ru.prelu_backward(x, x[:1], slope)
    assert same(dx, wanted_dx)
    assert same(dslope, wanted_dslope)


def test_a_number_does_not_change_the_type_of_an_array():
    x = X.astype("f4")
    for alpha in (0.5, 2, np.float32(0.3)):
        assert same(elu(x, alpha), ru.elu(x, float(alpha)))


def test_numbers():
    for x in (-1.5, 2.0, np.float32(-1.5), -3):
        assert elu(x, 0.5) == ru.elu(x, 0.5)
        assert type(elu(x, 0.5)) is float
    assert elu(np.float32(-1.5), 1.0) == ru.elu(np.float32(-1.5))
    assert prelu_backward(1.0, -2.0, 0.5) == (0.5, -2.0)


def test_out_and_overlap():
    y = np.empty_like(X)
    assert silu_into(X, y).tobytes() == y.tobytes() == ru.silu(X).tobytes()
    shifted, wanted = np.arange(-9.0, 9.0), np.arange(-9.0, 9.0)
    silu_into(shifted[:-1], shifted[1:])
    ru.silu(wanted[:-1], out=wanted[1:])
    assert shifted.tobytes() == wanted.tobytes()


def test_errors():
    with pytest.raises(ValueError, match="broadcast"):
        prelu(X, np.ones(3))
    with pytest.raises(ValueError, match="shape"):
        silu_into(X, np.empty((2, 2)))
    for wrong in (
        lambda: silu_into(X, np.empty(X.shape, "f4")),
        lambda: silu(X + 1j),
        lambda: silu("abc"),
        lambda: prelu(X.astype("i1"), X.astype("i1")),  # of float16
        lambda: elu(X, None),
    ):
        with pytest.raises(TypingError):
            wrong()


def test_numba_finds_it_by_itself(tmp_path):
    """By the entry point of an installed package; what it cached runs in another process."""
    from importlib.metadata import entry_points

    if not [e for e in entry_points(group="numba_extensions") if "relu_ufunc" in e.value]:
        pytest.skip("a build that is not installed has no entry points")
    script = tmp_path / "layer.py"
    script.write_text(
        "import numba, numpy as np, relu_ufunc\n"
        "@numba.njit(cache=True)\n"
        "def layer(x): return relu_ufunc.elu(x, alpha=0.5)\n"
        "print(layer(np.array([-1.0])), bool(layer.stats.cache_hits))\n"
    )
    y = ru.elu(np.array([-1.0]), 0.5)
    printed = [output(python(str(script))) for _ in range(2)]
    assert printed == [f"{y} False", f"{y} True"]
