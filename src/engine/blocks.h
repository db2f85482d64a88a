/* Operands of any stride and alignment, through blocks of contiguous memory, into the kernels. */
#ifndef RELU_UFUNC_BLOCKS_H
#define RELU_UFUNC_BLOCKS_H

#include "loops/kernel.h"

enum { TILE_WIDTH = 64 }; /* elements */

/* What lies along one or two axes: rows, of TILE_WIDTH elements at the most where an operand lies across. stride[axis][i]
 * is operand i's, in bytes: any, negative and (for an input) 0 included. Elements are computed in any order. */
struct plane {
    size_t length[2]; /* the second is 1 where there is one axis only */
    const ptrdiff_t *stride[2];
    bool stream; /* write outputs past the caches */
};

/* Whether the elements of some operand are closer together across the rows than along them. */
bool lies_across(const struct kernel *kernel, const ptrdiff_t *along, const ptrdiff_t *across);

/* to[0 .. SPLAT_BYTES) = copies of one value */
void splat(char *to, const char *value, size_t size);

void run_plane(const struct kernel *kernel, const struct plane *plane, char *const *data);

/* Computes n elements one after the other, each from what the ones before it have left, and of each the first output
 * before the second: as reduce and accumulate need, whatever else writes to memory that it reads later, and two outputs
 * that overlap. */
void run_in_order(const struct kernel *kernel, char *const *data, const ptrdiff_t *stride, size_t n);

#endif
