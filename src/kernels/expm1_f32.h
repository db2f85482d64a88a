/* expm1 and exp of float32 for x <= 0, correctly rounded.
 *
 * Algorithm: in double lanes, k = round(x / ln2), r = x - k ln2 with ln2 in two parts, and with s = 2^k
 *     exp(x)   = s + s p              p = expm1(r) = r + r^2 q(r),  |r| <= ln2 / 2,  q of degree 8
 *     expm1(x) = (s - 1) + s p
 * rounded to float32 once. The error before that rounding is a few 2^-53; that it never crosses a rounding boundary, with
 * fused operations or without, is not argued but checked, for every input.
 *
 * Domain: x <= 0 and -infinity; not NaN. Below CLAMP the result no longer changes.
 * Worst error: 0.5 ULP, that is none: all 2^31 + 1 inputs give the float32 nearest to the exact value. The closest calls
 * are expm1 at -0x1.eb97f8p-19 and exp at -0x1.d2259ap+3, whose exact values are 3e-9 ULP from a boundary. */
#include "exp_constants.h"

enum { F32_QUOTIENT_DEGREE = sizeof f32_quotient / sizeof f32_quotient[0] - 1 };

#define ROUND_TO_INTEGER 0x1.8p52 /* added and taken away again; in between, the low bits are the integer */

/* s and p as above; -0 gives +0 */
INLINE f64_vec f32_reduced_expm1(f64_vec x, f64_vec *s)
{
    f64_vec shifted = f64_muladd(x, f64_set1(F32_INVERSE_STEP), f64_set1(ROUND_TO_INTEGER));
    f64_vec k = f64_sub(shifted, f64_set1(ROUND_TO_INTEGER));
    f64_vec r = f64_muladd(k, f64_set1(-F32_STEP_HIGH), x);
    r = f64_muladd(k, f64_set1(-F32_STEP_LOW), r);
    f64_vec q = f64_set1(f32_quotient[F32_QUOTIENT_DEGREE]);
    for (int i = F32_QUOTIENT_DEGREE - 1; i >= 0; i--) {
        q = f64_muladd(q, r, f64_set1(f32_quotient[i]));
    }
    *s = f64_of_bits(shift_left_64(add_64(f64_bits(shifted), set1_64(1023)), 52));
    return f64_muladd(f64_mul(r, r), q, r);
}

INLINE f64_vec f32_expm1_in_f64(f64_vec x)
{
    f64_vec s, p = f32_reduced_expm1(x, &s);
    return f64_muladd(s, p, f64_sub(s, f64_set1(1)));
}

INLINE f64_vec f32_exp_in_f64(f64_vec x)
{
    f64_vec s, p = f32_reduced_expm1(x, &s);
    return f64_muladd(s, p, s);
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
