/* What a call has to do, in terms of memory: which kernel, and where each operand's elements lie. */
#ifndef RELU_UFUNC_PLAN_H
#define RELU_UFUNC_PLAN_H

#include "loops/kernel.h"

enum { MAX_AXES = 16 };

/* Whoever makes a plan fills in all of it; what lies along an axis of one element does not matter. */
struct plan {
    struct kernel kernel;
    char *data[MAX_OPERANDS];
    int naxes;
    size_t shape[MAX_AXES];
    ptrdiff_t stride[MAX_AXES][MAX_OPERANDS]; /* in bytes; 0 where an input is read again */
    unsigned copies;                          /* bit i: input i is one value, and data[i] a vector of copies of it */
    bool new_outputs;                         /* all of them made for this call, on memory that is not recycled */
};

/* Orders the axes by the first output, the fastest first and all of them upwards, and joins those that make one. Axes of
 * one element go. The second axis is the one along which another operand lies closest together, if that is not the first. */
void arrange(struct plan *plan);

#endif
