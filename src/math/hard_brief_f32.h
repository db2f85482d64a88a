/* hardswish, hardsigmoid at its defaults, and their derivatives of float32, in a few float operations.
 *
 *     (x + 3) / 6 = f + g            g: 1/6 of what 6 f leaves of x + 3, which is exact
 *     hardsigmoid(x) = f + g         hardswish'(x) = f + g, of 2 x         hardswish(x) = x f + x g, fused
 *
 * In f and g x is cut to [-3, 3]. Worst error: 0.5 ULP, for every input (relu-ufunc check) that raises no flag (loops/brief.h). INVALID:
 * hardswish of -infinity, which would be NaN here, and NaN on some ISAs, of which the result is right. UNDERFLOW: x below some 2^-60,
 * of which only hardswish of a subnormal number may be wrong, for x/2 may be a tie, and a product with dy, which is right. */
#include "hard_constants.h"
#include "pair_f32.h"

/* f is 1/2 plus the rounded product x/6, rounded. Where that sum is inexact f is 1/4 or more, and where it is exact 1/2 - f is minus the
 * product: so 1/2 - f is exact, and so is what 6 f leaves. Left: a fused product and sum, which gave f digits below 2^-26. */
INLINE f32_vec f32_hard_high(f32_vec within) { return f32_add(f32_mul(within, f32_set1(SIXTH)), f32_set1(0.5F)); }

/* 0 where x is a 0 of either sign */
INLINE f32_vec f32_hard_left(f32_vec within, f32_vec f)
{
    return f32_fused(f32_set1(6), f32_sub(f32_set1(0.5F), f), within);
}

/* x is cut as integers are, which raises no flag of a NaN; that passes, for x f is of x itself. From 3 on f is 1 and left is 0, so that
 * the result is x.
 *
 * x g is the product of c x and left / (6 c). Of eight inputs it is so close to half an ULP of x f that only the errors of its three
 * roundings decide: 0x1.55aaap-19, 0x1.84f7c6p-16, 0x1.ffbffcp-16, 0x1.e853e8p-15, and these negated. Few c make these right, and every
 * other input too (hard_constants.py). Tried and left: x/6 times left, an operation less, of which no constant got the eight right. */
INLINE f32_vec f32_brief_hardswish(f32_vec x)
{
    bits low = least_u32(f32_bits(x), f32_bits(f32_set1(-3)));
    f32_vec within = f32_of_bits(least_32(low, f32_bits(f32_set1(3))));
    f32_vec f = f32_hard_high(within), left = f32_hard_left(within, f);
    f32_vec xg = f32_mul(f32_mul(within, f32_set1(HARD_FACTOR)), f32_mul(left, f32_set1(HARD_REST)));
    return f32_fused(x, f, xg);
}

/* keeps NaN; x86 raises INVALID of any, NEON of a signalling one alone */
INLINE f32_vec f32_hard_within(f32_vec x, float first) { return f32_min(f32_set1(3), f32_max(f32_set1(first), x)); }

/* Tried and left: g added by a fused operation, which is wrong where the result is a tie. */
INLINE f32_vec f32_brief_hardsigmoid(f32_vec x)
{
    f32_vec within = f32_hard_within(x, -3), f = f32_hard_high(within);
    return f32_add(f, f32_mul(f32_hard_left(within, f), f32_set1(SIXTH)));
}

/* (2 x + 3) / 6, for |x| up to 3; f is the sum x + 3/2, rounded, times 1/3.
 * Tried and left: f as above, two operations of eight less: -0x1.800002p+0 and -0x1.800004p+0, beside the root, are wrong. */
INLINE f32_vec f32_hard_ramp(f32_vec x)
{
    const f32_vec half = f32_set1(1.5F), third = f32_set1(2 * SIXTH);
    f32_vec sum = f32_add(half, x), lost = f32_sub(x, f32_sub(sum, half));
    f32_vec f = f32_mul(sum, third), left = f32_add(f32_less_fused(f32_set1(3), f, sum), lost);
    return f32_add(f, f32_mul(left, third));
}

/* 0 where x <= -3, and 1 where x > 3 */
INLINE f32_vec f32_brief_hardswish_slope(f32_vec x)
{
    f32_vec within = f32_hard_within(x, -3), ramp = f32_hard_ramp(within);
    mask is_above = gt_32(f32_bits(x), f32_bits(within)); /* or below -3 */
    return f32_zero_where(eq_32(f32_bits(within), f32_bits(f32_set1(-3))), f32_select(is_above, f32_set1(1), ramp));
}

/* 1/6 where x is from the number after -3 to 3, and so is not cut */
INLINE f32_vec f32_brief_hardsigmoid_slope(f32_vec x)
{
    f32_vec within = f32_hard_within(x, -0x1.7ffffep+1F);
    f32_vec slope = f32_fused(within, f32_zero(), f32_set1(SIXTH)); /* or NaN */
    return f32_zero_unless(eq_32(f32_bits(within), f32_bits(x)), slope);
}

/* dy times a slope from -1/2 to 3/2, or NaN. Where that is 0 or NaN, dy is taken for 0: as integers, doubled, all other slopes are above
 * 0. */
INLINE f32_vec f32_times_brief_slope(f32_vec dy, f32_vec slope)
{
    mask counts = gt_32(add_32(f32_bits(slope), f32_bits(slope)), set1_32(0));
    return f32_mul(f32_zero_unless(counts, dy), slope);
}

/* whether these parameters are 1/6, as near as float32 has it, and 1/2 throughout */
INLINE bool f32_are_hard_defaults(f32_vec alpha, f32_vec beta)
{
    bits unlike = bits_or(bits_xor(f32_bits(alpha), f32_bits(f32_set1(SIXTH))),
                          bits_xor(f32_bits(beta), f32_bits(f32_set1(0.5F))));
    return !mask_any(mask_or(gt_32(unlike, set1_32(0)), gt_32(set1_32(0), unlike)));
}
