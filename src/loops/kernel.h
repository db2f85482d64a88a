/* What a kernel is to the rest of the library: a loop over contiguous elements of one type, found by its name, its
 * element type and its instruction set. */
#ifndef RELU_UFUNC_KERNEL_H
#define RELU_UFUNC_KERNEL_H

#include "simd/inline.h"
#include <stdbool.h>
#include <stddef.h>

enum { MAX_INPUTS = 4, MAX_OPERANDS = MAX_INPUTS + 2 };
enum { SPLAT_BYTES = 64 }; /* the widest vector of any ISA */

/* Computes n elements. Operands are ordered as NumPy has them, inputs first. stride[i] is the item size, or 0 for an
 * input that is one value, of which data[i] then holds SPLAT_BYTES of copies. An output is disjoint from each input, or
 * the same memory. Nothing needs to be aligned. */
typedef void kernel_loop(char *const *data, const ptrdiff_t *stride, size_t n);

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

static inline int operands_of(const struct kernel *kernel) { return kernel->info->nin + kernel->info->nout; }

#endif
