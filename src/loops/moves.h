/* Moves of elements between memory of any strides: what a kernel is not to know of. */
#ifndef RELU_UFUNC_MOVES_H
#define RELU_UFUNC_MOVES_H

#include <stdbool.h>
#include <stddef.h>

/* Along two axes: so many elements, and the bytes from one to the next on either side. */
struct move {
    size_t length[2];
    ptrdiff_t to[2], from[2];
    bool far; /* whether what is read may be in no cache of the core's own, so that it pays to ask for what follows */
};

/* Moves elements of `size` bytes row by row, a row being what lies along the first axis: best the one along which they
 * are closer together on the side that is not in a cache. Nothing needs to be aligned; no byte between elements is read
 * that is not between two of a row, and none is written. */
typedef void move_rows(char *to, const char *from, const struct move *move, size_t size);

#endif
