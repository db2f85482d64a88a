"""From which size on outputs are written past the caches, to memory."""

import os
from pathlib import Path

from ._relu_ufunc import cpuid_cache_bytes, set_streaming_threshold, streaming_threshold
from ._system_files import listing, read, whole_number

VARIABLE = "RELU_UFUNC_STREAMING_BYTES"
SYSFS = Path("/sys/devices/system/cpu/cpu0/cache")
UNITS = {"K": 1 << 10, "M": 1 << 20, "G": 1 << 30}
NEVER = 1 << 62  # bytes: larger than any array
PLAUSIBLE = 1 << 40  # what is larger is no cache
FALLBACK = 32 << 20  # more than most machines have: too late costs less than too early


def sysfs_cache_bytes(folder=SYSFS):
    """The size of the largest data cache that Linux knows of, or 0."""
    sizes = [0]
    for name in listing(folder):
        kind, size = (read(f"{folder}/{name}/{what}").strip() for what in ("type", "size"))
        number, unit = whole_number(size[:-1]), UNITS.get(size[-1:])
        if name.startswith("index") and kind in ("Data", "Unified") and number and unit:
            sizes.append(number * unit)
    return max(size for size in sizes if size <= PLAUSIBLE)


def wanted_threshold():
    """What the environment asks for, or None."""
    wanted = os.environ.get(VARIABLE, "")
    if not wanted:
        return None
    if wanted.lower() == "never":
        return NEVER
    if not (wanted.isascii() and wanted.isdigit() and len(wanted) < 20 and int(wanted) < NEVER):
        raise ImportError(
            f"{VARIABLE}={wanted!r}: must be a number of bytes, from 0 to 2**62 - 1, or never"
        )
    return int(wanted)


def set_up():
    """Outputs go past the last cache if an input and they fill it, or as the environment says."""
    wanted = wanted_threshold()
    if wanted is None:
        wanted = (sysfs_cache_bytes() or cpuid_cache_bytes() or FALLBACK) // 2
    set_streaming_threshold(wanted)


def describe():
    """The threshold in bytes, for show_config."""
    words = {None: "never: this processor has no such stores", NEVER: "never"}
    threshold = streaming_threshold()
    return words.get(threshold, threshold)
