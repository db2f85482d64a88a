/* bfloat16 as an element type: raw bits where ELEMENT is bf16, for what selects, and float32 in lanes for what computes. A
 * bfloat16 is the upper half of a float32.
 *
 * The store rounds to nearest even and raises OVERFLOW and UNDERFLOW as a conversion instruction of IEEE 754 would. The
 * AVX-512 instruction for it, VCVTNEPS2BF16, is of no use: it takes subnormals for zero and raises nothing. */
#include "platform/flags.h"

#define INFINITE 0x7f80
#define UNIT 0x3f80
#include "floating_16.h"

INLINE f32_vec bf16_in_f32_load(const char *p, size_t count) { return f32_of_bits(load_upper_16(p, 2 * count)); }
INLINE size_t bf16_in_f32_lanes(void) { return f32_lanes(); }

INLINE void bf16_in_f32_store(char *p, f32_vec a, size_t count)
{
    const bits infinite = set1_32(0x7f800000), quiet = set1_32(0x00400000), zero = set1_32(0);
    bits word = f32_bits(a), magnitude = bits_and(word, set1_32(INT32_MAX));
    bits last_kept = bits_and(shift_right_32(word, 16), set1_32(1));
    bits rounded = add_32(word, add_32(last_kept, set1_32(0x7fff)));
    bits lost = bits_and(word, set1_32(0xffff));

    mask finite = gt_32(infinite, magnitude);
    mask overflow = mask_and(finite, gt_32(magnitude, set1_32(0x7f7f7fff)));
    mask tiny = gt_32(set1_32(0x007fc000), magnitude); /* after rounding, as x86 has it */
    mask underflow = mask_and(tiny, gt_32(lost, zero));
    if (mask_any(overflow)) {
        raise_vector_flags(FE_OVERFLOW | FE_INEXACT);
    }
    if (mask_any(underflow)) {
        raise_vector_flags(FE_UNDERFLOW | FE_INEXACT);
    }
    store_upper_16(p, select_32(gt_32(magnitude, infinite), bits_or(word, quiet), rounded), 2 * count);
}

/* halfway between two bfloat16 */
INLINE mask bf16_in_f32_is_halfway(f32_vec a) { return eq_32(bits_and(f32_bits(a), set1_32(0xffff)), set1_32(0x8000)); }

/* two vectors: the even ones of consecutive elements, and the odd ones */
INLINE struct f32_two bf16_in_f32_load_two(const char *p)
{
    bits both = bits_load(p, 4 * f32_lanes());
    f32_vec odd = f32_of_bits(bits_and(both, set1_32((int32_t)0xffff0000)));
    return (struct f32_two){f32_of_bits(shift_left_32(both, 16)), odd};
}

/* The same back, rounded: of numbers, no flag but what the formula raised. */
INLINE bool bf16_in_f32_store_two(char *p, struct f32_two y, float error)
{
    (void)error;
    const bits half = set1_32(0x8000), upper = set1_32((int32_t)0xffff0000);
    bits even = shift_right_32(add_32(f32_bits(y.first), half), 16);
    bits odd = bits_and(add_32(f32_bits(y.second), half), upper);
    bits_store(p, bits_or(even, odd), 4 * f32_lanes());
    return true;
}
