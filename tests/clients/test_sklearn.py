"""relu_ufunc.sklearn: perceptrons with our activations, of which relu's keep every bit."""

import threading
from inspect import signature

import numpy as np
import pytest

sklearn = pytest.importorskip("sklearn")

from sklearn.base import clone  # noqa: E402
from sklearn.neural_network import MLPClassifier, MLPRegressor  # noqa: E402
from sklearn.neural_network import _multilayer_perceptron as perceptron  # noqa: E402

import relu_ufunc as ru  # noqa: E402
from relu_ufunc.sklearn import accelerated  # noqa: E402
from relu_ufunc.testing import assert_same_bits  # noqa: E402

FUNCTIONS = {"elu": ru.elu, "leaky_relu": ru.leaky_relu, "silu": ru.silu, "gelu": ru.gelu}
pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


def data(dtype="d"):
    rng = np.random.default_rng(0)
    x = rng.standard_normal((300, 12)).astype(dtype)
    return x, (x[:, 0] * x[:, 1] > 0).astype(int) + (x[:, 2] > 1)


def fitted(kind=MLPClassifier, dtype="d", **options):
    x, y = data(dtype)
    options = {"hidden_layer_sizes": (30, 20), "max_iter": 15, "random_state": 0} | options
    return kind(**options).fit(x, y if kind is MLPClassifier else x[:, 0])


def weights(model):
    return (*model.coefs_, *model.intercepts_)


@pytest.mark.parametrize("kind", [MLPClassifier, MLPRegressor])
@pytest.mark.parametrize("dtype", "fd")
@pytest.mark.parametrize("solver", ["adam", "lbfgs"])
def test_the_weights_of_relu_keep_every_bit(kind, dtype, solver):
    plain = fitted(kind, dtype, solver=solver)
    with accelerated():
        ours = fitted(kind, dtype, solver=solver)
        x, _ = data(dtype)
        predicted = ours.predict(x)
    assert_same_bits(weights(ours), weights(plain))
    assert_same_bits(predicted, plain.predict(x))


def test_logistic_is_near():
    plain = fitted(activation="logistic")
    with accelerated():
        ours = fitted(activation="logistic")
    for a, b in zip(weights(ours), weights(plain), strict=True):
        np.testing.assert_allclose(a, b, 1e-9, 1e-9)


def loss_and_gradient(model, x, y, packed):
    """As its solver asks for them, with all weights in one vector."""
    layers = len(model.coefs_)
    weighted = "sample_weight" in signature(model._loss_grad_lbfgs).parameters  # not in old ones
    activations, *lists = ([None] * n for n in (layers, layers, layers, layers))
    given = [x, y, *[None] * weighted, [x, *activations], *lists]
    return model._loss_grad_lbfgs(packed, *given)


@pytest.mark.parametrize("activation", FUNCTIONS)
def test_derivatives_of_the_new_activations_are_those_of_the_loss(activation):
    """By finite differences, through two hidden layers."""
    x, _ = data()
    y, rng = x[:, :1], np.random.default_rng(1)
    with accelerated():
        model = fitted(MLPRegressor, activation=activation, solver="lbfgs", max_iter=2)
        packed = np.concatenate([w.ravel() for w in weights(model)])
        _, gradient = loss_and_gradient(model, x, y, packed)
        step = rng.standard_normal(packed.shape)
        there, back = (loss_and_gradient(model, x, y, packed + h * step)[0] for h in (1e-6, -1e-6))
        np.testing.assert_allclose(gradient @ step, (there - back) / 2e-6, rtol=1e-5)


@pytest.mark.parametrize("activation", FUNCTIONS)
def test_a_prediction_is_what_the_weights_say(activation):
    with accelerated():
        model = fitted(MLPRegressor, activation=activation, early_stopping=True)
        assert model.loss_curve_[-1] < model.loss_curve_[0]
        (w1, w2, w3), (b1, b2, b3) = model.coefs_, model.intercepts_
        f, (x, _) = FUNCTIONS[activation], data()
        want = f(f(x @ w1 + b1) @ w2 + b2) @ w3 + b3
        np.testing.assert_allclose(model.predict(x), want.ravel(), 1e-12)


def test_everything_is_as_before_outside():
    before = dict(perceptron.ACTIVATIONS), dict(perceptron.DERIVATIVES)
    forward_pass = perceptron.BaseMultilayerPerceptron._forward_pass
    with pytest.raises(ZeroDivisionError), accelerated():
        with accelerated():
            pass
        assert perceptron.ACTIVATIONS["relu"] is not before[0]["relu"]
        raise ZeroDivisionError
    assert before == (perceptron.ACTIVATIONS, perceptron.DERIVATIVES)
    assert perceptron.BaseMultilayerPerceptron._forward_pass is forward_pass
    with pytest.raises(ValueError, match="activation"):
        fitted(activation="elu")


def test_it_is_a_decorator():
    assert accelerated()(fitted)(activation="silu").n_iter_ == 15


def test_threads_that_come_and_go():
    """It holds until the last has left, and each remembers its own inputs."""
    want = [accelerated()(fitted)(activation="gelu", random_state=i) for i in range(4)]
    got = [None] * 4
    begin = threading.Barrier(4)

    def work(i):
        begin.wait()
        with accelerated():
            got[i] = fitted(activation="gelu", random_state=i)

    threads = [threading.Thread(target=work, args=(i,)) for i in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for a, b in zip(got, want, strict=True):
        assert_same_bits(weights(a), weights(b))
    assert "elu" not in perceptron.ACTIVATIONS


def test_versions_that_are_not_known_are_refused(monkeypatch):
    for version in ("1.4.2", "1.99.0", "2.0.dev0"):
        monkeypatch.setattr(sklearn, "__version__", version)
        with pytest.raises(RuntimeError, match=rf"versions 1\.5 to 1\.9, and this is {version}"):
            accelerated().__enter__()
    assert "elu" not in perceptron.ACTIVATIONS


def test_estimators_can_be_cloned():
    with accelerated():
        assert clone(MLPClassifier(activation="elu")).activation == "elu"
