/* Which memory operands lie in, and whether the order in which elements are computed matters. */
#ifndef RELU_UFUNC_OVERLAP_H
#define RELU_UFUNC_OVERLAP_H

#include "loops/kernel.h"
#include <stdint.h>

struct range {
    uintptr_t begin, end; /* end is the first byte behind */
};

struct range memory_of(const char *data, ptrdiff_t stride, size_t size, size_t n);

static inline bool disjoint(struct range a, struct range b) { return a.end <= b.begin || b.end <= a.begin; }

/* Whether an element written may be read again as, or written over by, a later one. */
bool depends_on_order(const struct kernel *kernel, char *const *data, const ptrdiff_t *stride, size_t n);

#endif
