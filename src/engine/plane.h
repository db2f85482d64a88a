/* Planes: what lies along one or two axes, by rows or by tiles. */
#ifndef RELU_UFUNC_PLANE_H
#define RELU_UFUNC_PLANE_H

#include "loops/kernel.h"

/* What lies along one or two axes: rows, of TILE_WIDTH elements at the most where an operand lies across. stride[axis][i]
 * is operand i's, in bytes: any, negative and (for an input) 0 included. Elements are computed in any order. */
struct plane {
    size_t length[2]; /* the second is 1 where there is one axis only */
    const ptrdiff_t *stride[2];
    bool stream; /* write outputs past the caches */
    unsigned copies; /* bit i: input i is one value, and data[i] a vector of copies of it */
};

/* Whether the elements of some operand are closer together across the rows than along them. */
bool lies_across(const struct kernel *kernel, const ptrdiff_t *along, const ptrdiff_t *across);

/* What a plane is computed in: memory for the blocks of all operands, and for a kernel that packs, unless it is NULL. */
struct room {
    char *blocks;
    size_t bytes;
    char *packed;
};

void run_plane(const struct kernel *kernel, const struct plane *plane, char *const *data);

#endif
