"""Values worth trying."""

import sys
from functools import cache

import numpy as np
from ml_dtypes import finfo
from oracle import OPERANDS, PARAMETERS


def quiet_nans(dtype):
    """NaNs with several payloads, of both signs."""
    nans = np.full(4, np.nan, dtype)
    low_byte = 0 if sys.byteorder == "little" else -1
    nans[..., np.newaxis].view(np.uint8)[:, low_byte] |= np.uint8([0, 1, 0x55, 0xFF])
    return np.concatenate([nans, -nans])


def signalling_nans(dtype):
    """The same, without the leading bit of the fraction that makes them quiet."""
    nans = quiet_nans(dtype)[1:4].view(f"u{np.dtype(dtype).itemsize}")
    return (nans ^ (1 << (finfo(dtype).nmant - 1))).view(dtype)


@cache
def numbers(dtype, size, seed):
    """Numbers of every kind in random order: special ones, all orders of magnitude, NaN."""
    rng = np.random.default_rng(seed)
    if np.dtype(dtype).kind in "iu":
        info = np.iinfo(dtype)
        special = np.array([0, 1, 2, info.max - 1, info.max, info.min, info.min + 1], dtype)
        rest = rng.integers(info.min, info.max, size, dtype=dtype, endpoint=True)
    else:
        info = finfo(dtype)
        tiny, normal, eps = info.smallest_subnormal, info.smallest_normal, info.eps
        magnitudes = [0, tiny, 2 * tiny, normal - tiny, normal, eps, 1 - eps / 2, 1, 1 + eps, 2.5]
        magnitudes += [9.5, 17.5, 88.5, 104, 710, 746, 11400, info.max, np.inf]
        special = np.array(magnitudes, dtype)
        special = np.concatenate([special, -special, quiet_nans(dtype)])
        scale = 2.0 ** rng.integers(max(info.minexp, -60), 10, size)
        rest = rng.standard_normal(size) * np.where(rng.random(size) < 0.7, 4, scale)
        rest = rest.astype(dtype)
        if np.dtype(dtype) == np.longdouble:  # with all its digits
            rest += rest * (rng.random(size) * finfo("d").eps)
    mixed = np.concatenate([special, rest])[:size]
    rng.shuffle(mixed)
    mixed.flags.writeable = False
    return mixed


@cache
def slopes(dtype, size, seed):
    """Parameters: ordinary ones, and all that an unwary formula would trip over."""
    if np.dtype(dtype).kind in "iu":
        return numbers(dtype, size, seed)
    rng = np.random.default_rng(seed)
    usual = [0.01, 0.25, 1.0, 1.0, 1.5, -0.5, 300.0]
    odd = [0.0, -0.0, np.inf, -np.inf, *quiet_nans(dtype)[[1, 6]]]
    mixed = rng.choice(np.array(usual + odd, dtype), size)
    mixed.flags.writeable = False
    return mixed


# The same values wherever an operand means the same: so the oracle finds its answers again.
SEEDS = {"x": 0, "gate": 0, "dy": 1, "y": 2, "up": 2}
PARAMETER_SEED = 3


def operands(name, dtype, size):
    """One array for each operand of a ufunc."""
    parameters = list(PARAMETERS[name])
    return tuple(
        slopes(dtype, size, PARAMETER_SEED + parameters.index(role))
        if role in parameters
        else numbers(dtype, size, SEEDS[role])
        for role in OPERANDS[name]
    )
