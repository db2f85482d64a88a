/* The vocabulary of scalar.h in NEON (Advanced SIMD), which every aarch64 has. Float compares are left to f64_lt:
 * NEON's raise INVALID on a quiet NaN. */
#ifndef RELU_UFUNC_SIMD_H
#define RELU_UFUNC_SIMD_H

#include "inline.h"
#include "packing.h"
#include <arm_neon.h>

enum { VECTOR_BYTES = 16 };
INLINE size_t lanes(size_t size) { return VECTOR_BYTES / size; }

typedef uint8x16_t bits;

PART bits bits_load_part(const char *p, size_t bytes)
{
    uint8_t part[VECTOR_BYTES] = {0};
    memcpy(part, p, bytes);
    return vld1q_u8(part);
}

PART void bits_store_part(char *p, bits a, size_t bytes)
{
    uint8_t part[VECTOR_BYTES];
    vst1q_u8(part, a);
    memcpy(p, part, bytes);
}

enum { LOADS_BY_MASK = false };
INLINE bits bits_load(const char *p, size_t bytes)
{
    return bytes == VECTOR_BYTES ? vld1q_u8((const uint8_t *)p) : bits_load_part(p, bytes);
}

INLINE void bits_store(char *p, bits a, size_t bytes)
{
    if (bytes == VECTOR_BYTES) {
        vst1q_u8((uint8_t *)p, a);
    } else {
        bits_store_part(p, a, bytes);
    }
}

INLINE bits bits_and(bits a, bits b) { return vandq_u8(a, b); }
INLINE bits bits_or(bits a, bits b) { return vorrq_u8(a, b); }
INLINE bits bits_xor(bits a, bits b) { return veorq_u8(a, b); }
INLINE bits bits_held(bits a) { return a; }

INLINE int8x16_t as_8(bits a) { return vreinterpretq_s8_u8(a); }
INLINE int16x8_t as_16(bits a) { return vreinterpretq_s16_u8(a); }
INLINE int32x4_t as_32(bits a) { return vreinterpretq_s32_u8(a); }
INLINE int64x2_t as_64(bits a) { return vreinterpretq_s64_u8(a); }
INLINE uint16x8_t as_u16(bits a) { return vreinterpretq_u16_u8(a); }
INLINE uint32x4_t as_u32(bits a) { return vreinterpretq_u32_u8(a); }
INLINE uint64x2_t as_u64(bits a) { return vreinterpretq_u64_u8(a); }

INLINE bits set1_8(int8_t a) { return vreinterpretq_u8_s8(vdupq_n_s8(a)); }
INLINE bits set1_16(int16_t a) { return vreinterpretq_u8_s16(vdupq_n_s16(a)); }
INLINE bits set1_32(int32_t a) { return vreinterpretq_u8_s32(vdupq_n_s32(a)); }
INLINE bits set1_64(int64_t a) { return vreinterpretq_u8_s64(vdupq_n_s64(a)); }

typedef uint8x16_t mask;

INLINE mask gt_8(bits a, bits b) { return vcgtq_s8(as_8(a), as_8(b)); }
INLINE mask gt_16(bits a, bits b) { return vreinterpretq_u8_u16(vcgtq_s16(as_16(a), as_16(b))); }
INLINE mask gt_32(bits a, bits b) { return vreinterpretq_u8_u32(vcgtq_s32(as_32(a), as_32(b))); }
INLINE mask gt_64(bits a, bits b) { return vreinterpretq_u8_u64(vcgtq_s64(as_64(a), as_64(b))); }
INLINE mask eq_8(bits a, bits b) { return vceqq_s8(as_8(a), as_8(b)); }
INLINE mask eq_16(bits a, bits b) { return vreinterpretq_u8_u16(vceqq_s16(as_16(a), as_16(b))); }
INLINE mask eq_32(bits a, bits b) { return vreinterpretq_u8_u32(vceqq_s32(as_32(a), as_32(b))); }
INLINE mask eq_64(bits a, bits b) { return vreinterpretq_u8_u64(vceqq_s64(as_64(a), as_64(b))); }

INLINE bits least_16(bits a, bits b) { return vreinterpretq_u8_s16(vminq_s16(as_16(a), as_16(b))); }
INLINE bits least_32(bits a, bits b) { return vreinterpretq_u8_s32(vminq_s32(as_32(a), as_32(b))); }
INLINE bits least_64(bits a, bits b) { return vbslq_u8(gt_64(a, b), b, a); }
INLINE bits least_u32(bits a, bits b) { return vreinterpretq_u8_u32(vminq_u32(as_u32(a), as_u32(b))); }

