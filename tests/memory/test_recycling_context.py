"""recycle_outputs as a context manager and decorator: when it is in force, and that it ends."""

import asyncio
import contextlib
import contextvars
import copy
import functools
import gc
import os
import pickle
import sys
import threading

import numpy as np
import pytest
from memory_handler import Source, handler_of, in_force, recycling_from_source
from processes import output, python

from relu_ufunc import _relu_ufunc, recycle_outputs, relu

X = np.ones(1 << 16, np.float32)


@pytest.fixture(autouse=True)
def our_door():
    """Only outputs that the library makes itself are recycled."""
    before = _relu_ufunc.serve_directly(True)
    yield
    _relu_ufunc.serve_directly(before)


def recycling():
    """Whether an output that is made now lies on memory of recycle_outputs."""
    return handler_of(relu(X)) == "relu_ufunc.recycle_outputs"


def enter(manager):
    """Enter it, with memory from a Source, of which it keeps some."""
    source = Source()
    with in_force(source.capsule):
        manager.__enter__()
    relu(X)
    assert len(source.live) == 1
    return source


def leave(manager):
    return manager.__exit__(None, None, None)


def test_it_is_entered_once_at_a_time():
    manager = recycle_outputs()
    for _ in range(2):
        with manager as nothing:
            assert nothing is None
            with pytest.raises(RuntimeError, match="entered already"), manager:
                pass
            assert recycling()
        assert not recycling()
        with pytest.raises(RuntimeError, match="not entered"):
            leave(manager)


def test_threads_that_enter_one_at_once():
    manager, together, entered = recycle_outputs(), threading.Barrier(8), []

    def work():
        for _ in range(50):
            together.wait()
            with contextlib.suppress(RuntimeError):
                manager.__enter__()
                entered.append(recycling())
            if together.wait() == 0:
                leave(manager)

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert entered == [True] * 50


@pytest.mark.parametrize("duplicate", [copy.copy, copy.deepcopy, pickle.dumps])
def test_there_is_no_copy_of_one(duplicate):
    with pytest.raises(TypeError):
        duplicate(recycle_outputs())


# Left in another context, or never


@pytest.mark.parametrize("error", [ZeroDivisionError("its own"), KeyboardInterrupt()])
def test_one_that_is_left_in_another_context(error):
    context, manager = contextvars.Context(), recycle_outputs()
    source = context.run(enter, manager)
    held = context.run(relu, X)
    with pytest.raises(type(error)) as caught, contextlib.ExitStack() as stack:
        stack.push(manager)
        raise error
    assert caught.value is error and error.__context__ is None
    assert len(source.live) == 1  # that of `held`
    del held
    context.run(relu, X)
    assert not source.live


def test_one_left_in_another_context_can_be_entered_again():
    context, manager = contextvars.Context(), recycle_outputs()
    context.run(enter, manager)
    leave(manager)
    for again in (contextvars.Context(), context, contextvars.copy_context()):
        again.run(enter, manager)
        assert again.run(recycling) and not recycling()
        assert again.run(leave, manager) is None


def test_nested_ones_of_which_the_inner_is_left_in_another_context():
    """The outer one is in force again where the inner one is left in its place, and only there."""
    context, outer, inner = contextvars.Context(), recycle_outputs(), recycle_outputs()
    source = context.run(enter, outer)
    context.run(enter, inner)
    leave(inner)
    allocations = source.allocations
    context.run(relu, X)
    assert source.allocations == allocations
    context.run(leave, outer)
    assert not source.live and not context.run(recycling)
    context.run(enter, outer)
    assert context.run(recycling)


def test_nested_ones_of_which_the_outer_is_left_in_another_context():
    context, outer, inner = contextvars.Context(), recycle_outputs(), recycle_outputs()
    sources = [context.run(enter, outer), context.run(enter, inner)]
    leave(outer)
    assert not sources[0].live and sources[1].live
    assert context.run(recycling)
    context.run(leave, inner)
    context.run(relu, X)
    assert not sources[0].live and not sources[1].live


def test_one_that_is_never_left():
    context = contextvars.Context()
    source = context.run(enter, recycle_outputs())
    assert source.live
    del context
    assert not source.live


def test_an_async_fixture():
    """Set up in one task and torn down in another, as test runners do it."""

    async def fixture():
        with recycling_from_source() as source:
            relu(X)
            yield source

    async def main():
        generator = fixture()
        source = await asyncio.create_task(anext(generator))
        assert source.live
        with pytest.raises(StopAsyncIteration):
            await asyncio.create_task(anext(generator))
        assert not source.live and not recycling()

    asyncio.run(main())


