"""Floating-point errors and warnings: the doors report the same, and to the same caller."""

import inspect
import math
import threading
import warnings
from functools import partial

import numpy as np
import oracle
import pytest
from arrays import SHAPE, alike, erring, outputs, room
from doors import assert_alike, call, describe, door
from kinds import every_loop

import relu_ufunc
from relu_ufunc.testing import same_bits


def erring_call(name, dtype="f", shape=SHAPE, **kwargs):
    return call(*(erring(dtype, shape) for _ in oracle.OPERANDS[name]), **kwargs)


KINDS = ["over", "under", "divide", "invalid"]


@pytest.mark.parametrize("mode", ["ignore", "warn", "raise", "call", "print", "log"])
@every_loop
def test_errstate(name, mode, capfd):
    log = []
    outs = {}

    def handle(*args):
        # The result is there already.
        log.append((args, [o.tobytes() for o in outs.get("out", ())]))

    class Log:
        def write(self, message):
            log.append(message)

    def make(given_out):
        outs.clear()
        log.append("call")
        capfd.readouterr()
        if given_out:
            outs["out"] = outputs(name, lambda: room(SHAPE, "f"))
        return erring_call(name, **outs)

    handler = {"call": handle, "log": Log()}.get(mode)
    for given_out in (False, True):
        for kind in ["all", *KINDS]:
            err = {"all": "ignore", kind: mode, "call": handler}
            seen = []
            for direct in (True, False):
                with door(direct):
                    log.clear()
                    args, kwargs = make(given_out)
                    seen.append((outcome(name, args, kwargs, err), log.copy(), capfd.readouterr()))
            assert seen[0] == seen[1], kind
            alike(name, lambda g=given_out: make(g), **err)


def outcome(name, args, kwargs, err):
    with np.errstate(**err), warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            return describe(getattr(relu_ufunc, name)(*args, **kwargs), kwargs.get("out", ())), len(
                caught
            )
        except FloatingPointError as error:
            return str(error), [o.tobytes() for o in kwargs.get("out", ())]


@pytest.mark.parametrize("filters", ["error", "always", "ignore", "default", "once"])
@every_loop
def test_warning_filters(name, filters):
    for given_out in (False, True):

        def make(given_out=given_out):
            out = outputs(name, (lambda: room(SHAPE, "f")) if given_out else lambda: None)
            return erring_call(name, out=out)

        alike(name, make, filters=filters)


@pytest.mark.parametrize("dtype", oracle.FLOATS)
@every_loop
def test_errors_in_arrays_of_every_size(name, dtype):
    for one in erring(dtype, (7,)):
        alike(name, lambda one=one: call(*(np.full(3, one) for _ in oracle.OPERANDS[name])))
    for shape in ((), (1,), (3,), (64,), (9001,), (3, 4), (0,)):
        alike(name, partial(erring_call, name, dtype, shape))
        alike(name, partial(erring_call, name, dtype, (*shape, 1)))


@pytest.mark.parametrize(
    ("dtype", "x", "slope", "error"),
    [
        ("bfloat16", -1.015625 * 2**127, 1.96875, "overflow"),
        ("bfloat16", -1.0078125 * 2**-126, 0.5, "underflow"),
        ("e", -1.0009765625 * 2**15, 1.9990234375, "overflow"),
        ("e", -1.0009765625 * 2**-14, 0.5, "underflow"),
        ("f", -1.5 * 2.0**127, 1.5, "overflow"),
        ("f", -1.00000011920928955078125 * 2**-126, 0.5, "underflow"),
        ("d", -1.5 * 2.0**1023, 1.5, "overflow"),
        ("d", -1.0000000000000002 * 2**-1022, 0.5, "underflow"),
    ],
    ids=lambda v: v if isinstance(v, str) else "",
)
def test_an_error_when_the_product_is_rounded(dtype, x, slope, error):
    """In the 16-bit floats, float32 holds the product."""
    for size in (1, 3, 70, 9001):
        for out in (None, np.zeros(size, dtype)):
            seen = alike(
                "prelu",
                lambda size=size, out=out: call(
                    np.full(size, x, dtype), np.full(size, slope, dtype), out=out
                ),
            )
            assert [w[1] for w in seen["warnings"]] == [f"{error} encountered in prelu"]


@pytest.mark.parametrize("direct", [True, False])
def test_a_warning_points_to_the_caller(direct):
    x, out = erring("f", (4,)), room(4, "f")
    with door(direct), pytest.warns(RuntimeWarning, match="^overflow encountered in") as seen:
        line = inspect.currentframe().f_lineno
        relu_ufunc.leaky_relu(x, 4)
        relu_ufunc.leaky_relu(x, negative_slope=np.float32(4), out=out)
        relu_ufunc.prelu(x, 1e300)
    places = [(w.filename, w.lineno - line) for w in seen]
    assert places == [(__file__, 1), (__file__, 2), (__file__, 3)]
    assert [str(w.message).split()[-1] for w in seen] == ["leaky_relu", "leaky_relu", "cast"]


@pytest.mark.parametrize("direct", [True, False])
def test_a_handler_may_fail_and_may_call_again(direct):
    x, out, inner = erring("f", (4,)), room(4, "f"), []

    def handle(*_):
        with np.errstate(all="ignore"):
            inner.append(relu_ufunc.leaky_relu(x, 4))
        raise KeyError("on purpose")

    with door(direct):
        with np.errstate(all="call", call=handle), pytest.raises(KeyError, match="on purpose"):
            relu_ufunc.leaky_relu(x, 4, out=out)
        assert same_bits(out, inner[0]).all()
        with np.errstate(all="call", call=None), pytest.raises(NameError):
            relu_ufunc.leaky_relu(x, 4, out=out)


@every_loop
def test_flags_left_by_others_are_not_reported(name):
    def after_errors(*args, huge=1e308, tiny=1e-308, infinity=math.inf):
        assert math.isnan(infinity - infinity) and huge * huge > tiny * tiny
        return getattr(relu_ufunc, name)(*args)

    n = len(oracle.OPERANDS[name])
    seen = assert_alike(after_errors, lambda: call(*(np.ones(SHAPE, "f") for _ in range(n))))
    assert not seen["warnings"]


def test_errstate_is_each_threads_own():
    def in_thread(found):
        x, slope = erring("f", (4,)), np.float32(4)
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            relu_ufunc.leaky_relu(x, slope)
            found.append([str(w.message) for w in caught])
            with np.errstate(over="raise"):
                try:
                    relu_ufunc.leaky_relu(x, slope)
                except FloatingPointError as error:
                    found.append(str(error))

    results = []
    for direct in (True, False):
        found = []
        with door(direct), np.errstate(all="ignore"):
            thread = threading.Thread(target=in_thread, args=(found,))
            thread.start()
            thread.join()
        results.append(found)
    assert results[0] == results[1]
    message = "overflow encountered in leaky_relu"
    assert results[0] == [[message], message]


def test_errstate_as_decorator_and_seterr():
    x = erring("f", (4,))
    for direct in (True, False):
        with door(direct):
            before = np.seterr(over="raise")
            try:
                with pytest.raises(FloatingPointError):
                    relu_ufunc.leaky_relu(x, 4)
            finally:
                np.seterr(**before)
            assert np.errstate(all="ignore")(relu_ufunc.leaky_relu)(x, 4).size == 4
