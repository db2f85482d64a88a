#include "simd/scalar.h"

#define ISA scalar
#include "loops/all.h"
