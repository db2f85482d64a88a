"""The docstrings and signatures of the ufuncs.

A ufunc made by NumPy's C API calls its inputs x1, x2 and so on, and knows of no defaults. Both are
put right here, where the text is easy to read, rather than in the compiled module.
"""

from functools import cache
from textwrap import fill

from . import _family_texts
from ._signatures import operands, outputs, parameters, signature_of, written_signature
from ._text import AT_THE_END, Text

NAIR = """\
V. Nair, G. E. Hinton, "Rectified linear units improve restricted Boltzmann machines", ICML 2010."""
MAAS = """\
A. L. Maas, A. Y. Hannun, A. Y. Ng, "Rectifier nonlinearities improve neural network acoustic
models", ICML 2013."""
HE = """\
K. He, X. Zhang, S. Ren, J. Sun, "Delving deep into rectifiers: surpassing human-level performance
on ImageNet classification", ICCV 2015."""
CLEVERT = """\
D.-A. Clevert, T. Unterthiner, S. Hochreiter, "Fast and accurate deep network learning by
exponential linear units (ELUs)", ICLR 2016."""

RAMACHANDRAN = """\
P. Ramachandran, B. Zoph, Q. V. Le, "Searching for activation functions", 2017."""
DUGAS = """\
C. Dugas, Y. Bengio, F. Bélisle, C. Nadeau, R. Garcia, "Incorporating second-order functional
knowledge for better option pricing", NIPS 2000."""
MISRA = """\
D. Misra, "Mish: a self regularized non-monotonic activation function", BMVC 2020."""
KLAMBAUER = """\
G. Klambauer, T. Unterthiner, A. Mayr, S. Hochreiter, "Self-normalizing neural networks",
NIPS 2017."""
BARRON = """\
J. T. Barron, "Continuously differentiable exponential linear units", 2017."""
DAUPHIN = """\
Y. N. Dauphin, A. Fan, M. Auli, D. Grangier, "Language modeling with gated convolutional networks",
ICML 2017."""
SHAZEER = """\
N. Shazeer, "GLU variants improve transformer", 2020."""

# What an input is, by its name.
INPUTS = {
    "x": "Input.",
    "dy": "Gradient of the loss with respect to the output.",
    "y": "Output for the same parameters.",
    "negative_slope": "Slope where ``x <= 0``, any real number; broadcasts against the others.",
    "slope": "Slope where ``x <= 0``, any real number, commonly one for each channel; broadcasts "
    "against the others.",
    "max_value": "The ceiling, any real number; broadcasts against the others.",
    "theta": "The threshold, any real number; broadcasts against the others.",
    "gate": "What is activated.",
    "up": "What is gated: multiplied by the activation.",
    "beta": "Factor of the input in the function, any real number; broadcasts against the others.",
    "alpha": "The output tends to ``-alpha`` as the input tends to minus infinity. Any "
    "real number, unless the Notes say otherwise; broadcasts against the others.",
}

OPTIONS = """\
out : ndarray, None, or tuple of ndarray and None, optional
    Where to put the result; it may be an input. A new array if not given.
where : array_like of bool, optional
    Compute where true, leave `out` as it is elsewhere.
**kwargs
    As for every ufunc: `casting`, `order`, `dtype`, `subok`, `signature`."""

MOVES = "Exact: values are selected or moved as they are."
SELECTS = "Exact: values are selected as they are."
PRODUCT = "Exact but for the rounding of one product, where there is one."
EXPM1 = """\
float32 and float16 are correctly rounded at alpha 1, float64 is within 0.55 ULP, longdouble is as
good as the C library; any other alpha multiplies that result, with one more rounding."""
SMOOTH = """\
float32, float16 and bfloat16 are correctly rounded{default}, float64 is within {bound} ULP,
longdouble is as good as the C library. The limits are those of the function: none is NaN."""
NEP_50 = """\
A Python float never changes the dtype of the result (NEP 50). NumPy numbers and 0-d arrays have a
dtype of their own: with a float16 or bfloat16 `x`, a ``numpy.float32`` `{parameter}` gives float32.
``float({parameter})`` or ``{parameter}.astype(x.dtype)`` keeps the dtype of `x`."""
REFUSED = """\
TypeError
    For complex, object, string and datetime inputs, and for types of other packages than
    bfloat16 (float8, int4), unless `dtype` or `signature` asks for a cast."""
