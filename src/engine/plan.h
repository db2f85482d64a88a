/* What a call has to do, in terms of memory: which kernel, and where each operand's elements lie. */
#ifndef RELU_UFUNC_PLAN_H
#define RELU_UFUNC_PLAN_H

#include "loops/kernel.h"

enum { MAX_AXES = 16 };

struct plan {
    struct kernel kernel;
    char *data[MAX_OPERANDS];
    int naxes;
    size_t shape[MAX_AXES];
    ptrdiff_t stride[MAX_AXES][MAX_OPERANDS]; /* in bytes; 0 where an input is read again */
    bool new_outputs;                         /* all of them made for this call, on memory that is not recycled */
};

/* Adds an axis of two elements or more; one that is shorter needs none. */
void add_axis(struct plan *plan, size_t length, const ptrdiff_t *stride);

/* Orders the axes by the first output, the fastest first and all of them upwards, and joins those that make one. */
void arrange(struct plan *plan);

#endif
