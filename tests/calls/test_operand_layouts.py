"""Where operands lie in memory, and how they broadcast: the doors give the same."""

from itertools import product

import numpy as np
import oracle
import pytest
from arrays import (
    LAYOUTS,
    LAYOUTS_3D,
    SHAPE,
    alike,
    in_3d,
    operand,
    operands,
    outputs,
    room,
    table,
)
from cases import in_turn
from doors import call
from kinds import SIGNATURES, each_signature
from numpy.lib.stride_tricks import as_strided

SEVERAL_INPUTS = [name for name in SIGNATURES if len(oracle.OPERANDS[name]) > 1]
SEVERAL_OUTPUTS = [name for name in SIGNATURES if oracle.OUTPUTS[name] > 1]


@table("lay_out", LAYOUTS)
@each_signature
def test_layout_of_all_operands(name, lay_out):
    for dtype in ("f", "b") if name in oracle.FOR_INTEGERS else ("f", "d", "e"):
        alike(name, lambda dtype=dtype: call(*map(lay_out, operands(name, dtype))))


@table("lay_out", LAYOUTS)
@in_turn("name", SEVERAL_INPUTS)
def test_layout_of_one_operand(name, lay_out):
    shape = lay_out(np.zeros(SHAPE, "f")).shape
    for i in range(len(oracle.OPERANDS[name])):

        def make(i=i):
            inputs = [np.resize(a, shape) for a in operands(name)]
            inputs[i] = lay_out(operands(name)[i])
            return call(*inputs)

        alike(name, make)


@table("lay_out", LAYOUTS)
@each_signature
def test_layout_of_out(name, lay_out):
    shape = lay_out(np.zeros(SHAPE, "f")).shape

    def make(laid):
        inputs = [lay_out(a) if laid else np.resize(a, shape) for a in operands(name)]
        return call(*inputs, out=outputs(name, lambda: lay_out(room(SHAPE, "f"))))

    alike(name, lambda: make(laid=False))
    alike(name, lambda: make(laid=True))


@in_turn("name", SEVERAL_INPUTS)
@table("first", LAYOUTS_3D)
def test_layouts_of_two_operands(name, first):
    for second in LAYOUTS_3D.values():

        def make(second=second):
            inputs = operands(name, shape=(2, 3, 4))
            inputs[0], inputs[-1] = in_3d(inputs[0], *first), in_3d(inputs[-1], *second)
            return call(*inputs)

        alike(name, make)


@in_turn("name", SEVERAL_OUTPUTS)
@in_turn("at", [0, -1])
@table("layout", LAYOUTS_3D)
def test_layout_of_a_new_output_beside_a_given_one(name, at, layout):
    def make():
        outs = [None] * oracle.OUTPUTS[name]
        outs[at] = in_3d(room((2, 3, 4), "f"), *layout)
        return call(*operands(name, shape=(2, 3, 4)), out=tuple(outs))

    alike(name, make)


@each_signature
def test_order_of_new_outputs(name):
    """Operands with axes in any order in memory, some of them broadcast."""
    rng = np.random.default_rng(0)

    def one(shape, axes):
        return np.ones([shape[i] for i in axes], "f").transpose(np.argsort(axes))

    for _ in range(150):
        shape = rng.integers(1, 4, rng.integers(1, 6))
        laid = [
            (np.where(rng.random(len(shape)) < 0.4, 1, shape), rng.permutation(len(shape)))
            for _ in oracle.OPERANDS[name]
        ]
        alike(name, lambda laid=laid: call(*(one(*layout) for layout in laid)))


SHAPES = {
    "scalar-like": ((4, 5), ()),
    "one": ((4, 5), (1,)),
    "one by one": ((4, 5), (1, 1)),
    "row": ((4, 5), (5,)),
    "column": ((4, 5), (4, 1)),
    "channels": ((2, 3, 4, 5), (3, 1, 1)),
    "more axes in the parameter": ((5,), (4, 5)),
    "many more axes": ((5,), (1, 2, 1, 3, 5)),
    "the parameter alone has axes": ((), (4, 5)),
    "both broadcast": ((4, 1), (1, 5)),
    "three ways": ((2, 1, 4), (3, 1)),
    "empty": ((0,), (1,)),
    "empty by the parameter": ((4, 1), (0,)),
    "empty, three axes": ((3, 0, 2), (2,)),
    "both empty": ((0, 3), (2, 0, 1)),
    "64 axes": ((5,), (1,) * 63 + (5,)),
    "mismatch": ((4, 5), (4,)),
    "mismatch with empty": ((4, 0), (5,)),
    "mismatch in the middle": ((2, 3, 4), (2, 1)),
}


def joint(shapes):
    """What shapes broadcast to, of any number of axes; anything where they do not."""
    axes = max(map(len, shapes))
    padded = [(1,) * (axes - len(shape)) + shape for shape in shapes]
    return tuple(next((n for n in column if n != 1), 1) for column in zip(*padded, strict=True))


@table("shapes", SHAPES)
@pytest.mark.parametrize("given_out", [False, True], ids=["new", "out"])
@each_signature
def test_broadcasting(name, shapes, given_out):
    for order in product(shapes, repeat=len(oracle.OPERANDS[name])):
        shape = joint(order)

        def make(order=order, shape=shape):
            inputs = [operand(shape=s, seed=seed) for seed, s in enumerate(order)]
            outs = {"out": outputs(name, lambda: room(shape, "f"))} if given_out else {}
            return call(*inputs, **outs)

        alike(name, make)


def test_huge_strides():
    memory = np.zeros((1 << 27) + 2, "u1")

    def make():
        memory[:4] = memory[-4:] = (1, 2, 3, 64)
        far = as_strided(memory[:4].view("f"), (2,), ((1 << 27) - 2,))
        return call(far, 0.5)

    for name in ("elu", "prelu_grad", "relu_backward"):
        alike(name, make)


def test_more_elements_than_there_is_memory():
    one = np.broadcast_to(np.float32(0), (1 << 60,))
    wide, high = np.broadcast_to(np.float32(0), (1, 1 << 40)), np.zeros((4, 1), "f")
    tall = np.broadcast_to(high[:1], (1 << 40, 1))
    alike("relu", lambda: call(one))
    for inputs in ((one, 0.5), (wide, tall), (tall, wide), (one, np.zeros((4, 1), "f"))):
        for name in ("elu", "prelu_grad", "relu_backward"):
            assert alike(name, lambda inputs=inputs: call(*inputs))["raised"]
            out = room(3, "f")
            alike(
                name, lambda inputs=inputs, out=out, name=name: call(*inputs, *outs_of(name, out))
            )


def outs_of(name, out):
    return (out,) * oracle.OUTPUTS[name]
