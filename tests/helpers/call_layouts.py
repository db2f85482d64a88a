"""One call in every kind of layout: what a call takes differs from one to the next."""

from contextlib import contextmanager

import numpy as np
import oracle
from samples import operands

from relu_ufunc import _relu_ufunc

ROWS, COLUMNS = 30, 400  # more than one of NumPy's buffers
FEW_ROWS = 6  # of any dtype but float32, with which the engine does the same


def _spread(a, step):
    """The same values, that many elements apart."""
    room = np.zeros((*a.shape[:-1], a.shape[-1] * abs(step)), a.dtype)
    view = room[..., ::step]
    view[...] = a
    return view


def _misaligned(a):
    view = np.zeros(a.nbytes + 1, np.uint8)[1:].view(a.dtype).reshape(a.shape)
    view[...] = a
    return view


def _cropped(a):
    room = np.zeros((a.shape[0], a.shape[1] + 3), a.dtype)
    room[:, :-3] = a
    return room[:, :-3]


def _shuffled(a):
    """Five axes, in an order and with gaps that leave nothing to join."""
    order = (3, 0, 4, 1, 2)
    cube = a.reshape(3, 5, 4, -1, 10)
    return _spread(np.ascontiguousarray(cube.transpose(order)), 2).transpose(np.argsort(order))


LAYOUTS = {
    "few": lambda a: a[0, :16].copy(),
    "few, strided": lambda a: _spread(a[0, :16], 2),
    "a hundred": lambda a: a[0, :100].copy(),
    "a hundred, reversed": lambda a: _spread(a[0, :100], -1),
    "contiguous": lambda a: a.ravel(),
    "strided": lambda a: _spread(a.ravel(), 2),
    "far apart, backwards": lambda a: _spread(a.ravel(), -3),
    "misaligned": _misaligned,
    "byte-swapped": lambda a: a.astype(a.dtype.newbyteorder()),
    "cropped rows": _cropped,
    "strided rows": lambda a: _spread(a, 2),
    "in Fortran's order": np.asfortranarray,
    "narrow": lambda a: _spread(a.reshape(-1, 5), 2),
    "five axes": _shuffled,
    "sixteen axes": lambda a: _spread(np.resize(a, (2,) * 12 + (1, 1, 1, 2)), 2),
}


FEW = ("few, strided", "contiguous", "strided", "in Fortran's order", "five axes")


@contextmanager
def streaming(threshold):
    before = _relu_ufunc.streaming_threshold()
    if before is not None:
        _relu_ufunc.set_streaming_threshold(threshold)
    try:
        yield
    finally:
        if before is not None:
            _relu_ufunc.set_streaming_threshold(before)


def calls(name, dtype):
    """The arguments of calls: a label, the inputs, and the keywords, outputs among them."""
    whole = (ROWS if dtype == "f" else FEW_ROWS, COLUMNS)
    table = [np.resize(a, whole) for a in operands(name, dtype, 9973)]
    count = oracle.OUTPUTS[name]
    for label, laid in LAYOUTS.items():
        inputs = [laid(a) for a in table]
        shape = inputs[0].shape
        outs = tuple(laid(np.zeros(whole, dtype)) for _ in range(count))
        yield label, inputs, {"out": _outputs(count, shape, dtype)}
        yield f"{label} outputs", [a.copy() for a in inputs], {"out": outs}
        if label in FEW:
            mask = np.arange(np.prod(shape)).reshape(shape) % 7 > 1
            yield f"{label}, new outputs", inputs, {}
            yield f"{label}, where", inputs, {"out": _outputs(count, shape, dtype), "where": mask}
    one = table[0]
    if len(table) > 1:
        yield "one parameter", [*table[:-1], one.flat[3]], {}
        yield "one for each column", [*map(_cropped, table[:-1]), one[0]], {}
        yield "one for each row", [*map(_cropped, table[:-1]), one[:, :1].copy()], {}
    if dtype == "f":
        yield "outputs of another type", table, {"out": _outputs(count, whole, "d")}
        halves = [a.astype("e") for a in table]
        yield "inputs of another type", halves, {"out": _outputs(count, whole, "f"), "dtype": "f"}


def _outputs(count, shape, dtype):
    return tuple(np.zeros(shape, dtype) for _ in range(count))
