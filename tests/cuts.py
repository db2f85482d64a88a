"""Where the library cuts its work: the sizes that matter to it, read from its source."""

import re

import numpy as np
import oracle
from processes import ROOT

from relu_ufunc import _relu_ufunc


def _read(path):
    return (ROOT / path).read_text(encoding="utf-8")


def _constant(name, path):
    return int(re.search(rf"\b{name} = (\d+)\s*[,}}]", _read(path))[1])


TILE_WIDTH = _constant("TILE_WIDTH", "src/engine/blocks.h")
TILES_BYTES = _constant("BLOCKS_BYTES", "src/engine/scratch.h")
SHORT_ROW = _constant("SHORT_ROW", "src/engine/blocks.c")
STREAMED_BYTES = _constant("STREAMED_BYTES", "src/engine/blocks.c")
AHEAD_BYTES = _constant("AHEAD_BYTES", "src/engine/blocks.c")
PACKED_BYTES = _constant("PACKED_BYTES", "src/loops/kernel.h")
LINE_BYTES = _constant("LINE_BYTES", "src/engine/stream.h")
NEW_PAGES_FROM = _constant("NEW_PAGES_FROM", "src/engine/run.c")
LARGE_PAGE = _constant("LARGE_PAGE", "src/engine/run.c")
LARGE_PIECES_PER_THREAD = _constant("LARGE_PIECES_PER_THREAD", "src/engine/run.c")
_PIECES_PER_GRAIN = _constant("PIECES_PER_GRAIN", "src/engine/run.c")
_UNMEASURED = 1 << int(re.search(r"\bUNMEASURED = 1 << (\d+)", _read("src/engine/run.c"))[1])
_GRAINS = {
    kernel: {element: int(count) for element, count in re.findall(r"ELEMENT_(\w+)\] = (\d+)", row)}
    for kernel, row in re.findall(
        r"KERNEL_(\w+)\] = \{(.*?)\}", _read("src/engine/grains.h"), re.DOTALL
    )
}


def thread_counts(*wanted):
    """Those numbers of threads that this build can have."""
    return [count for count in wanted if count <= _relu_ufunc.MOST_THREADS]


def grain(name, dtype):
    """The elements that are worth a thread of their own."""
    dtype = np.dtype(dtype)
    prefix = "bf" if dtype.name == "bfloat16" else dtype.kind
    element = "longdouble" if dtype.char == "g" else f"{prefix}{8 * dtype.itemsize}"
    return _GRAINS.get(name, {}).get(element, _UNMEASURED)


def piece(name, dtype):
    """The elements of a small piece, the part of a call that a thread takes at a time."""
    return grain(name, dtype) // _PIECES_PER_GRAIN


def tile_height(name, dtype, width):
    """The rows of a tile of so many columns: all operands share the memory for theirs."""
    count = len(oracle.OPERANDS[name]) + oracle.OUTPUTS[name]
    share = TILES_BYTES // count // LINE_BYTES * LINE_BYTES
    return share // np.dtype(dtype).itemsize // min(width, TILE_WIDTH)


def block(dtype):
    """The elements of a block that is streamed."""
    return STREAMED_BYTES // np.dtype(dtype).itemsize
