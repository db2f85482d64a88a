"""The bits of a result depend on the element and its parameters alone.

The answer to compare with comes from the scalar kernels, one element a call: so it does not depend
on the instruction set either. Whether it is the right one is for test_exactness.py to say.
"""

from functools import cache

import numpy as np
import pytest
from oracle import LOOPS, OPERANDS, OUTPUTS
from samples import operands

import relu_ufunc
from relu_ufunc import _relu_ufunc
from relu_ufunc.testing import VARIATIONS, as_tuple, assert_one_answer, assert_same_bits

SIZE = 300


@cache
@np.errstate(all="ignore")
def inputs_and_answer(name, dtype):
    function = _relu_ufunc.ufuncs_of("scalar")[name]
    inputs = operands(name, dtype, SIZE)
    single = [as_tuple(function(*(a[i : i + 1] for a in inputs))) for i in range(SIZE)]
    return inputs, tuple(np.concatenate(outputs) for outputs in zip(*single, strict=True))


@pytest.mark.parametrize("variation", VARIATIONS)
@pytest.mark.parametrize(("name", "dtype"), LOOPS)
def test_one_answer(uf, name, dtype, variation):
    inputs, answer = inputs_and_answer(name, dtype)
    assert_one_answer(getattr(uf, name), *inputs, answer=answer, variations=[variation])


@pytest.mark.skipif(not hasattr(relu_ufunc, "set_num_threads"), reason="there are no threads")
@pytest.mark.parametrize("threads", [1, 2, 3])
@pytest.mark.parametrize("name", OPERANDS)
@np.errstate(all="ignore")
def test_threads(uf, name, threads):
    inputs, answer = (
        [np.resize(a, 1 << 20) for a in arrays] for arrays in inputs_and_answer(name, "f")
    )
    before = relu_ufunc.set_num_threads(threads)
    try:
        assert_same_bits(as_tuple(getattr(uf, name)(*inputs)), tuple(answer))
    finally:
        relu_ufunc.set_num_threads(before)


def test_the_table_of_ufuncs_matches_the_operands_here(uf):
    shapes = {name: (function.nin, function.nout) for name, function in vars(uf).items()}
    assert shapes == {name: (len(OPERANDS[name]), OUTPUTS[name]) for name in OPERANDS}
