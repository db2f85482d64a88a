"""Operators of ONNX for its reference evaluator, computed by the ufuncs of this package.

>>> import numpy as np
>>> import relu_ufunc.onnx
>>> from onnx.helper import make_graph, make_model, make_node, make_opsetid, make_tensor_value_info
>>> from onnx.reference import ReferenceEvaluator
>>> x, y = (make_tensor_value_info(name, 1, [None]) for name in "xy")
>>> graph = make_graph([make_node("Elu", ["x"], ["y"], alpha=0.5)], "graph", [x], [y])
>>> model = make_model(graph, opset_imports=[make_opsetid("", 22)])
>>> evaluator = ReferenceEvaluator(model, new_ops=relu_ufunc.onnx.new_ops())
>>> evaluator.run(None, {"x": np.array([-np.inf, 2.0], np.float32)})
[array([-0.5,  2. ], dtype=float32)]
"""

import numpy as np

import relu_ufunc as ru

from ._extras import from_extra

with from_extra("onnx"):
    from onnx.reference.op_run import OpRun

__all__ = ["new_ops"]

# What the attributes of Selu are where a node does not say, in float32 as ONNX has them.
SELU_ALPHA, SELU_GAMMA = map(float, map(np.float32, (1.6732632423543772, 1.0507009873554805)))
CHANNELS_BY_SHAPE = 7  # the first opset in which PRelu's slope broadcasts as in NumPy


def _operator(name, ufunc, **attributes):
    """
    The class of an operator.

    Parameters
    ----------
    name : str
        Its name in ONNX.
    ufunc : callable
        What computes it: takes the inputs, and parameters by keyword.
    **attributes : str
        What ONNX calls the parameters.
    """

    def _run(self, *inputs, **given):
        # An attribute is a numpy.float32, which would turn float16 and bfloat16 into float32.
        parameters = {name: float(given[of]) for name, of in attributes.items()}
        return (np.asarray(ufunc(*inputs, **parameters)),)

    return type(name, (OpRun,), {"_run": _run, "__module__": __name__})


def _selu(x, alpha, gamma):
    """gamma * elu(x, alpha), rounded once to 16 bits; by `selu` where both are its own."""
    if (alpha, gamma) == (SELU_ALPHA, SELU_GAMMA):
        return ru.selu(x)
    y = ru.elu(x.astype(np.promote_types(x.dtype, np.float32), copy=False), alpha)
    return (y * gamma).astype(x.dtype, copy=False)


class Gelu(OpRun):
    def _run(self, x, approximate):
        return (np.asarray((ru.gelu_tanh if approximate == "tanh" else ru.gelu)(x)),)


class PRelu(OpRun):
    def _run(self, x, slope):
        """Floats and integers. Until opset 7 a slope is one for all, or one for each channel."""
        opset = self.run_params["opsets"].get("", CHANNELS_BY_SHAPE)
        if opset < CHANNELS_BY_SHAPE and slope.size > 1 and x.ndim > 1:
            slope = slope.reshape(-1, *[1] * (x.ndim - 2))
        if x.dtype.kind in "iu":
            return (np.where(x > 0, x, x * slope),)
        return (np.asarray(ru.prelu(x, slope)),)


_OPERATORS = [
    _operator("Celu", ru.celu, alpha="alpha"),
    _operator("Elu", ru.elu, alpha="alpha"),
    Gelu,
    _operator("HardSigmoid", ru.hardsigmoid, alpha="alpha", beta="beta"),
    _operator("HardSwish", ru.hardswish),
    _operator("LeakyRelu", ru.leaky_relu, negative_slope="alpha"),
    _operator("Mish", ru.mish),
    PRelu,
    _operator("Relu", ru.relu),
    _operator("Selu", _selu, alpha="alpha", gamma="gamma"),
    _operator("Sigmoid", ru.sigmoid),
    _operator("Softplus", ru.softplus),
    _operator("Swish", ru.silu, beta="alpha"),
    _operator("ThresholdedRelu", ru.thresholded_relu, theta="alpha"),
]


def new_ops():
    """
    Give the operators that this package computes, for ONNX's reference evaluator.

    They are Celu, Elu, Gelu (both), HardSigmoid, HardSwish, LeakyRelu, Mish, PRelu, Relu, Selu,
    Sigmoid, Softplus, Swish and ThresholdedRelu.

    Returns
    -------
    list of type
        Subclasses of ``onnx.reference.op_run.OpRun``, for the argument `new_ops` of
        ``onnx.reference.ReferenceEvaluator``.

    Notes
    -----
    The output has the dtype of the input: float16, bfloat16, float32, float64, and integers for
    Relu and PRelu. Attributes are float32 in ONNX: an alpha of 0.01 is 0.009999999776482582. A
    HardSigmoid whose alpha is the float32 nearest to 1/6 has that alpha.

    Examples
    --------
    >>> import relu_ufunc.onnx
    >>> sorted(op.__name__ for op in relu_ufunc.onnx.new_ops())[:4]
    ['Celu', 'Elu', 'Gelu', 'HardSigmoid']
    """
    return list(_OPERATORS)
