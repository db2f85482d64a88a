"""Operands of other classes: who is asked, in which order, and who makes the result."""

import numpy as np
import pytest
from subjects import inputs_of, of_any_ufunc, plain, rooms

from relu_ufunc.testing import as_tuple, assert_same_bits


class Overrider:
    """Tells what it is asked."""

    def __array_ufunc__(self, ufunc, method, *inputs, **kwargs):
        return self, ufunc, method, inputs, kwargs


class LaterOverrider(Overrider):
    pass


class Declining:
    def __array_ufunc__(self, *args, **kwargs):
        return NotImplemented


class Refusing:
    __array_ufunc__ = None


class Tagged(np.ndarray):
    def __array_finalize__(self, origin):
        self.tag = getattr(origin, "tag", "none")


class Wrapping(np.ndarray):
    def __array_wrap__(self, a, context=None, return_scalar=False):
        return "wrapped", a, context, return_scalar


class Important(Wrapping):
    __array_priority__ = 10.0

    def __array_wrap__(self, a, context=None, return_scalar=False):
        return "more important", a, context, return_scalar


class Arraylike:
    """No array, but knows how to become one, and what to make of the result."""

    __array_priority__ = 20.0

    def __init__(self, a):
        self.a = a

    def __array__(self, dtype=None, copy=None):
        return self.a

    def __array_wrap__(self, a, context=None, return_scalar=False):
        return "from an array-like", a, context, return_scalar


def with_one(ufunc, at, convert):
    inputs = inputs_of(ufunc)
    inputs[at] = convert(inputs[at])
    return inputs


@of_any_ufunc
def test_array_ufunc_of_an_input_takes_over(ufunc):
    for at in range(ufunc.nin):
        one, outs = Overrider(), rooms(ufunc)
        inputs = with_one(ufunc, at, lambda a, one=one: one)
        asked, function, method, given, keywords = ufunc(*inputs)
        assert asked is one and function is ufunc and method == "__call__" and keywords == {}
        assert len(given) == len(inputs)
        assert all(a is b for a, b in zip(given, inputs, strict=True))
        _, _, _, given, keywords = ufunc(*inputs, where=True, dtype="f", out=outs)
        assert len(given) == ufunc.nin and set(keywords) == {"where", "dtype", "out"}
        assert all(a is b for a, b in zip(keywords["out"], outs, strict=True))
        keywords = ufunc(*inputs, *outs)[-1]
        assert all(a is b for a, b in zip(keywords["out"], outs, strict=True))


@of_any_ufunc
def test_array_ufunc_of_an_output_takes_over(ufunc):
    one = Overrider()
    for at in range(ufunc.nout):
        outs = [None] * ufunc.nout
        outs[at] = one
        asked, _, _, _, keywords = ufunc(*inputs_of(ufunc), out=tuple(outs))
        assert asked is one and keywords["out"][at] is one


@of_any_ufunc
def test_subclasses_are_asked_first_then_from_left_to_right(ufunc):
    first, later = Overrider(), LaterOverrider()
    if ufunc.nin > 1:
        rest = inputs_of(ufunc)[2:]
        assert ufunc(first, later, *rest)[0] is later
        assert ufunc(first, Overrider(), *rest)[0] is first
        assert ufunc(Declining(), first, *rest)[0] is first
    assert ufunc(*[first] * ufunc.nin, out=(later,) * ufunc.nout)[0] is later


@of_any_ufunc
def test_all_that_decline_is_a_type_error(ufunc):
    for kind, at in ((k, at) for k in (Declining, Refusing) for at in range(ufunc.nin)):
        with pytest.raises(TypeError, match=r"__array_ufunc__|does not support"):
            ufunc(*with_one(ufunc, at, lambda a, kind=kind: kind()))
        with pytest.raises(TypeError):
            ufunc(*inputs_of(ufunc), out=(kind(),) * ufunc.nout)


@of_any_ufunc
def test_methods_are_overridden_too(ufunc):
    one, others = Overrider(), inputs_of(ufunc, (1,))[1:]
    calls = {"at": (one, [0], *others)} if ufunc.nin < 3 and ufunc.nout == 1 else {}
    if ufunc.nin == 2 and ufunc.nout == 1:
        calls |= {"reduce": (one,), "accumulate": (one,), "reduceat": (one, [0])}
    if ufunc.nin == 2:
        calls |= {"outer": (one, *others)}
    for method, args in calls.items():
        asked, function, told, given, _ = getattr(ufunc, method)(*args)
        assert asked is one and function is ufunc and told == method and given[0] is one


@of_any_ufunc
def test_a_subclass_stays_one_unless_declined(ufunc):
    inputs = inputs_of(ufunc)
    for at in range(ufunc.nin):
        given = with_one(ufunc, at, lambda a: a.view(Tagged))
        given[at].tag = "kept"
        for result in as_tuple(ufunc(*given)):
            assert type(result) is Tagged and result.tag == "kept"
        assert_same_bits(tuple(map(np.asarray, as_tuple(ufunc(*given)))), plain(ufunc, *inputs))
        for result in as_tuple(ufunc(*given, subok=False)):
            assert type(result) is np.ndarray
        outs = rooms(ufunc)
        assert all(a is b for a, b in zip(as_tuple(ufunc(*given, out=outs)), outs, strict=True))
    outs = tuple(out.view(Tagged) for out in rooms(ufunc))
    assert all(a is b for a, b in zip(as_tuple(ufunc(*inputs, out=outs)), outs, strict=True))


@of_any_ufunc
def test_array_wrap_makes_the_result(ufunc):
    for convert, said in (
        (lambda a: a.view(Wrapping), "wrapped"),
        (lambda a: a.view(Important), "more important"),
        (Arraylike, "from an array-like"),
    ):
        for at in range(ufunc.nin):
            inputs = with_one(ufunc, at, convert)
            results = ufunc(*inputs)
            results = results if ufunc.nout > 1 else (results,)
            for i, (word, a, context, scalar) in enumerate(results):
                assert word == said and type(a) is np.ndarray and scalar is False
                function, args, place = context
                assert function is ufunc and place == i
                assert all(x is y for x, y in zip(args[: ufunc.nin], inputs, strict=True))


@of_any_ufunc
def test_array_priority_decides_who_wraps(ufunc):
    if ufunc.nin == 1:
        return
    a, b, *rest = inputs_of(ufunc)
    for first, second in ((Wrapping, Important), (Important, Wrapping)):
        result = ufunc(a.view(first), b.view(second), *rest)
        assert (result if ufunc.nout == 1 else result[0])[0] == "more important"
    result = ufunc(a.view(Important), Arraylike(b), *rest)
    assert (result if ufunc.nout == 1 else result[0])[0] == "from an array-like"
