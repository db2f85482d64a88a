"""What is measured of a function of a library: how far off it is, and how stable."""

import os
import warnings
from dataclasses import dataclass

import ml_dtypes
import numpy as np

from .exact import exact, inputs, normal_deviates

STABILITY_POINTS = 1 << 18
PIECES = {7: 1 << 15, 61: 1 << 17}  # length of a piece, and of the part that is cut into them


@dataclass
class Result:
    error: np.ndarray  # in ULP, at each input
    worst: float  # over the normal results
    worst_x: np.generic
    misrounded: float  # share of the normally distributed inputs; of all, for 16-bit types
    tiny: float  # the largest relative error for |x| below a quarter of epsilon
    flushed: float  # share of the subnormal results that are 0
    unstable: float  # share of the elements with other bits at another place
    unstable_threads: float | None  # the same for another number of threads


def measure(library, function, dtype):
    f = library.functions[function, dtype]
    x, sampled = inputs(function, dtype)
    want = exact(function, dtype)
    y = f(x)
    error = want.error(y)
    subnormal = want.is_subnormal(dtype)
    i = np.argmax(np.where(subnormal, 0, error))
    tiny = ~subnormal & (np.abs(x) < ml_dtypes.finfo(dtype).eps / 4)
    relative = np.abs((y.astype(np.float64)[tiny] - want.high[tiny]) / want.high[tiny])
    rounds_to_0 = np.abs(want.high) < float(ml_dtypes.finfo(dtype).smallest_subnormal)
    lost = subnormal & ~rounds_to_0
    return Result(
        error=error,
        worst=error[i],
        worst_x=x[i],
        misrounded=np.mean(error[: sampled or None] > 0.5),
        tiny=relative.max(initial=0),
        flushed=np.mean(y[lost] == 0) if lost.any() else 0.0,
        unstable=unstable_share(f, dtype),
        unstable_threads=unstable_threads_share(library.set_threads, f, dtype),
    )


def bits(y):
    return y.view(f"u{y.dtype.itemsize}")


def unstable_share(f, dtype):
    """The share of elements whose bits differ when they lie elsewhere."""
    x = normal_deviates(dtype, STABILITY_POINTS)
    whole = bits(f(x))
    differs = np.zeros(len(x), bool)
    differs[1:] |= bits(f(x[1:])) != whole[1:]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        differs |= bits(np.ascontiguousarray(f(np.repeat(x, 2)[::2]))) != whole
    for length, part in PIECES.items():
        pieces = [f(x[i : min(i + length, part)]) for i in range(0, part, length)]
        differs[:part] |= bits(np.concatenate(pieces)) != whole[:part]
    return differs.mean()


def unstable_threads_share(set_threads, f, dtype):
    if set_threads is None:
        return None
    x = normal_deviates(dtype, STABILITY_POINTS)
    results = []
    for count in (1, 3, os.cpu_count()):
        set_threads(count)
        results.append(bits(f(x)))
    return np.mean((results[0] != results[1]) | (results[0] != results[2]))
