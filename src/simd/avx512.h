/* The vocabulary of scalar.h in AVX-512 F, BW, DQ and VL. */
#ifndef RELU_UFUNC_SIMD_H
#define RELU_UFUNC_SIMD_H

#include "inline.h"
#include "quad_x86.h"
#include <immintrin.h>

enum { VECTOR_BYTES = 64 };
INLINE size_t lanes(size_t size) { return VECTOR_BYTES / size; }

typedef __m512i bits;

INLINE __mmask64 first_bytes(size_t bytes) { return bytes < 64 ? ((uint64_t)1 << bytes) - 1 : ~(uint64_t)0; }

enum { LOADS_BY_MASK = true };
INLINE bits bits_load(const char *p, size_t bytes)
{
    bits a = bytes == VECTOR_BYTES ? _mm512_loadu_si512(p) : _mm512_maskz_loadu_epi8(first_bytes(bytes), p);
    __asm__("" : "+v"(a)); /* one load: gcc makes one for each use, and each may lie across two cache lines */
    return a;
}

INLINE void bits_store(char *p, bits a, size_t bytes)
{
    if (bytes == VECTOR_BYTES) {
        _mm512_storeu_si512(p, a);
    } else {
        _mm512_mask_storeu_epi8(p, first_bytes(bytes), a);
    }
}

INLINE bits bits_and(bits a, bits b) { return _mm512_and_si512(a, b); }
INLINE bits bits_or(bits a, bits b) { return _mm512_or_si512(a, b); }
INLINE bits bits_xor(bits a, bits b) { return _mm512_xor_si512(a, b); }
INLINE bits bits_held(bits a) { return a; }

INLINE bits set1_8(int8_t a) { return _mm512_set1_epi8(a); }
INLINE bits set1_16(int16_t a) { return _mm512_set1_epi16(a); }
INLINE bits set1_32(int32_t a) { return _mm512_set1_epi32(a); }
INLINE bits set1_64(int64_t a) { return _mm512_set1_epi64(a); }

typedef __mmask64 mask; /* one bit a lane; narrower masks are its lowest bits */

INLINE mask gt_8(bits a, bits b) { return _mm512_cmpgt_epi8_mask(a, b); }
INLINE mask gt_16(bits a, bits b) { return _mm512_cmpgt_epi16_mask(a, b); }
INLINE mask gt_32(bits a, bits b) { return _mm512_cmpgt_epi32_mask(a, b); }
INLINE mask gt_64(bits a, bits b) { return _mm512_cmpgt_epi64_mask(a, b); }
INLINE mask eq_8(bits a, bits b) { return _mm512_cmpeq_epi8_mask(a, b); }
INLINE mask eq_16(bits a, bits b) { return _mm512_cmpeq_epi16_mask(a, b); }
INLINE mask eq_32(bits a, bits b) { return _mm512_cmpeq_epi32_mask(a, b); }
INLINE mask eq_64(bits a, bits b) { return _mm512_cmpeq_epi64_mask(a, b); }

INLINE bits least_16(bits a, bits b) { return _mm512_min_epi16(a, b); }
INLINE bits least_32(bits a, bits b) { return _mm512_min_epi32(a, b); }
INLINE bits least_64(bits a, bits b) { return _mm512_min_epi64(a, b); }
INLINE bits least_u32(bits a, bits b) { return _mm512_min_epu32(a, b); }

INLINE mask mask_and(mask a, mask b) { return a & b; }
INLINE mask mask_or(mask a, mask b) { return a | b; }
INLINE bool mask_any(mask m) { return m != 0; }

INLINE bits select_8(mask m, bits a, bits b) { return _mm512_mask_blend_epi8(m, b, a); }
INLINE bits select_16(mask m, bits a, bits b) { return _mm512_mask_blend_epi16((__mmask32)m, b, a); }
INLINE bits select_32(mask m, bits a, bits b) { return _mm512_mask_blend_epi32((__mmask16)m, b, a); }
INLINE bits select_64(mask m, bits a, bits b) { return _mm512_mask_blend_epi64((__mmask8)m, b, a); }

INLINE bits zero_where_8(mask m, bits a) { return select_8(m, _mm512_setzero_si512(), a); }
INLINE bits zero_where_16(mask m, bits a) { return select_16(m, _mm512_setzero_si512(), a); }
INLINE bits zero_where_32(mask m, bits a) { return select_32(m, _mm512_setzero_si512(), a); }
INLINE bits zero_where_64(mask m, bits a) { return select_64(m, _mm512_setzero_si512(), a); }
INLINE bits zero_unless_8(mask m, bits a) { return select_8(m, a, _mm512_setzero_si512()); }
INLINE bits zero_unless_16(mask m, bits a) { return select_16(m, a, _mm512_setzero_si512()); }
INLINE bits zero_unless_32(mask m, bits a) { return select_32(m, a, _mm512_setzero_si512()); }
INLINE bits zero_unless_64(mask m, bits a) { return select_64(m, a, _mm512_setzero_si512()); }
INLINE bits ones_where_32(mask m, bits a) { return select_32(m, set1_32(-1), a); }

