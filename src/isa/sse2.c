#include "../simd/sse2.h"

#define ISA sse2
#include "../kernels/all.h"
