"""vjp: the gradients of every function with respect to every input, each of its input's shape."""

import pickle
from inspect import signature

import mpmath
import numpy as np
import oracle
import pytest
from cases import case, in_turn
from oracle import FLOATS, OPERANDS

import relu_ufunc
from relu_ufunc import backward_of, grad_of, vjp
from relu_ufunc._families import families
from relu_ufunc.testing import assert_same_bits

FUNCTIONS = [getattr(relu_ufunc, name) for name in families()]
VALUES = {"alpha": 0.7, "beta": 1.3, "negative_slope": 0.1, "slope": 0.2, "max_value": 1.1}
VALUES |= {"theta": 0.4}


def inputs_of(f, shape, dtype="d", seed=0):
    """Numbers near 1, away from all kinks, and parameters that vary a little."""
    rng = np.random.default_rng(seed)
    names = OPERANDS[f.__name__]
    grid = rng.permutation(np.arange(0, 2 * np.prod(shape), 2) + 1.0).reshape(shape)
    x = grid / grid.max() * 5 - 2.5
    return [
        (VALUES[n] * (1 + 0.01 * rng.random(shape)) if n in VALUES else np.roll(x, i)).astype(dtype)
        for i, n in enumerate(names)
    ]


def test_families_are_those_of_the_declarations():
    derivatives = [n for n in oracle.NAMES if n not in families()]
    found = []
    for name, family in families().items():
        assert family.backward is not None, name
        for ufunc in (family.grad, family.backward, family.backward_from_output):
            if ufunc is not None:
                found.append(ufunc.__name__)
                assert ufunc.__name__.startswith(name)  # as all names here happen to
        assert backward_of(family.function) is family.backward
    assert sorted(found) == sorted(derivatives)
    assert grad_of(relu_ufunc.prelu) is relu_ufunc.prelu_grad


@pytest.mark.parametrize("find", [vjp, backward_of, grad_of])
def test_what_is_no_function_is_refused(find):
    with pytest.raises(TypeError, match="elu_grad is a derivative itself"):
        find(relu_ufunc.elu_grad)
    for other in (np.exp, abs, "elu", None):
        with pytest.raises(TypeError, match="no function of relu_ufunc"):
            find(other)


def test_functions_of_two_inputs_have_no_derivative_alone():
    with pytest.raises(TypeError, match=r"backward_of\(swiglu\) gives its gradients"):
        grad_of(relu_ufunc.swiglu)


@in_turn("f", FUNCTIONS)
def test_gradients_are_those_of_finite_differences(f):
    """With respect to every input, each broadcast from another shape, parameters included."""
    rng, h = np.random.default_rng(1), 1e-6
    shapes = [(4, 1, 5), (3, 1), (5,)]
    given = [inputs_of(f, shapes[i])[i] for i in range(f.nin)]
    dy = rng.standard_normal(np.broadcast_shapes(*(a.shape for a in given)))
    gradients = vjp(f)(dy, *given)
    assert len(gradients) == f.nin
    for i, (gradient, a) in enumerate(zip(gradients, given, strict=True)):
        assert gradient.shape == a.shape and gradient.dtype == a.dtype
        step = rng.standard_normal(a.shape)
        there, back = (f(*given[:i], a + s * step, *given[i + 1 :]) for s in (h, -h))
        error = np.sum(gradient * step) - np.sum(dy * (there - back)) / (2 * h)
        assert abs(error) < 1e-6 * np.linalg.norm(dy), f"{OPERANDS[f.__name__][i]}"


EXACT = {  # the functions of x and one parameter, whose derivatives take thought
    "elu": lambda x, a: x if x > 0 else a * mpmath.expm1(x),
    "celu": lambda x, a: x if x > 0 else a * mpmath.expm1(x / a),
    "silu": lambda x, b: x / (1 + mpmath.exp(-b * x)),
    "softplus": lambda x, b: mpmath.log1p(mpmath.exp(b * x)) / b,
}


