"""One kernel of each kind, for the tests of what does not depend on a formula.

Two kernels are of a kind if their declarations agree in all that such a test can see. A new kernel
brings the tests of its formula, of every dtype and instruction set, and no others, unless nothing
was declared like it before.
"""

import oracle
import pytest
from cases import in_turn
from relu_ufunc._relu_ufunc import KERNELS

from relu_ufunc._signatures import operands


def signature(kernel):
    """What a caller sees: how operands are given, the outputs, and whether integers go in."""
    given = [
        (operand.kind, operand.default is operand.empty) for operand in operands(kernel).values()
    ]
    return tuple(given), kernel.nout, kernel.elements == "numbers"


def one_of_each(kind):
    """The names of the kernels that are the first of their kind."""
    first = {}
    for kernel in KERNELS:
        first.setdefault(kind(kernel), kernel.name)
    return tuple(first.values())


SIGNATURES = one_of_each(signature)
# The loop decides what is computed in which dtype, which errors are raised, and with what operands.
LOOPS = one_of_each(lambda kernel: (signature(kernel), kernel.loop))

# What settles a NaN, puts a tail right or writes two outputs, whoever calls it.
FEW_LOOPS = one_of_each(lambda kernel: (kernel.loop, kernel.nout))

# With each dtype that they take. Integers of a width take one loop, signed or not.
ONE_OF_EACH_WIDTH = {*oracle.FLOATS, "b", "H", "i", "Q"}
SIGNATURES_AND_DTYPES = [loop for loop in oracle.LOOPS if loop[0] in SIGNATURES]
# Long double takes the same loop for all costly formulas: that of the others that compute.
LOOPS_AND_DTYPES = [
    (name, dtype)
    for name, dtype in oracle.LOOPS
    if name in LOOPS and dtype in ONE_OF_EACH_WIDTH and not (dtype == "g" and name in oracle.COSTLY)
]

DTYPES_OF = {name: [d for n, d in LOOPS_AND_DTYPES if n == name] for name in LOOPS}

each_signature = in_turn("name", SIGNATURES)
each_dtype = in_turn("dtype", DTYPES_OF.get)
every_signature = pytest.mark.parametrize("name", SIGNATURES)
few_loops = pytest.mark.parametrize("name", FEW_LOOPS)
every_loop = pytest.mark.parametrize("name", LOOPS)
