"""The gradients are the derivatives of the functions, and agree with one another."""

import numpy as np
import oracle
import pytest
from ml_dtypes import finfo
from samples import operands

from relu_ufunc.testing import assert_same_bits

RNG = np.random.default_rng(7)
# Not so near 0 that a finite difference would straddle the kink.
X = np.concatenate([RNG.uniform(-6, -1e-3, 300), RNG.uniform(1e-3, 6, 300)])
DY = RNG.standard_normal(X.size)
PARAMETERS = [0.01, 0.25, 1.0, 2.0, 0.0, -0.5]
PARAMETRIC = ["leaky_relu", "prelu", "elu"]


def central_difference(function, at, h=1e-5):
    return (function(at + h) - function(at - h)) / (2 * h)


def close(got, want):
    np.testing.assert_allclose(got, want, rtol=1e-8, atol=1e-8)


@pytest.fixture(params=[("relu", None), *((f, p) for f in PARAMETRIC for p in PARAMETERS)], ids=str)
def family(request, uf):
    """A function, its gradient, and its backward pass at one parameter: the ones for x if two."""
    name, parameter = request.param
    more = () if parameter is None else (parameter,)

    def call(suffix, *args):
        result = getattr(uf, name + suffix)(*args, *more)
        return result[0] if isinstance(result, tuple) else result

    return call


def test_gradient_is_the_slope_of_the_function(family):
    close(family("_grad", X), central_difference(lambda x: family("", x), X))


def test_backward_is_dy_times_the_gradient(family):
    close(family("_backward", DY, X), DY * family("_grad", X))


def test_backward_of_ones_is_the_gradient(family):
    assert_same_bits(family("_backward", np.ones_like(X), X), family("_grad", X))


@pytest.mark.parametrize("slope", PARAMETERS)
def test_gradient_with_respect_to_the_slope(uf, slope):
    slope = np.full_like(X, slope)
    difference = central_difference(lambda s: uf.prelu(X, s), slope)
    close(uf.prelu_grad(X, slope)[1], difference)
    close(uf.prelu_backward(DY, X, slope)[1], DY * difference)


@np.errstate(all="ignore")
def test_prelu_is_leaky_relu(uf):
    dy, x, slope = operands("prelu_backward", "f", 500)
    assert_same_bits(uf.prelu(x, slope), uf.leaky_relu(x, slope))
    assert_same_bits(uf.prelu_grad(x, slope)[0], uf.leaky_relu_grad(x, slope))
    assert_same_bits(uf.prelu_backward(dy, x, slope)[0], uf.leaky_relu_backward(dy, x, slope))


@pytest.mark.parametrize("dtype", oracle.DTYPES["relu_backward"])
def test_relu_backward_may_have_the_output_for_x(uf, dtype):
    dy, x = operands("relu_backward", dtype, 500)
    assert_same_bits(uf.relu_backward(dy, uf.relu(x)), uf.relu_backward(dy, x))


@np.errstate(all="ignore")
@pytest.mark.parametrize("slope", [0.0, -0.0, "tiny", 0.01, 1.0, 3.0, "max", np.inf])
@pytest.mark.parametrize("dtype", oracle.FLOATS)
def test_leaky_relu_backward_may_have_the_output_for_x(uf, dtype, slope):
    """Also where it over- or underflows, but not where it is NaN: -inf times 0, or 0 times inf."""
    numbers = {"tiny": finfo(dtype).smallest_subnormal, "max": finfo(dtype).max}
    slope = np.array(numbers.get(slope, slope), dtype)
    dy, x = operands("relu_backward", dtype, 500)
    y = uf.leaky_relu(x, slope)
    lost = np.isnan(y) & ~np.isnan(x)
    assert (x[lost] == (0 if slope == np.inf else -np.inf)).all()
    assert lost.any() == (slope in (0, np.inf))
    want = uf.leaky_relu_backward(dy, x, slope)
    got = uf.leaky_relu_backward(dy, y, slope)
    assert_same_bits(got[~lost], want[~lost])
    assert np.isnan(got[lost]).all()


def test_leaky_relu_backward_of_a_negative_slope_needs_the_input(uf):
    x, slope = -1.0, -0.5
    assert uf.leaky_relu_backward(1.0, x, slope) == slope
    assert uf.leaky_relu_backward(1.0, uf.leaky_relu(x, slope), slope) == 1


@pytest.mark.parametrize("alpha", [a for a in PARAMETERS if a >= 0])
def test_elu_backward_needs_only_the_output(uf, alpha):
    want = uf.elu_backward(DY, X, alpha)
    close(uf.elu_backward_from_output(DY, uf.elu(X, alpha), alpha), want)


def test_at_zero(uf):
    zeros = np.float32([0.0, -0.0])
    assert uf.relu_grad(zeros).tolist() == [0, 0]
    assert uf.leaky_relu_grad(zeros, 0.25).tolist() == [0.25, 0.25]
    assert uf.elu_grad(zeros, 0.25).tolist() == [0.25, 0.25]
    assert uf.prelu_grad(zeros, 0.25)[0].tolist() == [0.25, 0.25]
