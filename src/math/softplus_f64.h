/* softplus in float64; z is beta x.
 *
 *     softplus(z) = max(z, 0) + log1p(E),  log1p(E) = 2 s + s^3 M(s^2),  s = E / (2 + E)             E = e^-|z|
 *
 * s is a pair, M a polynomial of degree 12 on [0, 1/9]. Its derivative is sigmoid(z).
 *
 * Worst errors found among 8 10^6 points each, the largest computed by MPFR:
 *     softplus    0.590 ULP at 0x1.a7cbb1f46a68fp-11 */
#include "smooth_constants.h"

/* y / beta, and x where that is far up, unless beta is infinite; `rounded` is what counts where y is infinite, or beta so large or
 * small that quotients of pairs would not do */
INLINE f64_vec f64_over_beta(f64_vec rounded, struct twofold y, f64_vec x, f64_vec beta, mask far)
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
    other = f64_select(ordinary, divided, other);
    return f64_select(mask_and(far, f64_lt(scale, f64_infinity())), x, other);
}

/* M(u): four coefficients at a time, so that less waits for what comes before; the first is added last, for its rounding counts */
INLINE f64_vec f64_log1p_two(int i, f64_vec u)
{
    return f64_add(f64_mul(f64_set1(f64_log1p_series[i + 1]), u), f64_set1(f64_log1p_series[i]));
}

INLINE f64_vec f64_log1p_rest(f64_vec u)
{
    f64_vec square = f64_mul(u, u), fourth = f64_mul(square, square), y = f64_set1(0);
    for (int i = 9; i > 0; i -= 4) {
        f64_vec four = f64_add(f64_mul(f64_log1p_two(i + 2, u), square), f64_log1p_two(i, u));
        y = i == 9 ? four : f64_add(f64_mul(y, fourth), four);
    }
    return f64_add(f64_mul(y, u), f64_set1(f64_log1p_series[0]));
}

INLINE f64_vec f64_softplus_function(f64_vec x, f64_vec beta, enum use use)
{
    const f64_vec zero = f64_set1(0), one = f64_set1(1), two = f64_set1(2);
    struct twofold z = f64_argument(x, beta);
    mask above = f64_lt(zero, z.high), far = f64_lt(f64_set1(-F64_TAIL), z.high); /* far above 0 it is z */
    f64_vec near = f64_near_0(z.high);
    struct twofold e = f64_exp_in_parts(f64_neg(f64_abs(near)), f64_select(above, f64_neg(z.low), z.low));
    /* Where E does not count beside 2, products of it might underflow. */
    mask counts = f64_lt(f64_set1(0x1p-100), e.high);
    struct twofold d = f64_plus_parts(two, twofold_select(counts, e, twofold_set1(0, 0)));
    struct twofold s = twofold_quotient(twofold_renewed(e.high, e.low), d);
    f64_vec bent = f64_select(counts, s.high, zero), u = f64_mul(bent, bent);
    struct twofold cube = twofold_product(u, bent);
    f64_vec rest = f64_add(f64_mul(cube.high, f64_log1p_rest(u)), f64_mul(cube.low, f64_set1(f64_log1p_series[0])));
    /* s.low counts times the derivative, 2 / (1 - u) */
    f64_vec slope = f64_add(f64_mul(f64_add(f64_mul(two, u), two), u), two);
    rest = f64_add(f64_mul(s.low, slope), rest);
    struct twofold y = twofold_sum(f64_max(zero, near), f64_mul(two, s.high));
    y.low = f64_add(y.low, f64_add(rest, f64_select(above, z.low, zero)));
    f64_vec result = f64_over_beta(f64_select(far, z.high, twofold_rounded(y)), y, x, beta, far);
    mask in_tail = f64_lt(z.high, f64_set1(F64_TAIL));
    if (__builtin_expect(mask_any(in_tail), false)) {
        /* Where beta is beyond 2^300 that is 0. */
        f64_vec divisor = f64_signed_as(f64_min(f64_set1(0x1p300), f64_abs(beta)), beta);
        divisor = f64_select(in_tail, divisor, one);
        result = f64_with_tail(result, twofold_quotient(twofold_set1(1, 0), twofold_of(divisor)), z);
    }
    return (void)use, result;
}
