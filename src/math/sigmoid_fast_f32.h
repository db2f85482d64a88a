/* The fast parts of sigmoid, silu and their derivatives: sums of two floats, of E = e^-x.
 *
 *     sigmoid(x)  = 1 / (1 + E)          sigmoid'(x) = E / (1 + E)^2
 *     silu(x)     = x / (1 + E)          silu'(x)    = (1 + E (1 + x)) / (1 + E)^2
 *
 * Domain: |x| up to the ends below; the rest is in doubt. Error before the rounding, beside what the test of certainty allows
 * (tools/margins.py), AVX-512 and AVX2: sigmoid 0.50 and 0.73 at -0x1.eafa1ap+2, silu 0.52 and 0.79 at -0x1.4a2cbap+2, sigmoid' 0.67
 * at -0x1.d4363p+3 and 0.75 at -0x1.eaca62p+2, silu' 0.64 at -0x1.e0ff6cp+1 and 0.61. */
#include "pair_f32.h"

/* 1 + E, and 1 + E (1 + x), are sums of two that far down */
#define SIGMOID_FAST_MOST 16.5F
#define SILU_SLOPE_FAST_MOST 13.0F
static const float SIGMOID_MARGIN = FLOAT_TABLE == 32 ? 0x1.8p-11F : 0x1p-7F;
static const float SIGMOID_SLOPE_MARGIN = FLOAT_TABLE == 32 ? 0x1p-10F : 0x1p-6F;

/* silu' near its root, where the numerator cancels: with a larger margin, and then all in doubt */
static const float SILU_SLOPE_NEAR = FLOAT_TABLE == 32 ? 0.5F : 1;
static const float SILU_SLOPE_NEAR_MARGIN = FLOAT_TABLE == 32 ? 0x1p-5F : 0x1.8p-4F;
static const float SILU_SLOPE_CANCELLED = FLOAT_TABLE == 32 ? 0x1p-6F : 0x1p-4F;

INLINE struct f32_begun f32_begin_sigmoid(f32_vec x)
{
    x = f32_up_to(x, SIGMOID_FAST_MOST);
    return (struct f32_begun){x, f32_exp_less(x)};
}

INLINE f32_vec f32_fast_sigmoid(f32_vec x, struct f32_begun of, mask *doubtful)
{
    (void)x;
    struct f32_sum y = f32_quotient_of(f32_set1(1), f32_one_more(of.e));
    *doubtful = f32_in_doubt(y.high, y.low, SIGMOID_MARGIN);
    return y.high;
}

INLINE f32_vec f32_fast_sigmoid_slope(f32_vec x, struct f32_begun of, mask *doubtful)
{
    (void)x;
    struct f32_sum y = f32_sum_quotient_of(of.e, f32_square_of(f32_one_more(of.e)));
    *doubtful = f32_in_doubt(y.high, y.low, SIGMOID_SLOPE_MARGIN);
    return y.high;
}

INLINE struct f32_begun f32_begin_silu(f32_vec x)
{
    x = f32_within(x, FAST_LEAST, SIGMOID_FAST_MOST);
    return (struct f32_begun){x, f32_exp_less(x)};
}

INLINE f32_vec f32_fast_silu(f32_vec x, struct f32_begun of, mask *doubtful)
{
    (void)x;
    struct f32_sum y = f32_quotient_of(of.x, f32_one_more(of.e));
    *doubtful = f32_in_doubt(y.high, y.low, SIGMOID_MARGIN);
    return y.high;
}

INLINE struct f32_begun f32_begin_silu_slope(f32_vec x)
{
    x = f32_within(x, FAST_LEAST, SILU_SLOPE_FAST_MOST);
    return (struct f32_begun){x, f32_exp_less(x)};
}

INLINE f32_vec f32_fast_silu_slope(f32_vec x, struct f32_begun of, mask *doubtful)
{
    (void)x;
    struct f32_sum more = f32_one_more((struct f32_sum){of.x, f32_zero()});
    struct f32_sum n = f32_one_more(f32_product_of(of.e, more));
    struct f32_sum y = f32_sum_quotient_of(n, f32_square_of(f32_one_more(of.e)));
    mask near = gt_32(f32_bits(f32_set1(SILU_SLOPE_NEAR)), f32_magnitude(n.high));
    mask cancelled = gt_32(f32_bits(f32_set1(SILU_SLOPE_CANCELLED)), f32_magnitude(n.high));
    mask close = f32_in_doubt_where(near, y.high, y.low, SILU_SLOPE_NEAR_MARGIN, SIGMOID_SLOPE_MARGIN);
    *doubtful = mask_or(cancelled, close);
    return y.high;
}
