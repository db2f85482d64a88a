"""What a user writes without relu_ufunc who cares for speed: NumPy, an operation at a time."""

import ast

import numpy as np

from relu_ufunc._peers import scipy_function
from relu_ufunc._signatures import operands, parameters

from .expressions import Typed, functions_in, outputs, shared

OPERATORS = {
    ast.Add: "add",
    ast.Sub: "subtract",
    ast.Mult: "multiply",
    ast.Div: "divide",
    ast.Pow: "power",
}


def into(out, result):
    """Return `result`, or `out` with `result` copied to it; both may be tuples."""
    # `np.where` has no `out`: whoever wants one copies.
    if out is None:
        return result
    if isinstance(out, tuple):
        return tuple(map(into, out, result))
    np.copyto(out, result)
    return out


# Where the derivative is 1; elsewhere it is 0. `np.where` takes ten times as long as a product.
MASKS = {
    "relu": lambda x: x > 0,
    "relu6": lambda x: (x > 0) & (x <= 6),
    "clipped_relu": lambda x, max_value: (x > 0) & (x <= max_value),
    "thresholded_relu": lambda x, theta: x > theta,
}


def masked_grad(mask):
    def grad(x, *parameters, out=None):
        ones = mask(x, *parameters)
        return ones.astype(x.dtype) if out is None else into(out, ones)

    return grad


def masked_backward(mask):
    def backward(dy, x, *parameters, out=None):
        return np.multiply(dy, mask(x, *parameters), out=out)

    return backward


def thresholded_relu(x, theta, out=None):
    return np.multiply(x, x > theta, out=out)


def relu_squared_backward(dy, x, out=None):
    return np.multiply(dy, 2 * np.maximum(x, 0), out=out)


def add_relu_backward(dy, x, y, out=None):
    return np.multiply(dy, x + y > 0, out=out)


def reglu(gate, up, out=None):
    return np.multiply(np.maximum(gate, 0), up, out=out)


def reglu_backward(dy, gate, up, out=None):
    dgate, dup = (None, None) if out is None else out
    is_open, positive, product = gate > 0, np.maximum(gate, 0), dy * up  # `out` may be dy and gate
    dup = np.multiply(dy, positive, out=dup)
    return np.multiply(product, is_open, out=dgate), dup


def leaky_relu(x, negative_slope, out=None):
    # Right for slopes between 0 and 1. A learned one, as prelu's, may be anything.
    return np.maximum(x, negative_slope * x, out=out)


# The kernels for whose data in the benchmarks there is something faster than their expression.
FASTER = {
    **{f"{name}_grad": masked_grad(mask) for name, mask in MASKS.items()},
    **{f"{name}_backward": masked_backward(mask) for name, mask in MASKS.items()},
    "thresholded_relu": thresholded_relu,
    "relu_squared_backward": relu_squared_backward,
    "add_relu_backward": add_relu_backward,
    "reglu": reglu,
    "reglu_backward": reglu_backward,
    "leaky_relu": leaky_relu,
}


def numpy_function(kernel):
    """A function of the kernel's inputs and `out`."""
    if kernel.name in FASTER:
        return FASTER[kernel.name]
    lines, scope = body(kernel)
    head = f"def {kernel.name}({', '.join(operands(kernel))}, out=None):"
    exec("\n    ".join([head, *lines]), scope)
    return scope[kernel.name]


def single_call(kernel):
    """The call of a ufunc that is all that the NumPy code is, and the ufunc by name; or None."""
    if kernel.name in FASTER:
        return None
    trees = outputs(kernel)
    simple = isinstance(trees[0], ast.Call) and all(
        isinstance(argument, ast.Name | ast.Constant) for argument in trees[0].args
    )
    if len(trees) > 1 or not simple or not takes_out(trees[0]):
        return None
    return ast.unparse(trees[0]), scope_of(trees)


def body(kernel):
    """The lines of a NumPy function, and the names in them.

    What appears more than once is computed once, and the last operation writes to `out`.
    """
    arrays = [name for name in operands(kernel) if name not in parameters(kernel)]

    def typed(value):
        return ast.parse(f"{arrays[0]}.dtype.type({value!r})", mode="eval").body

    assigned, trees = shared([Typed(typed, arrays).visit(tree) for tree in outputs(kernel)])
    lines = [f"{name} = {ast.unparse(tree)}" for name, tree in assigned.items()]
    if len(trees) == 1:
        result = writing(trees[0])
    else:
        result = f"into(out, ({', '.join(map(ast.unparse, trees))}))"
    return [*lines, f"return {result}"], scope_of([*assigned.values(), *trees])


def writing(tree):
    """The source of an operation that writes to `out`."""
    if takes_out(tree):
        arguments = ", ".join(map(ast.unparse, tree.args))
        return f"{tree.func.id}({arguments}, out=out)"
    if isinstance(tree, ast.BinOp):
        sides = ", ".join(map(ast.unparse, (tree.left, tree.right)))
        return f"{OPERATORS[type(tree.op)]}({sides}, out=out)"
    return f"into(out, {ast.unparse(tree)})"


def takes_out(tree):
    function = function_named(tree.func.id) if isinstance(tree, ast.Call) else None
    return isinstance(function, np.ufunc) or function is np.clip


def scope_of(trees):
    functions = {name: function_named(name) for name in functions_in(*trees)}
    return functions | {name: getattr(np, name) for name in OPERATORS.values()} | {"into": into}


def function_named(name):
    """NumPy's, or SciPy's where NumPy has none."""
    if hasattr(np, name):
        return getattr(np, name)
    try:
        return scipy_function(name)
    except ImportError as error:
        raise NotImplementedError(f"NumPy has no {name}, and SciPy is not installed") from error
