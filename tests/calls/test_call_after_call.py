"""Calls one after the other on arrays that live on, while everything else changes.

All arrays are views of one piece of memory, or results that are kept; beside each is what it should
hold. A model makes the same call on copies, plainly, with nothing switched on.
"""

from contextlib import ExitStack
from math import prod

import hypothesis
import numpy as np
import pytest
from cuts import always_shared
from doors import door
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from kinds import SIGNATURES
from samples import numbers

import relu_ufunc
from relu_ufunc import _relu_ufunc
from relu_ufunc.testing import as_tuple, assert_same_bits, same_bits

DTYPE = np.float32
# Recycling takes outputs of 128 KiB or more: the last is that large.
SHAPES = [(), (1,), (7,), (40,), (3, 5), (33, 20), (2, 3, 4), (5, 1, 8), (0, 4), (181, 182)]
ROOM = 1 << 16
UNSHRUNK = [phase for phase in hypothesis.Phase if phase.name != "shrink"]  # that takes minutes


@st.composite
def views(draw, shape):
    """Strides in elements, and the first one: no two elements of a view are the same."""
    steps = [0] * len(shape)
    step = draw(st.sampled_from([1, 1, 1, 2, 3])) if prod(shape) < 1000 else 1
    for axis in draw(st.permutations(range(len(shape)))):
        steps[axis] = step * draw(st.sampled_from([1, 1, -1]))
        step *= max(shape[axis], 1)
    below = sum((n - 1) * s for n, s in zip(shape, steps, strict=True) if s < 0 < n)
    reach = sum((n - 1) * abs(s) for n, s in zip(shape, steps, strict=True) if n)
    return shape, draw(st.integers(0, min(ROOM - reach - 1, 60))) - below, tuple(steps)


def look(memory, view):
    shape, first, steps = view
    size = memory.itemsize
    return np.ndarray(shape, DTYPE, memory, first * size, [s * size for s in steps])


