/* float16 conversion for the ISAs that have no instruction for it, with the results of those that do, and their flags
 * but for INEXACT. No step works on a float32 subnormal: a caller's flush-to-zero mode changes nothing. */
#ifndef RELU_UFUNC_F16_SOFTWARE_H
#define RELU_UFUNC_F16_SOFTWARE_H

#include "inline.h"
#include "platform/flags.h"

static inline float f16_to_f32(uint16_t half)
{
    uint32_t sign = (uint32_t)(half & 0x8000) << 16, magnitude = half & 0x7fff;
    float value;
    if (magnitude < 0x0400) { /* zero or subnormal: an integer times 2^-24 */
        value = (float)magnitude * 0x1p-24f;
        return sign ? -value : value;
    }
    uint32_t word = sign | (magnitude < 0x7c00 ? (magnitude << 13) + (100u << 23) : (magnitude << 13) | 0x7f800000);
    memcpy(&value, &word, 4);
    return value * 0x1p12f; /* the rest of the bias; a signalling NaN turns quiet and raises INVALID */
}

static inline uint16_t f32_to_f16(float value)
{
    uint32_t word;
    memcpy(&word, &value, 4);
    uint32_t sign = (word >> 16) & 0x8000, magnitude = word & 0x7fffffff;
    if (magnitude > 0x7f800000) {
        return (uint16_t)(sign | 0x7e00 | ((magnitude >> 13) & 0x3ff));
    }
    if (magnitude >= 0x477ff000) { /* 65520, halfway to the float16 that there is not: infinity */
        if (magnitude < 0x7f800000) {
            raise_vector_flags(FE_OVERFLOW | FE_INEXACT);
        }
        return (uint16_t)(sign | 0x7c00);
    }
    uint32_t drop = 13, lead = 0; /* bits below the last one kept */
    if (magnitude < 0x38800000) { /* below 2^-14: subnormal, its last bit is 2^-24 whatever the exponent */
        uint32_t exponent = magnitude >> 23;
        drop = exponent < 101 ? 25 : 126 - exponent;
        lead = exponent < 101 ? 0 : (magnitude & 0x7fffff) | 0x800000;
        bool inexact = exponent < 101 ? magnitude != 0 : (lead & ((1u << drop) - 1)) != 0;
        if (inexact && magnitude < 0x387ff000) { /* tiny after rounding, as x86 has it */
            raise_vector_flags(FE_UNDERFLOW | FE_INEXACT);
        }
    } else {
        lead = magnitude - (112u << 23);
    }
    uint32_t half = (1u << (drop - 1)) - 1 + ((lead >> drop) & 1);
    return (uint16_t)(sign | ((lead + half) >> drop));
}

#endif
