"""Each function by its branches, in words that numexpr, numba, JAX and mpmath understand."""

from typing import NamedTuple


class Branches(NamedTuple):
    """`negative` where `tested` <= 0, `otherwise` elsewhere."""

    tested: str
    negative: str
    otherwise: str


# For each output. `s` is the parameter: a slope, or alpha.
FORMULAS = {
    "relu": (Branches("x", "zero", "x"),),
    "leaky_relu": (Branches("x", "x * s", "x"),),
    "prelu": (Branches("x", "x * s", "x"),),
    "elu": (Branches("x", "s * expm1(x)", "x"),),
    "relu_grad": (Branches("x", "zero", "one"),),
    "leaky_relu_grad": (Branches("x", "s", "one"),),
    "prelu_grad": (Branches("x", "s", "one"), Branches("x", "x", "zero")),
    "elu_grad": (Branches("x", "s * exp(x)", "one"),),
    "relu_backward": (Branches("x", "zero", "dy"),),
    "leaky_relu_backward": (Branches("x", "dy * s", "dy"),),
    "prelu_backward": (Branches("x", "dy * s", "dy"), Branches("x", "dy * x", "zero")),
    "elu_backward": (Branches("x", "dy * (s * exp(x))", "dy"),),
    "elu_backward_from_output": (Branches("y", "dy * (y + s)", "dy"),),
}
