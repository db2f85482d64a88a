/* The instruction sets that were compiled in, best first, and the kernels in them. */
#ifndef RELU_UFUNC_DISPATCH_H
#define RELU_UFUNC_DISPATCH_H

#include "kernel.h"

struct isa {
    const char *name;
    bool (*runs)(void); /* on this machine */
    const kernel_table *kernels;
};

extern const struct isa isas[];
extern const int isa_count;

/* loop is NULL where the kernel does not have that element */
struct kernel find_kernel(const struct isa *isa, enum kernel_id id, enum element element);

#endif
