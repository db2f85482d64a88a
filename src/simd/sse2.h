/* The vocabulary of scalar.h in SSE2, which every x86-64 has. */
#ifndef RELU_UFUNC_SIMD_H
#define RELU_UFUNC_SIMD_H

#include "f16_software.h"
#include "inline.h"
#include "part_x86.h"
#include "quad_x86.h"
#include <emmintrin.h>

enum { VECTOR_BYTES = 16 };
INLINE size_t lanes(size_t size) { return VECTOR_BYTES / size; }

typedef __m128i bits;

enum { LOADS_BY_MASK = false };
INLINE bits bits_load(const char *p, size_t bytes) { return up_to_16_load(p, bytes); }
INLINE void bits_store(char *p, bits a, size_t bytes) { up_to_16_store(p, a, bytes); }

INLINE bits bits_and(bits a, bits b) { return _mm_and_si128(a, b); }
INLINE bits bits_or(bits a, bits b) { return _mm_or_si128(a, b); }
INLINE bits bits_xor(bits a, bits b) { return _mm_xor_si128(a, b); }
INLINE bits bits_held(bits a) { return a; }

INLINE bits set1_8(int8_t a) { return _mm_set1_epi8(a); }
INLINE bits set1_16(int16_t a) { return _mm_set1_epi16(a); }
INLINE bits set1_32(int32_t a) { return _mm_set1_epi32(a); }
INLINE bits set1_64(int64_t a) { return _mm_set1_epi64x(a); }

typedef __m128i mask;

INLINE mask gt_8(bits a, bits b) { return _mm_cmpgt_epi8(a, b); }
INLINE mask gt_16(bits a, bits b) { return _mm_cmpgt_epi16(a, b); }
INLINE mask gt_32(bits a, bits b) { return _mm_cmpgt_epi32(a, b); }
INLINE mask eq_8(bits a, bits b) { return _mm_cmpeq_epi8(a, b); }
INLINE mask eq_16(bits a, bits b) { return _mm_cmpeq_epi16(a, b); }
INLINE mask eq_32(bits a, bits b) { return _mm_cmpeq_epi32(a, b); }

/* SSE2 compares no 64-bit lanes: the high halves decide, or when they are equal the low ones, unsigned. */
INLINE mask gt_64(bits a, bits b)
{
    const bits low_sign = _mm_set1_epi64x(0x80000000);
    mask gt = gt_32(_mm_xor_si128(a, low_sign), _mm_xor_si128(b, low_sign));
    mask high_gt = _mm_shuffle_epi32(gt, _MM_SHUFFLE(3, 3, 1, 1));
    mask low_gt = _mm_shuffle_epi32(gt, _MM_SHUFFLE(2, 2, 0, 0));
    mask high_eq = _mm_shuffle_epi32(eq_32(a, b), _MM_SHUFFLE(3, 3, 1, 1));
    return _mm_or_si128(high_gt, _mm_and_si128(high_eq, low_gt));
}

INLINE mask eq_64(bits a, bits b)
{
    mask eq = eq_32(a, b);
    return _mm_and_si128(eq, _mm_shuffle_epi32(eq, _MM_SHUFFLE(2, 3, 0, 1)));
}

INLINE mask mask_and(mask a, mask b) { return _mm_and_si128(a, b); }
INLINE mask mask_or(mask a, mask b) { return _mm_or_si128(a, b); }
INLINE bool mask_any(mask m) { return _mm_movemask_epi8(m) != 0; }

INLINE bits select_8(mask m, bits a, bits b) { return _mm_or_si128(_mm_and_si128(m, a), _mm_andnot_si128(m, b)); }
INLINE bits select_16(mask m, bits a, bits b) { return select_8(m, a, b); }
INLINE bits select_32(mask m, bits a, bits b) { return select_8(m, a, b); }
INLINE bits select_64(mask m, bits a, bits b) { return select_8(m, a, b); }

INLINE bits zero_where_8(mask m, bits a) { return _mm_andnot_si128(m, a); }
INLINE bits zero_where_16(mask m, bits a) { return _mm_andnot_si128(m, a); }
INLINE bits zero_where_32(mask m, bits a) { return _mm_andnot_si128(m, a); }
INLINE bits zero_where_64(mask m, bits a) { return _mm_andnot_si128(m, a); }
INLINE bits zero_unless_8(mask m, bits a) { return _mm_and_si128(m, a); }
INLINE bits zero_unless_16(mask m, bits a) { return _mm_and_si128(m, a); }
INLINE bits zero_unless_32(mask m, bits a) { return _mm_and_si128(m, a); }
INLINE bits zero_unless_64(mask m, bits a) { return _mm_and_si128(m, a); }
INLINE bits ones_where_32(mask m, bits a) { return _mm_or_si128(m, a); }

INLINE bits least_16(bits a, bits b) { return _mm_min_epi16(a, b); }
INLINE bits least_32(bits a, bits b) { return select_32(gt_32(a, b), b, a); }
INLINE bits least_64(bits a, bits b) { return select_64(gt_64(a, b), b, a); }
INLINE bits least_u32(bits a, bits b)
{
    const bits sign = set1_32(INT32_MIN);
    return bits_xor(least_32(bits_xor(a, sign), bits_xor(b, sign)), sign);
}

