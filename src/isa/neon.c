#include "../simd/neon.h"

#define ISA neon
#include "../kernels/all.h"
