"""Results compared by their bits, and the floating-point flags that a call raises."""

import numpy as np


def as_tuple(result):
    return result if isinstance(result, tuple) else (result,)


def raw(a):
    """The bytes of each element along a last axis, less the padding of an 80-bit long double."""
    a = np.array(a, order="C", subok=False)
    padded = a.dtype == np.longdouble and np.finfo(a.dtype).nmant == 63
    return a[..., np.newaxis].view(np.uint8)[..., : 10 if padded else a.itemsize]


def identical(got, want):
    """Where two arrays agree to the bit, NaN included."""
    return (raw(got) == raw(want)).all(axis=-1)


def assert_identical(got, want, note=""):
    """Two results, of one output or several, agree in dtype, shape and every bit."""
    got, want = as_tuple(got), as_tuple(want)
    assert [(g.dtype, np.shape(g)) for g in got] == [(w.dtype, np.shape(w)) for w in want], note
    for g, w in zip(got, want, strict=True):
        assert_all(identical(g, w), note, got=g, want=w)


def assert_all(ok, note, **shown):
    """`ok` is true throughout; if not, the first failures are shown with their values."""
    if np.all(ok):
        return
    failures = [
        f"  [{','.join(map(str, at))}] "
        + ", ".join(f"{key} {np.asarray(a)[tuple(at)]!r}" for key, a in shown.items())
        for at in np.argwhere(~np.asarray(ok))[:8]
    ]
    failed = np.size(ok) - np.count_nonzero(ok)
    raise AssertionError("\n".join([f"{note}: {failed} of {np.size(ok)} fail", *failures]))


def flags(function, *args, **kwargs):
    """The floating-point errors that NumPy reports for a call."""
    raised = set()
    with np.errstate(all="call", call=lambda kind, _: raised.add(kind.split()[0])):
        function(*args, **kwargs)
    return raised
