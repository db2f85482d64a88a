/* The exponential that the smooth functions of float32 are made of, in double lanes.
 *
 * Algorithm: that of expm1_f32.h, with the step in two parts: e^x = T + T p. It is given as T and p, since what a function
 * adds to T may cancel, and p may not be lost then.
 * Domain: |x| <= 210. Relative error: 2^-52.
 *
 * `fuse`, here and below, is a constant: whether operations may be fused. They may where the result is proved to be
 * correctly rounded, so that it is the same either way: for functions without a parameter, and where that is 1. */
#include "by_doubles.h"

/* x less the nearest multiple of the step: of k steps, where *shifted is k + ROUND_TO_INTEGER. What is too small to be added
 * to x may be added to this. */
INLINE f64_vec f32_exp_rest(bool fuse, f64_vec x, f64_vec *shifted)
{
    *shifted = f64_madd(fuse, x, f64_set1(F32_INVERSE_STEP), f64_set1(ROUND_TO_INTEGER));
    f64_vec k = f64_sub(*shifted, f64_set1(ROUND_TO_INTEGER));
    f64_vec r = f64_madd(fuse, k, f64_set1(-F32_STEP_HIGH), x);
    return f64_madd(fuse, k, f64_set1(-F32_STEP_LOW), r);
}

/* p and T from that; c are the coefficients of q, of which there are two sets, for the sake of a few inputs */
INLINE f64_vec f32_exp_parts(bool fuse, const double *c, f64_vec shifted, f64_vec r, f64_vec *power)
{
    bits k = f64_bits(shifted);
    *power = f64_of_bits(add_64(f64_bits(f64_lookup16(f32_power_less_j, k)), shift_left_64(k, 48)));
    f64_vec r2 = f64_mul(r, r);
    f64_vec first = f64_madd(fuse, f64_set1(c[1]), r, f64_set1(c[0]));
    f64_vec second = f64_madd(fuse, f64_set1(c[3]), r, f64_set1(c[2]));
    f64_vec q = f64_madd(fuse, r2, f64_madd(fuse, r2, f64_set1(c[4]), second), first);
    return f64_madd(fuse, r2, q, r);
}

/* p and T of x */
INLINE f64_vec f32_exp_of(bool fuse, f64_vec x, f64_vec *power)
{
    f64_vec shifted, r = f32_exp_rest(fuse, x, &shifted);
    return f32_exp_parts(fuse, f32_centred_quotient, shifted, r, power);
}

INLINE f64_vec f32_exp(bool fuse, f64_vec x)
{
    f64_vec power, p = f32_exp_of(fuse, x, &power);
    return f64_madd(fuse, power, p, power);
}
