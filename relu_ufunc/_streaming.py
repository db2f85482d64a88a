"""From which size on outputs are written past the caches, to memory."""

import os

from ._relu_ufunc import (
    LEARNED_THRESHOLD,
    SIZES,
    cpuid_cache_bytes,
    cpuid_vendor,
    set_caches,
    set_streamed_pages,
    set_streaming_threshold,
    streaming_threshold,
)
from ._system_files import listing, read, whole_number

VARIABLE = "RELU_UFUNC_STREAMING_BYTES"
SYSFS = "/sys/devices/system/cpu/cpu0/cache"
UNITS = {"K": 1 << 10, "M": 1 << 20, "G": 1 << 30}
NEVER = 1 << 62  # bytes: larger than any array
PLAUSIBLE = 1 << 40  # what is larger is no cache
FALLBACK = 32 << 20  # more than most machines have: too late costs less than too early
OWN_FALLBACK = 1 << 20
IN_TURN = "GenuineIntel"  # whose processors take less where several pages are written in turn


def sysfs_cache_bytes(folder=SYSFS, level=""):
    """The size of the largest data cache that Linux knows of, of a level or of all; or 0."""
    sizes = [0]
    for name in listing(folder):
        kind, size, of = (
            read(f"{folder}/{name}/{what}").strip() for what in ("type", "size", "level")
        )
        number, unit = whole_number(size[:-1]), UNITS.get(size[-1:])
        data = name.startswith("index") and kind in ("Data", "Unified")
        if data and level in ("", of) and number and unit:
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
    """Say how large the caches are, and in which order pages are written past them.

    A trial decides the rest, or the environment.
    """
    last = sysfs_cache_bytes() or cpuid_cache_bytes() or FALLBACK
    own = sysfs_cache_bytes(level="2") or OWN_FALLBACK
    set_caches(min(own, last), last)
    set_streamed_pages(SIZES["PAGES_IN_TURN"] if cpuid_vendor() == IN_TURN else 1)
    wanted = wanted_threshold()
    set_streaming_threshold(LEARNED_THRESHOLD if wanted is None else wanted)


def describe():
    """The threshold in bytes, for show_config."""
    words = {
        None: "never: this processor has no such stores",
        NEVER: "never",
        LEARNED_THRESHOLD: "as a trial says",
    }
    threshold = streaming_threshold()
    return words.get(threshold, threshold)