INLINE mask mask_and(mask a, mask b) { return vandq_u8(a, b); }
INLINE mask mask_or(mask a, mask b) { return vorrq_u8(a, b); }
INLINE bool mask_any(mask m) { return vmaxvq_u8(m) != 0; }

INLINE bits select_8(mask m, bits a, bits b) { return vbslq_u8(m, a, b); }
INLINE bits select_16(mask m, bits a, bits b) { return vbslq_u8(m, a, b); }
INLINE bits select_32(mask m, bits a, bits b) { return vbslq_u8(m, a, b); }
INLINE bits select_64(mask m, bits a, bits b) { return vbslq_u8(m, a, b); }

INLINE bits zero_where_8(mask m, bits a) { return vbicq_u8(a, m); }
INLINE bits zero_where_16(mask m, bits a) { return vbicq_u8(a, m); }
INLINE bits zero_where_32(mask m, bits a) { return vbicq_u8(a, m); }
INLINE bits zero_where_64(mask m, bits a) { return vbicq_u8(a, m); }
INLINE bits zero_unless_8(mask m, bits a) { return vandq_u8(a, m); }
INLINE bits zero_unless_16(mask m, bits a) { return vandq_u8(a, m); }
INLINE bits zero_unless_32(mask m, bits a) { return vandq_u8(a, m); }
INLINE bits zero_unless_64(mask m, bits a) { return vandq_u8(a, m); }
INLINE bits ones_where_32(mask m, bits a) { return vorrq_u8(a, m); }

/* Unsigned: of signed lanes compilers may think that they do not overflow. */
INLINE bits add_8(bits a, bits b) { return vaddq_u8(a, b); }
INLINE bits add_16(bits a, bits b) { return vreinterpretq_u8_u16(vaddq_u16(as_u16(a), as_u16(b))); }
INLINE bits add_32(bits a, bits b) { return vreinterpretq_u8_u32(vaddq_u32(as_u32(a), as_u32(b))); }
INLINE bits add_64(bits a, bits b) { return vreinterpretq_u8_u64(vaddq_u64(as_u64(a), as_u64(b))); }
INLINE bits sub_16(bits a, bits b) { return vreinterpretq_u8_u16(vsubq_u16(as_u16(a), as_u16(b))); }
INLINE bits sub_32(bits a, bits b) { return vreinterpretq_u8_u32(vsubq_u32(as_u32(a), as_u32(b))); }
INLINE bits sub_64(bits a, bits b) { return vreinterpretq_u8_u64(vsubq_u64(as_u64(a), as_u64(b))); }
INLINE bits mul_8(bits a, bits b) { return vmulq_u8(a, b); }
INLINE bits mul_16(bits a, bits b) { return vreinterpretq_u8_u16(vmulq_u16(as_u16(a), as_u16(b))); }
INLINE bits mul_32(bits a, bits b) { return vreinterpretq_u8_u32(vmulq_u32(as_u32(a), as_u32(b))); }

/* NEON multiplies no lanes of 64 bits: lane by lane. */
INLINE bits mul_64(bits a, bits b)
{
    const uint64_t low = vgetq_lane_u64(as_u64(a), 0) * vgetq_lane_u64(as_u64(b), 0);
    const uint64_t high = vgetq_lane_u64(as_u64(a), 1) * vgetq_lane_u64(as_u64(b), 1);
    return vreinterpretq_u8_u64(vcombine_u64(vcreate_u64(low), vcreate_u64(high)));
}

INLINE bits shift_right_32(bits a, int n) { return vreinterpretq_u8_u32(vshlq_u32(as_u32(a), vdupq_n_s32(-n))); }
INLINE bits shift_left_32(bits a, int n) { return vreinterpretq_u8_u32(vshlq_u32(as_u32(a), vdupq_n_s32(n))); }
INLINE bits shift_left_64(bits a, int n) { return vreinterpretq_u8_u64(vshlq_u64(as_u64(a), vdupq_n_s64(n))); }

typedef float32x4_t f32_vec;