BOOL_REFUSED = """
    For bool without a number beside it, as in `numpy.subtract`."""
NO_FLAGS = """\
NaN in gives NaN out. There is no floating-point warning, whatever the inputs. The bits of a result
depend on the values of the inputs and on nothing else."""
FLAGS = """\
NaN in gives NaN out. A NaN made of numbers, as of ``0 * inf``, is positive and comes with the
warning "invalid value". Floating-point warnings are those of the branch taken alone. The bits of a
result depend on the values of the inputs and on nothing else."""

TEXTS = _family_texts.TEXTS | {
    "relu": Text(
        "Rectified linear unit, elementwise: the positive part of the input.",
        "The positive part of `x`; ``-0.0`` gives ``0.0``, NaN is kept with sign and payload.",
        MOVES,
        "leaky_relu, prelu, elu : Rectifiers that do not vanish for negative inputs.\n"
        "relu_backward : The gradient in one pass.",
        NAIR,
        """\
>>> relu_ufunc.relu(np.array([-1.5, -0.0, 2.0, np.nan]))
array([ 0.,  0.,  2., nan])
>>> relu_ufunc.relu(np.array([-3, 4], dtype=np.int8))
array([0, 4], dtype=int8)""",
    ),
    "leaky_relu": Text(
        "Leaky rectified linear unit, elementwise.",
        "`x` where it is positive, else the product with the slope.",
        PRODUCT,
        "prelu : The same with slopes that are learned, and no default.",
        MAAS,
        """\
>>> relu_ufunc.leaky_relu(np.array([-2.0, 0.0, 3.0]))
array([-0.02,  0.  ,  3.  ])
>>> relu_ufunc.leaky_relu(np.array([-2.0, 3.0]), negative_slope=0.5)
array([-1.,  3.])""",
    ),
    "prelu": Text(
        "Parametric rectified linear unit, elementwise.",
        "`x` where it is positive, else the product with the slope.",
        PRODUCT,
        "prelu_vjp : Both gradients, that of `slope` summed to its shape.",
        HE,
        """\
>>> x = np.array([[-1.0, 2.0], [-3.0, -4.0]])
>>> slope = np.array([[0.5], [0.25]])  # one for each of two channels
>>> relu_ufunc.prelu(x, slope)
array([[-0.5 ,  2.  ],
       [-0.75, -1.  ]])""",
    ),
    "elu": Text(
        "Exponential linear unit, elementwise.",
        "`x` where it is positive, else the saturating exponential.",
        EXPM1,
        "elu_backward : The gradient in one pass.",
        CLEVERT,
        """\
>>> relu_ufunc.elu(np.array([-np.inf, -1.0, 0.0, 2.0]))
array([-1.        , -0.63212056,  0.        ,  2.        ])
>>> relu_ufunc.elu(np.array([-np.inf, 2.0]), 0.25)
array([-0.25,  2.  ])""",
    ),
    "relu_grad": Text(
        "Derivative of `relu`, elementwise.",
        "1 or 0, in the dtype of `x`; NaN where `x` is NaN. At 0 it is 0.",
        SELECTS,
        "relu_backward : The product with the gradient of the loss, in one pass.",
        NAIR,
        """\
>>> relu_ufunc.relu_grad(np.array([-1.5, 0.0, 2.0]))
array([0., 0., 1.])""",
    ),
    "leaky_relu_grad": Text(
        "Derivative of `leaky_relu` with respect to x, elementwise.",
        "1 or the slope; NaN where `x` is NaN. At 0 it is the slope.",
        SELECTS,
        "leaky_relu_backward : The product with the gradient of the loss, in one pass.",
        MAAS,
        """\
>>> relu_ufunc.leaky_relu_grad(np.array([-1.5, 0.0, 2.0]))
array([0.01, 0.01, 1.  ])""",
    ),
    "prelu_grad": Text(
        "Derivatives of `prelu` with respect to x and to slope, elementwise.",
        "Both NaN where `x` is NaN. At 0, `dx` is the slope.",
        SELECTS,
        "prelu_vjp : Both times the gradient of the loss, that of `slope` summed to its shape.",
        HE,
        """\
>>> dx, dslope = relu_ufunc.prelu_grad(np.array([-1.5, 2.0]), 0.25)
>>> dx
array([0.25, 1.  ])
>>> dslope
array([-1.5,  0. ])""",
    ),
    "elu_grad": Text(
        "Derivative of `elu` with respect to x, elementwise.",
        "1 or the exponential; NaN where `x` is NaN. At 0 it is alpha.",
        EXPM1,
        "elu_backward : The product with the gradient of the loss, in one pass.",
        CLEVERT,
        """\
>>> relu_ufunc.elu_grad(np.array([-np.inf, -1.0, 0.0, 2.0]))
array([0.        , 0.36787944, 1.        , 1.        ])""",
    ),
    "relu_backward": Text(
        "Gradient of the loss with respect to the input of `relu`, elementwise.",
        "`dy` or 0, selected and not multiplied; NaN where `x` is NaN.",
        MOVES + " The output of `relu` may be given in the place of `x`.",
        "relu_grad : The derivative alone.",
        NAIR,
        """\
>>> relu_ufunc.relu_backward(np.array([5.0, np.inf]), np.array([2.0, -1.0]))
array([5., 0.])""",
    ),
    "leaky_relu_backward": Text(
        "Gradient of the loss with respect to the input of `leaky_relu`, elementwise.",
        "`dy`, or its product with the slope; NaN where `x` is NaN.",
        f"{PRODUCT} The output of `leaky_relu`\n"
        "may be given in the place of `x` for finite slopes above 0; for 0 too, unless `x` is\n"
        "-infinity, where the output is NaN. With a negative slope it hides the sign of `x`.",
        "leaky_relu_grad : The derivative alone.",
        MAAS,
        """\
>>> relu_ufunc.leaky_relu_backward(np.array([5.0, 5.0]), np.array([2.0, -1.0]))
array([5.  , 0.05])""",
    ),
    "prelu_backward": Text(
        "Gradients of the loss with respect to the inputs of `prelu`, elementwise.",
        "Both NaN where `x` is NaN. `dslope` is not summed: see `prelu_vjp`.",
        PRODUCT,
        "prelu_vjp : The same with `dslope` summed to the shape of `slope`.",
        HE,
        """\
>>> dx, dslope = relu_ufunc.prelu_backward(np.array([4.0, 4.0]), np.array([-1.5, 2.0]), 0.25)
>>> dx
array([1., 4.])
>>> dslope
array([-6.,  0.])""",
    ),
    "elu_backward": Text(
        "Gradient of the loss with respect to the input of `elu`, elementwise.",
        "`dy`, or its product with the derivative; NaN where `x` is NaN.",
        "The product of `dy` and `elu_grad`, each operation rounded once.",
        "elu_backward_from_output : The same from the output of `elu`, without an exponential.",
        CLEVERT,
        """\
>>> relu_ufunc.elu_backward(np.array([2.0, 2.0]), np.array([-1.0, 3.0]))
array([0.73575888, 2.        ])""",
    ),
    "elu_backward_from_output": Text(
        "Gradient of the loss with respect to the input of `elu`, from its output, elementwise.",
        "`dy`, or its product with the derivative; NaN where `y` is NaN, and where alpha < 0.",
        "One sum and one product, each rounded once. Near ``y = -alpha`` the sum has lost what\n"
        "the rounding of `y` took: `elu_backward` is more accurate there. Where alpha < 0, `elu`\n"
        "is positive on both sides of 0, and its output does not tell the branch: the result is\n"
        'NaN, with the warning "invalid value".',
        "elu_backward : The same from the input of `elu`.",
        CLEVERT,
        """\
>>> y = relu_ufunc.elu(np.array([-1.0, 3.0]))
>>> relu_ufunc.elu_backward_from_output(np.array([2.0, 2.0]), y)
array([0.73575888, 2.        ])""",
    ),
}


