"""The keywords that every ufunc takes."""

import warnings
from itertools import product

import numpy as np
import pytest
from subjects import inputs_of, of_any_ufunc, plain, rooms, values

from relu_ufunc.testing import as_tuple, assert_same_bits

CASTINGS = ("no", "equiv", "safe", "same_kind", "unsafe")
SHAPE = (4, 5)


def assert_unwritten(outs):
    assert all((np.asarray(out) == 77).all() for out in outs)


@of_any_ufunc
def test_out_is_filled_and_returned(ufunc):
    inputs = inputs_of(ufunc)
    want = plain(ufunc, *inputs)
    for by_position in (False, True):
        outs = rooms(ufunc)
        got = ufunc(*inputs, *outs) if by_position else ufunc(*inputs, out=outs)
        assert all(a is b for a, b in zip(as_tuple(got), outs, strict=True))
        assert_same_bits(outs, want)
    if ufunc.nout == 1:
        (out,) = rooms(ufunc)
        assert ufunc(*inputs, out=out) is out
        assert_same_bits(out, want)
        assert_same_bits(ufunc(*inputs, out=None), want)
    else:
        with pytest.raises(TypeError):
            ufunc(*inputs, out=rooms(ufunc)[0])


@of_any_ufunc
def test_each_output_may_be_given_alone(ufunc):
    inputs = inputs_of(ufunc)
    for at in range(ufunc.nout):
        outs = [None] * ufunc.nout
        outs[at] = rooms(ufunc)[0]
        got = as_tuple(ufunc(*inputs, out=tuple(outs)))
        assert got[at] is outs[at]
        assert_same_bits(got, plain(ufunc, *inputs))


@of_any_ufunc
def test_out_that_does_not_fit_is_refused_and_not_written(ufunc):
    inputs = inputs_of(ufunc)
    for shape in ((4, 1), (1, 5), (5,), (4, 6), (5, 4), (0, 5), ()):
        outs = rooms(ufunc, shape)
        with pytest.raises(ValueError):
            ufunc(*inputs, out=outs)
        assert_unwritten(outs)
    outs = rooms(ufunc)
    outs[-1].flags.writeable = False
    with pytest.raises(ValueError, match="read-only"):
        ufunc(*inputs, out=outs)
    for wrong in ((*outs, outs[0]), ()):
        with pytest.raises(ValueError):
            ufunc(*inputs, out=wrong)
    for wrong in (1.0, [77.0], "out"):
        with pytest.raises(TypeError):
            ufunc(*inputs, out=(wrong,) * ufunc.nout)
    with pytest.raises(TypeError):
        ufunc(*inputs, *outs, out=outs)
    assert_unwritten(outs)


@of_any_ufunc
def test_out_of_more_axes_takes_the_result_again_and_again(ufunc):
    inputs, outs = inputs_of(ufunc), rooms(ufunc, (2, *SHAPE))
    ufunc(*inputs, out=outs)
    assert_same_bits(outs, tuple(np.stack([r, r]) for r in plain(ufunc, *inputs)))


@of_any_ufunc
def test_out_of_another_dtype_takes_what_casting_allows(ufunc):
    inputs = inputs_of(ufunc)
    want = plain(ufunc, *inputs)
    for dtype, casting in product("?bHiqefdgDO", CASTINGS):
        outs = rooms(ufunc, dtype=dtype)
        if all(np.can_cast(w.dtype, dtype, casting) for w in want):
            ufunc(*inputs, out=outs, casting=casting)
            if dtype not in "?bHiqO":  # a float that no integer is may become any
                assert_same_bits(outs, tuple(w.astype(dtype) for w in want))
        else:
            with pytest.raises(TypeError):
                ufunc(*inputs, out=outs, casting=casting)
            assert dtype == "?" or (outs[0] == 77).all()


@of_any_ufunc
def test_where_leaves_the_rest_alone(ufunc):
    inputs = inputs_of(ufunc)
    want = plain(ufunc, *inputs)
    masks = [True, False, np.True_, np.arange(5) % 3 == 0, np.arange(4)[:, None] > 1]
    for mask in [*masks, values(SHAPE) > 0, np.zeros(SHAPE, bool)]:
        outs = rooms(ufunc)
        ufunc(*inputs, out=outs, where=mask)
        assert_same_bits(outs, tuple(np.where(mask, w, 77.0) for w in want))
    broken = [a.copy() for a in inputs]
    for a in broken:
        a[0] = np.inf
    outs = rooms(ufunc)
    with np.errstate(all="raise"):
        ufunc(*broken, out=outs, where=(np.arange(4) > 0)[:, None])
    assert_same_bits(tuple(out[1:] for out in outs), tuple(w[1:] for w in want))
    assert_unwritten([out[0] for out in outs])


