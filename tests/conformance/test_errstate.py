"""Floating-point errors, as np.errstate has them reported."""

import warnings
from contextlib import contextmanager

import numpy as np
import pytest
from subjects import inputs_of, of_any_ufunc, rooms

from relu_ufunc.testing import assert_same_bits

KINDS = {"divide": "divide by zero", "over": "overflow", "under": "underflow", "invalid": "invalid"}
EXTREMES = [0.0, -1e308, 1e308, -1e-308, np.inf, -np.inf, 3.0, -0.75]


def errors_of(ufunc, *inputs, **keywords):
    """What it reports, in words."""
    said = []
    with np.errstate(all="call", call=lambda kind, _: said.append(kind)):
        ufunc(*inputs, **keywords)
    return set(said)


def erring(ufunc):
    """Inputs of one element each, one of all combinations of extremes."""
    return [a.ravel() for a in np.meshgrid(*[EXTREMES] * ufunc.nin)]


@contextmanager
def collected():
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        yield caught


@of_any_ufunc
def test_errors_are_those_of_the_elements(ufunc):
    """At any length, and wherever they are."""
    every = [a[::37] for a in erring(ufunc)]
    alone = [errors_of(ufunc, *(a[i : i + 1] for a in every)) for i in range(len(every[0]))]
    assert errors_of(ufunc, *every) == set().union(*alone)
    assert errors_of(ufunc, *(np.repeat(a, 3)[::-3] for a in every)) == set().union(*alone)
    for i, errors in list(enumerate(alone))[:6]:
        for length in (1, 3, 17, 64, 1000):
            inputs = [np.resize(a, length) for a in inputs_of(ufunc, (7,))]
            for a, b in zip(inputs, every, strict=True):
                a[length // 2] = b[i]
            assert errors_of(ufunc, *inputs) == errors


@of_any_ufunc
def test_each_way_to_report(ufunc):
    inputs = erring(ufunc)
    errors = errors_of(ufunc, *inputs)
    with np.errstate(all="ignore"), collected() as caught:
        want = ufunc(*inputs)
    assert not caught
    with np.errstate(all="warn"), collected() as caught:
        assert_same_bits(ufunc(*inputs), want)
    messages = [str(w.message) for w in caught]
    assert all(w.category is RuntimeWarning and w.filename == __file__ for w in caught)
    assert all(message.endswith(f"encountered in {ufunc.__name__}") for message in messages)
    assert len(messages) == len(errors)
    for kind, words in KINDS.items():
        outs = rooms(ufunc, inputs[0].shape)
        with np.errstate(**{"all": "ignore", kind: "raise"}):
            if any(message.startswith(words) for message in messages):
                with pytest.raises(FloatingPointError, match=f"{words}.*{ufunc.__name__}"):
                    ufunc(*inputs, out=outs)
            else:
                ufunc(*inputs, out=outs)
        assert_same_bits(outs, want)  # the result is there all the same


@of_any_ufunc
def test_flags_of_others_are_not_reported(ufunc):
    np.float64(1e308) * np.float64(1e308)
    with np.errstate(all="raise"):
        ufunc(*inputs_of(ufunc))


@of_any_ufunc
def test_an_error_in_a_cast_is_reported(ufunc):
    large = [np.full(3, 1e300)] * ufunc.nin
    with np.errstate(all="raise"), pytest.raises(FloatingPointError, match="cast"):
        ufunc(*large, dtype="f", casting="same_kind")
