"""The expressions of the kernels in the words of numexpr, JAX, numba and mpmath."""

import ast
import builtins
import math
from types import SimpleNamespace

import mpmath
import numpy as np
from benchmarks.expressions import (
    Put,
    functions_in,
    in_other_words,
    of_one_element,
    outputs,
    parsed,
    typed_names,
)
from benchmarks.functions import FUNCTIONS, KERNELS


def numexpr_outputs(name, operands, dtype):
    """The source of each output, and the names in it; `operands` by name."""
    from numexpr.expressions import functions

    # To numexpr, a whole number is of the dtype of the array beside it, any other a float64; and a
    # name that is also a function's is that function.
    trees, numbers = typed_names(
        [in_other_words(tree) for tree in outputs(KERNELS[name])],
        arrays=FUNCTIONS[name].inputs,
        is_strong=lambda number: not isinstance(number, int),
    )
    found(trees, SimpleNamespace(**functions))
    said = {name: f"{name}_" if name in functions else name for name in operands}
    put = Put({name: ast.Name(other) for name, other in said.items()})
    names = {said[name]: value for name, value in operands.items()}
    return [ast.unparse(put.visit(tree)) for tree in trees], names | of_dtype(numbers, dtype)


def jax_outputs(name, dtype):
    """The source of each output, and what is called in it by name."""
    import jax

    trees, numbers = typed_names(outputs(KERNELS[name]))
    modules = jax.numpy, jax.scipy.special
    return [ast.unparse(tree) for tree in trees], of_dtype(numbers, dtype) | found(trees, *modules)


def numba_outputs(name, dtype):
    """A Python function of numbers for each output, which numba can compile."""
    trees, numbers = typed_names([of_one_element(tree) for tree in outputs(KERNELS[name])])
    scope = of_dtype(numbers, dtype) | found(trees, math, np)
    head = f"lambda {', '.join(FUNCTIONS[name].inputs)}"
    return [eval(f"{head}: {ast.unparse(tree)}", scope) for tree in trees]


def exact_outputs(name):
    """A function of mpmath's numbers for each output, by name."""
    trees = [of_one_element(tree) for tree in parsed(KERNELS[name])]
    scope = {"pi": mpmath.pi} | found(trees, mpmath)
    head = f"lambda {', '.join(FUNCTIONS[name].inputs)}"
    return [eval(f"{head}: {ast.unparse(tree)}", scope) for tree in trees]


def of_dtype(numbers, dtype):
    kind = np.dtype(dtype).type
    return {name: kind(number) for name, number in numbers.items()}


def found(trees, *modules):
    """The functions that are called, each from the first module that has it."""
    functions = {}
    for name in functions_in(*trees):
        owners = (module for module in (*modules, builtins) if hasattr(module, name))
        owner = next(owners, None)
        if owner is None:
            raise LookupError(f"has no {name}")
        functions[name] = getattr(owner, name)
    return functions
