/* hardswish, hardsigmoid and their derivatives of float64.
 *
 * Worst error: hardswish 1.5 ULP, its derivative 1.0; hardsigmoid at its defaults 1.0, else that of a product and a sum. */
#include "hard_doubles.h"

INLINE f64_vec f64_hardswish_function(f64_vec x, enum use use)
{
    (void)use;
    return hard_swish(x, f64_div(hard_swish_ramp(x), f64_set1(6)));
}

INLINE f64_vec f64_hardswish_slope(f64_vec x, enum use use)
{
    (void)use;
    return hard_swish_slope(x, f64_div(hard_swish_rise(x), f64_set1(6)));
}

/* At the defaults (x + 3) / 6, which is exact but for its roundings: the sum would cancel near -3. */
INLINE f64_vec f64_hard_sum(f64_vec x, f64_vec alpha, f64_vec beta)
{
    mask standard = mask_and(eq_64(f64_bits(alpha), f64_bits(f64_set1(1 / 6.0))), eq_64(f64_bits(beta), f64_bits(f64_set1(0.5))));
    f64_vec sum = f64_add(f64_mul(alpha, x), beta), ramp = f64_add(x, f64_set1(3));
    /* the quotient of a number above 3 may round to 1 */
    f64_vec quotient = f64_pick(f64_lt(f64_set1(3), x), f64_set1(2), f64_div(ramp, f64_set1(6)));
    return f64_pick(standard, quotient, sum);
}

INLINE f64_vec f64_hardsigmoid_function(f64_vec x, f64_vec alpha, f64_vec beta, enum use use)
{
    (void)use;
    return hard_sigmoid(f64_hard_sum(x, alpha, beta));
}

INLINE f64_vec f64_hardsigmoid_slope(f64_vec x, f64_vec alpha, f64_vec beta, enum use use)
{
    (void)use;
    return hard_sigmoid_slope(f64_hard_sum(x, alpha, beta), alpha);
}
