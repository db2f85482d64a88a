/* Rows, one after the other: operands of any stride and alignment, through blocks of contiguous memory, into the kernels. */
#ifndef RELU_UFUNC_ROWS_H
#define RELU_UFUNC_ROWS_H

#include "plane.h"

/* The bytes of a row that go into a buffer at a time, of `bytes` for all operands; all of them where nothing does. */
size_t block_of(const struct kernel *kernel, const struct plane *plane, size_t bytes);

/* Whether the kernel can use all operands of a row where they lie. */
bool as_they_lie(const struct kernel *kernel, const struct plane *plane);

void run_rows(const struct kernel *kernel, const struct plane *plane, char *const *data, struct room room);

/* Computes n elements one after the other, each from what the ones before it have left, and of each the first output
 * before the second: as reduce and accumulate need, whatever else writes to memory that it reads later, and two outputs
 * that overlap. */
void run_in_order(const struct kernel *kernel, char *const *data, const ptrdiff_t *stride, size_t n);

#endif