INLINE bits add_8(bits a, bits b) { return _mm_add_epi8(a, b); }
INLINE bits add_16(bits a, bits b) { return _mm_add_epi16(a, b); }
INLINE bits add_32(bits a, bits b) { return _mm_add_epi32(a, b); }
INLINE bits add_64(bits a, bits b) { return _mm_add_epi64(a, b); }
INLINE bits sub_16(bits a, bits b) { return _mm_sub_epi16(a, b); }
INLINE bits sub_32(bits a, bits b) { return _mm_sub_epi32(a, b); }
INLINE bits sub_64(bits a, bits b) { return _mm_sub_epi64(a, b); }

/* Of 8 bits: the even lanes as lanes of 16 bits, and the odd ones. */
INLINE bits mul_8(bits a, bits b)
{
    bits even = _mm_mullo_epi16(a, b), odd = _mm_mullo_epi16(_mm_srli_epi16(a, 8), _mm_srli_epi16(b, 8));
    return bits_or(bits_and(even, set1_16(0xff)), _mm_slli_epi16(odd, 8));
}
INLINE bits mul_16(bits a, bits b) { return _mm_mullo_epi16(a, b); }
INLINE bits mul_32(bits a, bits b)
{
    bits even = _mm_mul_epu32(a, b), odd = _mm_mul_epu32(_mm_srli_epi64(a, 32), _mm_srli_epi64(b, 32));
    return bits_or(bits_and(even, set1_64(UINT32_MAX)), _mm_slli_epi64(odd, 32));
}

/* Of 64 bits: what the two high halves would give is not kept. */
INLINE bits mul_64(bits a, bits b)
{
    bits mixed = add_64(_mm_mul_epu32(_mm_srli_epi64(a, 32), b), _mm_mul_epu32(a, _mm_srli_epi64(b, 32)));
    return add_64(_mm_mul_epu32(a, b), _mm_slli_epi64(mixed, 32));
}

INLINE bits shift_right_32(bits a, int n) { return _mm_srli_epi32(a, n); }
INLINE bits shift_left_32(bits a, int n) { return _mm_slli_epi32(a, n); }
INLINE bits shift_left_64(bits a, int n) { return _mm_slli_epi64(a, n); }

typedef __m128 f32_vec;

INLINE bits f32_bits(f32_vec a) { return _mm_castps_si128(a); }
INLINE f32_vec f32_of_bits(bits a) { return _mm_castsi128_ps(a); }
INLINE f32_vec f32_set1(float a) { return _mm_set1_ps(a); }
INLINE f32_vec f32_add(f32_vec a, f32_vec b) { return _mm_add_ps(a, b); }
INLINE f32_vec f32_mul(f32_vec a, f32_vec b) { return _mm_mul_ps(a, b); }
INLINE f32_vec f32_max(f32_vec a, f32_vec b) { return _mm_max_ps(a, b); }
INLINE f32_vec f32_min(f32_vec a, f32_vec b) { return _mm_min_ps(a, b); }
INLINE f32_vec f32_sub(f32_vec a, f32_vec b) { return _mm_sub_ps(a, b); }
INLINE f32_vec f32_div(f32_vec a, f32_vec b) { return _mm_div_ps(a, b); }
INLINE f32_vec f32_fused(f32_vec a, f32_vec b, f32_vec c) { return f32_add(f32_mul(a, b), c); }
INLINE f32_vec f32_fused_less(f32_vec a, f32_vec b, f32_vec c) { return f32_sub(f32_mul(a, b), c); }
INLINE f32_vec f32_less_fused(f32_vec a, f32_vec b, f32_vec c) { return f32_sub(c, f32_mul(a, b)); }
INLINE mask f32_either_is_nan(f32_vec a, f32_vec b) { return _mm_castps_si128(_mm_cmpunord_ps(a, b)); }
INLINE mask f32_differ(f32_vec a, f32_vec b) { return _mm_castps_si128(_mm_cmpneq_ps(a, b)); }

enum { FLOAT_TABLE = 0 };
INLINE f32_vec f32_lookup(const void *table, bits i) { return (void)table, (void)i, f32_set1(0); }
INLINE void f32_lookup_two(const float *table, bits i, f32_vec *first, f32_vec *second)
{
    *first = *second = f32_lookup(table, i);
}

typedef __m128d f64_vec;

