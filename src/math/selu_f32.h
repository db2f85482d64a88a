/* selu, celu and their derivatives in double lanes; z is x / alpha, and T + T p = e^z.
 *
 *     selu(x)    = lambda x where x > 0,     lambda alpha expm1(x) where x <= 0
 *     selu'(x)     lambda                    lambda alpha e^x
 *     celu(x, a)   x                         a expm1(x / a)
 *     celu'(x, a)  1                         e^(x / a)
 *
 * where expm1(z) = T p + (T - 1). Klambauer, Unterthiner, Mayr, Hochreiter, "Self-normalizing neural networks", 2017,
 * has the digits of lambda and alpha, which smooth_constants.py rounds.
 *
 * Worst error: 0.5 ULP, for celu where alpha is 1, for every input. */
#include "smooth_constants.h"

INLINE f64_vec f32_expm1(bool fuse, f64_vec z)
{
    f64_vec shifted, r = f32_exp_rest(fuse, z, &shifted);
    f64_vec power, p = f32_exp_parts(fuse, f32_quotient, shifted, r, &power);
    return f64_madd(fuse, power, p, f64_sub(power, f64_set1(1)));
}

INLINE f64_vec f32_selu_in_f64(f64_vec x)
{
    f64_vec zero = f64_set1(0), off = f32_expm1(true, f64_max(f64_set1(-20), f64_min(zero, x)));
    return f64_pick(f64_lt(zero, x), f64_mul(x, f64_set1(SELU_LAMBDA)), f64_mul(off, f64_set1(SELU_LAMBDA_ALPHA)));
}

INLINE f64_vec f32_selu_slope_in_f64(f64_vec x)
{
    f64_vec zero = f64_set1(0), off = f32_exp(true, f64_max(f64_set1(-110), f64_min(zero, x)));
    return f64_pick(f64_lt(zero, x), f64_set1(SELU_LAMBDA), f64_mul(off, f64_set1(SELU_LAMBDA_ALPHA)));
}

INLINE f64_vec f32_celu_in_f64(bool fuse, f64_vec x, f64_vec alpha, f64_vec z)
{
    f64_vec off = f32_expm1(fuse, f64_min(f64_set1(200), f64_max(f64_set1(-200), z)));
    return f64_pick(f64_lt(f64_set1(0), x), x, f64_mul(alpha, off));
}

INLINE f64_vec f32_celu_slope_in_f64(bool fuse, f64_vec x, f64_vec z)
{
    f64_vec off = f32_exp(fuse, f64_min(f64_set1(200), f64_max(f64_set1(-200), z)));
    return f64_pick(f64_lt(f64_set1(0), x), f64_set1(1), off);
}

/* y with the sign of x, which a sum may have lost where y is 0 */
INLINE f32_vec f32_signed_as(f32_vec x, f32_vec y)
{
    bits magnitude = bits_and(f32_bits(y), set1_32(INT32_MAX));
    return f32_of_bits(bits_or(magnitude, bits_and(f32_bits(x), set1_32(INT32_MIN))));
}

INLINE f32_vec f32_selu_function(f32_vec x, enum use use)
{
    return f32_signed_as(x, f32_by_doubles(f32_selu_in_f64, use, x));
}
INLINE f32_vec f32_selu_slope(f32_vec x, enum use use) { return f32_by_doubles(f32_selu_slope_in_f64, use, x); }

INLINE f64_vec f32_celu_of(f64_vec x) { return f32_celu_in_f64(true, x, f64_set1(1), x); }
INLINE f64_vec f32_celu_with(f64_vec x, f64_vec alpha)
{
    /* An alpha of -0 times e^infinity is NaN; below, that is clamped. */
    f64_vec z = f64_div(x, alpha), y = f32_celu_in_f64(false, x, alpha, z);
    mask infinite = f64_lt(f64_set1(0x1p1000), f64_pick(f64_lt(f64_set1(0), x), f64_set1(0), z));
    return f64_pick(infinite, f64_mul(f64_pick(infinite, alpha, f64_set1(1)), f64_pick(infinite, z, f64_set1(1))), y);
}
INLINE f32_vec f32_celu_function(f32_vec x, f32_vec alpha, enum use use)
{
    return f32_signed_as(x, f32_is_one(alpha) ? f32_by_doubles(f32_celu_of, use, x)
                                              : f32_by_doubles_with(f32_celu_with, use, x, alpha));
}

INLINE f64_vec f32_celu_slope_of(f64_vec x) { return f32_celu_slope_in_f64(true, x, x); }
INLINE f64_vec f32_celu_slope_with(f64_vec x, f64_vec alpha)
{
    return f32_celu_slope_in_f64(false, x, f64_div(x, alpha));
}
INLINE f32_vec f32_celu_slope(f32_vec x, f32_vec alpha, enum use use)
{
    return f32_is_one(alpha) ? f32_by_doubles(f32_celu_slope_of, use, x)
                             : f32_by_doubles_with(f32_celu_slope_with, use, x, alpha);
}
