/* The instruction sets that were compiled in, best first, and the kernels in them. */
#ifndef RELU_UFUNC_DISPATCH_H
#define RELU_UFUNC_DISPATCH_H

#include "loops/kernel.h"
#include "loops/moves.h"

struct isa {
    const char *name;
    bool (*is_supported)(void);                         /* on this machine */
    move_rows *move;
    kernel_loop *const *kernels[ELEMENT_COUNT]; /* by kernel_id; NULL where a kernel does not have that element */
};

extern const struct isa isas[];
extern const int isa_count;

extern const struct kernel_info kernel_infos[KERNEL_COUNT];
extern const size_t element_sizes[ELEMENT_COUNT];

/* Inline: the fields are written where the caller wants them, and read again at once. */
static inline struct kernel find_kernel(const struct isa *isa, enum kernel_id id, enum element element)
{
    return (struct kernel){&kernel_infos[id], isa->kernels[element][id], element_sizes[element], isa, id, element};
}

#endif
