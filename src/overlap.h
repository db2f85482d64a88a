/* Which memory operands lie in, and whether the order in which elements are computed matters. */
#ifndef RELU_UFUNC_OVERLAP_H
#define RELU_UFUNC_OVERLAP_H

#include "kernel.h"
#include <stdint.h>

struct range {
    uintptr_t begin, end; /* end is the first byte behind */
};

static inline size_t magnitude(ptrdiff_t stride) { return stride < 0 ? 0 - (size_t)stride : (size_t)stride; }

struct range memory_of(const char *data, ptrdiff_t stride, size_t size, size_t n);

static inline bool disjoint(struct range a, struct range b) { return a.end <= b.begin || b.end <= a.begin; }

/* Whether, of n > 1 elements, one that is written may be read again as a later one, or written over by it or by the
 * other output of it. */
bool depends_on_order(const struct kernel *kernel, char *const *data, const ptrdiff_t *stride, size_t n);

#endif