INLINE bits f32_bits(f32_vec a) { return vreinterpretq_u8_f32(a); }
INLINE f32_vec f32_of_bits(bits a) { return vreinterpretq_f32_u8(a); }
INLINE f32_vec f32_set1(float a) { return vdupq_n_f32(a); }
INLINE f32_vec f32_add(f32_vec a, f32_vec b) { return vaddq_f32(a, b); }
INLINE f32_vec f32_mul(f32_vec a, f32_vec b) { return vmulq_f32(a, b); }
INLINE f32_vec f32_max(f32_vec a, f32_vec b) { return vmaxq_f32(a, b); }
INLINE f32_vec f32_min(f32_vec a, f32_vec b) { return vminq_f32(a, b); }
INLINE f32_vec f32_sub(f32_vec a, f32_vec b) { return vsubq_f32(a, b); }
INLINE f32_vec f32_div(f32_vec a, f32_vec b) { return vdivq_f32(a, b); }
INLINE f32_vec f32_fused(f32_vec a, f32_vec b, f32_vec c) { return vfmaq_f32(c, a, b); }
INLINE f32_vec f32_fused_less(f32_vec a, f32_vec b, f32_vec c) { return vfmaq_f32(vnegq_f32(c), a, b); }
INLINE f32_vec f32_less_fused(f32_vec a, f32_vec b, f32_vec c) { return vfmsq_f32(c, a, b); }
INLINE mask f32_differ(f32_vec a, f32_vec b) { return vmvnq_u8(vreinterpretq_u8_u32(vceqq_f32(a, b))); }
INLINE mask f32_either_is_nan(f32_vec a, f32_vec b) { return mask_or(f32_differ(a, a), f32_differ(b, b)); }

enum { FLOAT_TABLE = 0 };
INLINE f32_vec f32_lookup(const void *table, bits i) { return (void)table, (void)i, f32_set1(0); }
INLINE void f32_lookup_two(const float *table, bits i, f32_vec *first, f32_vec *second)
{
    *first = *second = f32_lookup(table, i);
}

typedef float64x2_t f64_vec;

INLINE bits f64_bits(f64_vec a) { return vreinterpretq_u8_f64(a); }
INLINE f64_vec f64_of_bits(bits a) { return vreinterpretq_f64_u8(a); }
INLINE f64_vec f64_set1(double a) { return vdupq_n_f64(a); }
INLINE f64_vec f64_add(f64_vec a, f64_vec b) { return vaddq_f64(a, b); }
INLINE f64_vec f64_sub(f64_vec a, f64_vec b) { return vsubq_f64(a, b); }
INLINE f64_vec f64_mul(f64_vec a, f64_vec b) { return vmulq_f64(a, b); }
INLINE f64_vec f64_div(f64_vec a, f64_vec b) { return vdivq_f64(a, b); }
INLINE f64_vec f64_max(f64_vec a, f64_vec b) { return vmaxq_f64(a, b); }
INLINE f64_vec f64_min(f64_vec a, f64_vec b) { return vminq_f64(a, b); }
INLINE f64_vec f64_muladd(f64_vec a, f64_vec b, f64_vec c) { return vfmaq_f64(c, a, b); }
INLINE f64_vec f64_product_error(f64_vec a, f64_vec b, f64_vec p) { return vfmaq_f64(vnegq_f64(p), a, b); }
INLINE f64_vec f64_less_product(f64_vec a, f64_vec b, f64_vec c) { return vfmsq_f64(c, a, b); }
INLINE mask f64_lt(f64_vec a, f64_vec b) { return vreinterpretq_u8_u64(vcltq_f64(a, b)); }
INLINE mask f64_ne(f64_vec a, f64_vec b) { return vmvnq_u8(vreinterpretq_u8_u64(vceqq_f64(a, b))); }

INLINE f64_vec f64_lookup16(const double *table, bits i)
{
    f64_vec low = vdupq_n_f64(table[vgetq_lane_s64(as_64(i), 0) & 15]);
    return vsetq_lane_f64(table[vgetq_lane_s64(as_64(i), 1) & 15], low, 1);
}

/* of 32 bits: a lane of 64 is two of them */
INLINE unsigned lanes_taken(mask m)
{
    const uint32_t bit[] = {1, 2, 4, 8};
    return vaddvq_u32(vandq_u32(vreinterpretq_u32_u8(m), vld1q_u32(bit)));
}
INLINE size_t bytes_taken(mask m) { return 4 * (size_t)__builtin_popcount(lanes_taken(m)); }

INLINE bits shuffled(bits a, const uint64_t *bytes) { return vqtbl1q_u8(a, vreinterpretq_u8_u64(vld1q_u64(bytes))); }

INLINE void bits_pack(char **to, mask m, bits a)
{
    bits_store(*to, shuffled(a, packing_4[lanes_taken(m)]), VECTOR_BYTES);
    *to += bytes_taken(m);
}

