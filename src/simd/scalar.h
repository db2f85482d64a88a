/* The vocabulary in plain C, a vector being one element. This file is also its reference: the other ISAs define the
 * same names with the same meaning, each in one line where the instruction set allows.
 *
 * bits       a vector of raw bits; its functions end in the lane width that they see, lanes being signed integers
 * mask       the truth of each lane, made by gt and eq and good for lanes of that width only
 * f32_vec, f64_vec   vectors of floats; of equal size in bytes, so that one f32_vec is a low and a high f64_vec
 *
 * None of the functions on bits raises a floating-point flag. Loads and stores take the bytes to move, whole vectors
 * when that is all of them, and fill the rest of a vector with zeros. */
#ifndef RELU_UFUNC_SIMD_H
#define RELU_UFUNC_SIMD_H

#include "f16_software.h"
#include "inline.h"

enum { VECTOR_BYTES = 8 }; /* at most */

/* elements of that size in a vector */
INLINE size_t lanes(size_t size) { return (void)size, 1; }

typedef uint64_t bits;

/* whether part of a vector is loaded under a mask */
enum { LOADS_BY_MASK = false };
INLINE bits bits_load(const char *p, size_t bytes)
{
    uint8_t one;
    uint16_t two;
    uint32_t four;
    uint64_t eight;
    switch (bytes) {
        case 1: return memcpy(&one, p, 1), one;
        case 2: return memcpy(&two, p, 2), two;
        case 4: return memcpy(&four, p, 4), four;
        default: return memcpy(&eight, p, 8), eight;
    }
}

INLINE void bits_store(char *p, bits a, size_t bytes)
{
    const uint8_t one = (uint8_t)a;
    const uint16_t two = (uint16_t)a;
    const uint32_t four = (uint32_t)a;
    switch (bytes) {
        case 1: memcpy(p, &one, 1); break;
        case 2: memcpy(p, &two, 2); break;
        case 4: memcpy(p, &four, 4); break;
        default: memcpy(p, &a, 8);
    }
}

INLINE bits bits_and(bits a, bits b) { return a & b; }
INLINE bits bits_or(bits a, bits b) { return a | b; }
INLINE bits bits_xor(bits a, bits b) { return a ^ b; }

/* a, in a register, where compilers do not do that themselves */
INLINE bits bits_held(bits a) { return a; }

INLINE bits set1_8(int8_t a) { return (uint8_t)a; }
INLINE bits set1_16(int16_t a) { return (uint16_t)a; }
INLINE bits set1_32(int32_t a) { return (uint32_t)a; }
INLINE bits set1_64(int64_t a) { return (uint64_t)a; }

typedef bool mask;

/* a > b, a == b, as signed integers */
INLINE mask gt_8(bits a, bits b) { return (int8_t)a > (int8_t)b; }
INLINE mask gt_16(bits a, bits b) { return (int16_t)a > (int16_t)b; }
INLINE mask gt_32(bits a, bits b) { return (int32_t)a > (int32_t)b; }
INLINE mask gt_64(bits a, bits b) { return (int64_t)a > (int64_t)b; }
INLINE mask eq_8(bits a, bits b) { return (uint8_t)a == (uint8_t)b; }
INLINE mask eq_16(bits a, bits b) { return (uint16_t)a == (uint16_t)b; }
INLINE mask eq_32(bits a, bits b) { return (uint32_t)a == (uint32_t)b; }
INLINE mask eq_64(bits a, bits b) { return a == b; }

/* the lesser of two lanes, signed or not */
INLINE bits least_16(bits a, bits b) { return (int16_t)a < (int16_t)b ? a : b; }
INLINE bits least_32(bits a, bits b) { return (int32_t)a < (int32_t)b ? a : b; }
INLINE bits least_64(bits a, bits b) { return (int64_t)a < (int64_t)b ? a : b; }
INLINE bits least_u32(bits a, bits b) { return (uint32_t)a < (uint32_t)b ? a : b; }

INLINE mask mask_and(mask a, mask b) { return a & b; }
INLINE mask mask_or(mask a, mask b) { return a | b; }
INLINE bool mask_any(mask m) { return m; }

/* a where m is true, else b. Without a branch, as b ^ ((a ^ b) & -m), elu took five times as long with gcc 12. */
INLINE bits select_8(mask m, bits a, bits b) { return m ? a : b; }
INLINE bits select_16(mask m, bits a, bits b) { return m ? a : b; }
INLINE bits select_32(mask m, bits a, bits b) { return m ? a : b; }
INLINE bits select_64(mask m, bits a, bits b) { return m ? a : b; }

