/* What a kernel is to the rest of the library: a loop over contiguous elements of one type, found by its name, its
 * element type and its instruction set. */
#ifndef RELU_UFUNC_KERNEL_H
#define RELU_UFUNC_KERNEL_H

#include <stdbool.h>
#include <stddef.h>

enum { MAX_OPERANDS = 5 }; /* three inputs, two outputs */
enum { SPLAT_BYTES = 64 }; /* the widest vector of any ISA */

/* Computes n elements. Operands are ordered as NumPy has them, inputs first. stride[i] is the item size, or 0 for an
 * input that is one value, of which data[i] then holds SPLAT_BYTES of copies. An output is disjoint from each input, or
 * the same memory. Nothing needs to be aligned. */
typedef void kernel_loop(char *const *data, const ptrdiff_t *stride, size_t n);

enum kernel_id {
#define KERNEL(name, nin, nout, dtypes, parameter, standard, ulp) KERNEL_##name,
#include "kernels/kernels.def"
#undef KERNEL
    KERNEL_COUNT
};

enum element {
    ELEMENT_i8,
    ELEMENT_u8,
    ELEMENT_i16,
    ELEMENT_u16,
    ELEMENT_i32,
    ELEMENT_u32,
    ELEMENT_i64,
    ELEMENT_u64,
    ELEMENT_f16,
    ELEMENT_bf16,
    ELEMENT_f32,
    ELEMENT_f64,
    ELEMENT_longdouble,
    ELEMENT_COUNT
};

/* All kernels of one instruction set; NULL for an element that a kernel does not have. */
typedef kernel_loop *kernel_table[KERNEL_COUNT][ELEMENT_COUNT];

/* A line of kernels.def. */
struct kernel_info {
    const char *name;
    int nin, nout;
    const char *dtypes;
    const char *parameter; /* "" where there is none */
    double standard;       /* the parameter's default, or NAN */
    double ulp;
    bool rounds; /* or overflows: raises floating-point errors */
};

extern const struct kernel_info kernel_infos[KERNEL_COUNT];

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
