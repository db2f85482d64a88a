/* Tiles: so many elements of a plane, from as many of its axes as it takes, as fill a buffer. */
#ifndef RELU_UFUNC_TILES_H
#define RELU_UFUNC_TILES_H

#include "plane.h"

void run_tiles(const struct kernel *kernel, const struct plane *plane, char *const *data, struct room room);

#endif
