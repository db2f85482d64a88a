"""References and memory: a call by either door keeps, releases and loses nothing."""

import gc
import sys
import tracemalloc
import warnings
from contextlib import suppress
from itertools import product

import numpy as np
import oracle
from arrays import SHAPE, by_keyword, erring, operand, outputs, read_only, room, table
from doors import call, door
from kinds import SIGNATURES, each_signature

import relu_ufunc

LASTING = {
    "new": lambda n, x, o: call(*x),
    "out": lambda n, x, o: call(*x, out=o),
    "out by position": lambda n, x, o: call(*x, *o),
    "python number": lambda n, x, o: call(*x[:-1], 0.5 if len(x) > 1 else x[0]),
    "large int": lambda n, x, o: call(*x[:-1], 10**400),
    "numpy scalar": lambda n, x, o: call(*x[:-1], np.float32(0.5)),
    "0-d": lambda n, x, o: call(*x[:-1], x[-1][0, 0, ...]),
    "row": lambda n, x, o: call(*x[:-1], x[-1][0]),
    "strided": lambda n, x, o: call(*(a[:, ::2] for a in x)),
    "transposed": lambda n, x, o: call(*(a.T for a in x), out=tuple(a.T for a in o)),
    "in place": lambda n, x, o: call(*x, out=(x[0], *o[1:])),
    "overlapping": lambda n, x, o: call(
        *(a[1:] for a in x), out=(x[0][:-1],) + (None,) * len(o[1:])
    ),
    "two new": lambda n, x, o: call(*x, out=(None,) * len(o)),
    "no elements": lambda n, x, o: call(*(a[:0] for a in x)),
    "parameter too few": lambda n, x, o: call(*x[:-1]),
    "no arguments": lambda n, x, o: call(),
    "too many arguments": lambda n, x, o: call(*x, *o, *x),
    "keyword": lambda n, x, o: call(*x[:-1], **{oracle.OPERANDS[n][-1]: x[-1]}),
    "keyword and out": lambda n, x, o: call(*x[:-1], **{oracle.OPERANDS[n][-1]: 0.5, "out": o}),
    "keywords": lambda n, x, o: by_keyword(n, x, len(oracle.INPUTS[n])),
    "keyword twice": lambda n, x, o: call(*x, **{oracle.OPERANDS[n][-1]: x[-1]}),
    "unknown keyword": lambda n, x, o: call(*x, unheard=1, out=o),
    "where": lambda n, x, o: call(*x, where=True, out=o),
    "dtype": lambda n, x, o: call(*x, dtype="d"),
    "wrong shape": lambda n, x, o: call(*x[:-1], x[-1][:3, :3]),
    "wrong shape of out": lambda n, x, o: call(*x, out=tuple(a[:3] for a in o)),
    "wrong shape of the last out": lambda n, x, o: call(*x, out=(*o[:-1], o[-1][:3])),
    "wrong dtype of out": lambda n, x, o: call(*x, out=tuple(a.view("i") for a in o)),
    "read-only out": lambda n, x, o: call(*x, out=(*o[:-1], read_only(o[-1].view()))),
    "complex": lambda n, x, o: call(*x[:-1], 1j),
    "str": lambda n, x, o: call(*x[:-1], "1"),
    "too large": lambda n, x, o: call(np.broadcast_to(x[0][0, 0], (1 << 60,)), *(1 for _ in x[1:])),
}


@table("make", LASTING)
@each_signature
def test_nothing_is_kept_and_nothing_released(name, make):
    """No reference count changes, however often a call is made, succeeds or fails."""
    function = getattr(relu_ufunc, name)
    inputs = [erring() for _ in oracle.OPERANDS[name]]
    outs = outputs(name, lambda: room(SHAPE, "f"))
    args, kwargs = make(name, inputs, outs)
    lasting = [*inputs, *outs, *args, *kwargs.values(), *kwargs, args, function]
    lasting += [np.dtype(c) for c in "fd"] + [float, np.ndarray, np.float32]

    def repeat(times):
        for _ in range(times):
            with suppress(Exception):
                function(*args, **kwargs)

    for direct, err in product((True, False), ("ignore", "raise", "warn")):
        with door(direct), np.errstate(all=err), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            repeat(2)
            gc.disable()  # so that nobody else gives back references meanwhile
            before = list(map(sys.getrefcount, lasting))
            repeat(20)
            after = list(map(sys.getrefcount, lasting))
            gc.enable()
        assert after == before, f"direct={direct}, {err}"


def test_results_hold_one_reference_to_their_dtype():
    x, dtype, counts = operand(), np.dtype("f"), []
    for direct in (True, False):
        with door(direct), np.errstate(all="ignore"):
            gc.disable()
            before = sys.getrefcount(dtype)
            kept = [relu_ufunc.elu(x) for _ in range(50)]
            counts.append((sys.getrefcount(dtype) - before, {sys.getrefcount(r) for r in kept}))
            gc.enable()
            del kept
    assert counts[0] == counts[1]


def test_no_memory_is_lost():
    def calls(case):
        for name in SIGNATURES:
            inputs = [erring() for _ in oracle.OPERANDS[name]]
            outs = outputs(name, lambda: room(SHAPE, "f"))
            yield getattr(relu_ufunc, name), *LASTING[case](name, inputs, outs)

    def grown(made, times):
        before = tracemalloc.get_traced_memory()[0]
        for _ in range(times):
            for function, args, kwargs in made:
                with suppress(Exception):
                    function(*args, **kwargs)
        return tracemalloc.get_traced_memory()[0] - before

    lost = {}
    tracemalloc.start()
    try:
        with np.errstate(all="ignore"), door(True):
            for case in LASTING:
                made = list(calls(case))
                grown(made, 3)
                lost[case] = min(grown(made, 30) for _ in range(3))  # others may allocate, too
    finally:
        tracemalloc.stop()
    # An object lost at each call of one ufunc is larger.
    assert {case: size for case, size in lost.items() if size > 30 * 16} == {}


def test_new_outputs_are_accounted_for():
    x, sizes = np.zeros(1 << 18, "f"), []
    for direct in (True, False):
        with door(direct):
            relu_ufunc.relu(x)
            tracemalloc.start()
            try:
                kept = relu_ufunc.relu(x)
                sizes.append(tracemalloc.get_traced_memory()[0])
                del kept
            finally:
                tracemalloc.stop()
    assert min(sizes) >= x.nbytes
    assert abs(sizes[0] - sizes[1]) < 1000
