"""Which loop a call takes: that of its dtypes, or the first to which all can be cast safely."""

from itertools import product

import numpy as np
import pytest
from subjects import inputs_of, of_any_ufunc, plain, values

from relu_ufunc.testing import as_tuple, assert_same_bits

NUMBERS = "?bBhHiIlLqQefdgFD"
NO_NUMBERS = ["S3", "U3", "V4", "M8[s]"]


def loop_for(ufunc, dtypes):
    """The types of that loop, or None."""
    exact = [types for types in ufunc.types if types.split("->")[0] == "".join(dtypes)]
    for types in (*exact, *ufunc.types):
        given = types.split("->")[0]
        if "m" not in given and all(map(np.can_cast, dtypes, given)):
            return types
    return None


@of_any_ufunc
def test_every_pair_of_dtypes(ufunc):
    pairs = list(product(NUMBERS, NUMBERS if ufunc.nin > 1 else "d"))
    for first, others in pairs if ufunc.nin < 3 else pairs[::7]:
        dtypes = [first] + [others] * (ufunc.nin - 1)
        types, inputs = loop_for(ufunc, dtypes), [values((3,), d) for d in dtypes]
        try:
            got = as_tuple(ufunc(*inputs))
        except TypeError:  # arithmetic may refuse bool alone, as that of np.negative does
            assert types is None or set(dtypes) == {"?"}, dtypes
            continue
        assert types is not None, dtypes
        given, made = types.split("->")
        assert [g.dtype.char for g in got] == list(made), dtypes
        wide = (a.astype(t) for a, t in zip(inputs, given, strict=True))
        assert_same_bits(got, plain(ufunc, *wide), f"{dtypes}")
        resolved = ufunc.resolve_dtypes((*map(np.dtype, dtypes), *[None] * ufunc.nout))
        assert [d.char for d in resolved] == list(given + made)


@of_any_ufunc
def test_what_is_no_number_is_refused(ufunc):
    for dtype, at in product(NO_NUMBERS, range(ufunc.nin)):
        inputs = inputs_of(ufunc, (3,))
        inputs[at] = np.zeros(3, dtype)
        with pytest.raises(TypeError):
            ufunc(*inputs)


@of_any_ufunc
def test_a_python_number_takes_the_dtype_of_the_others(ufunc):
    for dtype, number in product("efdg", (2, 0.1, -3)):
        for at in range(ufunc.nin if ufunc.nin > 1 else 0):
            inputs = inputs_of(ufunc, (3,), dtype)
            inputs[at] = number
            like = [np.asarray(a, dtype) for a in inputs]
            assert_same_bits(ufunc(*inputs), plain(ufunc, *like))
    for result in as_tuple(ufunc(*[-1.5] * ufunc.nin)):
        assert type(result) is np.float64


@of_any_ufunc
def test_byte_order_and_alignment_do_not_matter(ufunc):
    for dtype in "efdg":
        inputs = inputs_of(ufunc, (7,), dtype)
        want = plain(ufunc, *inputs)
        swapped = [a.astype(a.dtype.newbyteorder()) for a in inputs]
        assert_same_bits(ufunc(*swapped), want)
        odd = [np.zeros(a.nbytes + 1, "u1")[1:].view(dtype) for a in (*inputs, *want)]
        for a, b in zip(odd, inputs, strict=False):
            a[...] = b
        ufunc(*odd[: ufunc.nin], out=tuple(odd[ufunc.nin :]))
        assert_same_bits(tuple(odd[ufunc.nin :]), want)


@of_any_ufunc
def test_anything_that_becomes_an_array(ufunc):
    inputs = inputs_of(ufunc, (3,))
    want = plain(ufunc, *inputs)
    for convert in (list, tuple, memoryview, lambda a: np.array(a)[None][0]):
        assert_same_bits(ufunc(*map(convert, inputs)), want)
    for result, w in zip(as_tuple(ufunc(*(a[0] for a in inputs))), want, strict=True):
        assert type(result) is np.float64
        assert_same_bits(result, w[0])
