/* hardswish, hardsigmoid and their derivatives of float64.
 *
 * hardswish is x/2 + x^2/6 from -1.5 up, x (x + 3) / 6 below, where x + 3 is exact.
 * Worst errors found among 8 10^6 points each, the largest computed by MPFR; within 0.1 of the root of a derivative they
 * count as those of 0.1, 1.4e-17:
 *     hardswish   0.999 ULP at -0x1.7fcbf0a86aba0p+1
 *     hardswish'  1.000 ULP at -0x1.4226e43a5a902p-2
 * hardsigmoid at its defaults 1.0, else that of a product and a sum. */
#include "hard_doubles.h"

INLINE f64_vec f64_hardswish_function(f64_vec x, enum use use)
{
    const f64_vec three = f64_set1(3), least = f64_set1(0x1p-60);
    mask low = f64_lt(x, f64_set1(-1.5)), bent = f64_lt(least, f64_abs(x));
    f64_vec within = f64_pick(bent, hard_within(x), least);
    f64_vec sixth = f64_div(f64_pick(low, hard_swish_ramp(x), within), f64_set1(6));
    f64_vec half = f64_mul(x, f64_set1(0.5)), sum = f64_pick(bent, f64_add(half, f64_mul(within, sixth)), half);
    f64_vec product = hard_swish(f64_pick(low, x, f64_set1(0)), sixth); /* of a small x it would underflow */
    (void)use;
    return f64_pick(low, product, f64_pick(f64_lt(three, x), x, sum));
}

INLINE f64_vec f64_hardswish_slope(f64_vec x, enum use use)
{
    (void)use;
    return hard_swish_slope(x, f64_div(hard_swish_rise(x), f64_set1(6)));
}

/* At the defaults (x + 3) / 6, which is exact but for its roundings: the sum would cancel near -3. */
INLINE f64_vec f64_hard_sum(f64_vec x, f64_vec alpha, f64_vec beta)
{
    mask standard =
        mask_and(eq_64(f64_bits(alpha), f64_bits(f64_set1(1 / 6.0))), eq_64(f64_bits(beta), f64_bits(f64_set1(0.5))));
    f64_vec times_alpha = f64_pick(standard, f64_set1(0), x); /* a product with 1/6 may underflow */
    f64_vec sum = f64_add(f64_mul(alpha, times_alpha), beta), ramp = f64_add(x, f64_set1(3));
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