@in_turn("name", EXACT)
def test_derivatives_by_parameters_are_near_the_exact_ones(name):
    """float64 within some units, for x and parameters of all sizes; float32 rounded once."""
    rng = np.random.default_rng(2)
    size = 250
    x = rng.standard_normal(size) * 10.0 ** rng.integers(-6, 3, size)
    parameter = rng.choice([-1, 1], size) * 10 ** rng.uniform(-1, 0.3, size)
    x = np.where(np.abs(x * np.maximum(abs(parameter), 1 / abs(parameter))) < 600, x, -1.5)
    _, got = vjp(getattr(relu_ufunc, name))(np.ones(size), x, parameter)
    with mpmath.workdps(80):
        want = [
            float(mpmath.diff(lambda p, at=a: EXACT[name](at, p), p, h=mpmath.mpf(10) ** -40))
            for a, p in zip(map(mpmath.mpf, x), map(mpmath.mpf, parameter), strict=True)
        ]
    np.testing.assert_allclose(got, want, rtol=8 * 2.0**-52, atol=1e-300)
    x, parameter = x.astype("f"), parameter.astype("f")
    with np.errstate(over="ignore"):
        _, got = vjp(getattr(relu_ufunc, name))(np.ones(size, "f"), x, parameter)
        _, wide = vjp(getattr(relu_ufunc, name))(np.ones(size), *map(np.float64, (x, parameter)))
        assert_same_bits(got, wide.astype("f"))


@pytest.mark.filterwarnings("ignore:overflow")
def test_derivatives_by_parameters_have_limits():
    infinities = np.array([-np.inf, np.inf])
    for name, want in {
        "elu": [-1, 0],
        "celu": [-1, 0],
        "silu": [0, 0],
        "softplus": [0, 0],
        "leaky_relu": [-np.inf, 0],
        "thresholded_relu": [0, 0],
        "hardsigmoid": [0, 0],
    }.items():
        f = getattr(relu_ufunc, name)
        got = vjp(f)(np.ones(2), infinities, *[np.full(2, 0.5)] * (f.nin - 1))[1]
        np.testing.assert_array_equal(got, want, err_msg=name)


@in_turn("f", FUNCTIONS)
def test_a_nan_is_passed_on_and_the_branch_not_taken_is_not_seen(f):
    given = inputs_of(f, (3,))
    given[0][0] = np.nan
    for gradient in vjp(f)(np.ones(3), *given):
        assert np.isnan(gradient).tolist() == [True, False, False]
    kinks = {"leaky_relu", "prelu", "elu", "celu", "clipped_relu", "hardsigmoid"}
    if f.__name__ in kinks:
        x = np.array([1.0 if f.__name__ != "hardsigmoid" else 30.0])
        parameters = [np.array([2.0])] * (f.nin - 1)
        for gradient in vjp(f)(np.array([np.inf]), x, *parameters)[1:]:
            assert gradient == 0


@in_turn("f", FUNCTIONS)
def test_dtypes_are_kept(f):
    for dtype in FLOATS:
        with case("", dtype):
            given = inputs_of(f, (6,), dtype)
            dy = np.ones(6, dtype)
            for inputs in (given, [given[0], *[1.0] * (f.nin - 1)]):
                for gradient in vjp(f)(dy, *inputs):
                    assert gradient.dtype == dy.dtype


def test_integers_wrap_and_keep_their_type():
    x = np.full((3, 100), 100, np.int8)
    dy, ceiling = np.ones_like(x), np.full(100, 7, np.int8)
    dx, dceiling = vjp(relu_ufunc.clipped_relu)(dy, x, ceiling)
    assert dx.dtype == dceiling.dtype == np.int8
    assert dceiling.tolist() == [3] * 100 and not dx.any()
    (dx,) = vjp(relu_ufunc.relu)(dy * np.int8(2), np.int8(5) + np.zeros((3, 100), np.int8))
    assert (dx == 2).all()
    big = np.full(256, 2**53 + 1)
    _, dother = vjp(relu_ufunc.add_relu)(big, np.ones_like(big), np.int64(1))
    assert dother == (2**53 + 1) << 8 and dother.dtype == np.int64