/* 0, or all ones, where m is true, else a: where masks are vectors, cheaper than to select */
INLINE bits zero_where_8(mask m, bits a) { return m ? 0 : a; }
INLINE bits zero_where_16(mask m, bits a) { return m ? 0 : a; }
INLINE bits zero_where_32(mask m, bits a) { return m ? 0 : a; }
INLINE bits zero_where_64(mask m, bits a) { return m ? 0 : a; }
INLINE bits zero_unless_8(mask m, bits a) { return m ? a : 0; }
INLINE bits zero_unless_16(mask m, bits a) { return m ? a : 0; }
INLINE bits zero_unless_32(mask m, bits a) { return m ? a : 0; }
INLINE bits zero_unless_64(mask m, bits a) { return m ? a : 0; }
INLINE bits ones_where_32(mask m, bits a) { return m ? UINT32_MAX : a; }

/* as integers that wrap */
INLINE bits add_8(bits a, bits b) { return (uint8_t)(a + b); }
INLINE bits add_16(bits a, bits b) { return (uint16_t)(a + b); }
INLINE bits add_32(bits a, bits b) { return (uint32_t)(a + b); }
INLINE bits add_64(bits a, bits b) { return a + b; }
INLINE bits sub_16(bits a, bits b) { return (uint16_t)(a - b); }
INLINE bits sub_32(bits a, bits b) { return (uint32_t)(a - b); }
INLINE bits sub_64(bits a, bits b) { return a - b; }
INLINE bits mul_8(bits a, bits b) { return (uint8_t)(a * b); }
INLINE bits mul_16(bits a, bits b) { return (uint16_t)(a * b); }
INLINE bits mul_32(bits a, bits b) { return (uint32_t)(a * b); }
INLINE bits mul_64(bits a, bits b) { return a * b; }

INLINE bits shift_right_32(bits a, int n) { return (uint32_t)a >> n; }
INLINE bits shift_left_32(bits a, int n) { return (uint32_t)(a << n); }
INLINE bits shift_left_64(bits a, int n) { return a << n; }

typedef float f32_vec;

union f32_word {
    float value;
    uint32_t word;
};

INLINE bits f32_bits(f32_vec a) { return (union f32_word){.value = a}.word; }
INLINE f32_vec f32_of_bits(bits a) { return (union f32_word){.word = (uint32_t)a}.value; }
INLINE f32_vec f32_set1(float a) { return a; }
INLINE f32_vec f32_add(f32_vec a, f32_vec b) { return a + b; }
INLINE f32_vec f32_mul(f32_vec a, f32_vec b) { return a * b; }
/* the larger and the smaller, the second where they are equal; neither is NaN */
INLINE f32_vec f32_max(f32_vec a, f32_vec b) { return a > b ? a : b; }
INLINE f32_vec f32_min(f32_vec a, f32_vec b) { return a < b ? a : b; }
INLINE f32_vec f32_sub(f32_vec a, f32_vec b) { return a - b; }
INLINE f32_vec f32_div(f32_vec a, f32_vec b) { return a / b; }
/* a * b + c, a * b - c and c - a * b, with one rounding where FLOAT_TABLE is not 0 */
INLINE f32_vec f32_fused(f32_vec a, f32_vec b, f32_vec c) { return a * b + c; }
INLINE f32_vec f32_fused_less(f32_vec a, f32_vec b, f32_vec c) { return a * b - c; }
INLINE f32_vec f32_less_fused(f32_vec a, f32_vec b, f32_vec c) { return c - a * b; }
/* a != b, which is true of a NaN */
INLINE mask f32_either_is_nan(f32_vec a, f32_vec b) { return a != a || b != b; }
INLINE mask f32_differ(f32_vec a, f32_vec b) { return a != b; }

/* table[i], i being the lowest bits of the lane; as many floats as one instruction looks up. 0: none, or an ISA that fuses no
 * operations, which has no fast parts. */
enum { FLOAT_TABLE = 0 };
INLINE f32_vec f32_lookup(const void *table, bits i) { return (void)table, (void)i, 0; }
/* table[2 i] and table[2 i + 1], from memory */
INLINE void f32_lookup_two(const float *table, bits i, f32_vec *first, f32_vec *second)
{
    *first = *second = f32_lookup(table, i);
}

typedef double f64_vec;

union f64_word {
    double value;
    bits word;
};

INLINE bits f64_bits(f64_vec a) { return (union f64_word){.value = a}.word; }
INLINE f64_vec f64_of_bits(bits a) { return (union f64_word){.word = a}.value; }
INLINE f64_vec f64_set1(double a) { return a; }
INLINE f64_vec f64_add(f64_vec a, f64_vec b) { return a + b; }
INLINE f64_vec f64_sub(f64_vec a, f64_vec b) { return a - b; }
INLINE f64_vec f64_mul(f64_vec a, f64_vec b) { return a * b; }
INLINE f64_vec f64_div(f64_vec a, f64_vec b) { return a / b; }
/* the larger and the smaller; a is not NaN, and where b is, so is the result */
INLINE f64_vec f64_max(f64_vec a, f64_vec b) { return a > b ? a : b; }
INLINE f64_vec f64_min(f64_vec a, f64_vec b) { return a < b ? a : b; }
/* a * b + c, with one rounding or two as the ISA has it: only where the result is proved not to depend on that */
INLINE f64_vec f64_muladd(f64_vec a, f64_vec b, f64_vec c) { return a * b + c; }
/* a * b - p, exactly, where p is a * b rounded */
#include "product_error.h"
/* a < b; neither is NaN */
INLINE mask f64_lt(f64_vec a, f64_vec b) { return a < b; }
INLINE mask f64_ne(f64_vec a, f64_vec b) { return a != b; }
/* table[i], i being the lowest four bits of the lane */
INLINE f64_vec f64_lookup16(const double *table, bits i) { return table[i & 15]; }

