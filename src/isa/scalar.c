#include "../simd/scalar.h"

#define ISA scalar
#include "../kernels/all.h"
