#include "overlap.h"

struct range memory_of(const char *data, ptrdiff_t stride, size_t size, size_t n)
{
    uintptr_t first = (uintptr_t)data, last = first + (uintptr_t)stride * (n - 1);
    return stride < 0 ? (struct range){last, first + size} : (struct range){first, last + size};
}

/* Whether the elements of two operands of one stride lie between each other, as the columns of a matrix do. */
static bool interleaved(const char *a, const char *b, ptrdiff_t stride, size_t size)
{
    const uintptr_t step = stride < 0 ? 0 - (uintptr_t)stride : (uintptr_t)stride;
    const uintptr_t distance = a > b ? (uintptr_t)a - (uintptr_t)b : (uintptr_t)b - (uintptr_t)a;
    return step != 0 && distance % step >= size && step - distance % step >= size;
}

bool depends_on_order(const struct kernel *kernel, char *const *data, const ptrdiff_t *stride, size_t n)
{
    const int nin = kernel->info->nin, nargs = operands_of(kernel);
    for (int o = nin; o < nargs; o++) {
        const struct range out = memory_of(data[o], stride[o], kernel->size, n);
        if (n > 1 && stride[o] > -(ptrdiff_t)kernel->size && stride[o] < (ptrdiff_t)kernel->size) {
            return true; /* the last one that is written stays */
        }
        for (int i = 0; i < nin; i++) {
            const bool apart = disjoint(memory_of(data[i], stride[i], kernel->size, n), out) ||
                               (stride[i] == stride[o] && interleaved(data[i], data[o], stride[o], kernel->size));
            const bool in_place = data[i] == data[o] && stride[i] == stride[o] && stride[o] != 0;
            if (!apart && !in_place) {
                return true;
            }
        }
    }
    return false;
}
