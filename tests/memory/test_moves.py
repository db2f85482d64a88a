"""Elements are moved between rows of any stride and blocks: all, and no byte beside them."""

import numpy as np
import pytest
from placed import Layout, assert_same_answer, operands_of
from processes import ROOT, output, python

HELPERS = ROOT / "tests/helpers"


def test_no_byte_beyond_an_operand_is_touched(isas):
    names = [isa for isa, _ in isas]
    assert output(python(HELPERS / "fences.py", *names)).split() == names


@pytest.mark.parametrize("shape", [(2, 3, 2, 3, 2, 3), (3, 1, 70, 5, 1, 4), (4, 5, 3, 67)], ids=str)
def test_axes_of_few_elements_in_any_order(shape):
    """A tile takes from several axes; each operand has them in another order."""
    axes = range(len(shape))
    orders = [tuple(np.roll(axes, k)) for k in axes] + [tuple(axes[::-1])]
    for name, dtype in (("relu", "e"), ("elu", "f"), ("prelu_backward", "d")):
        inputs = operands_of(name, dtype, shape)
        count = len(inputs) + (2 if name == "prelu_backward" else 1)
        for k in range(len(orders)):
            layouts = [Layout(orders[(k + 2 * i) % len(orders)], gap=i % 2) for i in range(count)]
            assert_same_answer(name, inputs, layouts)
