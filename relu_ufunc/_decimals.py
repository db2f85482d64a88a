"""The functions of the proof with 150 digits, where long double is too close to a boundary to tell.

Each is its definition, of a `decimal.Decimal` that is a float32. x^2 / 4, beside x / 2, is 2^-150
of it at the least: that takes 46 digits. A normal distribution that is not 0 in float32 takes 50.
"""

from decimal import Context, Decimal, localcontext

CONTEXT = Context(prec=150)


def value(function, x):
    """The value of a function, by its name."""
    with localcontext(CONTEXT):
        return FUNCTIONS[function](x)


def sigmoid(x):
    e = (-abs(x)).exp()
    return (1 if x > 0 else e) / (1 + e)


def sigmoid_grad(x):
    return sigmoid(x) * sigmoid(-x)


def silu_grad(x):
    s = sigmoid(x)
    return s * (1 + x * (1 - s))


def mish(x):
    square = (1 + x.exp()) ** 2
    return x * (square - 1) / (square + 1)  # tanh(log(u)), where u = 1 + e^x


def mish_grad(x):
    e = x.exp()
    square = (1 + e) ** 2
    return (square - 1) / (square + 1) + x * 4 * (1 + e) * e / (square + 1) ** 2


def arctan_of_reciprocal(n):
    return sum((-1) ** k / (Decimal(2 * k + 1) * n ** (2 * k + 1)) for k in range(110))


with localcontext(CONTEXT):
    PI = 16 * arctan_of_reciprocal(5) - 4 * arctan_of_reciprocal(239)  # Machin, 1706
    SCALE = 2 * (2 / PI).sqrt()
    CUBIC = Decimal("0.044715")
    LAMBDA = Decimal("1.0507009873554804934193349852946")
    LAMBDA_ALPHA = LAMBDA * Decimal("1.6732632423543772848170429916717")


def density(x):
    """That of the normal distribution."""
    return (-x * x / 2).exp() / (2 * PI).sqrt()


def normal(x):
    """1/2 + density(x) (x + x^3 / 3 + x^5 / (3 5) + ...)"""
    term = total = x
    n = 1
    while abs(term) > abs(total) * Decimal("1e-150"):
        n += 2
        term *= x * x / n
        total += term
    return Decimal("0.5") + density(x) * total


def tanh_part(x):
    """(1 + tanh(...)) / 2 of gelu_tanh"""
    return sigmoid(SCALE * (x + CUBIC * x**3))


def gelu_tanh_grad(x):
    s = tanh_part(x)
    return s + x * s * (1 - s) * SCALE * (1 + 3 * CUBIC * x**2)


def hardswish_grad(x):
    return Decimal(x > 3) if x > 3 or x <= -3 else (2 * x + 3) / 6


def between(low, x, high):
    return min(max(x, Decimal(low)), Decimal(high))


FUNCTIONS = {
    "exp": lambda x: x.exp(),
    "expm1": lambda x: x.exp() - 1,
    "sigmoid": sigmoid,
    "sigmoid_grad": sigmoid_grad,
    "silu": lambda x: x * sigmoid(x),
    "silu_grad": silu_grad,
    "softplus": lambda x: (1 + x.exp()).ln(),
    "softplus_grad": sigmoid,
    "mish": mish,
    "mish_grad": mish_grad,
    "selu": lambda x: LAMBDA * x if x > 0 else LAMBDA_ALPHA * (x.exp() - 1),
    "selu_grad": lambda x: LAMBDA if x > 0 else LAMBDA_ALPHA * x.exp(),
    "celu": lambda x: x if x > 0 else x.exp() - 1,
    "celu_grad": lambda x: Decimal(1) if x > 0 else x.exp(),
    "gelu": lambda x: x * normal(x),
    "gelu_grad": lambda x: normal(x) + x * density(x),
    "gelu_tanh": lambda x: x * tanh_part(x),
    "gelu_tanh_grad": gelu_tanh_grad,
    "hardswish": lambda x: x * between(0, x + 3, 6) / 6,
    "hardswish_grad": hardswish_grad,
    "hardsigmoid": lambda x: between(0, x + 3, 6) / 6,
}
