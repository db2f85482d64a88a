"""The functions of this package for HIPS autograd: the same names, differentiable to any order.

>>> import autograd.numpy as np
>>> import relu_ufunc.autograd as ru
>>> from autograd import elementwise_grad
>>> x = np.array([-1.0, 2.0])
>>> elementwise_grad(ru.elu)(x)
array([0.36787944, 1.        ])
>>> elementwise_grad(elementwise_grad(ru.elu))(x)
array([0.36787944, 0.        ])

Values and first derivatives are those of the ufuncs. Second and higher ones autograd finds in the
formula that a function is declared with, in float64. Exponentials are cut off there at exp(200):
beyond, a derivative that is below 1e-80 is 0, and none is NaN. What is no ufunc is the package's.
"""

from functools import cache, partial
from inspect import Signature

import numpy

import relu_ufunc

from ._extras import from_extra
from ._families import families
from ._relu_ufunc import KERNELS
from ._signatures import inputs_of, operands, outputs
from ._vjp import broadcast, vjp

with from_extra("autograd"):
    import autograd.numpy as np
    from autograd import elementwise_grad
    from autograd.core import make_jvp, make_vjp
    from autograd.extend import defjvp, defjvp_argnum, defvjp, defvjp_argnum, primitive
    from autograd.numpy.numpy_vjps import unbroadcast, unbroadcast_f
    from scipy import special

__all__ = [kernel.name for kernel in KERNELS]

MOST = 200.0  # third powers of its exponential are float64 numbers


def _cut(x):
    return np.clip(x, -MOST, MOST)


_erfc = primitive(special.erfc)  # autograd's own has no forward mode
_erfc_slope = -2 / numpy.sqrt(numpy.pi)
defvjp(_erfc, lambda result, x: lambda g: g * _erfc_slope * np.exp(-x * x))
defjvp(_erfc, lambda v, result, x: v * _erfc_slope * np.exp(-x * x))

# The words of the formulas, as autograd knows them.
_WORDS = {
    **{
        n: getattr(np, n)
        for n in ["clip", "log1p", "maximum", "minimum", "pi", "sqrt", "square", "where"]
    },
    "erfc": _erfc,
    "exp": lambda x: np.exp(_cut(x)),
    "expm1": lambda x: np.expm1(_cut(x)),
    "tanh": lambda x: np.tanh(_cut(x)),
}


@cache
def _formula(name, output=0):
    """An output of a kernel as a function of its inputs that autograd can look into."""
    [kernel] = [kernel for kernel in KERNELS if kernel.name == name]
    text = [*outputs(kernel).values()][output]
    formula = eval(f"lambda {', '.join(operands(kernel))}: {text}", _WORDS)

    def of(*inputs):
        """Of arrays of one shape, in float64."""
        return formula(*(_cast(a, numpy.float64) for a in inputs))

    return of


def _shape(*inputs):
    shape = ()
    for a in inputs:
        shape = broadcast(shape, numpy.shape(a))
    return shape


@primitive
def _spread(a, shape):
    """As np.broadcast_to, which autograd differentiates for some shapes only."""
    return numpy.broadcast_to(a, shape)


defvjp(_spread, lambda result, a, shape: unbroadcast_f(a, lambda g: g))
defjvp(_spread, lambda v, result, a, shape: _spread(v, shape))


@primitive
def _cast(a, dtype):
    """As astype, of which autograd has no forward mode."""
    return numpy.asarray(a, dtype)[()]


defvjp(_cast, lambda result, a, dtype: lambda g: _cast(g, np.metadata(a)[2]))
defjvp(_cast, lambda v, result, a, dtype: _cast(v, dtype))


def _of(a, value):
    """The value, such that autograd sees it depend on `a`, if only in name: else it warns."""
    shape = np.shape(value)
    return np.where(numpy.zeros(shape, bool), _spread(a, shape), value)


def _to(target, gradient):
    """The gradient summed to the shape of the target, and in its dtype."""
    _, _, dtype, _ = of_target = np.metadata(target)
    return _cast(unbroadcast(gradient, of_target), dtype)


