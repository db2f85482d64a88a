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
LOOPS_AND_DTYPES = [
    loop for loop in oracle.LOOPS if loop[0] in LOOPS and loop[1] in ONE_OF_EACH_WIDTH
]

each_signature = in_turn("name", SIGNATURES)
every_signature = pytest.mark.parametrize("name", SIGNATURES)
few_loops = pytest.mark.parametrize("name", FEW_LOOPS)
every_loop = pytest.mark.parametrize("name", LOOPS)
