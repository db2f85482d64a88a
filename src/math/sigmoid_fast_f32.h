/* The fast parts of sigmoid, silu and their derivatives: sums of two floats, of E = e^-x.
 *
 *     sigmoid(x)  = 1 / (1 + E)          sigmoid'(x) = s (1 - s),          s = sigmoid(-|x|)
 *     silu(x)     = x / (1 + E)          silu'(x)    = s (1 + x (1 - s)),  s = sigmoid(x)
 *
 * Beside its derivative sigmoid(x) is s or 1 - s.
 *
 * Domain: |x| up to the ends below; the rest is in doubt. Error before the rounding, beside what the test of certainty allows
 * (tools/margins.py), AVX-512 and AVX2: sigmoid 0.56 and 0.78 at -0x1.7e6c28p+1, silu 0.57 and 0.78 at -0x1.44558ap+2, sigmoid' 0.56
 * and 0.58 at 0x1.936b58p+3, silu' 0.67 at -0x1.7ef2d6p+3 and 0.54; sigmoid beside its derivative 0.62 and 0.81. */
#ifndef RELU_UFUNC_SIGMOID_FAST_F32_H
#define RELU_UFUNC_SIGMOID_FAST_F32_H

#include "pair_f32.h"

#define SIGMOID_FAST_MOST 16.5F /* 1 + E is a sum of two that far down */
static const float SIGMOID_BESIDE_MARGIN = FLOAT_TABLE == 32 ? 0x1.2p-11F : 0x1.8p-8F;
static const float SIGMOID_ERROR = FLOAT_TABLE == 32 ? 0x1.8p-36F : 0x1p-32F;
static const float SIGMOID_SLOPE_MARGIN = FLOAT_TABLE == 32 ? 0x1.4p-11F : 0x1.2p-7F;

/* the error of g = 1 + x (1 - s), at most, beside 2 - g: it grows with |g| where x < 0, and g = 0 where x = -1.278 */
static const float SILU_SLOPE_ERROR = FLOAT_TABLE == 32 ? 0x1p-36F : 0x1.2p-32F;

/* begins with 1 + e^-x */
INLINE struct f32_begun f32_begin_sigmoid(f32_vec x)
{
    return f32_begun_by(f32_one_and_exp_less(x, f32_up_to(x, SIGMOID_FAST_MOST)));
}

INLINE f32_vec f32_fast_sigmoid(f32_vec x, struct f32_begun of, mask *doubtful)
{
    (void)x;
    return f32_settled_inverse(of.sum, SIGMOID_ERROR, doubtful);
}

/* begins with 1 + e^|x|, as the derivative does, which is even */
INLINE struct f32_begun f32_begin_sigmoid_slope(f32_vec x)
{
    x = f32_of_bits(bits_or(f32_bits(x), set1_32(INT32_MIN)));
    return f32_begun_by(f32_one_and_exp_less(x, f32_up_to(x, SIGMOID_FAST_MOST)));
}

/* s - s^2: of the two the difference is exact but for what is rounded of s^2, since s <= 1/2 */
INLINE f32_vec f32_fast_sigmoid_slope(f32_vec x, struct f32_begun of, mask *doubtful)
{
    (void)x;
    struct f32_sum s = f32_inverse_of(of.sum);
    f32_vec high = f32_less_fused(s.high, s.high, s.high), lost = f32_less_fused(s.high, s.high, f32_sub(s.high, high));
    f32_vec slope = f32_less_fused(f32_set1(2), s.high, f32_set1(1));
    struct f32_sum y = f32_sum_of_larger(high, f32_fused(slope, s.low, lost));
    *doubtful = f32_in_doubt(y.high, y.low, SIGMOID_SLOPE_MARGIN);
    return y.high;
}

/* sigmoid, of what its derivative begins with */
INLINE f32_vec f32_fast_sigmoid_beside(f32_vec x, struct f32_begun of, mask *doubtful)
{
    struct f32_sum s = f32_inverse_of(of.sum), less = f32_one_less(s);
    mask off = f32_has_sign(x);
    struct f32_sum y = f32_sum_of_larger(f32_select(off, s.high, less.high), f32_select(off, s.low, less.low));
    *doubtful = f32_in_doubt(y.high, y.low, SIGMOID_BESIDE_MARGIN);
    return y.high;
}

/* silu and its derivative begin as sigmoid does. */
INLINE f32_vec f32_fast_silu(f32_vec x, struct f32_begun of, mask *doubtful)
{
    return f32_settled_quotient(x, of.sum, SIGMOID_ERROR, doubtful);
}

/* 1 + x t; 2^-60 is added so that no product underflows */
INLINE struct f32_sum f32_one_and_product(f32_vec x, struct f32_sum t)
{
    const f32_vec one = f32_set1(1), small = f32_set1(0x1p-60F);
    f32_vec high = f32_add(f32_fused(x, t.high, small), one); /* 1 - high is exact */
    return (struct f32_sum){high, f32_fused(x, t.low, f32_fused(x, t.high, f32_add(f32_sub(one, high), small)))};
}

/* s g, rounded, and whether that is not certain where g may miss by `error` (2 - g). So are the derivatives of x s(v), where s is
 * a sigmoid and g = 1 + x v' (1 - s), which may be 0, and is large where it is negative. */
INLINE f32_vec f32_gated_slope(struct f32_sum s, struct f32_sum g, float error, mask *doubtful)
{
    f32_vec missed = f32_less_fused(g.high, f32_set1(error), f32_set1(2 * error));
    return f32_settled_by(f32_product_of_rounded(g, s), missed, s.high, doubtful);
}

/* Products with x, which may underflow, are added to what is not small. */
INLINE f32_vec f32_fast_silu_slope(f32_vec x, struct f32_begun of, mask *doubtful)
{
    struct f32_sum s = f32_inverse_of(of.sum);
    return f32_gated_slope(s, f32_one_and_product(x, f32_one_less(s)), SILU_SLOPE_ERROR, doubtful);
}

#endif
