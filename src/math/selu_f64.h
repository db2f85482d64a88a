/* selu, celu and their derivatives in float64; z is x / alpha.
 *
 *     selu(x)    = lambda x where x > 0,     lambda alpha expm1(x) where x <= 0
 *     selu'(x)     lambda                    lambda alpha e^x
 *     celu(x, a)   x                         a expm1(x / a)
 *     celu'(x, a)  1                         e^(x / a)
 *
 * in pairs, the constants too.
 *
 * Worst errors found among 8 10^6 points each, the largest computed by MPFR:
 *     selu        0.522 ULP at -0x1.1acdd632f6629p-6
 *     selu'       0.528 ULP at -0x1.28aea8672bb48p-1
 *     celu        0.517 ULP at -0x1.925d7d77d15fbp-6
 *     celu'       0.529 ULP at -0x1.63d4d945d744ap-6 */
#include "smooth_constants.h"

/* expm1(z) for z from -60 to 709; where that is z to twice the precision, 0 included, it is given as such */
INLINE struct twofold f64_expm1_pair(struct twofold z)
{
    mask curved = f64_lt(f64_set1(0x1p-110), f64_abs(z.high));
    struct twofold e;
    e.high = f64_expm1_parts(f64_select(curved, z.high, f64_set1(0)), z.low, &e.low);
    return twofold_select(curved, twofold_renewed(e.high, e.low), z);
}

INLINE f64_vec f64_selu_function(f64_vec x, enum use use)
{
    const f64_vec zero = f64_set1(0), linear = f64_set1(-0x1p-64);
    struct twofold scale = twofold_set1(SELU_LAMBDA_ALPHA, SELU_LAMBDA_ALPHA_REST);
    mask on = f64_lt(zero, x), curved = f64_lt(x, linear);
    struct twofold e = f64_expm1_pair(twofold_of(f64_max(f64_set1(-60), f64_min(linear, x))));
    f64_vec straight = f64_times_pair(f64_select(curved, linear, x),
                                      twofold_select(on, twofold_set1(SELU_LAMBDA, SELU_LAMBDA_REST), scale));
    return (void)use, f64_select(curved, twofold_rounded(twofold_mul(e, scale)), straight);
}

INLINE f64_vec f64_selu_slope(f64_vec x, enum use use)
{
    const f64_vec zero = f64_set1(0);
    struct twofold scale = twofold_set1(SELU_LAMBDA_ALPHA, SELU_LAMBDA_ALPHA_REST);
    struct twofold e = f64_exp_pair(f64_max(f64_set1(F64_TAIL), f64_min(zero, x)), zero);
    f64_vec off = f64_with_tail(twofold_rounded(twofold_mul(e, scale)), scale, twofold_of(x));
    return (void)use, f64_select(f64_lt(zero, x), f64_set1(SELU_LAMBDA), off);
}

/* x / alpha, and what is left where it counts. Where one of them is huge, or alpha tiny, both are scaled, and what would
 * overflow is cut, so that nothing does. */
INLINE struct twofold f64_celu_argument(f64_vec x, f64_vec alpha)
{
    const f64_vec huge = f64_set1(0x1p500), tiny = f64_set1(0x1p-500), one = f64_set1(1);
    if (f64_all_1(alpha)) {
        return twofold_of(x);
    }
    mask large = mask_or(f64_lt(huge, f64_abs(alpha)), f64_lt(huge, f64_abs(x))), small = f64_lt(f64_abs(alpha), tiny);
    if (__builtin_expect(mask_any(mask_or(large, small)), false)) {
        f64_vec most =
            f64_select(small, f64_set1(0x1p-100), f64_select(f64_lt(f64_abs(alpha), one), huge, f64_infinity()));
        x = f64_signed_as(f64_min(most, f64_abs(x)), x);
        f64_vec by = f64_select(small, f64_set1(0x1p600), f64_select(large, f64_set1(0x1p-500), one));
        x = f64_mul(x, by);
        alpha = f64_mul(alpha, by);
    }
    f64_vec z = f64_div(x, alpha);
    mask counts = mask_and(f64_lt(f64_set1(0x1p-60), f64_abs(z)), f64_lt(f64_abs(z), f64_set1(1500)));
    f64_vec divisor = f64_select(counts, alpha, one), quotient = f64_select(counts, z, one);
    struct twofold product = twofold_product(quotient, divisor);
    f64_vec left = f64_sub(f64_sub(f64_select(counts, x, one), product.high), product.low);
    return (struct twofold){z, f64_select(counts, f64_div(left, divisor), f64_set1(0))};
}

/* Beyond, expm1 is exp. */
#define F64_CELU_LARGE 45

INLINE f64_vec f64_celu_function(f64_vec x, f64_vec alpha, enum use use)
{
    const f64_vec one = f64_set1(1), zero = f64_set1(0), end = f64_set1(F64_CELU_LARGE);
    struct twofold z = f64_celu_argument(f64_min(zero, x), alpha);
    struct twofold e = f64_expm1_pair((struct twofold){f64_min(end, f64_max(f64_set1(-60), z.high)), z.low});
    /* Where z is small it is x, also where z underflows, if alpha is no infinity. */
    mask linear = mask_and(f64_lt(f64_abs(z.high), f64_set1(0x1p-60)), f64_lt(f64_abs(alpha), f64_infinity()));
    f64_vec off = f64_times_pair(f64_select(linear, one, alpha), e);
    mask on = f64_lt(zero, x), large = f64_lt(end, z.high); /* where x < 0, for a negative alpha */
    if (__builtin_expect(mask_any(large), false)) {
        mask endless = f64_lt(f64_set1(1500), z.high), within = f64_lt(z.high, f64_set1(1500));
        z = twofold_select(mask_and(large, within), z, twofold_set1(F64_CELU_LARGE, 0));
        f64_vec grown = f64_exp_times(twofold_of(f64_select(large, alpha, one)), z);
        f64_vec infinite = f64_mul(f64_select(endless, alpha, one), f64_infinity()); /* but if alpha is -0 */
        off = f64_select(large, f64_select(endless, infinite, grown), off);
    }
    return (void)use, f64_select(mask_or(on, linear), x, f64_signed_as(f64_abs(off), x));
}

INLINE f64_vec f64_celu_slope(f64_vec x, f64_vec alpha, enum use use)
{
    const f64_vec one = f64_set1(1), zero = f64_set1(0);
    struct twofold z = f64_celu_argument(f64_min(zero, x), alpha);
    mask on = f64_lt(zero, x), grows = f64_lt(f64_set1(700), z.high); /* for a negative alpha */
    f64_vec near = f64_min(f64_set1(700), f64_max(f64_set1(F64_TAIL), z.high));
    f64_vec off = f64_with_tail(twofold_rounded(f64_exp_pair(near, z.low)), twofold_set1(1, 0), z);
    if (__builtin_expect(mask_any(grows), false)) {
        z = twofold_select(grows, z, twofold_set1(0, 0));
        off = f64_select(grows, f64_exp_times(twofold_set1(1, 0), z), off);
    }
    return (void)use, f64_select(on, one, off);
}
