"""The keywords that every ufunc takes, with parameters left out, by position and by keyword."""

import numpy as np
import oracle
import pytest
from cases import in_turn
from kinds import SIGNATURES

import relu_ufunc as ru
from relu_ufunc.testing import as_tuple, assert_same_bits

X = np.linspace(-3, 3, 77).astype("f").reshape(7, 11)
ARRAYS = [X, X[::-1].copy(), X[:, ::-1] / 4, X / -2]


class Tagged(np.ndarray):
    """A subclass that says nothing of its own about ufuncs."""


def calls(name):
    """The ways to give the arguments of a ufunc, each as (args, kwargs)."""
    inputs, parameters = ARRAYS[: len(oracle.INPUTS[name])], oracle.PARAMETERS[name]
    yield [*inputs, *(0.25 for _ in parameters)], {}
    if parameters:
        yield inputs, dict.fromkeys(parameters, 0.25)
    if name in oracle.WITH_DEFAULTS:
        yield inputs, {p: 0.25 for p, default in parameters.items() if default is None}


class Call:
    """A ufunc together with arguments: called with any further keywords."""

    def __init__(self, name, args, kwargs):
        self.ufunc, self.args, self.kwargs = getattr(ru, name), args, kwargs
        self.positional_out = len(args) == self.ufunc.nin

    def __call__(self, **more):
        return self.ufunc(*self.args, **self.kwargs, **more)

    def __str__(self):
        given = "by keyword" if self.kwargs else f"{len(self.args)} by position"
        return f"{self.ufunc.__name__}-{given}"


each_call = in_turn("call", [Call(name, *given) for name in SIGNATURES for given in calls(name)])


def buffers(call, dtype="f", **kwargs):
    """A tuple of outputs filled with a value that no result has."""
    return tuple(np.full(X.shape, 77, dtype, **kwargs) for _ in range(call.ufunc.nout))


def converted(result, dtype):
    return tuple(r.astype(dtype) for r in as_tuple(result))


@each_call
def test_out_is_filled_and_returned(call):
    outs = buffers(call)
    got = call(out=outs)
    assert all(g is o for g, o in zip(as_tuple(got), outs, strict=True))
    assert_same_bits(outs, call())


@each_call
def test_out_may_be_a_bare_array_for_one_output_only(call):
    out = buffers(call)[0]
    if call.ufunc.nout == 1:
        assert call(out=out) is out
        assert_same_bits(out, call())
    else:
        with pytest.raises(TypeError, match="must be a tuple"):
            call(out=out)
        assert (out == 77).all()


@each_call
def test_out_by_position_follows_the_last_input(call):
    outs = buffers(call)
    if call.positional_out:
        call.ufunc(*call.args, *outs)
        assert_same_bits(outs, call())
        with pytest.raises(TypeError, match="both a positional and keyword argument"):
            call.ufunc(*call.args, *outs, out=outs)


@each_call
def test_out_none_is_no_out(call):
    want = call()
    assert_same_bits(call(out=(None,) * call.ufunc.nout), want)
    if call.ufunc.nout == 1:
        assert_same_bits(call(out=None), want)


@pytest.mark.parametrize("dtype", ["f8", "g", "e", ">f4", "c16"])
@each_call
def test_out_of_another_dtype_takes_the_cast_result(call, dtype):
    outs = buffers(call, dtype)
    call(out=outs)
    assert_same_bits(outs, converted(call(), dtype))


def test_out_of_another_dtype_does_not_change_the_loop():
    x = np.float32([-1, -0.1])
    out = np.empty(2)
    ru.elu(x, out=out)
    assert_same_bits(out, ru.elu(x).astype("f8"))


@pytest.mark.parametrize(
    "reorder",
    [np.asfortranarray, lambda a: np.pad(a, 2)[2:-2, 2:-2], lambda a: a[::-1, ::-1]],
    ids=["Fortran", "cropped", "reversed"],
)
@each_call
def test_out_in_another_order(call, reorder):
    outs = tuple(map(reorder, buffers(call)))
    call(out=outs)
    assert_same_bits(outs, call())


