/* softplus in float64; z is beta x.
 *
 *     softplus(z) = max(z, 0) + log1p(E),  log1p(E) = 2 s + s^3 M(s^2),  s = E / (2 + E)             E = e^-|z|
 *
 * s is a pair, M a polynomial of degree 12 on [0, 1/9]. Its derivative is sigmoid(z).
 *
 * Worst errors found among 8 10^6 points each, the largest computed by MPFR:
 *     softplus    0.590 ULP at 0x1.24e33f7621cd8p-15 */
#include "smooth_constants.h"

/* y / beta; `rounded` is what counts where y is infinite, or beta so large or small that quotients of pairs would not do */
INLINE f64_vec f64_over_beta(f64_vec rounded, struct twofold y, f64_vec beta, mask far)
{
    const f64_vec one = f64_set1(1);
    f64_vec scale = f64_abs(beta);
    if (f64_all_1(beta)) {
        return rounded;
    }
    mask ordinary = mask_and(f64_lt(f64_set1(0x1p-900), scale), f64_lt(scale, f64_set1(0x1p100)));
    y = twofold_select(far, twofold_of(one), twofold_renewed(y.high, y.low));
    f64_vec divided = twofold_rounded(twofold_quotient(y, twofold_of(f64_select(ordinary, beta, one))));
    /* Where beta is 0 it is infinite, by a product: what fills up a vector is 0, and may raise no flag. */
    mask infinite = eq_64(f64_bits(scale), set1_64(0));
    f64_vec other = f64_mul(rounded, f64_select(infinite, f64_signed_as(f64_infinity(), beta), one));
    other = f64_div(other, f64_select(mask_or(ordinary, infinite), one, beta));
    return f64_select(ordinary, divided, other);
}

INLINE f64_vec f64_softplus_function(f64_vec x, f64_vec beta, enum use use)
{
    const f64_vec zero = f64_set1(0), one = f64_set1(1);
    struct twofold z = f64_argument(x, beta), e = f64_exp_minus_magnitude(z);
    struct twofold s = twofold_quotient(e, twofold_add_1(f64_beside_1(e), f64_set1(2)));
    f64_vec bent = f64_select(f64_lt(f64_set1(0x1p-100), s.high), s.high, zero); /* so that no square underflows */
    f64_vec u = f64_mul(bent, bent), series = f64_set1(f64_log1p_series[12]);
    for (int i = 11; i >= 0; i--) {
        series = f64_add(f64_mul(series, u), f64_set1(f64_log1p_series[i]));
    }
    struct twofold cube = twofold_product(u, s.high);
    /* s.low counts times the derivative, 2 / (1 - s^2) */
    f64_vec slope = f64_add(f64_mul(f64_add(u, one), u), one);
    f64_vec rest = f64_add(f64_mul(f64_mul(f64_set1(2), s.low), slope), f64_mul(cube.high, series));
    /* Far above 0 it is z, of which nothing is to be taken away again where that is infinite. */
    mask above = f64_lt(zero, z.high), far = f64_lt(f64_set1(1000), z.high);
    struct twofold y =
        twofold_sum(f64_select(far, zero, f64_select(above, z.high, zero)), f64_mul(f64_set1(2), s.high));
    y.low = f64_add(y.low, f64_add(rest, f64_select(above, z.low, zero)));
    f64_vec result = f64_over_beta(f64_select(far, z.high, twofold_rounded(y)), y, beta, far);
    mask in_tail = f64_lt(z.high, f64_set1(F64_TAIL));
    if (__builtin_expect(mask_any(in_tail), false)) {
        /* Where beta is beyond 2^300 that is 0. */
        f64_vec divisor = f64_signed_as(f64_min(f64_set1(0x1p300), f64_abs(beta)), beta);
        divisor = f64_select(in_tail, divisor, one);
        result = f64_with_tail(result, twofold_quotient(twofold_set1(1, 0), twofold_of(divisor)), z);
    }
    /* z / beta is x, also where z overflows, if beta is no infinity */
    return (void)use, f64_select(mask_and(far, f64_lt(f64_abs(beta), f64_infinity())), x, result);
}