INLINE bits bits_unpack(char **from, mask m)
{
    bits a = shuffled(bits_load(*from, VECTOR_BYTES), unpacking_4[lanes_taken(m)]);
    *from += bytes_taken(m);
    return a;
}

INLINE void f32_pack(char **to, mask m, f32_vec a) { bits_pack(to, m, f32_bits(a)); }
INLINE f32_vec f32_unpack(char **from, mask m) { return f32_of_bits(bits_unpack(from, m)); }
INLINE void f64_pack(char **to, mask m, f64_vec a) { bits_pack(to, m, f64_bits(a)); }
INLINE f64_vec f64_unpack(char **from, mask m) { return f64_of_bits(bits_unpack(from, m)); }

INLINE f64_vec f64_from_low(f32_vec a) { return vcvt_f64_f32(vget_low_f32(a)); }
INLINE f64_vec f64_from_high(f32_vec a) { return vcvt_high_f64_f32(a); }
INLINE f32_vec f32_from_f64(f64_vec low, f64_vec high) { return vcvt_high_f32_f64(vcvt_f32_f64(low), high); }

INLINE f32_vec f32_load_f16(const char *p, size_t bytes)
{
    uint16_t half[4] = {0};
    memcpy(half, p, bytes);
    return vcvt_f32_f16(vreinterpret_f16_u16(vld1_u16(half)));
}

INLINE void f32_store_f16(char *p, f32_vec a, size_t bytes)
{
    uint16_t half[4];
    vst1_u16(half, vreinterpret_u16_f16(vcvt_f16_f32(a)));
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
    uint16_t half[4] = {0};
    memcpy(half, p, bytes);
    return vreinterpretq_u8_u32(vshll_n_u16(vld1_u16(half), 16));
}

INLINE void store_upper_16(char *p, bits a, size_t bytes)
{
    uint16_t half[4];
    vst1_u16(half, vshrn_n_u32(vreinterpretq_u32_u8(a), 16));
    memcpy(p, half, bytes);
}

enum { QUAD_BYTES = 16, HAS_QUADS = true, HAS_SHUFFLE = true };

typedef uint8x16_t quad;

INLINE quad quad_load(const char *p) { return vld1q_u8((const uint8_t *)p); }
INLINE quad quad_of_32s(const char *a, const char *b, const char *c, const char *d)
{
    uint32_t lanes[4];
    memcpy(lanes, a, 4);
    memcpy(lanes + 1, b, 4);
    memcpy(lanes + 2, c, 4);
    memcpy(lanes + 3, d, 4);
    return vreinterpretq_u8_u32(vld1q_u32(lanes));
}
INLINE quad quad_of_64s(const char *low, const char *high)
{
    return vcombine_u8(vld1_u8((const uint8_t *)low), vld1_u8((const uint8_t *)high));
}
INLINE void quad_store(char *p, quad a) { vst1q_u8((uint8_t *)p, a); }
INLINE quad quad_low_8(quad a, quad b) { return vzip1q_u8(a, b); }
INLINE quad quad_low_16(quad a, quad b) { return vreinterpretq_u8_s16(vzip1q_s16(as_16(a), as_16(b))); }
INLINE quad quad_low_32(quad a, quad b) { return vreinterpretq_u8_s32(vzip1q_s32(as_32(a), as_32(b))); }
INLINE quad quad_low_64(quad a, quad b) { return vreinterpretq_u8_s64(vzip1q_s64(as_64(a), as_64(b))); }
INLINE quad quad_high_8(quad a, quad b) { return vzip2q_u8(a, b); }
INLINE quad quad_high_16(quad a, quad b) { return vreinterpretq_u8_s16(vzip2q_s16(as_16(a), as_16(b))); }
INLINE quad quad_high_32(quad a, quad b) { return vreinterpretq_u8_s32(vzip2q_s32(as_32(a), as_32(b))); }
INLINE quad quad_high_64(quad a, quad b) { return vreinterpretq_u8_s64(vzip2q_s64(as_64(a), as_64(b))); }
INLINE quad quad_shuffle(quad a, quad positions) { return vqtbl1q_u8(a, positions); }

enum { NEAR_STRIDE = 0, HAS_HALVES = false };
INLINE bits permuted_32(bits a, bits index) { return (void)index, a; }
INLINE bits near_load(const char *p, size_t apart, bool backwards, size_t size)
{
    return (void)apart, (void)backwards, bits_load(p, size);
}

#endif
