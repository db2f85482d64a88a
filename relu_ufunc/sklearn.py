"""Multi-layer perceptrons of scikit-learn with our activations, and with more of them."""

from contextlib import ExitStack, contextmanager
from threading import Lock, local
from unittest.mock import patch

import relu_ufunc as ru

from ._extras import from_extra

with from_extra("sklearn"):
    import sklearn
    from sklearn.neural_network import MLPClassifier, MLPRegressor
    from sklearn.neural_network import _multilayer_perceptron as perceptron
    from sklearn.utils._param_validation import StrOptions

__all__ = ["accelerated"]

OLDEST, NEWEST = (1, 5), (1, 9)  # the versions of scikit-learn whose internals are those used here


class _Remembered(local):
    """What a thread keeps of a forward pass: the inputs of activations, the last layer's on top."""

    inputs = ()
    keeps = False


# An activation computes in place, and its derivative takes the output Z and changes delta. Where an
# output does not tell the derivative, the input is remembered.
_remembered = _Remembered()


def _relu_derivative(Z, delta):
    ru.relu_backward(delta, Z, out=delta)


def _leaky_relu_derivative(Z, delta):
    ru.leaky_relu_backward(delta, Z, out=delta)


def _elu_derivative(Z, delta):
    ru.elu_backward_from_output(delta, Z, out=delta)


def _in_place(ufunc):
    def activation(X):
        ufunc(X, out=X)

    return activation


def _remembering(ufunc):
    """An activation in place which keeps its input for the derivative, in a forward pass."""

    def activation(X):
        if _remembered.keeps:
            _remembered.inputs.append(X.copy())
        ufunc(X, out=X)

    def derivative(Z, delta):
        backward(delta, _remembered.inputs.pop(), out=delta)

    backward = ru.backward_of(ufunc)
    return activation, derivative


_silu, _silu_derivative = _remembering(ru.silu)
_gelu, _gelu_derivative = _remembering(ru.gelu)
_ACTIVATIONS = {
    "elu": _in_place(ru.elu),
    "gelu": _gelu,
    "leaky_relu": _in_place(ru.leaky_relu),
    "logistic": _in_place(ru.sigmoid),
    "relu": _in_place(ru.relu),
    "silu": _silu,
}
_DERIVATIVES = {
    "elu": _elu_derivative,
    "gelu": _gelu_derivative,
    "leaky_relu": _leaky_relu_derivative,
    "relu": _relu_derivative,
    "silu": _silu_derivative,
}


def _remember(forward_pass):
    """The forward pass of a training, which the derivatives follow, the last layer's first."""

    def remembering(self, activations):
        _remembered.inputs, _remembered.keeps = [], True
        try:
            return forward_pass(self, activations)
        finally:
            _remembered.keeps = False

    return remembering


class _Patches:
    """What is patched as long as anyone is inside `accelerated`, in whichever thread."""

    def __init__(self):
        self.lock, self.users, self.stack = Lock(), 0, ExitStack()

    def enter(self):
        with self.lock:
            if self.users == 0:
                _refuse_unknown()
                self.patch()
            self.users += 1

    def leave(self):
        with self.lock:
            self.users -= 1
            if self.users == 0:
                self.stack.close()

    def patch(self):
        base = perceptron.BaseMultilayerPerceptron
        allowed = StrOptions({*perceptron.DERIVATIVES, *_DERIVATIVES})
        dicts = [
            (perceptron.ACTIVATIONS, _ACTIVATIONS),
            (perceptron.DERIVATIVES, _DERIVATIVES),
            *((kind._parameter_constraints, {"activation": [allowed]}) for kind in _ESTIMATORS),
        ]
        for there, ours in dicts:
            self.stack.enter_context(patch.dict(there, ours))
        forward_pass = _remember(base._forward_pass)
        self.stack.enter_context(patch.object(base, "_forward_pass", forward_pass))


_ESTIMATORS = MLPClassifier, MLPRegressor
_patches = _Patches()


def _refuse_unknown():
    version = tuple(int(part) for part in sklearn.__version__.split(".")[:2])
    if not OLDEST <= version <= NEWEST:
        known = " to ".join(".".join(map(str, v)) for v in (OLDEST, NEWEST))
        raise RuntimeError(
            f"relu_ufunc.sklearn changes the inside of scikit-learn, knows that of versions {known}"
            f", and this is {sklearn.__version__}"
        )


@contextmanager
def accelerated():
    """
    Have the multi-layer perceptrons of scikit-learn use our activations, and take more of them.

    A context manager, and a decorator. Inside, ``MLPClassifier`` and ``MLPRegressor`` compute the
    activations relu and logistic, and the derivative of relu, by this package, in place; and they
    take four more: ``activation="elu"``, ``"leaky_relu"``, ``"silu"`` and ``"gelu"``.

    Raises
    ------
    RuntimeError
        If the inside of this version of scikit-learn is not known.

    Notes
    -----
    With relu, the weights after a training have the same bits. An estimator with one of the four is
    to be fitted and used inside. It holds in all threads of the process, but not in the processes
    that joblib starts (``n_jobs``). ``silu`` and ``gelu`` keep a copy of each layer's input in
    training, as their outputs do not tell the derivatives.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.neural_network import MLPRegressor
    >>> from relu_ufunc.sklearn import accelerated
    >>> x = np.linspace(-1, 1, 64)[:, np.newaxis]
    >>> with accelerated():
    ...     model = MLPRegressor(activation="gelu", random_state=0, max_iter=2000).fit(x, x[:, 0])
    ...     bool(model.score(x, x[:, 0]) > 0.9)
    True
    """
    _patches.enter()
    try:
        yield
    finally:
        _patches.leave()
