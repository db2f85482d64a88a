"""What malloc does, held to what it does when a process begins."""

import ctypes
import mmap

import numpy as np

PAGE = mmap.PAGESIZE
M_TRIM_THRESHOLD, M_TOP_PAD, M_MMAP_THRESHOLD = -1, -2, -3  # of glibc's mallopt
LARGE = 128 << 10  # bytes; where both thresholds stand when a process begins


def keep_malloc_as_it_starts():
    """Have it ask the system for each large block alone, and return it at once, all the time.

    Otherwise it learns from what is freed, and the result depends on what was measured before.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is None or not mallopt(M_MMAP_THRESHOLD, LARGE):
        print("no mallopt here: what a new output costs depends on what malloc happens to have")
        return False
    mallopt(M_TRIM_THRESHOLD, LARGE)
    mallopt(M_TOP_PAD, 0)  # spare room would hold a block that is just large
    return True


def large_blocks_at_hand():
    """All that malloc has without asking the system: as long as they live, it has to ask."""
    blocks = [np.empty(LARGE, np.uint8)]
    while blocks[-1].ctypes.data % PAGE != 16:  # right behind malloc's own words in a new page
        blocks.append(np.empty(LARGE, np.uint8))
    return blocks