INLINE bits f64_bits(f64_vec a) { return _mm_castpd_si128(a); }
INLINE f64_vec f64_of_bits(bits a) { return _mm_castsi128_pd(a); }
INLINE f64_vec f64_set1(double a) { return _mm_set1_pd(a); }
INLINE f64_vec f64_add(f64_vec a, f64_vec b) { return _mm_add_pd(a, b); }
INLINE f64_vec f64_sub(f64_vec a, f64_vec b) { return _mm_sub_pd(a, b); }
INLINE f64_vec f64_mul(f64_vec a, f64_vec b) { return _mm_mul_pd(a, b); }
INLINE f64_vec f64_div(f64_vec a, f64_vec b) { return _mm_div_pd(a, b); }
INLINE f64_vec f64_max(f64_vec a, f64_vec b) { return _mm_max_pd(a, b); }
INLINE f64_vec f64_min(f64_vec a, f64_vec b) { return _mm_min_pd(a, b); }
INLINE f64_vec f64_muladd(f64_vec a, f64_vec b, f64_vec c) { return _mm_add_pd(_mm_mul_pd(a, b), c); }
#include "product_error.h"
INLINE mask f64_lt(f64_vec a, f64_vec b) { return _mm_castpd_si128(_mm_cmplt_pd(a, b)); }
INLINE mask f64_ne(f64_vec a, f64_vec b) { return _mm_castpd_si128(_mm_cmpneq_pd(a, b)); }

INLINE f64_vec f64_lookup16(const double *table, bits i)
{
    return _mm_set_pd(table[_mm_extract_epi16(i, 4) & 15], table[_mm_extract_epi16(i, 0) & 15]);
}

/* SSE2 has no shuffle by a table: lane by lane, by way of memory. */
INLINE void lanes_pack(char **to, unsigned taken, bits a, size_t size)
{
    char lane[VECTOR_BYTES];
    bits_store(lane, a, VECTOR_BYTES);
    for (size_t i = 0; i < VECTOR_BYTES / size; i++) {
        memcpy(*to, lane + i * size, size);
        *to += size * (size_t)(taken >> i & 1);
    }
}

INLINE bits lanes_unpack(char **from, unsigned taken, size_t size)
{
    char lane[VECTOR_BYTES];
    for (size_t i = 0; i < VECTOR_BYTES / size; i++) {
        memcpy(lane + i * size, *from, size);
        *from += size * (size_t)(taken >> i & 1);
    }
    return bits_load(lane, VECTOR_BYTES);
}

INLINE unsigned lanes_taken(mask m) { return (unsigned)_mm_movemask_ps(_mm_castsi128_ps(m)); }
INLINE unsigned taken_64(mask m) { return (unsigned)_mm_movemask_pd(_mm_castsi128_pd(m)); }

INLINE void f32_pack(char **to, mask m, f32_vec a) { lanes_pack(to, lanes_taken(m), f32_bits(a), 4); }
INLINE f32_vec f32_unpack(char **from, mask m) { return f32_of_bits(lanes_unpack(from, lanes_taken(m), 4)); }
INLINE void f64_pack(char **to, mask m, f64_vec a) { lanes_pack(to, taken_64(m), f64_bits(a), 8); }
INLINE f64_vec f64_unpack(char **from, mask m) { return f64_of_bits(lanes_unpack(from, taken_64(m), 8)); }

INLINE f64_vec f64_from_low(f32_vec a) { return _mm_cvtps_pd(a); }
INLINE f64_vec f64_from_high(f32_vec a) { return _mm_cvtps_pd(_mm_movehl_ps(a, a)); }
INLINE f32_vec f32_from_f64(f64_vec low, f64_vec high) { return _mm_movelh_ps(_mm_cvtpd_ps(low), _mm_cvtpd_ps(high)); }

INLINE f32_vec f32_load_f16(const char *p, size_t bytes)
{
    uint16_t half[4] = {0};
    memcpy(half, p, bytes);
    return _mm_set_ps(f16_to_f32(half[3]), f16_to_f32(half[2]), f16_to_f32(half[1]), f16_to_f32(half[0]));
}

INLINE void f32_store_f16(char *p, f32_vec a, size_t bytes)
{
    float lane[4];
    _mm_storeu_ps(lane, a);
    uint16_t half[4] = {f32_to_f16(lane[0]), f32_to_f16(lane[1]), f32_to_f16(lane[2]), f32_to_f16(lane[3])};
    memcpy(p, half, bytes);
}

INLINE bool f32_alike_in_f16(f32_vec a, f32_vec b)
{
    char of_a[8], of_b[8];
    f32_store_f16(of_a, a, 8);
    f32_store_f16(of_b, b, 8);
    return memcmp(of_a, of_b, 8) == 0;
}

INLINE bits load_upper_16(const char *p, size_t bytes)
{
    uint64_t half = 0;
    memcpy(&half, p, bytes);
    return _mm_unpacklo_epi16(_mm_setzero_si128(), _mm_set1_epi64x((int64_t)half));
}

INLINE void store_upper_16(char *p, bits a, size_t bytes)
{
    bits half = _mm_packs_epi32(_mm_srai_epi32(a, 16), a); /* signed, so that nothing saturates */
    memcpy(p, &half, bytes);
}

enum { HAS_SHUFFLE = false };
INLINE quad quad_shuffle(quad a, quad positions) { return (void)positions, a; }

enum { NEAR_STRIDE = 0, HAS_HALVES = false };
INLINE bits permuted_32(bits a, bits index) { return (void)index, a; }
INLINE bits near_load(const char *p, size_t apart, bool backwards, size_t size)
{
    return (void)apart, (void)backwards, bits_load(p, size);
}

#endif
