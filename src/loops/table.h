/* The table of ELEMENT's kernels in one instruction set. */

#define ENTRY(name) [KERNEL_##name] = E(name##_loop),
#define KERNEL(name, nin, nout, elements, ...) OF_##elements(ENTRY)(name)
kernel_loop *const JOIN(JOIN(ISA, ELEMENT), kernels)[KERNEL_COUNT] = {
#include "kernels/families.h"
};
#undef KERNEL
#undef ENTRY
#undef OF_floats
