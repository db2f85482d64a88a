/* Copies of elements, at any stride and alignment. */
#ifndef RELU_UFUNC_COPIES_H
#define RELU_UFUNC_COPIES_H

#include "loops/kernel.h"

/* to[0 .. SPLAT_BYTES) = copies of one value */
void splat(char *to, const char *value, size_t size);

/* Copies n elements of `size` bytes. */
void copy_row(char *to, ptrdiff_t to_stride, const char *from, ptrdiff_t from_stride, size_t size, size_t n);

/* One side of a copy in two dimensions. */
struct side {
    char *data;
    ptrdiff_t stride[2];
};

/* Copies a rectangle of elements. `far` is the side that is not a block. */
void copy_tile(struct side to, struct side from, const struct side *far, size_t size, const size_t *length);

#endif
