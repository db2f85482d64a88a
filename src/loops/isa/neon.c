#include "simd/neon.h"

#define ISA neon
#include "loops/all.h"
