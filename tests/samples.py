"""Values worth trying, and the ways in which an array may lie in memory."""

import sys
from functools import cache

import numpy as np
from oracle import OPERANDS


def quiet_nans(dtype):
    """NaNs with several payloads, of both signs."""
    nans = np.full(4, np.nan, dtype)
    low_byte = 0 if sys.byteorder == "little" else -1
    nans[..., np.newaxis].view(np.uint8)[:, low_byte] = [0, 1, 0x55, 0xFF]
    return np.concatenate([nans, -nans])


def signalling_nans(dtype):
    """The same, without the leading bit of the fraction that makes them quiet."""
    nans = quiet_nans(dtype)[1:4].view(f"u{np.dtype(dtype).itemsize}")
    return (nans ^ (1 << (np.finfo(dtype).nmant - 1))).view(dtype)


@cache
def numbers(char, size, seed):
    """Numbers of every kind in random order: special ones, all orders of magnitude, NaN."""
    rng = np.random.default_rng(seed)
    if char not in "efdg":
        info = np.iinfo(char)
        special = np.array([0, 1, 2, info.max - 1, info.max, info.min, info.min + 1], char)
        rest = rng.integers(info.min, info.max, size, dtype=char, endpoint=True)
    else:
        info = np.finfo(char)
        tiny, normal, eps = info.smallest_subnormal, info.smallest_normal, info.eps
        magnitudes = [0, tiny, 2 * tiny, normal - tiny, normal, eps, 1 - eps / 2, 1, 1 + eps, 2.5]
        magnitudes += [9.5, 17.5, 88.5, 104, 710, 746, 11400, info.max, np.inf]
        special = np.array(magnitudes, char)
        special = np.concatenate([special, -special, quiet_nans(char)])
        scale = 2.0 ** rng.integers(max(info.minexp, -60), 10, size)
        rest = (rng.standard_normal(size) * np.where(rng.random(size) < 0.7, 4, scale)).astype(char)
    mixed = np.concatenate([special, rest])[:size]
    rng.shuffle(mixed)
    mixed.flags.writeable = False
    return mixed


@cache
def slopes(char, size, seed):
    """Parameters: ordinary ones, and all that an unwary formula would trip over."""
    rng = np.random.default_rng(seed)
    usual = [0.01, 0.25, 1.0, 1.0, 1.5, -0.5, 300.0]
    odd = [0.0, -0.0, np.inf, -np.inf, *quiet_nans(char)[[1, 6]]]
    mixed = rng.choice(np.array(usual + odd, char), size)
    mixed.flags.writeable = False
    return mixed


def operands(name, char, size):
    """One array for each operand of a ufunc."""
    return tuple(
        (numbers if role in ("x", "dy", "y") else slopes)(char, size, seed)
        for seed, role in enumerate(OPERANDS[name])
    )


def strided(step):
    def lay(values):
        room = np.empty(len(values) * abs(step) + 1, values.dtype)
        return room[: len(values) * abs(step)][::step]

    return lay


def packed(before, after):
    """Elements between bytes of something else: off their alignment, an odd distance apart."""

    def lay(values):
        record = [("before", "u1", before), ("value", values.dtype), ("after", "u1", after)]
        return np.empty(len(values), record)["value"]

    return lay


def misaligned(values):
    """Contiguous, but one byte off."""
    return np.empty(values.nbytes + 1, np.uint8)[1:].view(values.dtype)


def swapped(values):
    """In the byte order of other machines."""
    return np.empty(len(values), values.dtype.newbyteorder())


# Each takes an array and returns room for it.
LAYOUTS = {
    "contiguous": np.empty_like,
    "stride 2": strided(2),
    "stride 3": strided(3),
    "stride -1": strided(-1),
    "stride -2": strided(-2),
    "odd byte stride": packed(0, 1),
    "misaligned and odd byte stride": packed(1, 2),
    "misaligned": misaligned,
    "byte-swapped": swapped,
}


def laid_out(layout, values):
    """A copy of a 1-d array that lies in memory as the layout says."""
    copy = LAYOUTS[layout](values)
    copy[...] = values
    return copy