def test_a_gradient_for_each_input_that_is_given():
    x, dy = np.array([-1.0, 2.0]), np.ones(2)
    assert len(vjp(relu_ufunc.elu)(dy, x)) == 1
    assert len(vjp(relu_ufunc.elu)(dy, x, alpha=0.5)) == 2
    dx, dbeta = vjp(relu_ufunc.hardsigmoid)(dy, x, beta=0.25)
    assert_same_bits(dx, relu_ufunc.hardsigmoid_backward(dy, x, beta=0.25))
    assert dbeta == 2
    for wrong in ((dy,), (dy, x, 1.0, 2.0)):
        with pytest.raises(TypeError, match="elu_vjp: "):
            vjp(relu_ufunc.elu)(*wrong)


@in_turn("f", FUNCTIONS)
def test_what_is_not_summed_is_what_backward_gives(f):
    given = inputs_of(f, (7, 5000), "f")
    dy = np.random.default_rng(3).standard_normal((7, 5000), np.float32)
    want = backward_of(f)(dy, *given)
    got = vjp(f)(dy, *given)
    for gradient, full in zip(got, want if isinstance(want, tuple) else (want,), strict=False):
        assert_same_bits(gradient, full)


@in_turn("f", FUNCTIONS)
def test_plain_arrays_of_one_shape_are_served_alike(f):
    """They take a shorter way."""
    needed = sum(p.default is p.empty for p in signature(f).parameters.values())
    for dtype in FLOATS:
        for shape in ((6,), ()):
            with case(dtype, shape):
                dy, given = np.full(shape, 3, dtype), inputs_of(f, shape, dtype)
                given = [np.asarray(a) for a in given]
                want = vjp(f)(dy.view(np.memmap), *given[:needed])
                assert_same_bits(vjp(f)(dy, *given[:needed]), want)


def test_the_output_may_be_given_for_x():
    x, dy = np.random.default_rng(4).standard_normal((2, 1000))
    x[:3] = 0, -0.0, np.nan
    for f, *parameters in (
        (relu_ufunc.relu,),
        (relu_ufunc.thresholded_relu, 0.0),
        (relu_ufunc.thresholded_relu, 0.5),
    ):
        y = f(x, *parameters)
        want = vjp(f)(dy, x, *parameters)
        assert_same_bits(vjp(f)(dy, y, *parameters), want)
    y = relu_ufunc.leaky_relu(x, 0.25)
    dx, dslope = vjp(relu_ufunc.leaky_relu)(dy, x, 0.25)
    got, other = vjp(relu_ufunc.leaky_relu)(dy, y, 0.25)
    assert_same_bits(got, dx)
    assert np.isnan(dslope) and np.isnan(other)


def test_dy_of_another_shape_and_shapes_that_do_not_broadcast_are_refused():
    for f in (relu_ufunc.relu, relu_ufunc.elu):
        with pytest.raises(ValueError, match=rf"{f.__name__}_vjp: dy has shape \(2,\)"):
            vjp(f)(np.ones(2), np.ones(3))
    with pytest.raises(ValueError, match=r"glu_vjp: gate .* broadcast"):
        vjp(relu_ufunc.glu)(np.ones(2), np.ones(3), np.ones(2))


def test_what_has_rules_of_its_own_is_refused():
    masked = np.ma.array([1.0, 2.0], mask=[True, False])
    with pytest.raises(TypeError, match=r"elu_vjp: x is a .*MaskedArray"):
        vjp(relu_ufunc.elu)(np.ones(2), masked)


def test_it_is_a_function_that_pickles():
    elu_vjp = vjp(relu_ufunc.elu)
    assert pickle.loads(pickle.dumps(elu_vjp)) is elu_vjp is vjp(relu_ufunc.elu)
    assert elu_vjp.__name__ == "elu_vjp" and repr(elu_vjp) == "<relu_ufunc.vjp of elu>"
