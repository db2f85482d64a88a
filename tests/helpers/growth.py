"""A program: so many calls of each ufunc, of all kinds and those that fail too, grow no memory."""

import gc
import random
import sys
from contextlib import suppress

import numpy as np
from running_out import live_blocks

from relu_ufunc import _relu_ufunc

KEPT = 40  # blocks that Python and NumPy may keep for later, whatever is called
ROOM = np.linspace(-3, 3, 240, dtype="f")
LAYOUTS = (
    *(ROOM[:16], ROOM[:32:2], ROOM[::-1], ROOM.reshape(12, 20).T, ROOM[:0], ROOM[7]),
    *(ROOM.astype("d"), ROOM.astype("e"), ROOM.astype(">f4"), 0.5),
)


def repertoire(function):
    """Short calls of all kinds, right and wrong, so that a million take a minute."""
    for x in LAYOUTS:
        inputs = [x] * function.nin
        outs = tuple(np.empty_like(x) for _ in range(function.nout))
        yield inputs, {}
        yield inputs, {"out": outs}
        yield inputs, {"out": outs, "where": np.asarray(x) > 0}
        yield inputs, {"unheard": 1}
        yield inputs, {"out": (np.zeros((3, 5), "f"),) * function.nout}
        yield inputs, {"dtype": "D"}
    yield [*inputs[:-1], "a word"], {}
    yield inputs * 4, {}
    yield [ROOM[:3]] * (function.nin - 1) + [ROOM[:4]], {"out": (ROOM[:3],) * function.nout}


def call(function, inputs, kwargs):
    with suppress(TypeError, ValueError):
        function(*inputs, **kwargs)


def main(times, step, seed):
    """So many calls of each step-th ufunc, half of them by either door."""
    rng = random.Random(seed)
    np.seterr(all="ignore")
    ufuncs = list(_relu_ufunc.ufuncs_of(_relu_ufunc.get_isa()).values())
    for function in ufuncs[seed % step :: step]:
        made = list(repertoire(function))
        for direct in (True, False):
            _relu_ufunc.serve_directly(direct)
            for one in made * 2:
                call(function, *one)
            gc.collect()
            before = live_blocks()
            for _ in range(times // 2):
                call(function, *rng.choice(made))
            gc.collect()
            grown = live_blocks() - before
            assert grown <= KEPT, (function, direct, grown)
    print("fine")


main(*map(int, sys.argv[1:]))