def _smooth(bound, parameter=None):
    return SMOOTH.format(bound=bound, default=f" at {parameter} 1" if parameter else "")


def _derivative(name, notes, reference, example, at_zero=""):
    """The texts of a derivative, and of its product with the gradient of the loss."""
    grad = Text(
        f"Derivative of `{name}` with respect to x, elementwise.",
        f"The derivative; NaN where `x` is NaN.{at_zero}",
        notes,
        f"{name}_backward : The product with the gradient of the loss, in one pass.",
        reference,
        f">>> relu_ufunc.{name}_grad(np.array([-1.0, 0.0, 2.0]))\n{example}",
    )
    backward = Text(
        f"Gradient of the loss with respect to the input of `{name}`, elementwise.",
        "The product of `dy` and the derivative; NaN where `x` is NaN.",
        f"The product of `dy` and `{name}_grad`, each rounded once.\n{AT_THE_END}",
        f"{name}_grad : The derivative alone.",
        reference,
        f">>> x = np.array([-1.0, 0.0, 2.0])\n"
        f">>> relu_ufunc.{name}_backward(np.ones(3), x)\n{example}",
    )
    return {f"{name}_grad": grad, f"{name}_backward": backward}


def _gated(name, function, reference, example, backward, notes=""):
    """The texts of a gated unit and of its gradients."""
    unit = Text(
        f"Gated linear unit, elementwise: `{function}` of the gate, times `up`.",
        "The product; NaN where an input is NaN.",
        f"The product of `{function}` and `up`, each rounded once.\n{AT_THE_END}\n"
        "Halves of one array, ``h[..., :n]`` and ``h[..., n:]``, are computed where they lie."
        + notes,
        f"{name}_backward : Both gradients in one pass.",
        reference,
        f">>> h = np.array([[1.0, -1.0, 3.0, 4.0]])\n"
        f">>> relu_ufunc.{name}(h[..., :2], h[..., 2:])\n{example}",
    )
    gradients = Text(
        f"Gradients of the loss with respect to both inputs of `{name}`, elementwise.",
        "`dgate` and `dup`.",
        f"``dgate = dy * (up * slope)``, where slope is the derivative of `{function}`, and\n"
        f"``dup = dy * {function}``; each product is rounded once.\n{AT_THE_END}",
        f"{name} : The function itself.",
        reference,
        f">>> dgate, dup = relu_ufunc.{name}_backward(1.0, np.array([0.0, 1.0]), 2.0)\n"
        f">>> dgate\n{backward[0]}\n>>> dup\n{backward[1]}",
    )
    return {name: unit, f"{name}_backward": gradients}


