/* A plan, cut into pieces and done. */
#ifndef RELU_UFUNC_RUN_H
#define RELU_UFUNC_RUN_H

#include "plan.h"

/* No output of the plan may overlap another operand, but an input that is the same memory element by element. */
void run(const struct plan *plan);

/* The same along a single axis of n > 0 elements. */
void run_axis(const struct kernel *kernel, char *const *data, const ptrdiff_t *stride, size_t n);

/* As NumPy's loops have it, for operands that lie anywhere: each element is computed from what those before it have left, and
 * its first output is written before its second. */
void run_loop(const struct kernel *kernel, char *const *data, const ptrdiff_t *stride, size_t n);

#endif
