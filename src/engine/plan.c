#include "plan.h"
#include "overlap.h"
#include "sizes.h"
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

static void move_axis(struct plan *plan, int from, int to)
{
    const size_t length = plan->shape[from];
    ptrdiff_t stride[MAX_OPERANDS];
    memcpy(stride, plan->stride[from], sizeof stride);
    for (; from > to; from--) {
        set_axis(plan, from, plan->shape[from - 1], plan->stride[from - 1]);
    }
    set_axis(plan, to, length, stride);
}

/* An insertion sort: the axes are few, and most often in order or in the opposite one. */
static void sort_axes(struct plan *plan)
{
    const int out = plan->kernel.info->nin;
    for (int sorted = 1; sorted < plan->naxes; sorted++) {
        int axis = sorted;
        while (axis > 0 && plan->stride[axis - 1][out] > plan->stride[sorted][out]) {
            axis--;
        }
        move_axis(plan, sorted, axis);
    }
}

/* Makes the axis along which some operand lies closest together the second one, if it is not the first: tiles are of both.
 * Where the axes before it are short, they have enough of it as it is. */
static void bring_closest_axis(struct plan *plan)
{
    enum { SHORT = TILE_ELEMENTS / 16 };
    for (int i = 0; i < operands_of(&plan->kernel); i++) {
        int closest = 0;
        size_t before = 1, elements = 1;
        for (int axis = 1; axis < plan->naxes; axis++) {
            const size_t stride = magnitude(plan->stride[axis][i]);
            elements *= plan->shape[axis - 1];
            if (stride != 0 && stride < magnitude(plan->stride[closest][i])) {
                closest = axis;
                before = elements;
            }
        }
        if (closest > 1 && before > SHORT) {
            move_axis(plan, closest, 1);
            return;
        }
    }
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
    bring_closest_axis(plan);
}
