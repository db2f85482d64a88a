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
            const bool in_place = i < nin && data[i] == data[o] && stride[i] == stride[o];
            const bool apart = disjoint(memory_of(data[i], stride[i], size, n), out) ||
                               interleaved(data[i], stride[i], data[o], stride[o], size);
            if (!apart && !in_place) {
                return true;
            }
        }
    }
    return false;
}
