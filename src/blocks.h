/* Operands of any stride, through blocks of contiguous memory, into the kernels. */
#ifndef RELU_UFUNC_BLOCKS_H
#define RELU_UFUNC_BLOCKS_H

#include "kernel.h"

/* Computes n elements of operands that lie as NumPy hands them to an inner loop: any stride, zero and negative
 * included, any alignment, any overlap. Where an output overlaps an input otherwise than element by element, each
 * element is computed from what the ones before it have left, as reduce and accumulate need. */
void run_kernel(const struct kernel *kernel, char *const *data, const ptrdiff_t *stride, size_t n);

#endif
