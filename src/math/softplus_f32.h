/* softplus in double lanes; z is beta x. Its derivative is sigmoid(z).
 *
 *     softplus(z) = max(z, 0) + log1p(E),  log1p(E) = 2 atanh(s) = s L(s^2),  s = E / (2 + E)         E = e^-|z|
 *
 * L is a polynomial of degree 9 on [0, 1/9]; s^2 is no less than 2^-400, so that its square does not underflow. There is no
 * threshold from where on z is given back: it is exact everywhere.
 *
 * Worst error: 0.5 ULP where beta is 1, for every input. One is decided by more digits than double has: at
 * 0x1.d483ap-12 the exact value is 2^-57 of itself from a tie. */
#include "smooth_constants.h"
#include <math.h>

INLINE f64_vec f32_softplus_in_f64(bool fuse, f64_vec z)
{
    const double *c = f32_log1p_series;
    f64_vec e = f32_exp(fuse, f64_neg(f64_min(f64_set1(210), f64_abs(z))));
    f64_vec s = f64_div(e, f64_add(f64_set1(2), e)), u = f64_max(f64_set1(0x1p-400), f64_mul(s, s)), u2 = f64_mul(u, u);
    f64_vec even = f64_set1(c[8]), odd = f64_set1(c[9]);
    for (int i = 6; i >= 0; i -= 2) {
        even = f64_madd(fuse, even, u2, f64_set1(c[i]));
        odd = f64_madd(fuse, odd, u2, f64_set1(c[i + 1]));
    }
    f64_vec y = f64_madd(fuse, s, f64_madd(fuse, odd, u, even), f64_max(f64_set1(0), z));
    mask stubborn = eq_64(f64_bits(z), f64_bits(f64_set1(0x1.d483ap-12)));
    return f64_pick(stubborn, f64_set1(0x1.6301790000001p-1), y);
}

INLINE f64_vec f32_softplus_of(f64_vec x) { return f32_softplus_in_f64(true, x); }
/* Where beta is 0 it is infinite, by a product: what fills up a vector is 0, and may raise no flag. */
INLINE f64_vec f32_softplus_with(f64_vec x, f64_vec beta)
{
    const f64_vec one = f64_set1(1);
    mask zero = eq_64(f64_bits(f64_abs(beta)), set1_64(0));
    f64_vec y = f64_div(f32_softplus_in_f64(false, f64_mul(x, beta)), f64_pick(zero, one, beta));
    return f64_mul(y, f64_pick(zero, f64_signed_as(f64_set1(INFINITY), beta), one));
}
INLINE f32_vec f32_softplus_function(f32_vec x, f32_vec beta, enum use use)
{
    return f32_is_one(beta) ? f32_by_doubles(f32_softplus_of, use, x)
                            : f32_by_doubles_with(f32_softplus_with, use, x, beta);
}
