"""Where the library cuts its work: the sizes that matter to it, as it tells them."""

from contextlib import contextmanager

import numpy as np
import oracle

from relu_ufunc import _relu_ufunc

SIZES = _relu_ufunc.SIZES
TILE_WIDTH = SIZES["TILE_WIDTH"]
SHORT_ROW = SIZES["SHORT_ROW"]
STREAMED_BYTES = SIZES["STREAMED_BYTES"]
AHEAD_BYTES = SIZES["AHEAD_BYTES"]
STREAMED_PAGE = SIZES["STREAMED_PAGE"]
PAGES_IN_TURN = SIZES["PAGES_IN_TURN"]
PACKED_BYTES = SIZES["PACKED_BYTES"]
NEW_PAGES_FROM = SIZES["NEW_PAGES_FROM"]
LARGE_PAGE = SIZES["LARGE_PAGE"]
LARGE_PAGES_PER_THREAD = SIZES["LARGE_PAGES_PER_THREAD"]
BLOCKS_BYTES = SIZES["BLOCKS_BYTES"]
LINE_BYTES = SIZES["LINE_BYTES"]


def thread_counts(*wanted):
    """Those numbers of threads that this build can have."""
    return [count for count in wanted if count <= _relu_ufunc.MOST_THREADS]


@contextmanager
def always_shared(wish=True):
    """Each call is given as many threads as are allowed, however small it is."""
    before = _relu_ufunc.share_always(wish)
    try:
        yield
    finally:
        _relu_ufunc.share_always(before)


def tile_height(name, dtype, width):
    """The rows of a tile of so many columns: all operands share the memory for theirs."""
    count = len(oracle.OPERANDS[name]) + oracle.OUTPUTS[name]
    share = BLOCKS_BYTES // count // LINE_BYTES * LINE_BYTES
    return share // np.dtype(dtype).itemsize // min(width, TILE_WIDTH)


def block(dtype):
    """The elements of a block that is streamed."""
    return STREAMED_BYTES // np.dtype(dtype).itemsize