EXAMPLES_START = ">>> relu_ufunc.{name}(np.array([-np.inf, -1.0, 0.0, 2.0]))\n"


def _function(name, summary, notes, reference, example):
    return {
        name: Text(
            summary,
            notes=notes,
            see_also=f"{name}_backward : The gradient in one pass.",
            reference=reference,
            examples=EXAMPLES_START.format(name=name) + example,
        )
    }


TEXTS |= {
    **_function(
        "sigmoid",
        "Logistic function, elementwise.",
        _smooth(0.55),
        RAMACHANDRAN,
        "array([0.        , 0.26894142, 0.5       , 0.88079708])",
    ),
    **_derivative(
        "sigmoid", _smooth("1.0"), RAMACHANDRAN, "array([0.19661193, 0.25      , 0.10499359])"
    ),
    **_function(
        "silu",
        "Sigmoid linear unit, or Swish, elementwise.",
        "With beta 1.702 it is the quick approximation of GELU.\n\n" + _smooth(0.55, "beta"),
        RAMACHANDRAN,
        "array([-0.        , -0.26894142,  0.        ,  1.76159416])",
    ),
    **_derivative(
        "silu", _smooth("1.0", "beta"), RAMACHANDRAN, "array([0.07232949, 0.5       , 1.09078425])"
    ),
    **_function(
        "softplus",
        "Softplus, elementwise: a smooth `relu`.",
        "There is no threshold above which `x` would be given back, as PyTorch's has at 20: it is\n"
        "exact everywhere.\n\n" + _smooth(0.6, "beta"),
        DUGAS,
        "array([0.        , 0.31326169, 0.69314718, 2.12692801])",
    ),
    **_derivative(
        "softplus", _smooth(0.55, "beta"), DUGAS, "array([0.26894142, 0.5       , 0.88079708])"
    ),
    **_function(
        "mish",
        "Mish, elementwise.",
        _smooth(0.55),
        MISRA,
        "array([-0.        , -0.30340146,  0.        ,  1.94395896])",
    ),
    **_derivative("mish", _smooth("1.0"), MISRA, "array([0.05921676, 0.6       , 1.06931793])"),
    **_function(
        "selu",
        "Scaled exponential linear unit, elementwise.",
        "The constants are those of the paper, as real numbers.\n\n" + _smooth(0.55),
        KLAMBAUER,
        "array([-1.75809934, -1.11133074,  0.        ,  2.10140197])",
    ),
    **_derivative(
        "selu",
        _smooth("1.0"),
        KLAMBAUER,
        "array([0.6467686 , 1.75809934, 1.05070099])",
        " At 0 it is that of the left side, 1.758.",
    ),
    **_function(
        "celu",
        "Continuously differentiable exponential linear unit, elementwise.",
        _smooth(0.55, "alpha"),
        BARRON,
        "array([-1.        , -0.63212056,  0.        ,  2.        ])",
    ),
    **_derivative(
        "celu",
        _smooth("1.0", "alpha"),
        BARRON,
        "array([0.36787944, 1.        , 1.        ])",
        " At 0 it is 1.",
    ),
    **_gated(
        "glu",
        "sigmoid",
        DAUPHIN,
        "array([[2.19317574, 1.07576569]])",
        ("array([0.5       , 0.39322387])", "array([0.5       , 0.73105858])"),
        " PyTorch and Keras take\none array, of which the second half is the gate.",
    ),
    **_gated(
        "swiglu",
        "silu",
        SHAZEER,
        "array([[ 2.19317574, -1.07576569]])",
        ("array([1.        , 1.85534102])", "array([0.        , 0.73105858])"),
    ),
}


