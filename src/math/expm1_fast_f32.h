/* The fast parts of elu, selu, celu and their derivatives: sums of two floats, of expm1 and exp.
 *
 *     e^-t     = T (1 - h + s)           T, h and s as in pair_f32.h                                        t = |x|
 *     expm1(-t) = (T - 1) - T h + T s
 *
 * T - 1 may be rounded where T < 1/2: what that takes is kept. The error is that of s, which is in proportion to T s, and a
 * few of 2^-48 of the result; near 0, where T is 1 and s is t^2 / 2, nothing cancels.
 *
 * Domain: |x| from 2^-40 up to the ends below, and 0; the rest is in doubt. Error before the rounding, beside what the test of
 * certainty allows (tools/margins.py), AVX-512 and AVX2: expm1 0.56 at -0x1.c14566p-7 and 0.48; exp 0.64 and 0.88 at
 * -0x1.ddf2f8p+5; selu' 0.80 at -0x1.51d266p+5 and 0.79. */
#include "pair_f32.h"

#define EXPM1_FAST_LEAST 0x1p-40F /* below, 2^-100 of T s would count */
#define EXPM1_SATURATED 32 /* expm1(-32) is within 2^-46 of -1 */
#define EXP_FAST_MOST 60.0F
#define SELU_FAST_MOST 0x1p126F
#define EXPM1_OF_SMALL 0x1p-21F
#define EXPM1_OF_RESULT 0x1p-40F /* more than s has where it is negative */
static const float EXP_MARGIN = FLOAT_TABLE == 32 ? 0x1.8p-11F : 0x1.2p-7F;

/* expm1(-t), and the error that it may have */
INLINE struct f32_begun f32_expm1_less(f32_vec t)
{
    const f32_vec one = f32_set1(1);
    struct f32_reduced x = f32_reduce(t);
    f32_vec small = f32_mul(x.power, f32_exp_small(x)), less = f32_sub(x.power, one);
    f32_vec lost = f32_sub(x.power, f32_add(less, one));
    f32_vec high = f32_less_fused(x.power, x.high, less);
    f32_vec rest = f32_less_fused(x.power, x.high, f32_sub(less, high));
    struct f32_sum y = {high, f32_add(f32_add(rest, lost), small)};
    f32_vec error = f32_fused(small, f32_set1(EXPM1_OF_SMALL), f32_mul(high, f32_set1(-EXPM1_OF_RESULT)));
    return f32_begun_by_three(y, error);
}

/* expm1, for x <= 0 */
INLINE f32_vec f32_fast_expm1_off(f32_vec x, mask *doubtful)
{
    f32_vec t = f32_absolute(f32_max(x, f32_set1(-EXPM1_SATURATED)));
    struct f32_begun of = f32_expm1_less(f32_max(t, f32_set1(EXPM1_FAST_LEAST)));
    mask large = gt_32(f32_magnitude(x), f32_bits(f32_set1(0x1p-26F))); /* the rest gives x */
    mask close;
    f32_vec y = f32_settled_within(of.sum, of.third, &close);
    *doubtful = mask_and(large, close);
    return f32_select(large, y, x);
}

/* e^x for x <= 0 */
INLINE struct f32_sum f32_exp_of_off(f32_vec x)
{
    f32_vec t = f32_up_to(f32_absolute(x), EXP_FAST_MOST);
    return f32_exp_less(t, t);
}

INLINE f32_vec f32_fast_exp_off(f32_vec x, mask *doubtful)
{
    struct f32_sum e = f32_exp_of_off(x), y = f32_sum_of_larger(e.high, e.low);
    *doubtful = f32_in_doubt(y.high, y.low, EXP_MARGIN);
    return y.high;
}

/* selu and celu begin with expm1(-|x|), whether x is off or not */

INLINE struct f32_begun f32_begin_expm1(f32_vec x, float most)
{
    f32_vec t = f32_select(f32_is_beyond(x, EXPM1_SATURATED), f32_set1(EXPM1_SATURATED), f32_absolute(x));
    struct f32_begun of = f32_expm1_less(f32_nan_where(f32_is_tiny(t, EXPM1_FAST_LEAST), t));
    of.third = f32_nan_where(f32_is_beyond(x, most), of.third);
    return of;
}

INLINE struct f32_begun f32_begin_celu(f32_vec x) { return f32_begin_expm1(x, INFINITY); }
INLINE struct f32_begun f32_begin_selu(f32_vec x) { return f32_begin_expm1(x, SELU_FAST_MOST); }

/* x, but a quiet NaN where the error is NaN */
INLINE f32_vec f32_in_range(f32_vec x, struct f32_begun of)
{
    return f32_select(f32_differ(of.third, of.third), of.third, x);
}

INLINE f32_vec f32_fast_celu(f32_vec x, struct f32_begun of, mask *doubtful)
{
    mask off = f32_is_below_zero(x);
    x = f32_in_range(x, of);
    f32_vec high = f32_select(off, of.sum.high, x), low = f32_select(off, of.sum.low, f32_set1(-0.0F));
    return f32_settled_within((struct f32_sum){high, low}, of.third, doubtful);
}

/* c x, of which c is a sum */
INLINE struct f32_sum f32_multiple_of(f32_vec x, float high, float rest)
{
    f32_vec y = f32_mul(x, f32_set1(high));
    return (struct f32_sum){y, f32_fused(x, f32_set1(rest), f32_fused_less(x, f32_set1(high), y))};
}

INLINE f32_vec f32_fast_selu(f32_vec x, struct f32_begun of, mask *doubtful)
{
    mask off = f32_is_below_zero(x);
    x = f32_in_range(x, of);
    struct f32_sum on = f32_multiple_of(x, SELU_ON, SELU_ON_REST);
    struct f32_sum y = f32_multiple_of(of.sum.high, SELU_OFF, SELU_OFF_REST);
    y.low = f32_fused(of.sum.low, f32_set1(SELU_OFF), y.low);
    y = (struct f32_sum){f32_select(off, y.high, on.high), f32_select(off, y.low, on.low)};
    f32_vec error = f32_fused(of.third, f32_set1(2), f32_mul(f32_absolute(y.high), f32_set1(EXPM1_OF_RESULT)));
    return f32_signed_as(x, f32_settled_within(y, error, doubtful));
}

/* their derivatives with e^x, where x is off */

INLINE struct f32_begun f32_begin_exp_off(f32_vec x)
{
    return f32_begun_by(f32_exp_of_off(f32_select(f32_is_negative(x), x, f32_zero())));
}

INLINE f32_vec f32_fast_slope(f32_vec x, struct f32_sum y, float on, mask *doubtful)
{
    y = f32_sum_of_larger(y.high, y.low);
    mask off = mask_or(f32_is_negative(x), f32_is_zero(x)),
         close = mask_and(off, f32_in_doubt(y.high, y.low, EXP_MARGIN));
    *doubtful = mask_or(f32_is_nan(x), close);
    return f32_select(off, y.high, f32_set1(on));
}

INLINE f32_vec f32_fast_celu_slope(f32_vec x, struct f32_begun of, mask *doubtful)
{
    return f32_fast_slope(x, of.sum, 1, doubtful);
}

INLINE f32_vec f32_fast_selu_slope(f32_vec x, struct f32_begun of, mask *doubtful)
{
    struct f32_sum y = f32_multiple_of(of.sum.high, SELU_OFF, SELU_OFF_REST);
    y.low = f32_fused(of.sum.low, f32_set1(SELU_OFF), y.low);
    return f32_fast_slope(x, y, SELU_ON, doubtful);
}