INLINE bits add_8(bits a, bits b) { return _mm512_add_epi8(a, b); }
INLINE bits add_16(bits a, bits b) { return _mm512_add_epi16(a, b); }
INLINE bits add_32(bits a, bits b) { return _mm512_add_epi32(a, b); }
INLINE bits add_64(bits a, bits b) { return _mm512_add_epi64(a, b); }
INLINE bits sub_16(bits a, bits b) { return _mm512_sub_epi16(a, b); }
INLINE bits sub_32(bits a, bits b) { return _mm512_sub_epi32(a, b); }
INLINE bits sub_64(bits a, bits b) { return _mm512_sub_epi64(a, b); }

/* Of 8 bits: the even lanes as lanes of 16 bits, and the odd ones. */
INLINE bits mul_8(bits a, bits b)
{
    bits even = _mm512_mullo_epi16(a, b), odd = _mm512_mullo_epi16(_mm512_srli_epi16(a, 8), _mm512_srli_epi16(b, 8));
    return bits_or(bits_and(even, set1_16(0xff)), _mm512_slli_epi16(odd, 8));
}
INLINE bits mul_16(bits a, bits b) { return _mm512_mullo_epi16(a, b); }
INLINE bits mul_32(bits a, bits b) { return _mm512_mullo_epi32(a, b); }
INLINE bits mul_64(bits a, bits b) { return _mm512_mullo_epi64(a, b); }

INLINE bits shift_right_32(bits a, int n) { return _mm512_srli_epi32(a, (unsigned)n); }
INLINE bits shift_left_32(bits a, int n) { return _mm512_slli_epi32(a, (unsigned)n); }
INLINE bits shift_left_64(bits a, int n) { return _mm512_slli_epi64(a, (unsigned)n); }

typedef __m512 f32_vec;
typedef __m512d f64_vec;

INLINE bits f32_bits(f32_vec a) { return _mm512_castps_si512(a); }
INLINE f32_vec f32_of_bits(bits a) { return _mm512_castsi512_ps(a); }
INLINE f32_vec f32_set1(float a) { return _mm512_set1_ps(a); }
INLINE f32_vec f32_add(f32_vec a, f32_vec b) { return _mm512_add_ps(a, b); }
INLINE f32_vec f32_mul(f32_vec a, f32_vec b) { return _mm512_mul_ps(a, b); }
INLINE f32_vec f32_max(f32_vec a, f32_vec b) { return _mm512_max_ps(a, b); }
INLINE f32_vec f32_min(f32_vec a, f32_vec b) { return _mm512_min_ps(a, b); }
INLINE f32_vec f32_sub(f32_vec a, f32_vec b) { return _mm512_sub_ps(a, b); }
INLINE f32_vec f32_div(f32_vec a, f32_vec b) { return _mm512_div_ps(a, b); }
INLINE f32_vec f32_fused(f32_vec a, f32_vec b, f32_vec c) { return _mm512_fmadd_ps(a, b, c); }
INLINE f32_vec f32_fused_less(f32_vec a, f32_vec b, f32_vec c) { return _mm512_fmsub_ps(a, b, c); }
INLINE f32_vec f32_less_fused(f32_vec a, f32_vec b, f32_vec c) { return _mm512_fnmadd_ps(a, b, c); }
INLINE mask f32_either_is_nan(f32_vec a, f32_vec b) { return _mm512_cmp_ps_mask(a, b, _CMP_UNORD_Q); }
INLINE mask f32_differ(f32_vec a, f32_vec b) { return _mm512_cmp_ps_mask(a, b, _CMP_NEQ_UQ); }

enum { FLOAT_TABLE = 32 };
INLINE f32_vec f32_lookup(const void *table, bits i)
{
    return _mm512_permutex2var_ps(_mm512_loadu_ps(table), i, _mm512_loadu_ps((const float *)table + 16));
}
/* Nobody calls this: the ratio of gelu is looked up in registers (math/gelu_fast_f32.h). NaN would have all lanes in doubt. */
INLINE void f32_lookup_two(const float *table, bits i, f32_vec *first, f32_vec *second)
{
    (void)table, (void)i;
    *first = *second = f32_of_bits(set1_32(-1));
}

