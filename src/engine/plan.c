#include "plan.h"
#include <string.h>

static void set_axis(struct plan *plan, int axis, size_t length, const ptrdiff_t *stride)
{
    plan->shape[axis] = length;
    memmove(plan->stride[axis], stride, sizeof *stride * (size_t)operands_of(&plan->kernel));
}

static void drop_short_axes(struct plan *plan)
{
    int kept = 0;
    for (int axis = 0; axis < plan->naxes; axis++) {
        if (plan->shape[axis] > 1) {
            set_axis(plan, kept++, plan->shape[axis], plan->stride[axis]);
        }
    }
    plan->naxes = kept;
}

/* Walks an axis from its other end. */
static void turn_around(struct plan *plan, int axis)
{
    for (int i = 0; i < operands_of(&plan->kernel); i++) {
        ptrdiff_t *stride = &plan->stride[axis][i];
        plan->data[i] += *stride * (ptrdiff_t)(plan->shape[axis] - 1);
        *stride = -*stride;
    }
}

/* An insertion sort: the axes are few, and most often in order or in the opposite one. */
static void sort_axes(struct plan *plan)
{
    const int out = plan->kernel.info->nin;
    for (int sorted = 1; sorted < plan->naxes; sorted++) {
        const size_t length = plan->shape[sorted];
        ptrdiff_t stride[MAX_OPERANDS];
        int axis = sorted;
        memcpy(stride, plan->stride[sorted], sizeof stride);
        for (; axis > 0 && plan->stride[axis - 1][out] > stride[out]; axis--) {
            set_axis(plan, axis, plan->shape[axis - 1], plan->stride[axis - 1]);
        }
        set_axis(plan, axis, length, stride);
    }
}

/* Whether a step along the outer axis is, for every operand, a step past the end of the inner one. */
static bool makes_one(const struct plan *plan, int inner, int outer)
{
    for (int i = 0; i < operands_of(&plan->kernel); i++) {
        if (plan->stride[outer][i] != plan->stride[inner][i] * (ptrdiff_t)plan->shape[inner]) {
            return false;
        }
    }
    return true;
}

static void join_axes(struct plan *plan)
{
    int last = 0;
    for (int axis = 1; axis < plan->naxes; axis++) {
        if (makes_one(plan, last, axis)) {
            plan->shape[last] *= plan->shape[axis];
        } else {
            set_axis(plan, ++last, plan->shape[axis], plan->stride[axis]);
        }
    }
    plan->naxes = plan->naxes == 0 ? 0 : last + 1;
}

void arrange(struct plan *plan)
{
    const int out = plan->kernel.info->nin;
    drop_short_axes(plan);
    for (int axis = 0; axis < plan->naxes; axis++) {
        if (plan->stride[axis][out] < 0) {
            turn_around(plan, axis);
        }
    }
    sort_axes(plan);
    join_axes(plan);
}