class Calls(RuleBasedStateMachine):
    @initialize(seed=st.integers(0, 3))
    def begin(self, seed):
        self.memory = np.resize(numbers("f", 5003, seed), ROOM).copy()
        self.wanted = self.memory.copy()
        self.kept = []  # results, and copies of what they hold
        self.contexts, self.switches = ExitStack(), ExitStack()
        self.entered = 0
        self.before = relu_ufunc.set_num_threads(1), np.geterr(), _relu_ufunc.serves_directly()
        self.switches.enter_context(always_shared())

    def teardown(self):
        if hasattr(self, "switches"):
            self.contexts.close()
            self.switches.close()
            threads, errors, direct = self.before
            relu_ufunc.set_num_threads(threads)
            np.seterr(**errors)
            _relu_ufunc.serve_directly(direct)

    # what a call should not be changed by

    @rule(threads=st.integers(1, 3))
    def use_threads(self, threads):
        relu_ufunc.set_num_threads(min(threads, _relu_ufunc.MOST_THREADS))

    @rule(direct=st.booleans())
    def go_by(self, direct):
        _relu_ufunc.serve_directly(direct)

    @rule(how=st.sampled_from(["ignore", "warn", "raise"]))
    def report_errors(self, how):
        np.seterr(all=how)

    @rule(size=st.sampled_from([1 << 17, 1 << 20]))
    @precondition(lambda self: self.entered < 3)
    def recycle(self, size):
        self.contexts.enter_context(relu_ufunc.recycle_outputs(max_bytes=size))
        self.entered += 1

    @rule()
    @precondition(lambda self: self.entered)
    def stop_recycling(self):
        self.contexts.close()
        self.entered = 0

    @rule(data=st.data())
    @precondition(lambda self: self.kept)
    def forget(self, data):
        del self.kept[data.draw(st.integers(0, len(self.kept) - 1))]

    # calls

    @rule(data=st.data(), names=st.lists(st.sampled_from(SIGNATURES), min_size=1, max_size=8))
    def call(self, data, names):
        for name in names:
            self.call_one(data.draw, getattr(relu_ufunc, name))
            self.nothing_else_has_changed()

    def call_one(self, draw, function):
        shape = draw(st.sampled_from(SHAPES))
        inputs = [self.draw_input(draw, shape) for _ in range(function.nin)]
        wanted = self.model(function, [np.array(a) for a in inputs], shape)
        given = self.draw_outputs(draw, function, shape)
        keywords = {"out": tuple(out for out, _ in given)}
        mask = np.ones(shape, bool)
        if all(out is not None for out, _ in given) and draw(st.integers(0, 3)) == 0:
            keywords["where"] = mask = np.resize(numbers("b", 97, 0) > 0, shape)
        if draw(st.integers(0, 4)) == 0:
            keywords["order"] = draw(st.sampled_from("CFAK"))
        try:
            results = as_tuple(function(*inputs, **keywords))
        except FloatingPointError:
            assert np.geterr()["over"] == "raise"
            results = keywords["out"]
            if self.is_unwritten(given):
                return
        for result, (out, shadow), want in zip(results, given, wanted, strict=True):
            assert out is None or result is out
            if shadow is not None:
                shadow[...] = np.where(mask, want, shadow)
            elif result is not None and np.shape(result) == shape:
                self.kept.append((np.asanyarray(result), want))
        del self.kept[:-12]

    def is_unwritten(self, given):
        """As NumPy leaves outputs when it raises, if it has made copies because they overlap."""
        return all(out is None or same_bits(out, shadow).all() for out, shadow in given)

    def draw_input(self, draw, shape):
        kind = draw(st.sampled_from(["view", "view", "broadcast", "number", "kept"]))
        if kind == "number":
            return DTYPE(draw(st.sampled_from([0.25, -2.0, 1.0, 1e30, 0.0])))
        if kind == "kept":
            alike = [result for result, _ in self.kept if result.shape == shape]
            if alike:
                return draw(st.sampled_from(alike))
        if kind == "broadcast":
            shape = tuple(n if draw(st.booleans()) else 1 for n in shape)
        return look(self.memory, draw(views(shape)))

    def draw_outputs(self, draw, function, shape):
        """Each with its shadow; one at the most is a view, for two may not overlap."""
        outs = [(None, None)] * function.nout
        at, kind = draw(st.integers(0, function.nout - 1)), draw(st.integers(0, 2))
        kept = [pair for pair in self.kept if pair[0].shape == shape]
        if kind == 1:
            view = draw(views(shape))
            outs[at] = look(self.memory, view), look(self.wanted, view)
        elif kind == 2 and kept:
            outs[at] = draw(st.sampled_from(kept))
        return outs

    def model(self, function, inputs, shape):
        """A few elements at a time, alone, by NumPy's door."""
        rows = [np.ascontiguousarray(np.broadcast_to(a, shape)).reshape(-1) for a in inputs]
        parts = [*range(0, prod(shape), 4096), prod(shape)]
        threads = relu_ufunc.set_num_threads(1)
        with door(False), np.errstate(all="ignore"):
            results = [
                as_tuple(function(*(row[i:j] for row in rows)))
                for i, j in zip(parts, parts[1:] or parts, strict=False)
            ]
        relu_ufunc.set_num_threads(threads)
        return [np.concatenate(r).reshape(shape) for r in zip(*results, strict=True)]

    @invariant()
    def nothing_else_has_changed(self):
        if hasattr(self, "wanted"):
            assert self.memory.tobytes() == self.wanted.tobytes()
            for result, want in self.kept:
                assert_same_bits(result, want)


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize(
    "examples", [15, pytest.param(1000, marks=pytest.mark.soak)], ids=["few", "many"]
)
def test_call_after_call(examples):
    settings = hypothesis.settings(max_examples=examples, stateful_step_count=15, phases=UNSHRUNK)
    run_state_machine_as_test(Calls, settings=settings)
