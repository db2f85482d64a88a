#include "simd/avx512.h"

#define ISA avx512
#include "loops/all.h"
