/* The instruction sets that were compiled in, best first, and the kernels in them. */
#ifndef RELU_UFUNC_DISPATCH_H
#define RELU_UFUNC_DISPATCH_H

#include "loops/kernel.h"

struct isa {
    const char *name;
    bool (*runs)(void); /* on this machine */
    const kernel_table *kernels;
};

extern const struct isa isas[];
extern const int isa_count;

extern const kernel_table longdouble_kernels;
extern const size_t element_sizes[ELEMENT_COUNT];

/* loop is NULL where the kernel does not have that element. Inline: the fields are written where the caller wants them,
 * and read again at once. */
static inline struct kernel find_kernel(const struct isa *isa, enum kernel_id id, enum element element)
{
    const kernel_table *table = element == ELEMENT_longdouble ? &longdouble_kernels : isa->kernels;
    return (struct kernel){&kernel_infos[id], (*table)[id][element], element_sizes[element], isa, id, element};
}

#endif
