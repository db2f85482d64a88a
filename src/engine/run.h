/* A plan, cut into pieces and done. */
#ifndef RELU_UFUNC_RUN_H
#define RELU_UFUNC_RUN_H

#include "plan.h"

/* Outputs of at least so many bytes are written past the caches, but for new ones with new pages. */
size_t get_streaming_threshold(void);
void set_streaming_threshold(size_t bytes);

/* Elements: the least work that is worth a thread. */
size_t grain_of(const struct kernel *kernel);

/* No output of the plan may overlap another operand, but an input that is the same memory element by element. */
void run(const struct plan *plan);

/* The same along a single axis of n > 0 elements. */
void run_axis(const struct kernel *kernel, char *const *data, const ptrdiff_t *stride, size_t n);

#endif