INLINE bits f64_bits(f64_vec a) { return _mm512_castpd_si512(a); }
INLINE f64_vec f64_of_bits(bits a) { return _mm512_castsi512_pd(a); }
INLINE f64_vec f64_set1(double a) { return _mm512_set1_pd(a); }
INLINE f64_vec f64_add(f64_vec a, f64_vec b) { return _mm512_add_pd(a, b); }
INLINE f64_vec f64_sub(f64_vec a, f64_vec b) { return _mm512_sub_pd(a, b); }
INLINE f64_vec f64_mul(f64_vec a, f64_vec b) { return _mm512_mul_pd(a, b); }
INLINE f64_vec f64_div(f64_vec a, f64_vec b) { return _mm512_div_pd(a, b); }
INLINE f64_vec f64_max(f64_vec a, f64_vec b) { return _mm512_max_pd(a, b); }
INLINE f64_vec f64_min(f64_vec a, f64_vec b) { return _mm512_min_pd(a, b); }
INLINE f64_vec f64_muladd(f64_vec a, f64_vec b, f64_vec c) { return _mm512_fmadd_pd(a, b, c); }
INLINE f64_vec f64_product_error(f64_vec a, f64_vec b, f64_vec p) { return _mm512_fmsub_pd(a, b, p); }
INLINE f64_vec f64_less_product(f64_vec a, f64_vec b, f64_vec c) { return _mm512_fnmadd_pd(a, b, c); }
INLINE mask f64_lt(f64_vec a, f64_vec b) { return _mm512_cmp_pd_mask(a, b, _CMP_LT_OQ); }
INLINE mask f64_ne(f64_vec a, f64_vec b) { return _mm512_cmp_pd_mask(a, b, _CMP_NEQ_UQ); }

INLINE f64_vec f64_lookup16(const double *table, bits i)
{
    return _mm512_permutex2var_pd(_mm512_loadu_pd(table), i, _mm512_loadu_pd(table + 8));
}

INLINE unsigned lanes_taken(mask m) { return (unsigned)m; }

INLINE void f32_pack(char **to, mask m, f32_vec a)
{
    _mm512_storeu_ps(*to, _mm512_maskz_compress_ps((__mmask16)m, a));
    *to += 4 * __builtin_popcountll(m);
}
INLINE f32_vec f32_unpack(char **from, mask m)
{
    f32_vec a = _mm512_maskz_expand_ps((__mmask16)m, _mm512_loadu_ps(*from));
    *from += 4 * __builtin_popcountll(m);
    return a;
}
INLINE void f64_pack(char **to, mask m, f64_vec a)
{
    _mm512_storeu_pd(*to, _mm512_maskz_compress_pd((__mmask8)m, a));
    *to += 8 * __builtin_popcountll(m);
}
INLINE f64_vec f64_unpack(char **from, mask m)
{
    f64_vec a = _mm512_maskz_expand_pd((__mmask8)m, _mm512_loadu_pd(*from));
    *from += 8 * __builtin_popcountll(m);
    return a;
}

INLINE f64_vec f64_from_low(f32_vec a) { return _mm512_cvtps_pd(_mm512_castps512_ps256(a)); }
INLINE f64_vec f64_from_high(f32_vec a) { return _mm512_cvtps_pd(_mm512_extractf32x8_ps(a, 1)); }

INLINE f32_vec f32_from_f64(f64_vec low, f64_vec high)
{
    return _mm512_insertf32x8(_mm512_castps256_ps512(_mm512_cvtpd_ps(low)), _mm512_cvtpd_ps(high), 1);
}

INLINE f32_vec f32_load_f16(const char *p, size_t bytes)
{
    return _mm512_cvtph_ps(_mm256_maskz_loadu_epi8((__mmask32)first_bytes(bytes), p));
}

INLINE void f32_store_f16(char *p, f32_vec a, size_t bytes)
{
    _mm256_mask_storeu_epi8(p, (__mmask32)first_bytes(bytes), _mm512_cvtps_ph(a, _MM_FROUND_TO_NEAREST_INT));
}

INLINE bool f32_alike_in_f16(f32_vec a, f32_vec b)
{
    const __m256i of_a = _mm512_cvtps_ph(a, _MM_FROUND_TO_NEAREST_INT);
    return _mm256_cmpneq_epi16_mask(of_a, _mm512_cvtps_ph(b, _MM_FROUND_TO_NEAREST_INT)) == 0;
}

INLINE bits load_upper_16(const char *p, size_t bytes)
{
    return _mm512_slli_epi32(_mm512_cvtepu16_epi32(_mm256_maskz_loadu_epi8((__mmask32)first_bytes(bytes), p)), 16);
}

INLINE void store_upper_16(char *p, bits a, size_t bytes)
{
    _mm256_mask_storeu_epi8(p, (__mmask32)first_bytes(bytes), _mm512_cvtepi32_epi16(_mm512_srli_epi32(a, 16)));
}

enum { HAS_SHUFFLE = true };
INLINE quad quad_shuffle(quad a, quad positions) { return _mm_shuffle_epi8(a, positions); }

enum { NEAR_STRIDE = 4, HAS_HALVES = false };
INLINE bits permuted_32(bits a, bits index) { return _mm512_permutexvar_epi32(index, a); }
INLINE bits near_load(const char *p, size_t apart, bool backwards, size_t size)
{
    return (void)apart, (void)backwards, bits_load(p, size);
}

#endif
