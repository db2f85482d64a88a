"""Outputs that are given: the doors write and refuse the same."""

from functools import partial

import numpy as np
import oracle
from arrays import SHAPE, alike, operand, operands, outputs, room, table
from doors import call, door
from kinds import each_signature
from oddities import OUTS, from_broadcast_arrays, writing_back

import relu_ufunc

PLACES = [
    "keyword",
    "tuple",
    "position",
    "first",
    "first by position",
    "second",
    "second by position",
    "too long",
    "too short",
    "twice",
]


@table("make_out", OUTS)
@each_signature
def test_anything_as_out(name, make_out):
    def make(place, inputs):
        out, more = make_out(), outputs(name, make_out)[1:]
        args, keyword = {
            "keyword": ((), out),
            "tuple": ((), (out, *more)),
            "position": ((out, *more), None),
            "first": ((), (out, *(None for _ in more))),
            "first by position": ((out,), None),
            "second": ((), (*(None for _ in more), out)),
            "second by position": ((*(None for _ in more), out), None),
            "too long": ((), (out, *more, out)),
            "too short": ((), more),
            "twice": ((out, *more), (out, *more)),
        }[place]
        return call(*inputs(), *args, **({} if keyword is None else {"out": keyword}))

    for place in PLACES:
        alike(name, partial(make, place, partial(operands, name)))
    alike(name, partial(make, "tuple", lambda: operands(name)[: len(oracle.REQUIRED[name])]))
    n = len(oracle.OPERANDS[name])
    smaller = [
        lambda: [a[:1] for a in operands(name)],
        lambda: [operand(shape=())] * n,
        lambda: [np.float32(-0.5)] * n,
    ]
    for inputs in smaller:
        alike(name, partial(make, "tuple", inputs))


def test_out_that_warns_when_written_warns():
    for shape in (SHAPE, (1, 5)):

        def make(shape=shape):
            return call(operand(shape=shape), out=from_broadcast_arrays(shape))

        assert alike("relu", make, filters="error")["raised"]


def test_a_copy_to_be_written_back_is_written_back():
    results = []
    for direct in (True, False):
        target = room(SHAPE, "d")
        with door(direct), writing_back(target) as it, np.errstate(all="ignore"):
            relu_ufunc.relu(operand(), out=it.operands[0])
        results.append(target.tobytes())
    assert results[0] == results[1] != room(SHAPE, "d").tobytes()
