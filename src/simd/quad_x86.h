/* Quads by SSE2: vectors of 16 bytes, for moves of elements. */
#ifndef RELU_UFUNC_QUAD_X86_H
#define RELU_UFUNC_QUAD_X86_H

#include "inline.h"
#include <emmintrin.h>
#include <stdint.h>
#include <string.h>

enum { QUAD_BYTES = 16, HAS_QUADS = true };

typedef __m128i quad;

INLINE quad quad_load(const char *p) { return _mm_loadu_si128((const __m128i *)p); }
INLINE quad quad_of_32(const char *p)
{
    int32_t lane;
    memcpy(&lane, p, 4);
    return _mm_cvtsi32_si128(lane);
}
INLINE quad quad_of_32s(const char *a, const char *b, const char *c, const char *d)
{
    return _mm_unpacklo_epi64(_mm_unpacklo_epi32(quad_of_32(a), quad_of_32(b)),
                              _mm_unpacklo_epi32(quad_of_32(c), quad_of_32(d)));
}
INLINE quad quad_of_64s(const char *low, const char *high)
{
    return _mm_unpacklo_epi64(_mm_loadl_epi64((const __m128i *)low), _mm_loadl_epi64((const __m128i *)high));
}
INLINE void quad_store(char *p, quad a) { _mm_storeu_si128((__m128i *)p, a); }
INLINE quad quad_low_8(quad a, quad b) { return _mm_unpacklo_epi8(a, b); }
INLINE quad quad_low_16(quad a, quad b) { return _mm_unpacklo_epi16(a, b); }
INLINE quad quad_low_32(quad a, quad b) { return _mm_unpacklo_epi32(a, b); }
INLINE quad quad_low_64(quad a, quad b) { return _mm_unpacklo_epi64(a, b); }
INLINE quad quad_high_8(quad a, quad b) { return _mm_unpackhi_epi8(a, b); }
INLINE quad quad_high_16(quad a, quad b) { return _mm_unpackhi_epi16(a, b); }
INLINE quad quad_high_32(quad a, quad b) { return _mm_unpackhi_epi32(a, b); }
INLINE quad quad_high_64(quad a, quad b) { return _mm_unpackhi_epi64(a, b); }

#endif