@pytest.mark.parametrize("kind", ["generator", "async generator"])
def test_an_abandoned_generator(kind):
    sources, errors = [], []

    def generate():
        with recycling_from_source() as source:
            sources.append(source)
            relu(X)
            yield

    async def generate_async():
        with recycling_from_source() as source:
            sources.append(source)
            relu(X)
            yield

    async def abandon():
        generator = generate_async()
        await asyncio.create_task(anext(generator))

    hook, sys.unraisablehook = sys.unraisablehook, errors.append
    try:
        if kind == "generator":
            generator = generate()
            contextvars.Context().run(next, generator)
            del generator
        else:
            asyncio.run(abandon())
        gc.collect()
    finally:
        sys.unraisablehook = hook
    assert not errors
    assert sources[0].allocations == 1 and not sources[0].live


# Interrupted


def interrupt_at(step, function):
    """Call it with an exception at a step of relu_ufunc's Python code. True if it came so far."""
    steps = 0

    def trace(frame, event, _):
        nonlocal steps
        if f"{os.sep}relu_ufunc{os.sep}" not in frame.f_code.co_filename:
            return None
        frame.f_trace_opcodes = True
        steps += event == "opcode"
        if steps > step:
            raise KeyboardInterrupt
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        function()
    except KeyboardInterrupt:
        return True
    finally:
        sys.settrace(before)
    return False


def test_an_interrupt_leaves_nothing_in_force():
    """Entering and leaving have no step in Python, where the handler of a signal could raise."""
    manager = recycle_outputs()

    def enter_and_leave():
        with manager:
            pass

    step, interrupted = 0, True
    while interrupted:
        interrupted = interrupt_at(step, enter_and_leave)
        assert not recycling(), f"after an interrupt at step {step}"
        enter_and_leave()
        step += 1


@pytest.mark.skipif(not hasattr(os, "fork"), reason="signals as POSIX has them")
def test_signals_leave_nothing_in_force():
    code = """
import random, signal
from relu_ufunc import _relu_ufunc, recycle_outputs

def interrupt(signum, frame):
    global interrupts
    interrupts += 1
    raise KeyboardInterrupt

def attempt():
    signal.setitimer(signal.ITIMER_REAL, random.uniform(1e-6, 2e-5))
    for _ in range(20):
        with manager:
            pass
        decorated()

signal.signal(signal.SIGALRM, interrupt)
manager, interrupts = recycle_outputs(), 0
decorated = recycle_outputs()(int)
for _ in range(3000):
    try:
        attempt()
        signal.setitimer(signal.ITIMER_REAL, 0)
    except KeyboardInterrupt:
        pass
    assert _relu_ufunc.recycler_in_use.get(None) is None, interrupts
assert interrupts > 100
with manager:
    pass
"""
    output(python("-c", code))


# A decorator, as numpy.errstate is one


def test_it_decorates():
    @recycle_outputs(max_bytes=1 << 20)
    def sum_up(x, *, plus=0):
        """The sum of x."""
        assert recycling()
        return sum(x) + plus

    assert sum_up([1, 2], plus=3) == 6
    assert sum_up.__name__ == "sum_up" and sum_up.__doc__ == "The sum of x."
    assert sum_up.__wrapped__.__kwdefaults__ == {"plus": 0}
    assert not recycling()


def test_each_call_has_one_of_its_own():
    manager, seen = recycle_outputs(), []

    @manager
    def recurse(depth):
        mine = _relu_ufunc.recycler_in_use.get()
        seen.append(mine)
        if depth:
            recurse(depth - 1)
        assert _relu_ufunc.recycler_in_use.get() is mine

    with manager:  # which is another one
        recurse(2)
    assert len(set(map(id, seen))) == 3
    threads = [threading.Thread(target=recurse, args=(2,)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(map(id, seen))) == 3 * 9
    assert not recycling()


def test_a_decorator_has_the_limit_of_its_own():
    @recycle_outputs(max_bytes=0)
    def allocations():
        source = _relu_ufunc.recycler_in_use.get()
        relu(X)
        return source is not None and recycling()

    with recycling_from_source() as source:
        assert allocations()
        assert not source.live


def test_it_decorates_methods_and_partials():
    class Model:
        @recycle_outputs()
        def call(self):
            return self, recycling()

        @classmethod
        @recycle_outputs()
        def make(cls):
            return cls, recycling()

    model = Model()
    assert model.call() == (model, True)
    assert Model.make() == (Model, True)
    assert recycle_outputs()(functools.partial(max, 1))(2) == 2


@pytest.mark.parametrize("decorator", [np.errstate(), recycle_outputs()])
def test_a_decorated_generator_is_made_inside_and_runs_outside(decorator):
    @decorator
    def generate():
        yield recycling()

    @decorator
    async def wait():
        return recycling()

    assert list(generate()) == [False]
    assert asyncio.run(wait()) is False


def test_an_exception_leaves_the_decorator():
    @recycle_outputs()
    def fail():
        raise ZeroDivisionError("its own")

    with pytest.raises(ZeroDivisionError, match="its own"):
        fail()
    assert not recycling()


def test_without_parentheses_it_is_a_mistake():
    with pytest.raises(TypeError, match=r"recycle_outputs.*must be an integer, not function"):

        @recycle_outputs
        def function():
            pass
