/* The vocabulary of scalar.h in AVX2, FMA and F16C. */
#ifndef RELU_UFUNC_SIMD_H
#define RELU_UFUNC_SIMD_H

#include "inline.h"
#include "packing.h"
#include "part_x86.h"
#include "quad_x86.h"
#include <immintrin.h>

enum { VECTOR_BYTES = 32 };
INLINE size_t lanes(size_t size) { return VECTOR_BYTES / size; }

typedef __m256i bits;

PART bits bits_load_part(const char *p, size_t bytes)
{
    const __m128i low = up_to_16_load(p, bytes < 16 ? bytes : 16);
    return _mm256_set_m128i(bytes > 16 ? part_load(p + 16, bytes - 16) : _mm_setzero_si128(), low);
}

PART void bits_store_part(char *p, bits a, size_t bytes)
{
    if (bytes >= 16) {
        _mm_storeu_si128((__m128i *)p, _mm256_castsi256_si128(a));
        part_store(p + 16, _mm256_extracti128_si256(a, 1), bytes - 16);
    } else {
        part_store(p, _mm256_castsi256_si128(a), bytes);
    }
}

enum { LOADS_BY_MASK = false };
INLINE bits bits_load(const char *p, size_t bytes)
{
    return bytes == VECTOR_BYTES ? _mm256_loadu_si256((const __m256i *)p) : bits_load_part(p, bytes);
}

INLINE void bits_store(char *p, bits a, size_t bytes)
{
    if (bytes == VECTOR_BYTES) {
        _mm256_storeu_si256((__m256i *)p, a);
    } else {
        bits_store_part(p, a, bytes);
    }
}

INLINE bits bits_and(bits a, bits b) { return _mm256_and_si256(a, b); }
INLINE bits bits_or(bits a, bits b) { return _mm256_or_si256(a, b); }
INLINE bits bits_xor(bits a, bits b) { return _mm256_xor_si256(a, b); }

/* GCC 12 would load it again for each use, with which short loops take up to a quarter longer. */
INLINE bits bits_held(bits a)
{
    __asm__("" : "+x"(a));
    return a;
}

INLINE bits set1_8(int8_t a) { return _mm256_set1_epi8(a); }
INLINE bits set1_16(int16_t a) { return _mm256_set1_epi16(a); }
INLINE bits set1_32(int32_t a) { return _mm256_set1_epi32(a); }
INLINE bits set1_64(int64_t a) { return _mm256_set1_epi64x(a); }

typedef __m256i mask;

INLINE mask gt_8(bits a, bits b) { return _mm256_cmpgt_epi8(a, b); }
INLINE mask gt_16(bits a, bits b) { return _mm256_cmpgt_epi16(a, b); }
INLINE mask gt_32(bits a, bits b) { return _mm256_cmpgt_epi32(a, b); }
INLINE mask gt_64(bits a, bits b) { return _mm256_cmpgt_epi64(a, b); }
INLINE mask eq_8(bits a, bits b) { return _mm256_cmpeq_epi8(a, b); }
INLINE mask eq_16(bits a, bits b) { return _mm256_cmpeq_epi16(a, b); }
INLINE mask eq_32(bits a, bits b) { return _mm256_cmpeq_epi32(a, b); }
INLINE mask eq_64(bits a, bits b) { return _mm256_cmpeq_epi64(a, b); }

INLINE mask mask_and(mask a, mask b) { return _mm256_and_si256(a, b); }
INLINE mask mask_or(mask a, mask b) { return _mm256_or_si256(a, b); }
INLINE bool mask_any(mask m) { return _mm256_movemask_epi8(m) != 0; }

INLINE bits select_8(mask m, bits a, bits b) { return _mm256_blendv_epi8(b, a, m); }
INLINE bits select_16(mask m, bits a, bits b) { return _mm256_blendv_epi8(b, a, m); }
/* The sign of a lane is enough: GCC takes x itself for the mask of 0 > x. */
INLINE bits select_32(mask m, bits a, bits b)
{
    return _mm256_castps_si256(
        _mm256_blendv_ps(_mm256_castsi256_ps(b), _mm256_castsi256_ps(a), _mm256_castsi256_ps(m)));
}
INLINE bits select_64(mask m, bits a, bits b) { return _mm256_blendv_epi8(b, a, m); }

