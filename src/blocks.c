#include "blocks.h"
#include <stdint.h>
#include <string.h>

enum { BLOCK_BYTES = 4096 }; /* of each operand: all five stay in the first-level cache */

/* The element size is a constant in each call of copy_items, so that each item is one move. */
static inline void copy_items(char *to, ptrdiff_t to_stride, const char *from, ptrdiff_t from_stride, size_t size,
                              size_t n)
{
    for (size_t i = 0; i < n; i++) {
        memcpy(to, from, size);
        to += to_stride;
        from += from_stride;
    }
}

static void copy_strided(char *to, ptrdiff_t to_stride, const char *from, ptrdiff_t from_stride, size_t size, size_t n)
{
    switch (size) {
        case 1: copy_items(to, to_stride, from, from_stride, 1, n); break;
        case 2: copy_items(to, to_stride, from, from_stride, 2, n); break;
        case 4: copy_items(to, to_stride, from, from_stride, 4, n); break;
        case 8: copy_items(to, to_stride, from, from_stride, 8, n); break;
        default: copy_items(to, to_stride, from, from_stride, size, n);
    }
}

struct range {
    uintptr_t begin, end;
};

static struct range memory_of(const char *data, ptrdiff_t stride, size_t size, size_t n)
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

/* Whether an element written may be read again as, or written over by, a later one. */
static bool depends_on_order(const struct kernel *kernel, char *const *data, const ptrdiff_t *stride, size_t n)
{
    const int nin = kernel->info->nin, nargs = nin + kernel->info->nout;
    for (int o = nin; o < nargs; o++) {
        struct range out = memory_of(data[o], stride[o], kernel->size, n);
        for (int i = 0; i < nin; i++) {
            struct range in = memory_of(data[i], stride[i], kernel->size, n);
            bool disjoint = in.end <= out.begin || out.end <= in.begin ||
                            (stride[i] == stride[o] && interleaved(data[i], data[o], stride[o], kernel->size));
            bool in_place = data[i] == data[o] && stride[i] == stride[o] && stride[o] != 0;
            if (!disjoint && !in_place) {
                return true;
            }
        }
    }
    return false;
}

static bool contiguous(const struct kernel *kernel, const ptrdiff_t *stride)
{
    for (int i = 0; i < kernel->info->nin + kernel->info->nout; i++) {
        if (stride[i] != (ptrdiff_t)kernel->size) {
            return false;
        }
    }
    return true;
}

/* Each operand is used where it lies (contiguous), as one vector of copies (an input of stride 0), or block by block
 * through a buffer. */
static void run_in_blocks(const struct kernel *kernel, char *const *data, const ptrdiff_t *stride, size_t n,
                          size_t block)
{
    const int nin = kernel->info->nin, nargs = nin + kernel->info->nout;
    const ptrdiff_t item = (ptrdiff_t)kernel->size;
    _Alignas(SPLAT_BYTES) char buffer[MAX_OPERANDS][BLOCK_BYTES];
    char *at[MAX_OPERANDS], *use[MAX_OPERANDS];
    ptrdiff_t use_stride[MAX_OPERANDS];

    for (int i = 0; i < nargs; i++) {
        at[i] = data[i];
        use[i] = buffer[i];
        use_stride[i] = item;
        if (i < nin && stride[i] == 0 && block > 1) {
            copy_strided(buffer[i], item, data[i], 0, kernel->size, SPLAT_BYTES / kernel->size);
            use_stride[i] = 0;
        }
    }
    for (size_t count; n > 0; n -= count) {
        count = n < block ? n : block;
        for (int i = 0; i < nargs; i++) {
            if (stride[i] == item) {
                use[i] = at[i];
            } else if (i < nin && use_stride[i] != 0) {
                copy_strided(buffer[i], item, at[i], stride[i], kernel->size, count);
            }
        }
        kernel->loop(use, use_stride, count);
        for (int i = 0; i < nargs; i++) {
            if (i >= nin && stride[i] != item) {
                copy_strided(at[i], stride[i], buffer[i], item, kernel->size, count);
            }
            at[i] += stride[i] * (ptrdiff_t)count;
        }
    }
}

void run_kernel(const struct kernel *kernel, char *const *data, const ptrdiff_t *stride, size_t n)
{
    if (n == 0) {
        return;
    }
    if (n > 1 && depends_on_order(kernel, data, stride, n)) {
        run_in_blocks(kernel, data, stride, n, 1);
    } else if (contiguous(kernel, stride)) {
        kernel->loop(data, stride, n);
    } else {
        run_in_blocks(kernel, data, stride, n, BLOCK_BYTES / kernel->size);
    }
}