/* the lanes of 32 bits where m is true, as bits of a number */
INLINE unsigned lanes_taken(mask m) { return m; }

/* Writes the lanes where m is true one after the other, or reads them back: a whole vector, of which *to or *from moves
 * past those lanes. Where m is false, anything is read. */
INLINE void f32_pack(char **to, mask m, f32_vec a)
{
    bits_store(*to, f32_bits(a), 4);
    *to += m ? 4 : 0;
}
INLINE f32_vec f32_unpack(char **from, mask m)
{
    f32_vec a = f32_of_bits(bits_load(*from, 4));
    *from += m ? 4 : 0;
    return a;
}
INLINE void f64_pack(char **to, mask m, f64_vec a)
{
    bits_store(*to, f64_bits(a), 8);
    *to += m ? 8 : 0;
}
INLINE f64_vec f64_unpack(char **from, mask m)
{
    f64_vec a = f64_of_bits(bits_load(*from, 8));
    *from += m ? 8 : 0;
    return a;
}

/* the low and the high lanes of an f32_vec widened, and both rounded back; here there are no high lanes, and what is computed for
 * them, where the compiler leaves that in, raises the flags of the low one */
INLINE f64_vec f64_from_low(f32_vec a) { return a; }
INLINE f64_vec f64_from_high(f32_vec a) { return a; }
INLINE f32_vec f32_from_f64(f64_vec low, f64_vec high) { return (void)high, (float)low; }

/* float16 in memory, float32 in lanes; the store rounds to nearest even */
INLINE f32_vec f32_load_f16(const char *p, size_t bytes) { return f16_to_f32((uint16_t)bits_load(p, bytes)); }
INLINE void f32_store_f16(char *p, f32_vec a, size_t bytes) { bits_store(p, f32_to_f16(a), bytes); }

/* whether both round to the same float16 in each lane */
INLINE bool f32_alike_in_f16(f32_vec a, f32_vec b) { return f32_to_f16(a) == f32_to_f16(b); }

/* 16-bit elements in memory, in the upper halves of 32-bit lanes; the lower halves are 0, and are dropped */
INLINE bits load_upper_16(const char *p, size_t bytes) { return bits_load(p, bytes) << 16; }
INLINE void store_upper_16(char *p, bits a, size_t bytes) { bits_store(p, a >> 16, bytes); }

/* A quad is a vector of 16 bytes, of any lanes, for moves of elements: low and high put the lanes of two lower halves, or
 * of two upper ones, in turn; shuffle takes the bytes at those positions; of_32s and of_64s bring elements from several places
 * together. Here there are none. */
enum { QUAD_BYTES = 16, HAS_QUADS = false, HAS_SHUFFLE = false };

typedef char quad;

INLINE quad quad_load(const char *p) { return *p; }
INLINE quad quad_of_32s(const char *a, const char *b, const char *c, const char *d)
{
    return (void)b, (void)c, (void)d, *a;
}
INLINE quad quad_of_64s(const char *low, const char *high) { return (void)high, *low; }
INLINE void quad_store(char *p, quad a) { *p = a; }
INLINE quad quad_low_8(quad a, quad b) { return (void)b, a; }
INLINE quad quad_low_16(quad a, quad b) { return (void)b, a; }
INLINE quad quad_low_32(quad a, quad b) { return (void)b, a; }
INLINE quad quad_low_64(quad a, quad b) { return (void)b, a; }
INLINE quad quad_high_8(quad a, quad b) { return (void)b, a; }
INLINE quad quad_high_16(quad a, quad b) { return (void)b, a; }
INLINE quad quad_high_32(quad a, quad b) { return (void)b, a; }
INLINE quad quad_high_64(quad a, quad b) { return (void)b, a; }
INLINE quad quad_shuffle(quad a, quad positions) { return (void)positions, a; }

/* For moves of elements of 4 and 8 bytes that are at most NEAR_STRIDE elements apart, a vector at a time. permuted_32 gives the 32-bit
 * lanes of a at these indices. near_load, where HAS_HALVES, gives a vector of elements that are 1 (backwards alone) or 2 apart; it
 * reads `apart` whole vectors from p on, of which the first element is the last if backwards. */
enum { NEAR_STRIDE = 0, HAS_HALVES = false };
INLINE bits permuted_32(bits a, bits index) { return (void)index, a; }
INLINE bits near_load(const char *p, size_t apart, bool backwards, size_t size)
{
    return (void)apart, (void)backwards, bits_load(p, size);
}

#endif