class _Input:
    """dy times the derivative with respect to an input, elementwise: linear in dy.

    `product` is the primitive of it, and has derivatives itself: with respect to dy it is the same
    again, with respect to an input those of the formula.
    """

    def __init__(self, function, index):
        self.index, self.name = index, inputs_of(function)[index].name
        self.vjp, self.formula = vjp(function), _formula(function.__name__)
        self.product = primitive(self.value)
        self.product.__name__ = f"{function.__name__}_by_{self.name}"
        defvjp_argnum(self.product, self.vjp_of_product)
        defjvp_argnum(self.product, self.jvp_of_product)

    def value(self, dy, *inputs):
        shape = _shape(dy, *inputs)
        dy, *inputs = (numpy.broadcast_to(a, shape) for a in (dy, *inputs))
        return self.vjp.gradients(dy, inputs, [self.name])[0]

    def by_formula(self, dy, *inputs):
        shape = _shape(dy, *inputs)
        dy, *inputs = (_spread(a, shape) for a in (dy, *inputs))
        return dy * elementwise_grad(self.formula, self.index)(*inputs)

    def of_one(self, at, args):
        """The product as a function of one of its inputs."""
        return lambda a: _of(a, self.by_formula(*args[:at], a, *args[at + 1 :]))

    def vjp_of_product(self, at, result, args, kwargs):
        dy, *inputs = args
        if at == 0:
            return lambda c: _to(dy, self.product(c, *inputs))
        return lambda c: _to(args[at], make_vjp(self.of_one(at, args), args[at])[0](c))

    def jvp_of_product(self, at, v, result, args, kwargs):
        if at == 0:
            return self.product(v, *args[1:])
        return make_jvp(self.of_one(at, args), args[at])(v)[1]


def _named(ufunc, inputs_to_value):
    """A function that takes what the ufunc does, but for out and the like."""
    signature = Signature(inputs_of(ufunc))

    def function(*args, **kwargs):
        try:
            bound = signature.bind(*args, **kwargs)
        except TypeError as error:
            raise TypeError(f"relu_ufunc.autograd.{ufunc.__name__}: {error}") from None
        bound.apply_defaults()
        return inputs_to_value(*bound.arguments.values())

    function.__name__ = function.__qualname__ = ufunc.__name__
    function.__signature__ = signature
    function.__doc__ = ufunc.__doc__
    return function


def _function(ufunc, inputs):
    """The function itself, with derivatives with respect to all inputs."""
    value = primitive(partial(ufunc))
    value.__name__ = ufunc.__name__
    defvjp_argnum(
        value,
        lambda at, result, args, kwargs: lambda dy: _to(args[at], inputs[at].product(dy, *args)),
    )
    defjvp_argnum(value, lambda at, v, result, args, kwargs: inputs[at].product(v, *args))
    return value


def _by_formula(ufunc):
    """A ufunc whose derivatives are those of its formula."""
    value, formula = primitive(partial(ufunc)), _formula(ufunc.__name__)
    value.__name__ = ufunc.__name__

    def of_one(at, args):
        spread = partial(_spread, shape=_shape(*args))
        return lambda a: formula(*map(spread, (*args[:at], a, *args[at + 1 :])))

    defvjp_argnum(
        value,
        lambda at, result, args, kwargs: (
            lambda c: _to(args[at], make_vjp(of_one(at, args), args[at])[0](c))
        ),
    )
    defjvp_argnum(
        value, lambda at, v, result, args, kwargs: make_jvp(of_one(at, args), args[at])(v)[1]
    )
    return value


def _several(products):
    """Some products of the same arguments: one is given as it is, as ufuncs do."""

    def values(*args):
        found = tuple(product(*args) for product in products)
        return found if len(found) > 1 else found[0]

    return values


def _add(family):
    """All names of a family."""
    names = [input_.name for input_ in inputs_of(family.function)]
    inputs = [_Input(family.function, i) for i in range(len(names))]
    backward = _several([inputs[names.index(name)].product for name in family.given])
    ways = {
        family.function: _function(family.function, inputs),
        family.grad: lambda *args: backward(np.ones_like(args[0]), *args),
        family.backward: backward,
    }
    if family.backward_from_output is not None:
        ways[family.backward_from_output] = _by_formula(family.backward_from_output)
    for ufunc, way in ways.items():
        if ufunc is not None:
            globals()[ufunc.__name__] = _named(ufunc, way)


for _family in families().values():
    _add(_family)
del _family


def __getattr__(name):
    return getattr(relu_ufunc, name)