INLINE bits zero_where_8(mask m, bits a) { return _mm256_andnot_si256(m, a); }
INLINE bits zero_where_16(mask m, bits a) { return _mm256_andnot_si256(m, a); }
INLINE bits zero_where_32(mask m, bits a) { return _mm256_andnot_si256(m, a); }
INLINE bits zero_where_64(mask m, bits a) { return _mm256_andnot_si256(m, a); }
INLINE bits zero_unless_8(mask m, bits a) { return _mm256_and_si256(m, a); }
INLINE bits zero_unless_16(mask m, bits a) { return _mm256_and_si256(m, a); }
INLINE bits zero_unless_32(mask m, bits a) { return _mm256_and_si256(m, a); }
INLINE bits zero_unless_64(mask m, bits a) { return _mm256_and_si256(m, a); }
INLINE bits ones_where_32(mask m, bits a) { return _mm256_or_si256(m, a); }

INLINE bits least_16(bits a, bits b) { return _mm256_min_epi16(a, b); }
INLINE bits least_32(bits a, bits b) { return _mm256_min_epi32(a, b); }
INLINE bits least_64(bits a, bits b) { return select_64(gt_64(a, b), b, a); }
INLINE bits least_u32(bits a, bits b) { return _mm256_min_epu32(a, b); }

INLINE bits add_8(bits a, bits b) { return _mm256_add_epi8(a, b); }
INLINE bits add_16(bits a, bits b) { return _mm256_add_epi16(a, b); }
INLINE bits add_32(bits a, bits b) { return _mm256_add_epi32(a, b); }
INLINE bits add_64(bits a, bits b) { return _mm256_add_epi64(a, b); }
INLINE bits sub_16(bits a, bits b) { return _mm256_sub_epi16(a, b); }
INLINE bits sub_32(bits a, bits b) { return _mm256_sub_epi32(a, b); }
INLINE bits sub_64(bits a, bits b) { return _mm256_sub_epi64(a, b); }

/* Of 8 bits: the even lanes as lanes of 16 bits, and the odd ones. */
INLINE bits mul_8(bits a, bits b)
{
    bits even = _mm256_mullo_epi16(a, b), odd = _mm256_mullo_epi16(_mm256_srli_epi16(a, 8), _mm256_srli_epi16(b, 8));
    return bits_or(bits_and(even, set1_16(0xff)), _mm256_slli_epi16(odd, 8));
}
INLINE bits mul_16(bits a, bits b) { return _mm256_mullo_epi16(a, b); }
INLINE bits mul_32(bits a, bits b) { return _mm256_mullo_epi32(a, b); }

/* Of 64 bits: what the two high halves would give is not kept. */
INLINE bits mul_64(bits a, bits b)
{
    bits mixed = add_64(_mm256_mul_epu32(_mm256_srli_epi64(a, 32), b), _mm256_mul_epu32(a, _mm256_srli_epi64(b, 32)));
    return add_64(_mm256_mul_epu32(a, b), _mm256_slli_epi64(mixed, 32));
}

INLINE bits shift_right_32(bits a, int n) { return _mm256_srli_epi32(a, n); }
INLINE bits shift_left_32(bits a, int n) { return _mm256_slli_epi32(a, n); }
INLINE bits shift_left_64(bits a, int n) { return _mm256_slli_epi64(a, n); }

typedef __m256 f32_vec;

INLINE bits f32_bits(f32_vec a) { return _mm256_castps_si256(a); }
INLINE f32_vec f32_of_bits(bits a) { return _mm256_castsi256_ps(a); }
INLINE f32_vec f32_set1(float a) { return _mm256_set1_ps(a); }
INLINE f32_vec f32_add(f32_vec a, f32_vec b) { return _mm256_add_ps(a, b); }
INLINE f32_vec f32_mul(f32_vec a, f32_vec b) { return _mm256_mul_ps(a, b); }
INLINE f32_vec f32_max(f32_vec a, f32_vec b) { return _mm256_max_ps(a, b); }
INLINE f32_vec f32_min(f32_vec a, f32_vec b) { return _mm256_min_ps(a, b); }
INLINE f32_vec f32_sub(f32_vec a, f32_vec b) { return _mm256_sub_ps(a, b); }
INLINE f32_vec f32_div(f32_vec a, f32_vec b) { return _mm256_div_ps(a, b); }
INLINE f32_vec f32_fused(f32_vec a, f32_vec b, f32_vec c) { return _mm256_fmadd_ps(a, b, c); }
INLINE f32_vec f32_fused_less(f32_vec a, f32_vec b, f32_vec c) { return _mm256_fmsub_ps(a, b, c); }
INLINE f32_vec f32_less_fused(f32_vec a, f32_vec b, f32_vec c) { return _mm256_fnmadd_ps(a, b, c); }
INLINE mask f32_either_is_nan(f32_vec a, f32_vec b) { return _mm256_castps_si256(_mm256_cmp_ps(a, b, _CMP_UNORD_Q)); }
INLINE mask f32_differ(f32_vec a, f32_vec b) { return _mm256_castps_si256(_mm256_cmp_ps(a, b, _CMP_NEQ_UQ)); }

