/* hardswish, hardsigmoid and their derivatives of float32, in double lanes and rounded once. No operand is NaN.
 *
 * hardswish is x/2 + x^2/6, which for an odd subnormal x is just above a tie between two results, of which double knows
 * nothing: the factor is that of a number of at least 2^-40 in magnitude. A product with 1/6 as a double comes out right
 * everywhere, and takes a fifth of a quotient. An alpha that is 1/6, as near as its type has it, stands for 1/6.
 *
 * Worst error: 0.5 ULP for every input, of hardsigmoid at its defaults; else the product alpha x is exact, and the sum is
 * rounded to double and then to the result: 0.5001 ULP. */
#include "hard_doubles.h"

INLINE f64_vec f32_sixth(void) { return f64_set1(1 / 6.0); }

INLINE f64_vec f32_hardswish_in_f64(f64_vec x)
{
    f64_vec curved = f64_signed_as(f64_max(f64_set1(0x1p-40), f64_abs(x)), x);
    return hard_swish(x, f64_mul(hard_swish_ramp(curved), f32_sixth()));
}

INLINE f64_vec f32_hardswish_slope_in_f64(f64_vec x)
{
    return hard_swish_slope(x, f64_mul(hard_swish_rise(x), f32_sixth()));
}

INLINE f64_vec f32_true_alpha(f64_vec alpha)
{
    return f64_pick(eq_64(f64_bits(alpha), f64_bits(f64_set1((double)SIXTH))), f32_sixth(), alpha);
}

INLINE f64_vec f32_hard_sum(f64_vec x, f64_vec alpha, f64_vec beta)
{
    return f64_add(f64_mul(f32_true_alpha(alpha), x), beta);
}

INLINE f64_vec f32_hardsigmoid_in_f64(f64_vec x, f64_vec alpha, f64_vec beta)
{
    return hard_sigmoid(f32_hard_sum(x, alpha, beta));
}

INLINE f64_vec f32_hardsigmoid_slope_in_f64(f64_vec x, f64_vec alpha, f64_vec beta)
{
    return hard_sigmoid_slope(f32_hard_sum(x, alpha, beta), f32_true_alpha(alpha));
}

INLINE f32_vec f32_hardswish_function(f32_vec x, enum use use) { return f32_by_doubles(f32_hardswish_in_f64, use, x); }
INLINE f32_vec f32_hardswish_slope(f32_vec x, enum use use)
{
    return f32_by_doubles(f32_hardswish_slope_in_f64, use, x);
}

INLINE f32_vec f32_hardsigmoid_function(f32_vec x, f32_vec alpha, f32_vec beta, enum use use)
{
    return f32_by_doubles_with_two(f32_hardsigmoid_in_f64, use, x, alpha, beta);
}

INLINE f32_vec f32_hardsigmoid_slope(f32_vec x, f32_vec alpha, f32_vec beta, enum use use)
{
    return f32_by_doubles_with_two(f32_hardsigmoid_slope_in_f64, use, x, alpha, beta);
}
