/* All formulas for ELEMENT, whose type is defined: those that compute too where COMPUTES is defined, or, of integers,
 * WRAPS: their sums and products are kept as far as they fit. */

#include "simd/derived_words.h"

#include "kernels/families.h"
