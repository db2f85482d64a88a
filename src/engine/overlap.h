/* Which memory operands lie in, and whether the order in which elements are computed matters. */
#ifndef RELU_UFUNC_OVERLAP_H
#define RELU_UFUNC_OVERLAP_H

#include "plan.h"
#include <stdint.h>

struct range {
    uintptr_t begin, end; /* end is the first byte behind */
};

static inline size_t magnitude(ptrdiff_t stride) { return stride < 0 ? 0 - (size_t)stride : (size_t)stride; }

struct range memory_of(const char *data, ptrdiff_t stride, size_t size, size_t n);

static inline bool disjoint(struct range a, struct range b) { return a.end <= b.begin || b.end <= a.begin; }

/* Whether the outputs can be written while the inputs are read: each lies apart from itself and from every other operand,
 * or is element by element the memory of an input. Operands whose bit in `given` is not set are left out. */
bool outputs_lie_apart(const struct plan *plan, unsigned given);

/* Whether an output begins where an input does. */
bool in_place(const struct plan *plan);

/* Whether, of n > 1 elements, one that is written may be read again as a later one, or written over by it or by the
 * other output of it. */
bool depends_on_order(const struct kernel *kernel, char *const *data, const ptrdiff_t *stride, size_t n);

#endif
