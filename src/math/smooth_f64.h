/* The smooth functions of float64, each in a file of its own. */
#include "hard_f64.h"
#include "simd/doubles.h"
