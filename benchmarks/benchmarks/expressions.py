"""The expression that a kernel is declared with, in the words of each library.

It is Python's syntax, over the kernel's inputs and NumPy's functions: `name = expression` for each
output, between semicolons. Some trees of it are rewritten here, and then printed as the source of a
library.
"""

import ast
import math
from collections import Counter

# What others than NumPy lack. Where the first argument is NaN the result is, as NumPy has it.
IN_OTHER_WORDS = {
    "maximum": ("a, b", "where(a <= b, b, a)"),
    "minimum": ("a, b", "where(a >= b, b, a)"),
    "clip": ("a, low, high", "minimum(maximum(a, low), high)"),
    "square": ("a", "a * a"),
    "reciprocal": ("a", "1 / a"),
    "logaddexp": ("a, b", "maximum(a, b) + log1p(exp(-abs(a - b)))"),
}


def parsed(kernel):
    """A tree for each output."""
    return [assignment.value for assignment in ast.parse(kernel.expression).body]


def outputs(kernel):
    """The same, computed where there is no input in it: `sqrt(2 / pi)` is one number."""
    return [Folded().visit(tree) for tree in parsed(kernel)]


def is_call(node, *names):
    """Whether a node calls one of these functions, or any by its name."""
    named = isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    return named and (not names or node.func.id in names)


def functions_in(*trees):
    """The names of the functions that are called."""
    nodes = (node for tree in trees for node in ast.walk(tree))
    return {node.func.id for node in nodes if is_call(node)}


def inputs_in(tree):
    """The names that are no functions."""
    names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    return names - functions_in(tree)


class Folded(ast.NodeTransformer):
    """Numbers in place of what is made of numbers."""

    def generic_visit(self, node):
        node = super().generic_visit(node)
        if not isinstance(node, ast.expr) or isinstance(node, ast.Constant):
            return node
        if inputs_in(node) - {"pi"}:
            return node
        return ast.Constant(eval(ast.unparse(node), vars(math).copy()))


class InOtherWords(ast.NodeTransformer):
    """Fewer functions: those that everybody has."""

    def visit_Call(self, node):
        self.generic_visit(node)
        if not is_call(node, *IN_OTHER_WORDS):
            return node
        names, text = IN_OTHER_WORDS[node.func.id]
        arguments = dict(zip(names.split(", "), node.args, strict=True))
        return self.visit(Put(arguments).visit(ast.parse(text, mode="eval").body))


class Put(ast.NodeTransformer):
    """Trees in place of names."""

    def __init__(self, trees):
        self.trees = trees

    def visit_Name(self, node):
        return self.trees.get(node.id, node)


class Conditional(ast.NodeTransformer):
    """`where` as a condition, so that the branch that is not taken is not computed either."""

    def visit_Call(self, node):
        self.generic_visit(node)
        if not is_call(node, "where"):
            return node
        test, yes, no = node.args
        return ast.IfExp(test, yes, no)


class Typed(ast.NodeTransformer):
    """Other words for the numbers that would not take the dtype of the arrays beside them.

    `word` makes one: it gets a number, and returns a tree. Branches of which neither has an array
    would make up a dtype of their own; of all other numbers, `is_strong` tells which do.
    """

    def __init__(self, word, arrays=(), is_strong=lambda value: False):
        self.word, self.arrays, self.is_strong = word, set(arrays), is_strong

    def visit_Call(self, node):
        self.generic_visit(node)
        if is_call(node, "where") and not any(inputs_in(a) & self.arrays for a in node.args[1:]):
            node.args[1:] = [
                self.word(a.value) if isinstance(a, ast.Constant) else a for a in node.args[1:]
            ]
        return node

    def visit_BinOp(self, node):
        if isinstance(node.op, ast.Pow) and isinstance(node.right, ast.Constant):
            node.left = self.visit(node.left)  # a whole power is faster as it stands
            return node
        return self.generic_visit(node)

    def visit_Constant(self, node):
        return self.word(node.value) if self.is_strong(node.value) else node


def typed_names(trees, arrays=(), is_strong=lambda value: True):
    """The trees with names in place of numbers, as `Typed` has it; and the numbers by name."""
    numbers = {}

    def word(value):
        name = next((name for name, other in numbers.items() if other == value), None)
        name = name or f"number{len(numbers)}"
        numbers[name] = value
        return ast.Name(name, ast.Load())

    return [Typed(word, arrays, is_strong).visit(tree) for tree in trees], numbers


def in_other_words(tree):
    return InOtherWords().visit(tree)


def of_one_element(tree):
    """The tree on numbers: Python's conditions in place of `where`."""
    return Conditional().visit(in_other_words(tree))


def shared(trees):
    """Assignments of what appears more than once, by name and in order, and the trees with names
    in its place."""
    compound = (ast.Call, ast.BinOp, ast.UnaryOp, ast.Compare)
    seen = Counter(
        ast.dump(node) for tree in trees for node in ast.walk(tree) if isinstance(node, compound)
    )
    names, assigned = {}, {}

    class Name(ast.NodeTransformer):
        def visit(self, node):
            text = ast.dump(node)
            if seen[text] < 2:
                return super().generic_visit(node)
            if text not in names:
                inner = super().generic_visit(node)
                names[text] = f"part{len(names)}"
                assigned[names[text]] = inner
            return ast.Name(names[text], ast.Load())

    return assigned, [Name().visit(tree) for tree in trees]
