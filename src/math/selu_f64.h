/* selu, celu and their derivatives in float64; z is x / alpha.
 *
 *     selu(x)    = lambda x where x > 0,     lambda alpha expm1(x) where x <= 0
 *     selu'(x)     lambda                    lambda alpha e^x
 *     celu(x, a)   x                         a expm1(x / a)
 *     celu'(x, a)  1                         e^(x / a)
 *
 * in pairs, the constants too. */
#include "smooth_constants.h"

/* expm1(x) for x from -38 to 709; where that is x to twice the precision, 0 included, it is given as such */
INLINE struct twofold f64_expm1_pair(f64_vec x)
{
    mask curved = f64_lt(f64_set1(0x1p-110), f64_abs(x));
    struct twofold e;
    e.high = f64_expm1_parts(f64_select(curved, x, f64_set1(0)), &e.low);
    return twofold_select(curved, twofold_renewed(e.high, e.low), twofold_of(x));
}

INLINE f64_vec f64_selu_function(f64_vec x, enum use use)
{
    const f64_vec zero = f64_set1(0), linear = f64_set1(-0x1p-64);
    struct twofold scale = twofold_set1(SELU_LAMBDA_ALPHA, SELU_LAMBDA_ALPHA_REST);
    mask on = f64_lt(zero, x), curved = f64_lt(x, linear);
    struct twofold e = f64_expm1_pair(f64_max(f64_set1(-38), f64_min(linear, x)));
    f64_vec straight = f64_times_pair(f64_select(curved, linear, x),
                                      twofold_select(on, twofold_set1(SELU_LAMBDA, SELU_LAMBDA_REST), scale));
    return (void)use, f64_select(curved, twofold_rounded(twofold_mul(e, scale)), straight);
}

INLINE f64_vec f64_selu_slope(f64_vec x, enum use use)
{
    const f64_vec zero = f64_set1(0);
    struct twofold scale = twofold_set1(SELU_LAMBDA_ALPHA, SELU_LAMBDA_ALPHA_REST);
    struct twofold e = f64_exp_pair(f64_max(f64_set1(F64_TAIL), f64_min(zero, x)), zero);
    f64_vec off = f64_with_tail(twofold_rounded(twofold_mul(e, scale)), f64_set1(SELU_LAMBDA_ALPHA), x);
    return (void)use, f64_select(f64_lt(zero, x), f64_set1(SELU_LAMBDA), off);
}

/* x / alpha, and what is left where it counts */
INLINE struct twofold f64_celu_argument(f64_vec x, f64_vec alpha)
{
    f64_vec z = f64_div(x, alpha), one = f64_set1(1), magnitude = f64_abs(z), scale = f64_abs(alpha);
    mask counts = mask_and(f64_lt(f64_set1(0x1p-60), magnitude), f64_lt(magnitude, f64_set1(1500)));
    counts = mask_and(counts, mask_and(f64_lt(f64_set1(0x1p-500), scale), f64_lt(scale, f64_set1(0x1p500))));
    f64_vec divisor = f64_select(counts, alpha, one), quotient = f64_select(counts, z, one);
    struct twofold product = twofold_product(quotient, divisor);
    f64_vec left = f64_sub(f64_sub(f64_select(counts, x, one), product.high), product.low);
    return (struct twofold){z, f64_select(counts, f64_div(left, divisor), f64_set1(0))};
}

/* e^(z + low) from F64_TAIL on, in parts where z > 700: e^(z - 700) and e^700, or 1 */
INLINE f64_vec f64_celu_exp(struct twofold z, f64_vec *second)
{
    const f64_vec step = f64_set1(700);
    mask large = f64_lt(step, z.high);
    f64_vec first = f64_select(large, f64_sub(f64_select(large, z.high, step), step), z.high);
    first = f64_min(f64_set1(709), f64_max(f64_set1(F64_TAIL), first));
    *second = f64_select(large, f64_set1(F64_EXP_700), f64_set1(1));
    return twofold_rounded(f64_exp_pair(first, z.low));
}

INLINE f64_vec f64_celu_function(f64_vec x, f64_vec alpha, enum use use)
{
    const f64_vec one = f64_set1(1);
    struct twofold z = f64_celu_argument(x, alpha);
    struct twofold e = f64_expm1_pair(f64_min(f64_set1(38), f64_max(f64_set1(-38), z.high)));
    /* Where z is small it is x, also where z underflows, if alpha is no infinity. */
    mask linear = mask_and(f64_lt(f64_abs(z.high), f64_set1(0x1p-60)), f64_lt(f64_abs(alpha), f64_infinity()));
    f64_vec off = f64_mul(f64_select(linear, one, alpha), twofold_rounded(e));
    mask on = f64_lt(f64_set1(0), x), large = f64_lt(f64_set1(38), z.high); /* where x < 0, for a negative alpha */
    if (__builtin_expect(mask_any(large), false)) {
        f64_vec second, first = f64_celu_exp(z, &second), infinity = f64_infinity();
        first = f64_select(f64_lt(f64_set1(1454), z.high), infinity, first); /* whatever alpha is, but -0 */
        f64_vec product = f64_mul(f64_select(large, alpha, one), f64_select(large, first, one));
        off = f64_select(large, f64_mul(product, f64_select(large, second, one)), off);
    }
    return (void)use, f64_select(mask_or(on, linear), x, f64_signed_as(f64_abs(off), x));
}

INLINE f64_vec f64_celu_slope(f64_vec x, f64_vec alpha, enum use use)
{
    struct twofold z = f64_celu_argument(x, alpha);
    f64_vec second, first = f64_celu_exp(z, &second);
    f64_vec off = f64_with_tail(f64_mul(first, second), f64_set1(1), z.high);
    return (void)use, f64_select(f64_lt(f64_set1(0), x), f64_set1(1), off);
}
