/* The sizes by which work is cut, as they were found by measuring: docs/tuning.md has the figures. `SIZES` of the Cython module has them for the tests. */
#ifndef RELU_UFUNC_SIZES_H
#define RELU_UFUNC_SIZES_H

#include <stddef.h>

enum { LINE_BYTES = 64 }; /* of a cache */

/* units, which threads share */
enum {
    UNITS_PER_THREAD = 8, /* at the most: what is left can be evened out so finely */
    PARTS_PER_UNIT = 4, /* or more: units are as even as that */
    LARGE_PAGES_PER_THREAD = 4, /* or more: with fewer, threads share pages, so that they end together */
};

/* new outputs: of so many bytes malloc (glibc's) asks the system, unless the end of its heap happens to have it. Their pages
 * are not there yet. NumPy asks for large pages. */
enum { NEW_PAGES_FROM = 33554432, LARGE_PAGE = 2097152 };

/* rows */
enum {
    SHORT_ROW = 64, /* elements; a row of fewer costs more to begin than to compute */
    DIRECT_ROW_BYTES = 128, /* but for one of so many that the kernel takes as it lies */
    STACK_BLOCKS_BYTES = 768, /* for the blocks of all operands, on the stack: where that is enough for a whole row */
    BLOCK_BYTES = 2048 /* of each operand: all of them stay in the first-level cache */
};

/* When streaming, the reads of a block hide the writes of the one before: Larger ones take longer. Stores past the
 * caches from within the kernels are no faster. */
enum {
    STREAMED_BYTES = 2048,
    AHEAD_BYTES = 10240, /* from the block at hand to what is asked for: four blocks behind the next one */
    STREAMED_PAGE = 4096, /* where some are written in turn, a block of each */
    PAGES_IN_TURN = 4,
    TURN_BYTES = 1024, /* of such a block; what is asked for is as far ahead as all of these pages */
};

/* Tiles. Two operands of float32, of which one lies across, have tiles of 64 by 64. */
enum {
    TILE_WIDTH = 64, /* elements */
    TILE_ELEMENTS = 2048, /* wider ones, where the rows are few */
    BLOCKS_BYTES = 32768 /* for the tile, or the blocks, of all operands */
};

static inline size_t smaller(size_t a, size_t b) { return a < b ? a : b; }
static inline size_t larger(size_t a, size_t b) { return a > b ? a : b; }

#endif
