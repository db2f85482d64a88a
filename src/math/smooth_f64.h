/* The smooth functions of float64, each in a file of its own. */
#include "simd/doubles.h"