def test_subclass_in_subclass_out_unless_declined():
    x = X.view(Tagged)
    for result in (ru.relu(x), ru.elu(x), ru.leaky_relu(x, negative_slope=x), *ru.prelu_grad(x, 1)):
        assert type(result) is Tagged
    assert type(ru.relu(x, subok=False)) is np.ndarray
    assert type(ru.elu(x, alpha=0.5, subok=False)) is np.ndarray


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda: np.full(X.shape, 77, "i4"), TypeError, "Cannot cast ufunc"),
        (lambda: np.full((7, 12), 77, "f"), ValueError, "could not be broadcast|doesn't match"),
        (lambda: np.full((7, 1), 77, "f"), ValueError, "doesn't match the broadcast shape"),
        (lambda: np.full(11, 77, "f"), ValueError, "doesn't match the broadcast shape"),
        (lambda: [77.0], TypeError, "must be.* ArrayType"),
    ],
    ids=["integer", "wrong shape", "too short", "too few axes", "not an array"],
)
@each_call
def test_wrong_out_is_refused_before_anything_is_written(call, make, error, message):
    outs = tuple(make() for _ in range(call.ufunc.nout))
    with pytest.raises(error, match=message):
        call(out=outs)
    assert all((np.asarray(out) == 77).all() for out in outs)


@each_call
def test_read_only_out_is_refused(call):
    outs = buffers(call)
    outs[-1].flags.writeable = False
    with pytest.raises(ValueError, match="read-only"):
        call(out=outs)
    assert all((out == 77).all() for out in outs)


@each_call
def test_wrong_number_of_outs_is_refused(call):
    outs = (*buffers(call), np.full(X.shape, 77, "f"))
    with pytest.raises(ValueError, match="The 'out' tuple must have exactly"):
        call(out=outs)
    assert all((out == 77).all() for out in outs)


@each_call
def test_where_leaves_the_rest_alone(call):
    where = np.random.default_rng(0).random(X.shape) < 0.5
    outs = buffers(call)
    call(out=outs, where=where)
    want = tuple(np.where(where, w, np.float32(77)) for w in as_tuple(call()))
    assert_same_bits(outs, want)


@pytest.mark.parametrize(
    "where",
    [True, False, np.arange(11) % 3 == 0, np.arange(7)[:, None] > 3],
    ids=lambda w: np.shape(w),
)
@each_call
def test_where_broadcasts(call, where):
    outs = buffers(call)
    call(out=outs, where=where)
    want = tuple(np.where(where, w, np.float32(77)) for w in as_tuple(call()))
    assert_same_bits(outs, want)


def test_elements_left_out_raise_nothing():
    x = np.float32([-3e38, -1, 5])
    with np.errstate(all="raise"):
        out = ru.leaky_relu(x, 2, out=np.zeros(3, "f"), where=x > -2)
    assert out.tolist() == [0, -2, 5]


@each_call
def test_dtype_chooses_the_loop(call):
    wide = [a.astype("d") if isinstance(a, np.ndarray) else a for a in call.args]
    assert_same_bits(call(dtype="d"), call.ufunc(*wide, **call.kwargs))


@pytest.mark.parametrize("by_tuple", [False, True])
@each_call
def test_signature_chooses_the_loop(call, by_tuple):
    n = call.ufunc.nin, call.ufunc.nout
    signature = (np.float64,) * sum(n) if by_tuple else "d" * n[0] + "->" + "d" * n[1]
    assert_same_bits(call(signature=signature), call(dtype="d"))


@each_call
def test_a_loop_that_is_not_there_is_refused(call):
    with pytest.raises(TypeError, match=r"No loop matching|did not contain a loop"):
        call(dtype="c16")


@each_call
def test_casting_is_checked_before_anything_is_written(call):
    outs = buffers(call, "d")
    with pytest.raises(TypeError, match=r"Cannot cast ufunc .* output"):
        call(out=outs, casting="no")
    assert all((out == 77).all() for out in outs)
    with pytest.raises(TypeError, match=r"Cannot cast ufunc .* input"):
        call(dtype="e", casting="safe")


@each_call
def test_casting_unsafe_lets_integers_be_written(call):
    outs = buffers(call, "i4")
    call(out=outs, casting="unsafe")
    assert_same_bits(outs, converted(call(), "i4"))


@pytest.mark.parametrize(
    "keyword",
    [{"casting": "nonsense"}, {"order": "Z"}, {"dtype": "nonsense"}, {"signature": "nonsense"}],
    ids=lambda k: next(iter(k)),
)
@each_call
def test_nonsense_in_a_keyword_is_refused(call, keyword):
    outs = buffers(call)
    with pytest.raises((TypeError, ValueError)):
        call(out=outs, **keyword)
    assert all((out == 77).all() for out in outs)
