"""relu_ufunc.autograd: the ufuncs' own values and first derivatives, and more of them."""

import numpy as np
import pytest
from cases import case, in_turn
from oracle import NAMES, OPERANDS

pytest.importorskip("autograd")

from autograd import elementwise_grad, grad
from autograd.test_util import check_grads

import relu_ufunc
import relu_ufunc.autograd as ru
from relu_ufunc._families import families
from relu_ufunc.testing import assert_same_bits

VALUES = {"alpha": 0.7, "beta": 1.3, "negative_slope": 0.1, "slope": 0.2, "max_value": 1.1}
VALUES |= {"theta": 0.4}


@pytest.fixture(autouse=True)
def directions():
    """Those that check_grads tries are the same in each run."""
    np.random.seed(0)  # noqa: NPY002


def inputs_of(name, shapes=((2, 1, 3), (2, 1), (3,))):
    """Away from kinks: of x, and of sums of inputs."""
    at = [-2.3, 0.9, 2.1, -0.4, 1.7, -1.2]
    given = []
    for i, operand in enumerate(OPERANDS[name]):
        shape = shapes[i % len(shapes)]
        n = int(np.prod(shape))
        value = VALUES.get(operand)
        given.append(
            np.reshape(np.roll(at, i)[:n] + 0.01 * i, shape)
            if value is None
            else np.full(shape, value)
        )
    return given


@in_turn("name", families())
def test_derivatives_of_first_and_second_order(name):
    """By all inputs at once, each of another shape, both ways."""
    given = inputs_of(name)
    check_grads(getattr(ru, name), modes=["fwd", "rev"], order=2)(*given)


@in_turn("name", [name for name in NAMES if name not in families()])
def test_derivatives_are_differentiable(name):
    given = inputs_of(name)
    outputs = getattr(relu_ufunc, name).nout
    for i in range(outputs):
        f = getattr(ru, name) if outputs == 1 else lambda *a, i=i: getattr(ru, name)(*a)[i]
        check_grads(f, modes=["rev"], order=1)(*given)


@in_turn("name", NAMES)
def test_values_are_those_of_the_ufuncs(name):
    given = [np.float32(a) for a in inputs_of(name)]
    ufunc = getattr(relu_ufunc, name)
    got, want = getattr(ru, name)(*given), ufunc(*given)
    for a, b in zip(*(r if isinstance(r, tuple) else (r,) for r in (got, want)), strict=True):
        assert_same_bits(np.asarray(a), np.asarray(b))


@in_turn("name", families())
def test_first_derivatives_are_those_of_backward(name):
    x = np.float32(np.random.default_rng(0).standard_normal(100))
    backward = relu_ufunc.backward_of(getattr(relu_ufunc, name))
    parameters = [np.full(100, VALUES.get(o, 0.5), "f") for o in OPERANDS[name][1:]]
    got = elementwise_grad(getattr(ru, name))(x, *parameters)
    want = backward(np.ones_like(x), x, *parameters)
    assert_same_bits(got, want[0] if isinstance(want, tuple) else want)


@pytest.mark.filterwarnings("ignore:overflow", "ignore:invalid", "ignore:divide")
@in_turn("name", families())
def test_tails_have_no_nan(name):
    """Where formulas have infinity times 0; the second derivative of a square alone is not 0."""
    f = getattr(ru, name)
    parameters = [VALUES.get(o, 0.5) for o in OPERANDS[name][1:]]
    for dtype in "fd":
        x = np.array([-1e4, -300, 300, 1e4], dtype)
        with case(dtype):
            second = elementwise_grad(elementwise_grad(f))(x, *parameters)
            assert second.dtype == dtype
            square = {"relu_squared": [0, 0, 2, 2]}
            np.testing.assert_allclose(second, square.get(name, [0] * 4), atol=1e-60)


def test_dtypes_and_shapes_of_gradients_are_those_of_the_inputs():
    x = np.float32(np.random.default_rng(0).standard_normal((4, 5)))
    alpha = np.float32([0.5])

    def loss(x, alpha):
        return ru.elu(x, alpha=alpha).sum()

    for i, a in enumerate((x, alpha)):
        gradient = grad(loss, i)(x, alpha)
        assert gradient.shape == a.shape and gradient.dtype == a.dtype
    assert isinstance(grad(lambda a: ru.elu(-1.0, a))(0.5), float)


def test_the_names_are_those_of_the_package():
    for name in relu_ufunc.__all__:
        assert hasattr(ru, name)
    assert ru.get_isa is relu_ufunc.get_isa
    with pytest.raises(TypeError, match=r"relu_ufunc\.autograd\.elu: "):
        ru.elu(np.ones(2), out=np.ones(2))
    with pytest.raises(AttributeError):
        ru.nonsense  # noqa: B018
