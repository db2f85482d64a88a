/* Planes: what lies along the first few axes, by rows or by tiles. */
#ifndef RELU_UFUNC_PLANE_H
#define RELU_UFUNC_PLANE_H

#include "loops/kernel.h"
#include "sizes.h"

enum { PLANE_AXES = 4 }; /* with as many, short axes have elements enough for a tile */

/* What lies along the first axes of a plan, of one element where it has no more. stride[axis][i] is operand i's, in bytes:
 * any, negative and (for an input) 0 included. Elements are computed in any order. */
struct plane {
    size_t length[PLANE_AXES];
    const ptrdiff_t *stride[PLANE_AXES];
    unsigned stream; /* so many pages of the outputs in turn are written past the caches; 0: by way of these */
    unsigned copies; /* bit i: input i is one value, and data[i] a vector of copies of it */
};

/* Whether the elements of some operand are closer together across the rows than along them. */
bool lies_across(const struct kernel *kernel, const ptrdiff_t *along, const ptrdiff_t *across);

/* So many elements of a row are worth a part of a plan where an operand lies across so many rows. */
static inline size_t width_of_tiles(size_t rows)
{
    return TILE_WIDTH * rows < TILE_ELEMENTS ? TILE_ELEMENTS / rows : TILE_WIDTH;
}

/* What a plane is computed in: memory for the blocks of all operands, and for a kernel that packs, unless it is NULL. */
struct room {
    char *blocks;
    size_t bytes;
    char *packed;
};

/* A row alone: along the other axes there is one element. */
static inline struct plane single_row(size_t length, const ptrdiff_t *stride, unsigned stream)
{
    static const ptrdiff_t none[MAX_OPERANDS];
    struct plane plane = {.stream = stream};
    for (int axis = 0; axis < PLANE_AXES; axis++) {
        plane.length[axis] = axis == 0 ? length : 1;
        plane.stride[axis] = axis == 0 ? stride : none;
    }
    return plane;
}

void run_plane(const struct kernel *kernel, const struct plane *plane, char *const *data);

#endif
