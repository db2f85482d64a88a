#include "simd/sse2.h"

#define ISA sse2
#include "loops/all.h"
