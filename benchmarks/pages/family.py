"""The largest errors of each function of one input, float32, by library."""

from dataclasses import dataclass

import mpmath
import numpy as np
from comparison.accuracy import PRECISION, meant
from comparison.words import exact_outputs

from relu_ufunc._proof import CASES
from relu_ufunc._reference import Reference

from .exact import RNG_SEED
from .libraries import f32, numbers_for

STEP = 397  # of the bit patterns that are tried; a prime, so that all kinds of mantissas come up
CONFIRMED = 1500  # errors are first taken from the nearest float32, and the largest then by mpmath
NAMES = tuple(case.name for case in CASES)
LEAST = np.finfo(np.float32).smallest_normal


@dataclass
class Worst:
    error: float  # in ULP, over the normal results
    x: np.float32
    wild: tuple[np.float32, np.float32] | None  # an input, and what it gives in place of a number


def patterns():
    """Every STEP-th float32 that is no NaN, and both infinities."""
    words = np.arange(0, 1 << 32, STEP, dtype=np.uint32)
    infinities = np.float32([np.inf, -np.inf]).view(np.uint32)
    words = np.concatenate([words, infinities])
    return words[~np.isnan(words.view(np.float32))]


def compared(found):
    """The libraries with functions of their own, and NumPy, whose expressions others compile."""
    return [library for library in found.values() if library and ("gelu", f32) in library.functions]


def worst_errors(found, name, words):
    """The Worst of each library that has the function."""
    x = words.view(np.float32)
    parameters = numbers_for(name, x)
    nearest = Reference(words).bits_of(name, *parameters).view(np.float32)
    normal = np.isfinite(nearest) & (np.abs(nearest) >= LEAST)
    place = np.ldexp(1.0, np.frexp(nearest)[1] - 24)
    worst = {}
    for library in compared(found):
        if (name, f32) in library.functions:
            y = library.functions[name, f32](x)
            error = np.abs(y.astype("d") - nearest) / place
            worst[library.name] = Worst(
                *confirmed(name, x, y, np.where(normal & np.isfinite(y), error, -1), parameters),
                wild(x, y, nearest),
            )
    return worst


def confirmed(name, x, y, error, parameters):
    """The largest error and its witness, among those that seem to be the largest."""
    mixed = np.random.default_rng(RNG_SEED).permutation(len(x))  # of those alike, take any
    chosen = mixed[np.argpartition(error[mixed], -CONFIRMED)[-CONFIRMED:]]
    (function,) = exact_outputs(name)
    with mpmath.workprec(2 * PRECISION):  # gelu_tanh's expression loses many of them
        numbers = [meant(number.item(), f32, True) for number in parameters]
        errors = [in_ulp(function(mpmath.mpf(x[i].item()), *numbers), y[i].item()) for i in chosen]
    i = int(np.argmax(errors))
    return errors[i], x[chosen[i]]


def in_ulp(exact, y):
    """The distance of a float32 from a number, in units in the last place of the latter."""
    _, exponent = mpmath.frexp(exact)
    return float(abs(y - exact) * mpmath.ldexp(1, 24 - exponent))


def wild(x, y, nearest):
    """Of the inputs to which an infinity or NaN is given for a number, the one next to 0."""
    where = np.flatnonzero(~np.isfinite(y) & np.isfinite(nearest))
    if where.size == 0:
        return None
    i = where[np.argmin(np.abs(x[where]))]
    return x[i], y[i]
