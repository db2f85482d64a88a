/* A vector of copies of one value. */
#ifndef RELU_UFUNC_COPIES_H
#define RELU_UFUNC_COPIES_H

#include "loops/kernel.h"

/* to[0 .. SPLAT_BYTES) = copies of one value */
void splat(char *to, const char *value, size_t size);

#endif