enum { FLOAT_TABLE = 8 };
/* two pairs of the table: the halves of `places` are their places */
INLINE __m128 two_pairs(const float *table, int64_t places)
{
    const float *low = table + 2 * (uint32_t)places, *high = table + 2 * ((uint64_t)places >> 32);
    return _mm_loadh_pi(_mm_loadl_pi(_mm_setzero_ps(), (const __m64 *)low), (const __m64 *)high);
}

/* Tried and left: a gather, which takes longer, and several times as long where processors are kept from Gather Data Sampling. */
INLINE void f32_lookup_two(const float *table, bits i, f32_vec *first, f32_vec *second)
{
    const __m128i low = _mm256_castsi256_si128(i), high = _mm256_extracti128_si256(i, 1);
    const f32_vec even =
        _mm256_set_m128(two_pairs(table, _mm_cvtsi128_si64(high)), two_pairs(table, _mm_cvtsi128_si64(low)));
    const f32_vec odd =
        _mm256_set_m128(two_pairs(table, _mm_extract_epi64(high, 1)), two_pairs(table, _mm_extract_epi64(low, 1)));
    *first = _mm256_shuffle_ps(even, odd, _MM_SHUFFLE(2, 0, 2, 0));
    *second = _mm256_shuffle_ps(even, odd, _MM_SHUFFLE(3, 1, 3, 1));
}
INLINE f32_vec f32_lookup(const void *table, bits i) { return _mm256_permutevar8x32_ps(_mm256_loadu_ps(table), i); }

typedef __m256d f64_vec;

INLINE bits f64_bits(f64_vec a) { return _mm256_castpd_si256(a); }
INLINE f64_vec f64_of_bits(bits a) { return _mm256_castsi256_pd(a); }
INLINE f64_vec f64_set1(double a) { return _mm256_set1_pd(a); }
INLINE f64_vec f64_add(f64_vec a, f64_vec b) { return _mm256_add_pd(a, b); }
INLINE f64_vec f64_sub(f64_vec a, f64_vec b) { return _mm256_sub_pd(a, b); }
INLINE f64_vec f64_mul(f64_vec a, f64_vec b) { return _mm256_mul_pd(a, b); }
INLINE f64_vec f64_div(f64_vec a, f64_vec b) { return _mm256_div_pd(a, b); }
INLINE f64_vec f64_max(f64_vec a, f64_vec b) { return _mm256_max_pd(a, b); }
INLINE f64_vec f64_min(f64_vec a, f64_vec b) { return _mm256_min_pd(a, b); }
INLINE f64_vec f64_muladd(f64_vec a, f64_vec b, f64_vec c) { return _mm256_fmadd_pd(a, b, c); }
INLINE f64_vec f64_product_error(f64_vec a, f64_vec b, f64_vec p) { return _mm256_fmsub_pd(a, b, p); }
INLINE f64_vec f64_less_product(f64_vec a, f64_vec b, f64_vec c) { return _mm256_fnmadd_pd(a, b, c); }
INLINE mask f64_lt(f64_vec a, f64_vec b) { return _mm256_castpd_si256(_mm256_cmp_pd(a, b, _CMP_LT_OQ)); }
INLINE mask f64_ne(f64_vec a, f64_vec b) { return _mm256_castpd_si256(_mm256_cmp_pd(a, b, _CMP_NEQ_UQ)); }
INLINE f64_vec f64_lookup16(const double *table, bits i)
{
    return _mm256_i64gather_pd(table, bits_and(i, set1_64(15)), 8);
}

INLINE bits permuted(bits a, uint64_t lanes)
{
    return _mm256_permutevar8x32_epi32(a, _mm256_cvtepu8_epi32(_mm_cvtsi64_si128((int64_t)lanes)));
}

/* of 32 bits: a lane of 64 is two of them */
INLINE unsigned lanes_taken(mask m) { return (unsigned)_mm256_movemask_ps(_mm256_castsi256_ps(m)); }
INLINE size_t bytes_taken(mask m) { return 4 * (size_t)__builtin_popcount(lanes_taken(m)); }

INLINE void bits_pack(char **to, mask m, bits a)
{
    bits_store(*to, permuted(a, packing_8[lanes_taken(m)]), VECTOR_BYTES);
    *to += bytes_taken(m);
}

