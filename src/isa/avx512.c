#include "../simd/avx512.h"

#define ISA avx512
#include "../kernels/all.h"
