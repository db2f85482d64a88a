"""The bits of a result depend on the element and its parameters alone.

The answer to compare with comes from the scalar kernels, one element a call: so it does not depend
on the instruction set either. Whether it is the right one is for test_exactness.py to say.
"""

from functools import lru_cache
from itertools import product

import numpy as np
import pytest
from cases import case
from cuts import PACKED_BYTES, thread_counts
from kinds import FEW_LOOPS, LOOPS_AND_DTYPES, every_loop
from kinds import LOOPS as KINDS
from ml_dtypes import bfloat16
from oracle import BRANCHING, DTYPES, INPUTS, NAMES, OPERANDS, OUTPUTS
from samples import operands

import relu_ufunc
from relu_ufunc import _relu_ufunc
from relu_ufunc.testing import as_tuple, assert_one_answer, assert_same_bits

SIZE = 300


@lru_cache(maxsize=8)
@np.errstate(all="ignore")
def inputs_and_answer(name, dtype):
    function = _relu_ufunc.ufuncs_of("scalar")[name]
    inputs = operands(name, dtype, SIZE)
    single = [as_tuple(function(*(a[i : i + 1] for a in inputs))) for i in range(SIZE)]
    return inputs, tuple(np.concatenate(outputs) for outputs in zip(*single, strict=True))


@pytest.mark.parametrize(
    ("name", "dtype"),
    [loop for loop in LOOPS_AND_DTYPES if loop[0] in FEW_LOOPS or loop[1] in "ef"],
)
def test_one_answer(name, dtype):
    """However the operands are given."""
    inputs, answer = inputs_and_answer(name, dtype)
    assert_one_answer(getattr(relu_ufunc, name), *inputs, answer=answer)


# What an instruction set has of its own: vectors and tails, and moves of elements of each size.
@pytest.mark.parametrize(
    ("name", "dtype"), [loop for loop in LOOPS_AND_DTYPES if loop[0] in FEW_LOOPS]
)
def test_one_answer_on_every_instruction_set(isas, name, dtype):
    inputs, answer = inputs_and_answer(name, dtype)
    for isa, uf in isas:
        with case(isa):
            variations = ["lengths", "offsets", "layouts"]
            assert_one_answer(getattr(uf, name), *inputs, answer=answer, variations=variations)


@pytest.mark.parametrize("name", NAMES)
@np.errstate(all="ignore")
def test_one_answer_of_every_formula(isas, name):
    """In whole vectors, in what is left over, and beside a number in the place of each operand."""
    for dtype in DTYPES[name]:
        inputs, answer = inputs_and_answer(name, dtype)
        for isa, uf in isas:
            with case(isa, dtype):
                assert_one_answer_in_parts(getattr(uf, name), inputs, answer)


def assert_one_answer_in_parts(function, inputs, answer):
    for part in (slice(None), slice(7, 20), slice(20, 23), slice(100, 171), slice(None, None, -3)):
        got = as_tuple(function(*(a[part] for a in inputs)))
        assert_same_bits(got, tuple(a[part] for a in answer), str(part))
    for at in range(function.nin if function.nin > 1 else 0):
        for i in range(0, SIZE, 37):
            filled = [np.full_like(a, a[i]) if k == at else a for k, a in enumerate(inputs)]
            number = [a[:1] if k == at else a for k, a in enumerate(filled)]
            assert_same_bits(function(*number), function(*filled), f"{i} of operand {at}")


WHO_TAKES_THE_BRANCH = {
    "none": lambda i: i < 0,
    "all": lambda i: i >= 0,
    "every other": lambda i: i % 2 == 1,
    "one in a block": lambda i: i % 1021 == 77,
    "all but one": lambda i: i % 1021 != 77,
    "at random": lambda i: np.random.default_rng(5).random(i.size) < 0.5,
    "few at random": lambda i: np.random.default_rng(6).random(i.size) < 0.05,
}


@pytest.mark.parametrize("name", [name for name in KINDS if name in BRANCHING])
@pytest.mark.parametrize("dtype", ["e", bfloat16, "f", "d"], ids=["e", "bfloat16", "f", "d"])
@np.errstate(all="ignore")
def test_whoever_takes_the_branch(isas, name, dtype):
    """They are computed side by side, block by block, and put back among the others."""
    for (isa, uf), pattern in product(isas, WHO_TAKES_THE_BRANCH):
        with case(isa, pattern):
            assert_right_whoever_takes_the_branch(getattr(uf, name), name, dtype, pattern)


def assert_right_whoever_takes_the_branch(function, name, dtype, pattern):
    block = PACKED_BYTES // max(4, np.dtype(dtype).itemsize)
    inputs = [np.resize(a, 3 * block) for a in operands(name, dtype, SIZE)]
    count = len(INPUTS[name])
    x, parameters = inputs[count - 1], inputs[count:]
    taken = WHO_TAKES_THE_BRANCH[pattern](np.arange(x.size))
    x[...] = np.copysign(x, np.where(taken, -1, 1).astype(dtype))
    x[~taken & (x == 0)] = 1
    by_one = _relu_ufunc.ufuncs_of("scalar")[name]
    room = np.empty(x.size + 9, dtype)
    for give in (lambda a: a, lambda a: a[:1], lambda _: -0.25) if parameters else (None,):
        given = [*inputs[:count], *map(give, parameters)]
        want = by_one(*given)
        for length in (*range(60, 140, 7), block - 1, block, block + 1, 2 * block + 13):
            for first, offset in ((0, 0), (1, 3), (5, 0), (900, 9)):
                part = slice(first, first + length)
                now = [a[part] if np.size(a) > 1 else a for a in given]
                out = room[offset : offset + len(now[0])]
                assert_same_bits(function(*now, out=out), want[part], f"{length} from {first} on")
                in_place = now[0].copy()
                function(in_place, *now[1:], out=in_place)
                assert_same_bits(in_place, want[part], f"{length} from {first} on, in place")


@every_loop
@np.errstate(all="ignore")
def test_threads(name):
    function, before = getattr(relu_ufunc, name), relu_ufunc.get_num_threads()
    inputs, answer = (
        [np.resize(a, 1 << 18) for a in arrays] for arrays in inputs_and_answer(name, "f")
    )
    try:
        for threads in thread_counts(1, 2, 3):
            relu_ufunc.set_num_threads(threads)
            assert_same_bits(as_tuple(function(*inputs)), tuple(answer), f"{threads} threads")
    finally:
        relu_ufunc.set_num_threads(before)


def test_the_table_of_ufuncs_matches_the_operands_here(uf):
    shapes = {name: (function.nin, function.nout) for name, function in vars(uf).items()}
    assert shapes == {name: (len(OPERANDS[name]), OUTPUTS[name]) for name in OPERANDS}
