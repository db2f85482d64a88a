/* hardswish, hardsigmoid at its defaults, and their derivatives of float32, in a few float operations.
 *
 *     (x + 3) / 6 = f + g            g: 1/6 of what 6 f leaves of x + 3, which is exact
 *     hardsigmoid(x) = f + g         hardswish'(x) = f + g, of 2 x         hardswish(x) = x f + x g, fused
 *
 * In f and g x is cut to [-3, 3], as integers are, which raises no flag of a NaN. Worst error: 0.5 ULP, for every input
 * (relu-ufunc check), but of hardswish for eight, all below 2^-14: so small a number is in doubt. So is, everywhere, NaN, and
 * what is so small that its products underflow. */
#include "pair_f32.h"

/* the least magnitudes that are not in doubt, but 0 */
INLINE float f32_least_of_hardswish(void) { return 0x1p-14F; }
INLINE float f32_least_of_hardsigmoid(void) { return 0x1p-60F; }

INLINE f32_vec f32_from_minus_3(f32_vec x) { return f32_of_bits(least_u32(f32_bits(x), f32_bits(f32_set1(-3)))); }
INLINE f32_vec f32_up_to_3(f32_vec x) { return f32_of_bits(least_32(f32_bits(x), f32_bits(f32_set1(3)))); }
INLINE f32_vec f32_hard_within(f32_vec x) { return f32_up_to_3(f32_from_minus_3(x)); }

/* f is x/6 + base, less base - 1/2: the two sums round it to a multiple of 2^-24, so that 1/2 - f is exact, and so is what 6 f leaves
 * of x + 3. Most bases give a wrong result for an input or two, beside -3 or 2^-4 (hardsigmoid: at -0x1.7ffffcp+1). Those below were
 * found by trying. They give none, for hardswish from 2^-14 on, for hardsigmoid from 2^-60 on. */
INLINE f32_vec f32_hard_high(f32_vec within, float base)
{
    return f32_sub(f32_fused(within, f32_set1(SIXTH), f32_set1(base)), f32_set1(base - 0.5F));
}

/* 0 where x is a 0 of either sign */
INLINE f32_vec f32_hard_left(f32_vec within, f32_vec f)
{
    return f32_fused(f32_set1(6), f32_sub(f32_set1(0.5F), f), within);
}

/* x g is formed from the product x/6, which waits for nothing. From 3 on f is 1 and g is 0, so that the result is x. Tried and left: f
 * from that product too, an operation less, for which no base was found. */
INLINE f32_vec f32_brief_hardswish(f32_vec x)
{
    f32_vec low = f32_from_minus_3(x), within = f32_up_to_3(low), product = f32_mul(within, f32_set1(SIXTH));
    f32_vec f = f32_hard_high(within, -0x1.0016c8p-1F);
    return f32_fused(low, f, f32_mul(product, f32_hard_left(within, f)));
}

/* Tried and left: g added by a fused operation, which is wrong where the result is a tie. */
INLINE f32_vec f32_brief_hardsigmoid(f32_vec x)
{
    f32_vec within = f32_hard_within(x), f = f32_hard_high(within, -0.5F);
    return f32_add(f, f32_mul(f32_hard_left(within, f), f32_set1(SIXTH)));
}

/* (x + 3) / 6, for |x| up to 6; f is the sum, rounded, times 1/6.
 * Tried and left: f as above, two operations of eight less. Each base that was tried is wrong for an input or two beside the root of
 * hardswish': -1/2 at -0x1.800004p+0, most others at -0x1.7ffffcp+0. */
INLINE f32_vec f32_hard_ramp(f32_vec x)
{
    const f32_vec three = f32_set1(3), sixth = f32_set1(SIXTH);
    f32_vec sum = f32_add(three, x), lost = f32_sub(x, f32_sub(sum, three));
    f32_vec f = f32_mul(sum, sixth), left = f32_add(f32_less_fused(f32_set1(6), f, sum), lost);
    return f32_add(f, f32_mul(left, sixth));
}

/* y, but 0 where x <= -3, and `above` where x > 3 */
INLINE f32_vec f32_hard_cut(f32_vec x, f32_vec y, f32_vec above)
{
    const f32_vec three = f32_set1(3), minus_three = f32_set1(-3);
    mask below = eq_32(f32_bits(f32_hard_within(x)), f32_bits(minus_three));
    return f32_zero_where(below, f32_select(gt_32(f32_bits(x), f32_bits(three)), above, y));
}

INLINE f32_vec f32_brief_hardswish_slope(f32_vec x)
{
    f32_vec within = f32_hard_within(x);
    return f32_hard_cut(x, f32_hard_ramp(f32_add(within, within)), f32_set1(1));
}

INLINE f32_vec f32_brief_hardsigmoid_slope(f32_vec x) { return f32_hard_cut(x, f32_set1(SIXTH), f32_zero()); }

/* whether these parameters are 1/6, as near as float32 has it, and 1/2 throughout */
INLINE bool f32_are_hard_defaults(f32_vec alpha, f32_vec beta)
{
    bits unlike = bits_or(bits_xor(f32_bits(alpha), f32_bits(f32_set1(SIXTH))),
                          bits_xor(f32_bits(beta), f32_bits(f32_set1(0.5F))));
    return !mask_any(mask_or(gt_32(unlike, set1_32(0)), gt_32(set1_32(0), unlike)));
}