INLINE bits bits_unpack(char **from, mask m)
{
    bits a = permuted(bits_load(*from, VECTOR_BYTES), unpacking_8[lanes_taken(m)]);
    *from += bytes_taken(m);
    return a;
}

INLINE void f32_pack(char **to, mask m, f32_vec a) { bits_pack(to, m, f32_bits(a)); }
INLINE f32_vec f32_unpack(char **from, mask m) { return f32_of_bits(bits_unpack(from, m)); }
INLINE void f64_pack(char **to, mask m, f64_vec a) { bits_pack(to, m, f64_bits(a)); }
INLINE f64_vec f64_unpack(char **from, mask m) { return f64_of_bits(bits_unpack(from, m)); }

INLINE f64_vec f64_from_low(f32_vec a) { return _mm256_cvtps_pd(_mm256_castps256_ps128(a)); }
INLINE f64_vec f64_from_high(f32_vec a) { return _mm256_cvtps_pd(_mm256_extractf128_ps(a, 1)); }
INLINE f32_vec f32_from_f64(f64_vec low, f64_vec high)
{
    return _mm256_set_m128(_mm256_cvtpd_ps(high), _mm256_cvtpd_ps(low));
}

INLINE f32_vec f32_load_f16(const char *p, size_t bytes)
{
    const __m128i half = up_to_16_load(p, bytes);
    return _mm256_cvtph_ps(half);
}

INLINE void f32_store_f16(char *p, f32_vec a, size_t bytes)
{
    __m128i half = _mm256_cvtps_ph(a, _MM_FROUND_TO_NEAREST_INT);
    up_to_16_store(p, half, bytes);
}

INLINE bool f32_alike_in_f16(f32_vec a, f32_vec b)
{
    const __m128i of_a = _mm256_cvtps_ph(a, _MM_FROUND_TO_NEAREST_INT);
    const __m128i differing = _mm_xor_si128(of_a, _mm256_cvtps_ph(b, _MM_FROUND_TO_NEAREST_INT));
    return _mm_testz_si128(differing, differing);
}

INLINE bits load_upper_16(const char *p, size_t bytes)
{
    const __m128i half = up_to_16_load(p, bytes);
    return _mm256_slli_epi32(_mm256_cvtepu16_epi32(half), 16);
}

INLINE void store_upper_16(char *p, bits a, size_t bytes)
{
    bits shifted = _mm256_srai_epi32(a, 16); /* signed, so that nothing saturates */
    __m128i half = _mm_packs_epi32(_mm256_castsi256_si128(shifted), _mm256_extracti128_si256(shifted, 1));
    up_to_16_store(p, half, bytes);
}

enum { HAS_SHUFFLE = true };
INLINE quad quad_shuffle(quad a, quad positions) { return _mm_shuffle_epi8(a, positions); }

enum { NEAR_STRIDE = 2, HAS_HALVES = true };
INLINE bits permuted_32(bits a, bits index) { return _mm256_permutevar8x32_epi32(a, index); }

INLINE bits halves_load(const char *low, const char *high)
{
    return _mm256_inserti128_si256(_mm256_castsi128_si256(quad_load(low)), quad_load(high), 1);
}

/* Each 16 bytes are loaded into the half in which their elements end up: to permute across halves takes four cycles on Zen 1. */
INLINE bits near_load(const char *p, size_t apart, bool backwards, size_t size)
{
    if (apart == 1) { /* backwards: else they are contiguous */
        const bits turned = halves_load(p + 16, p);
        return size == 4 ? _mm256_shuffle_epi32(turned, _MM_SHUFFLE(0, 1, 2, 3))
                         : _mm256_shuffle_epi32(turned, _MM_SHUFFLE(1, 0, 3, 2));
    }
    const bits a = backwards ? halves_load(p + 48, p + 16) : halves_load(p, p + 32);
    const bits b = backwards ? halves_load(p + 32, p) : halves_load(p + 16, p + 48);
    if (size == 8) {
        return backwards ? _mm256_unpackhi_epi64(a, b) : _mm256_unpacklo_epi64(a, b);
    }
    const __m256 first = _mm256_castsi256_ps(a), second = _mm256_castsi256_ps(b);
    return _mm256_castps_si256(backwards ? _mm256_shuffle_ps(first, second, _MM_SHUFFLE(1, 3, 1, 3))
                                         : _mm256_shuffle_ps(first, second, _MM_SHUFFLE(2, 0, 2, 0)));
}

#endif
