#include "copies.h"
#include "overlap.h"
#include <stdint.h>
#include <string.h>

static inline void repeat(char *to, const char *value, size_t size)
{
    for (size_t at = 0; at + size <= SPLAT_BYTES; at += size) {
        memcpy(to + at, value, size);
    }
}

void splat(char *to, const char *value, size_t size)
{
    switch (size) { /* a constant in each case: one move, or one vector */
        case 1: repeat(to, value, 1); break;
        case 2: repeat(to, value, 2); break;
        case 4: repeat(to, value, 4); break;
        case 8: repeat(to, value, 8); break;
        default: repeat(to, value, size);
    }
}

/* Copying. Compilers have vectors for a stride that they know: those of every other element and of a reversed row. They
 * do not for memcpy, hence a type that may lie anywhere. */

#define COPY_ITEMS(type, name)                                                                                \
    typedef type __attribute__((aligned(1), may_alias)) name;                                                 \
    static inline void copy_##name##s(char *restrict to, ptrdiff_t to_stride, const char *restrict from,      \
                                      ptrdiff_t from_stride, size_t n)                                        \
    {                                                                                                         \
        for (ptrdiff_t i = 0; i < (ptrdiff_t)n; i++) {                                                        \
            *(name *)(to + i * to_stride) = *(const name *)(from + i * from_stride);                          \
        }                                                                                                     \
    }                                                                                                         \
    static void copy_row_of_##name##s(char *to, ptrdiff_t to_stride, const char *from, ptrdiff_t from_stride, \
                                      size_t n)                                                               \
    {                                                                                                         \
        const ptrdiff_t item = sizeof(name);                                                                  \
        if (to_stride == item && from_stride == 2 * item) {                                                   \
            copy_##name##s(to, item, from, 2 * item, n);                                                      \
        } else if (to_stride == item && from_stride == -item) {                                               \
            copy_##name##s(to, item, from, -item, n);                                                         \
        } else {                                                                                              \
            copy_##name##s(to, to_stride, from, from_stride, n);                                              \
        }                                                                                                     \
    }

COPY_ITEMS(uint8_t, item8)
COPY_ITEMS(uint16_t, item16)
COPY_ITEMS(uint32_t, item32)
COPY_ITEMS(uint64_t, item64)

void copy_row(char *to, ptrdiff_t to_stride, const char *from, ptrdiff_t from_stride, size_t size, size_t n)
{
    if (to_stride == (ptrdiff_t)size && from_stride == (ptrdiff_t)size) {
        memcpy(to, from, n * size);
        return;
    }
    switch (size) {
        case 1: copy_row_of_item8s(to, to_stride, from, from_stride, n); break;
        case 2: copy_row_of_item16s(to, to_stride, from, from_stride, n); break;
        case 4: copy_row_of_item32s(to, to_stride, from, from_stride, n); break;
        case 8: copy_row_of_item64s(to, to_stride, from, from_stride, n); break;
        default:
            for (size_t i = 0; i < n; i++) {
                memcpy(to + (ptrdiff_t)i * to_stride, from + (ptrdiff_t)i * from_stride, size);
            }
    }
}

/* Runs along the axis in which the elements of `far`, the side that is not a block, are closer together, so that cache
 * lines are used up one after the other; but across short rows. */
void copy_tile(struct side to, struct side from, const struct side *far, size_t size, const size_t *length)
{
    enum { SHORT = 16 };
    const size_t across = magnitude(far->stride[1]), along = magnitude(far->stride[0]);
    const int axis = length[1] > 1 && (length[0] < SHORT || along > across || along == 0) ? 1 : 0;
    for (size_t i = 0; i < length[!axis]; i++) {
        copy_row(to.data, to.stride[axis], from.data, from.stride[axis], size, length[axis]);
        to.data += to.stride[!axis];
        from.data += from.stride[!axis];
    }
}
