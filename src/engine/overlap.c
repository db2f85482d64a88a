#include "overlap.h"

struct range memory_of(const char *data, ptrdiff_t stride, size_t size, size_t n)
{
    uintptr_t first = (uintptr_t)data, last = first + (uintptr_t)stride * (n - 1);
    return stride < 0 ? (struct range){last, first + size} : (struct range){first, last + size};
}

static size_t common_divisor(size_t a, size_t b)
{
    while (b != 0) {
        const size_t rest = a % b;
        a = b;
        b = rest;
    }
    return a;
}

/* Whether the elements of two operands lie between each other, as the columns of a matrix do: all distances between them
 * are the same, but for multiples of what divides both strides. One of these at least is not 0. */
static bool interleaved(const char *a, ptrdiff_t a_stride, const char *b, ptrdiff_t b_stride, size_t size)
{
    const uintptr_t step = common_divisor(magnitude(a_stride), magnitude(b_stride));
    const uintptr_t distance = (a > b ? (uintptr_t)a - (uintptr_t)b : (uintptr_t)b - (uintptr_t)a) % step;
    return distance >= size && step - distance >= size;
}

bool depends_on_order(const struct kernel *kernel, char *const *data, const ptrdiff_t *stride, size_t n)
{
    const int nin = kernel->info->nin, nargs = operands_of(kernel);
    const size_t size = kernel->size;
    for (int o = nin; o < nargs; o++) {
        const struct range out = memory_of(data[o], stride[o], size, n);
        if (magnitude(stride[o]) < size) {
            return true; /* the last one that is written stays */
        }
        for (int i = 0; i < o; i++) {
            const bool same = i < nin && data[i] == data[o] && stride[i] == stride[o];
            const bool apart = disjoint(memory_of(data[i], stride[i], size, n), out) ||
                               interleaved(data[i], stride[i], data[o], stride[o], size);
            if (!apart && !same) {
                return true;
            }
        }
    }
    return false;
}

static struct range extent_of(const struct plan *plan, int operand)
{
    const uintptr_t first = (uintptr_t)plan->data[operand];
    struct range range = {first, first + plan->kernel.size};
    for (int axis = 0; axis < plan->naxes; axis++) {
        const ptrdiff_t reach = plan->stride[axis][operand] * ((ptrdiff_t)plan->shape[axis] - 1);
        range.begin += reach < 0 ? (uintptr_t)reach : 0;
        range.end += reach > 0 ? (uintptr_t)reach : 0;
    }
    return range;
}

static bool same_memory(const struct plan *plan, int a, int b)
{
    for (int axis = 0; axis < plan->naxes; axis++) {
        if (plan->stride[axis][a] != plan->stride[axis][b]) {
            return false;
        }
    }
    return plan->data[a] == plan->data[b];
}

/* Whether no two elements of an operand share memory, as far as a look at its axes by size tells. */
static bool apart_from_itself(const struct plan *plan, int operand)
{
    size_t reach = plan->kernel.size; /* of the axes passed, the smallest strides first */
    bool passed[MAX_AXES] = {false};
    for (int count = 0; count < plan->naxes; count++) {
        int least = -1;
        for (int axis = 0; axis < plan->naxes; axis++) {
            if (!passed[axis] &&
                (least < 0 || magnitude(plan->stride[axis][operand]) < magnitude(plan->stride[least][operand]))) {
                least = axis;
            }
        }
        passed[least] = true;
        if (plan->shape[least] > 1) {
            const size_t stride = magnitude(plan->stride[least][operand]);
            if (stride < reach) {
                return false;
            }
            reach += stride * (plan->shape[least] - 1);
        }
    }
    return true;
}

bool outputs_lie_apart(const struct plan *plan, unsigned given)
{
    const int nin = plan->kernel.info->nin, nargs = operands_of(&plan->kernel);
    for (int o = nin; o < nargs; o++) {
        if (!(given >> o & 1)) {
            continue;
        }
        if (!apart_from_itself(plan, o)) {
            return false;
        }
        const struct range out = extent_of(plan, o);
        for (int i = 0; i < o; i++) {
            const bool same = i < nin && same_memory(plan, i, o);
            if (given >> i & 1 && !same && !disjoint(extent_of(plan, i), out)) {
                return false;
            }
        }
    }
    return true;
}

bool in_place(const struct plan *plan)
{
    const int nin = plan->kernel.info->nin, nargs = operands_of(&plan->kernel);
    for (int o = nin; o < nargs; o++) {
        for (int i = 0; i < nin; i++) {
            if (plan->data[i] == plan->data[o]) {
                return true;
            }
        }
    }
    return false;
}
