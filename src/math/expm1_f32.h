/* expm1 and exp of float32 for x <= 0, correctly rounded.
 *
 * Algorithm: in double lanes, k = round(16 x / ln2) = 16 m + j, r = x - k ln2/16, and with T = 2^(k/16) from a table
 *     exp(x)   = T + T p              p = expm1(r) = r + r^2 q(r),  |r| <= ln2 / 32,  q of degree 4
 *     expm1(x) = (T - 1) + T p
 * rounded to float32 once. The error before that rounding is some 2^-51, and relative to expm1 up to 2^-45 where that
 * is small, near -0.02; that it never crosses a rounding boundary, with fused operations or without, is not argued but
 * checked, for every input. exp takes ln2/16 in two parts; for expm1, the error of one part is scaled down by T.
 *
 * Domain: x <= 0 and -infinity; not NaN. Below CLAMP the result no longer changes.
 * Worst error: 0.5 ULP, that is none: all 2^31 + 1 inputs give the float32 nearest to the exact value. The closest
 * calls are expm1 at -0x1.eb97f8p-19 and exp at -0x1.d2259ap+3, whose exact values are 3e-9 ULP from a boundary.
 *
 * Tried and left: no table and q of degree 8 (AVX-512: 20 % slower); unrolling (no gain). */
#include "exp_constants.h"

/* k + ROUND_TO_INTEGER */
INLINE f64_vec f32_nearest_step(f64_vec x)
{
    return f64_muladd(x, f64_set1(F32_INVERSE_STEP), f64_set1(ROUND_TO_INTEGER));
}

/* p and T. The bits of table entry j are those of 2^(j/16) less j 2^48: adding k 2^48, which is m 2^52 + j 2^48, gives
 * those of 2^(k/16). */
INLINE f64_vec f32_reduced_expm1(f64_vec shifted, f64_vec r, f64_vec *power)
{
    bits k = f64_bits(shifted);
    *power = f64_of_bits(add_64(f64_bits(f64_lookup16(f32_power_less_j, k)), shift_left_64(k, 48)));
    f64_vec r2 = f64_mul(r, r);
    f64_vec low = f64_muladd(f64_set1(f32_quotient[1]), r, f64_set1(f32_quotient[0]));
    f64_vec high = f64_muladd(f64_set1(f32_quotient[3]), r, f64_set1(f32_quotient[2]));
    f64_vec q = f64_muladd(r2, f64_muladd(r2, f64_set1(f32_quotient[4]), high), low);
    return f64_muladd(r2, q, r);
}

INLINE f64_vec f32_expm1_in_f64(f64_vec x)
{
    f64_vec shifted = f32_nearest_step(x), k = f64_sub(shifted, f64_set1(ROUND_TO_INTEGER));
    f64_vec r = f64_muladd(k, f64_set1(-F32_STEP), x);
    f64_vec power, p = f32_reduced_expm1(shifted, r, &power);
    return f64_muladd(power, p, f64_sub(power, f64_set1(1)));
}

INLINE f64_vec f32_exp_in_f64(f64_vec x)
{
    f64_vec shifted = f32_nearest_step(x), k = f64_sub(shifted, f64_set1(ROUND_TO_INTEGER));
    f64_vec r = f64_muladd(k, f64_set1(-F32_STEP_HIGH), x);
    r = f64_muladd(k, f64_set1(-F32_STEP_LOW), r);
    f64_vec power, p = f32_reduced_expm1(shifted, r, &power);
    return f64_muladd(power, p, power);
}

INLINE f32_vec f32_expm1_off(f32_vec x)
{
    const float CLAMP = -18; /* expm1(-17.33) rounds to -1 */
    f32_vec clamped = f32_max(x, f32_set1(CLAMP));
    f32_vec y = f32_from_f64(f32_expm1_in_f64(f64_from_low(clamped)), f32_expm1_in_f64(f64_from_high(clamped)));
    return f32_of_bits(bits_or(f32_bits(y), bits_and(f32_bits(x), set1_32(INT32_MIN)))); /* -0 stays -0 */
}

INLINE f32_vec f32_exp_off(f32_vec x)
{
    const float CLAMP = -104.5f; /* exp(-103.98) rounds to 0 */
    f32_vec clamped = f32_max(x, f32_set1(CLAMP));
    /* exp(-infinity) is 0 exactly: the rounding that would raise UNDERFLOW sees exp(0) instead */
    mask infinite = f32_is_minus_infinity(x);
    clamped = f32_select(infinite, f32_zero(), clamped);
    f32_vec y = f32_from_f64(f32_exp_in_f64(f64_from_low(clamped)), f32_exp_in_f64(f64_from_high(clamped)));
    return f32_select(infinite, f32_zero(), y);
}
