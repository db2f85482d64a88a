/* What a kernel is to the rest of the library: a loop over contiguous elements of one type, found by its name, its
 * element type and its instruction set. */
#ifndef RELU_UFUNC_KERNEL_H
#define RELU_UFUNC_KERNEL_H

#include "simd/inline.h"
#include <stdbool.h>
#include <stddef.h>

enum { MAX_INPUTS = 4, MAX_OPERANDS = MAX_INPUTS + 2 };
enum { SPLAT_BYTES = 64 }; /* the widest vector of any ISA */

/* What some kernels work in. One with a costly branch packs the elements that take it, so many bytes of them at a time:
 * a whole vector is written or read, and what fills one up may be packed as well, less than two vectors more. */
enum {
    PACKED_BYTES = 4096,
    PACKED_ROOM = PACKED_BYTES + 2 * SPLAT_BYTES,
};

/* What a kernel with a fast part works in: what that begins with, up to three floats for each element of a block, or the block's
 * results; then lists of the elements in doubt, their inputs and their places, over several blocks or of what is packed. */
enum {
    BEGUN_PARTS = 3,
    FAST_BYTES = 2048, /* of each, and of a block */
    DOUBTFUL_BYTES = PACKED_BYTES, /* of a list: all that is packed may be in doubt */
    DOUBTFUL_ROOM = DOUBTFUL_BYTES + SPLAT_BYTES,
    FAST_ROOM = BEGUN_PARTS * FAST_BYTES + (MAX_INPUTS + 1) * DOUBTFUL_ROOM,
};

/* What either works in of a 16-bit type: the operands as float32 too. */
enum {
    WIDE_BYTES = 4096, /* of each operand: blocks of 512 bytes take up to a third longer */
    WIDE_ROOM = MAX_OPERANDS * WIDE_BYTES + FAST_ROOM, /* FAST_ROOM is the larger one */
};

/* Computes n elements. Operands are ordered as NumPy has them, inputs first. stride[i] is the item size, or 0 for an
 * input that is one value, of which data[i] then holds SPLAT_BYTES of copies. An output is disjoint from each input, or
 * the same memory. Nothing needs to be aligned. `room` is as many bytes as room_of(kernel), aligned as a vector; where it is
 * NULL, that takes longer. */
typedef void kernel_loop(char *const *data, const ptrdiff_t *stride, size_t n, char *room);

enum kernel_id {
#define KERNEL(name, ...) KERNEL_##name,
#include "kernels/families.h"
#undef KERNEL
    KERNEL_COUNT
};

/* The element types that instruction sets have vectors for; `with` is passed on. */
#define FOR_EACH_VECTOR_ELEMENT(X, with) \
    X(with, i8)                          \
    X(with, u8)                          \
    X(with, i16)                         \
    X(with, u16)                         \
    X(with, i32)                         \
    X(with, u32)                         \
    X(with, i64)                         \
    X(with, u64)                         \
    X(with, f16)                         \
    X(with, bf16)                        \
    X(with, f32)                         \
    X(with, f64)

enum element {
#define MEMBER(with, name) JOIN(with, name),
    FOR_EACH_VECTOR_ELEMENT(MEMBER, ELEMENT)
#undef MEMBER
        ELEMENT_longdouble,
    ELEMENT_COUNT
};

/* A declaration of kernels/families.h, which says what the columns are. */
struct kernel_info {
    const char *name;
    int nin, nout;
    const char *elements, *loop, *signature;
    double error;
    const char *expression;
    bool rounds; /* or overflows: raises floating-point errors */
    bool packs; /* the elements that take its costly branch */
    bool widens; /* of a 16-bit type: goes by way of float32's loop */
    bool is_fast; /* has a fast part, of float32 */
};

struct isa;

/* A kernel for one element type in one instruction set, and how to call it. */
struct kernel {
    const struct kernel_info *info;
    kernel_loop *loop;
    size_t size; /* of an element, in bytes */
    const struct isa *isa;
    enum kernel_id id;
    enum element element;
};

static inline size_t room_of(const struct kernel *kernel)
{
    if (kernel->element == ELEMENT_f16 || kernel->element == ELEMENT_bf16) {
        return kernel->info->widens ? WIDE_ROOM : 0;
    }
    if (kernel->info->is_fast && kernel->element == ELEMENT_f32) {
        return FAST_ROOM;
    }
    return kernel->info->packs ? PACKED_ROOM : 0;
}

static inline int operands_of(const struct kernel *kernel) { return kernel->info->nin + kernel->info->nout; }

#endif