def document(ufunc, kernel):
    """Give the ufunc of a kernel, as it is declared, its docstring and signature."""
    ufunc.__signature__ = signature_of(kernel)
    ufunc.__doc__ = f"{kernel.name}{written_signature(kernel)}\n\n{_docstring(kernel)}"


def _docstring(kernel):
    text = TEXTS.get(kernel.name) or _plain_text(kernel)
    returned = f"{', '.join(outputs(kernel))} : ndarray or scalar"
    flags = NO_FLAGS if kernel.loop == "select" else FLAGS
    sections = {
        "Parameters": "\n".join(
            [
                *(_described(o, text.inputs.get(o.name)) for o in operands(kernel).values()),
                OPTIONS,
            ]
        ),
        "Returns": f"{returned}\n{_indented(text.returns)}",
        "Raises": REFUSED + (BOOL_REFUSED if kernel.elements == "numbers" else ""),
        "See Also": text.see_also,
        "Notes": "\n\n".join(
            filter(None, [_formula(kernel), text.notes, *_promotion(kernel), flags])
        ),
        "References": text.reference,
        "Examples": f">>> import numpy as np\n>>> import relu_ufunc\n{text.examples}",
    }
    written = {name: body for name, body in sections.items() if body}
    body = "\n\n".join(f"{name}\n{'-' * len(name)}\n{body}" for name, body in written.items())
    return f"{text.summary}\n\n{body}\n"


def _plain_text(kernel):
    """For a kernel that nothing is written for yet."""
    required = [o for o in operands(kernel).values() if o.default is o.empty]
    names = ", ".join(outputs(kernel))
    call = f"relu_ufunc.{kernel.name}({', '.join('x' for _ in required)})"
    example = f">>> x = np.linspace(-2.0, 2.0, 5)\n>>> {names} = {call}"
    return Text(f"`{kernel.name}`, elementwise.", examples=example)


@cache
def _described(operand, special):
    """The entry of an input in the section on parameters, with a text of its own if it has one."""
    name = operand.name
    optional = "" if operand.default is operand.empty else ", optional"
    text = special or INPUTS.get(name, "Input; broadcasts against the others.")
    default = f" Default: {operand.default}." if optional else ""
    return f"{name} : array_like{optional}\n{_indented(fill(text + default, 92))}"


def _indented(text):
    return "    " + text.replace("\n", "\n    ")


def _formula(kernel):
    lines = [f"{name} = {expression}" for name, expression in outputs(kernel).items()]
    return ".. code-block:: text\n\n" + _indented("\n".join(lines))


def _promotion(kernel):
    return [NEP_50.format(parameter=name) for name in list(parameters(kernel))[:1]]