@of_any_ufunc
def test_where_has_a_say_in_the_shape(ufunc):
    inputs, mask = inputs_of(ufunc, (5,)), values((4, 1)) > 0
    outs = rooms(ufunc)
    ufunc(*inputs, out=outs, where=mask)
    assert_same_bits(outs, tuple(np.where(mask, w, 77.0) for w in plain(ufunc, *inputs)))
    for wrong, error in ((np.ones(3, bool), ValueError), (np.ones(5), TypeError)):
        with pytest.raises(error):
            ufunc(*inputs, where=wrong, out=rooms(ufunc, (5,)))


@of_any_ufunc
def test_order_of_a_new_output(ufunc):
    def middle_outermost(a):
        return a.transpose(1, 0, 2).copy().transpose(1, 0, 2)

    layouts = [np.ascontiguousarray, np.asfortranarray, middle_outermost]
    for laid, order in product(layouts, ({}, *({"order": order} for order in "CFAK"))):
        inputs = [laid(a) for a in inputs_of(ufunc, (2, 3, 4))]
        for result in as_tuple(ufunc(*inputs, **order)):
            assert result.strides == np.positive(inputs[0], **order).strides
        assert_same_bits(ufunc(*inputs, **order), plain(ufunc, *inputs))


@of_any_ufunc
def test_dtype_and_signature_choose_the_loop(ufunc):
    inputs = inputs_of(ufunc, dtype="b")
    for types in dict.fromkeys(ufunc.types):
        if set(types) & set("OmG"):  # G has padding, which holds anything
            continue
        given, made = types.split("->")
        wide = [a.astype(t) for a, t in zip(inputs, given, strict=True)]
        want = plain(ufunc, *wide)
        assert [w.dtype.char for w in want] == list(made)
        by_type = tuple(np.dtype(t) for t in given + made)
        for signature in ({"signature": types}, {"sig": types}, {"signature": by_type}):
            assert_same_bits(ufunc(*inputs, **signature, casting="unsafe"), want)
        if len(set(types)) == 3:  # of one type alone, and the arrow
            assert_same_bits(ufunc(*inputs, dtype=given[0], casting="unsafe"), want)
    for wrong in (
        {"signature": "nonsense"},
        {"signature": "V->V"},
        {"dtype": "V3"},
        {"dtype": "S"},
    ):
        with pytest.raises((TypeError, ValueError)):
            ufunc(*inputs, **wrong)
    with pytest.raises(TypeError):
        ufunc(*inputs, signature=ufunc.types[-1], sig=ufunc.types[-1])
    with pytest.raises(TypeError):
        ufunc(*inputs, signature=ufunc.types[-1], dtype="d")


@of_any_ufunc
def test_casting_of_inputs(ufunc):
    for loop, given, casting in product("efd", "?bHiqefdgF", CASTINGS):
        inputs = inputs_of(ufunc, (3,), given)
        if np.can_cast(given, loop, casting):
            want = plain(ufunc, *(a.astype(loop) for a in inputs)) if given != "F" else None
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", np.exceptions.ComplexWarning)
                got = ufunc(*inputs, dtype=loop, casting=casting)
            assert want is None or assert_same_bits(got, want) is None
        else:
            with pytest.raises(TypeError):
                ufunc(*inputs, dtype=loop, casting=casting)


@of_any_ufunc
def test_keywords_that_are_not_for_it_are_refused(ufunc):
    inputs, outs = inputs_of(ufunc), rooms(ufunc)
    refused = [
        *({"axes": [(0,)] * ufunc.nargs}, {"axis": 0}, {"keepdims": True}, {"keepdims": False}),
        *({"extobj": []}, {"initial": 0}, {"unheard": 1}, {"subok": "yes"}, {"order": 3}),
        *({"casting": "any"}, {"casting": None}, {"order": "Z"}, {"dtype": "nonsense"}),
    ]
    for keywords in refused:
        with pytest.raises((TypeError, ValueError)):
            ufunc(*inputs, out=outs, **keywords)
    for count in (0, ufunc.nargs + 1, 40):
        with pytest.raises(TypeError):
            ufunc(*[inputs[0]] * count)
    assert_unwritten(outs)
