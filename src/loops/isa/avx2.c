#include "simd/avx2.h"

#define ISA avx2
#include "loops/all.h"
