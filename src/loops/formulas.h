/* All formulas for ELEMENT, whose type is defined: those that compute too where COMPUTES is defined. */

#include "simd/derived_words.h"

#include "kernels/families.h"
