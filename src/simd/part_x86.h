/* So many bytes of a vector, by SSE2: memcpy takes a call for them, and brings them through memory. */
#ifndef RELU_UFUNC_PART_X86_H
#define RELU_UFUNC_PART_X86_H

#include "inline.h"
#include <emmintrin.h>

INLINE uint64_t word_load(const char *p, size_t bytes)
{
    uint64_t word = 0;
    memcpy(&word, p, bytes);
    return word;
}

/* The first of so many bytes, and the last, so that all are read: two words that overlap, or meet. */
INLINE uint64_t part_of_word(const char *p, size_t bytes)
{
    const size_t half = bytes >= 4 ? 4 : bytes >= 2 ? 2 : 1;
    const char *last = p + bytes - half;
    const uint64_t first = half == 4 ? word_load(p, 4) : half == 2 ? word_load(p, 2) : word_load(p, 1);
    const uint64_t rest = half == 4 ? word_load(last, 4) : half == 2 ? word_load(last, 2) : word_load(last, 1);
    return first | rest << 8 * (bytes - half);
}

/* 0 < bytes < 16; the others are 0 */
INLINE __m128i part_load(const char *p, size_t bytes)
{
    if (bytes < 8) {
        return _mm_cvtsi64_si128((int64_t)part_of_word(p, bytes));
    }
    const uint64_t high = bytes > 8 ? word_load(p + bytes - 8, 8) >> 8 * (16 - bytes) : 0;
    return _mm_set_epi64x((int64_t)high, (int64_t)word_load(p, 8));
}

INLINE void part_store(char *p, __m128i a, size_t bytes)
{
    if (bytes & 8) {
        _mm_storel_epi64((__m128i *)p, a);
        a = _mm_unpackhi_epi64(a, a);
        p += 8;
    }
    uint64_t word = (uint64_t)_mm_cvtsi128_si64(a);
    if (bytes & 4) {
        memcpy(p, &word, 4);
        word >>= 32;
        p += 4;
    }
    if (bytes & 2) {
        memcpy(p, &word, 2);
        word >>= 16;
        p += 2;
    }
    if (bytes & 1) {
        memcpy(p, &word, 1);
    }
}

PART __m128i part_of_16_load(const char *p, size_t bytes) { return part_load(p, bytes); }
PART void part_of_16_store(char *p, __m128i a, size_t bytes) { part_store(p, a, bytes); }

/* 0 < bytes <= 16 */
INLINE __m128i up_to_16_load(const char *p, size_t bytes)
{
    return bytes == 16 ? _mm_loadu_si128((const __m128i *)p) : part_of_16_load(p, bytes);
}

INLINE void up_to_16_store(char *p, __m128i a, size_t bytes)
{
    if (bytes == 16) {
        _mm_storeu_si128((__m128i *)p, a);
    } else {
        part_of_16_store(p, a, bytes);
    }
}

#endif
