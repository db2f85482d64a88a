/* The fast parts of sigmoid, silu and their derivatives: sums of two floats, of E = e^-x.
 *
 *     sigmoid(x)  = 1 / (1 + E)          sigmoid'(x) = E / (1 + E)^2
 *     silu(x)     = x / (1 + E)          silu'(x)    = (1 + E (1 + x)) / (1 + E)^2
 *
 * Domain: |x| up to the ends below; the rest is in doubt, and of N(0, 9) with AVX-512 and AVX2 as well one in 2,000 and 170 of
 * sigmoid and silu. Error before the rounding: within the margins, for every input (relu-ufunc check). Half of them is too little
 * for sigmoid at -0x1.f25c82p+2 and -0x1.cc3edcp+1 with 32 and 8 powers, for silu at -0x1.b881b8p+2 with 8, for silu' at
 * -0x1.3e534ep+0 with 32. */
#include "pair_f32.h"

/* 1 + E, and 1 + E (1 + x), are sums of two that far down */
#define SIGMOID_FAST_MOST 16.5F
#define SILU_SLOPE_FAST_MOST 13.0F
static const float SILU_SLOPE_CANCELLED = FLOAT_TABLE == 32 ? 0.125F : 0.25F;
static const float SIGMOID_MARGIN = FLOAT_TABLE == 32 ? 0x1p-11F : 0x1.8p-8F;
static const float SIGMOID_SLOPE_MARGIN = FLOAT_TABLE == 32 ? 0x1p-9F : 0x1.8p-6F;

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

/* Near the root, where the numerator cancels, all is in doubt. */
INLINE f32_vec f32_fast_silu_slope(f32_vec x, struct f32_begun of, mask *doubtful)
{
    (void)x;
    struct f32_sum more = f32_one_more((struct f32_sum){of.x, f32_zero()});
    struct f32_sum n = f32_one_more(f32_product_of(of.e, more));
    struct f32_sum y = f32_sum_quotient_of(n, f32_square_of(f32_one_more(of.e)));
    mask cancelled = gt_32(f32_bits(f32_set1(SILU_SLOPE_CANCELLED)), f32_magnitude(n.high));
    *doubtful = mask_or(cancelled, f32_in_doubt(y.high, y.low, SIGMOID_SLOPE_MARGIN));
    return y.high;
}
