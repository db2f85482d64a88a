/* The fast parts of gelu, gelu_tanh and their derivatives, in sums of two floats.
 *
 *     gelu(x) = max(x, 0) - t e^(-t^2/2) R(t),   R(t) = Phi(-t) e^(t^2/2)                                t = |x|
 *     gelu_tanh(x) = x / (1 + e^-v),   v = 2 sqrt(2/pi) (x + 0.044715 x^3)
 *     gelu'(x) = s where x < 0, else 1 - s,   s = e^(-t^2/2) (R(t) - phi(0) t)
 *     gelu_tanh'(x) = s (1 + x v' (1 - s)),   s = 1 / (1 + e^-v)
 *
 * R = a0 + u (a1 + u (a2 + …)), u = t - c, about points c at which a0 = R(c) is nearly a float. Where a vector looks up one of 32 numbers
 * in registers (AVX-512) it is of degree 6, in 32 pieces, whose coefficients are looked up. Elsewhere it is a cubic about 1,217 nodes, of
 * which c and a0 are read from memory, and R' = t R - phi(0) gives the others:
 *
 *     a1 = c a0 - phi(0),   2 a2 = c a1 + a0,   6 a3 = 2 (c a2 + a1)
 *
 * Domain: |x| up to the ends below; the rest is in doubt. Error before the rounding, beside what the test of certainty allows
 * (tools/margins.py), AVX-512 and AVX2: gelu 0.88 at -0x1.47ac8p+2 and 0.87 at -0x1.1515e2p-2, gelu_tanh 0.42 and 0.70 at
 * -0x1.d8a00ep+1, gelu' 0.72 at 0x1.4436b2p-4 and 0.67 at -0x1.6f3b14p+1, gelu_tanh' 0.76 at -0x1.0c044p+3 and 0.78 at -0x1.0be86ap+3.
 *
 * Tried and left: a1 u within what is small, which takes two operations less and four times the margin; with AVX-512 the nodes, by gathers
 * (1.18 of the time on Zen 4) or by sixteen loads (1.0, where a gather is slow). */
#include "sigmoid_fast_f32.h"

#define GELU_FAST_MOST 9.5F
static const float GELU_MARGIN = FLOAT_TABLE == 32 ? 0x1.3p-7F : 0x1.4p-7F;
static const float GELU_TANH_ERROR = FLOAT_TABLE == 32 ? 0x1p-35F : 0x1.4p-32F;
/* the error of g, at most, beside 2 - g, as of silu' */
static const float GELU_TANH_SLOPE_ERROR = FLOAT_TABLE == 32 ? 0x1.2p-36F : 0x1.2p-32F;
static const float GELU_SLOPE_ERROR = FLOAT_TABLE == 32 ? 0x1.2p-34F : 0x1p-33F;

/* a0 + u (a1 + low) */
INLINE struct f32_sum f32_ratio_about(f32_vec u, f32_vec a0, f32_vec a1, f32_vec low)
{
    f32_vec high = f32_fused(u, a1, a0), lost = f32_fused(u, a1, f32_sub(a0, high));
    return (struct f32_sum){high, f32_fused(u, low, lost)};
}

/* Of the terms, a1 u is exact but for the rounding of a1; the rest of phi(0) counts as one of those that are small. */
INLINE struct f32_sum f32_ratio_by_nodes(f32_vec t)
{
    f32_vec c, a0;
    bits node = f32_bits(f32_add(t, f32_set1(0x1.8p23F / NODES)));
    f32_lookup_two(f32_normal_ratio, bits_and(node, set1_32(ROOM_OF_NODES - 1)), &c, &a0);
    f32_vec u = f32_sub(t, c), a1 = f32_fused_less(c, a0, f32_set1(NORMAL_DENSITY));
    f32_vec second = f32_fused(c, a1, a0), third = f32_fused(c, second, f32_add(a1, a1));
    f32_vec small = f32_fused(f32_mul(u, f32_set1(1 / 3.0F)), third, second);
    small = f32_fused(f32_mul(u, f32_set1(0.5F)), small, f32_set1(-NORMAL_DENSITY_REST));
    return f32_ratio_about(u, a0, a1, small);
}

/* The bits of 1 + RATIO_SCALE t tell the piece: the exponent, and three below it. a1 + u (a2 + …) is a sum of two. */
INLINE struct f32_sum f32_ratio_in_32(f32_vec t)
{
    const bits piece = shift_right_32(f32_bits(f32_fused(t, f32_set1(RATIO_SCALE), f32_set1(1))), 20);
    f32_vec u = f32_sub(t, f32_lookup(f32_normal_ratio_in_32.centre, piece));
    f32_vec p = f32_lookup(f32_normal_ratio_in_32.higher[RATIO_DEGREE - 2], piece);
    for (int k = RATIO_DEGREE - 3; k >= 0; k--) {
        p = f32_fused(p, u, f32_lookup(f32_normal_ratio_in_32.higher[k], piece));
    }
    f32_vec a1 = f32_lookup(f32_normal_ratio_in_32.slope, piece), slope = f32_fused(u, p, a1);
    f32_vec rest = f32_add(f32_fused(u, p, f32_sub(a1, slope)), f32_lookup(f32_normal_ratio_in_32.slope_rest, piece));
    return f32_ratio_about(u, f32_lookup(f32_normal_ratio_in_32.value, piece), slope, rest);
}

INLINE struct f32_sum f32_ratio(f32_vec t) { return FLOAT_TABLE == 32 ? f32_ratio_in_32(t) : f32_ratio_by_nodes(t); }

INLINE struct f32_sum f32_exp_less_half_square(f32_vec t)
{
    f32_vec half = f32_mul(t, f32_set1(0.5F)), square = f32_mul(t, half);
    return f32_exp_less_sum((struct f32_sum){square, f32_fused_less(t, half, square)});
}

/* begins with e^(-t^2/2), of which gelu and gelu' are made, and t, or NaN */
INLINE struct f32_begun f32_begin_normal(f32_vec x)
{
    f32_vec t = f32_up_to(f32_absolute(x), GELU_FAST_MOST);
    return f32_begun_by_three(f32_exp_less_half_square(t), t);
}

/* x where it is positive, else -0, less t e r: the first less the second, so that -0 keeps its sign */
INLINE struct f32_sum f32_positive_less(f32_vec x, f32_vec t, struct f32_sum e, struct f32_sum r)
{
    f32_vec positive = f32_positive_or_off(x);
    f32_vec part = f32_mul(t, e.high), part_rest = f32_fused(t, e.low, f32_fused_less(t, e.high, part));
    f32_vec high = f32_less_fused(part, r.high, positive), lost = f32_fused(part, r.high, f32_sub(high, positive));
    return (struct f32_sum){high, f32_fused(part_rest, f32_add(r.high, r.low), f32_fused(part, r.low, lost))};
}

/* what gelu goes on with, that difference, and what gelu' does, s, with the error that it may have */
struct f32_begun_gelu {
    struct f32_begun value, slope;
};

INLINE struct f32_begun_gelu f32_gelu_from_normal(f32_vec x, struct f32_begun of)
{
    f32_vec t = of.third, density = f32_set1(NORMAL_DENSITY);
    struct f32_sum r = f32_ratio(t);
    f32_vec product = f32_mul(t, density);
    f32_vec rest = f32_fused(t, f32_set1(NORMAL_DENSITY_REST), f32_fused_less(t, density, product));
    struct f32_sum g = f32_difference(r.high, product);
    g.low = f32_add(g.low, f32_sub(r.low, rest));
    f32_vec error = f32_mul(of.sum.high, f32_fused(t, f32_set1(GELU_SLOPE_ERROR), f32_set1(GELU_SLOPE_ERROR)));
    return (struct f32_begun_gelu){f32_begun_by(f32_positive_less(x, t, of.sum, r)),
                                   f32_begun_by_three(f32_product_of(of.sum, g), error)};
}

INLINE struct f32_begun f32_begin_gelu(f32_vec x) { return f32_gelu_from_normal(x, f32_begin_normal(x)).value; }
INLINE struct f32_begun f32_begin_gelu_slope(f32_vec x) { return f32_gelu_from_normal(x, f32_begin_normal(x)).slope; }

INLINE f32_vec f32_fast_gelu(f32_vec x, struct f32_begun of, mask *doubtful)
{
    (void)x;
    f32_vec y = f32_sub(of.sum.high, of.sum.low);
    *doubtful = f32_in_doubt(y, f32_sub(f32_sub(of.sum.high, y), of.sum.low), GELU_MARGIN);
    return y;
}

/* Of x, the sign alone is looked at. */
INLINE f32_vec f32_fast_gelu_slope(f32_vec x, struct f32_begun of, mask *doubtful)
{
    const bits sign = set1_32(INT32_MIN);
    bits turned = bits_xor(bits_and(f32_bits(x), sign), sign);
    f32_vec base = f32_zero_where(f32_has_sign(x), f32_set1(1));
    f32_vec high = f32_of_bits(bits_xor(f32_bits(of.sum.high), turned));
    f32_vec low = f32_of_bits(bits_xor(f32_bits(of.sum.low), turned));
    f32_vec q = f32_add(base, high), rest = f32_add(f32_sub(high, f32_sub(q, base)), low), y = f32_add(q, rest);
    *doubtful = f32_in_doubt_by(y, f32_add(f32_sub(q, y), rest), of.third);
    return y;
}

/* so far v is below 60 */
#define GELU_TANH_FAST_MOST 8.5F

/* x (2 sqrt(2/pi) + c x^2), the cubic coefficient c being the sum of two */
INLINE struct f32_sum f32_tanh_polynomial(f32_vec x, float c, float c_rest)
{
    f32_vec square = f32_mul(x, x), cubic = f32_set1(c), second = f32_mul(cubic, square);
    f32_vec rest = f32_fused(f32_set1(c_rest), square, f32_fused_less(cubic, square, second));
    rest = f32_fused(cubic, f32_fused_less(x, x, square), rest);
    struct f32_sum w = f32_sum_of(f32_set1(TANH_LINEAR), second);
    w.low = f32_add(w.low, f32_add(rest, f32_set1(TANH_LINEAR_REST)));
    f32_vec high = f32_mul(x, w.high);
    return (struct f32_sum){high, f32_fused(x, w.low, f32_fused_less(x, w.high, high))};
}

/* begins with e^-v, and x, or NaN, of which the derivative takes the square */
INLINE struct f32_begun f32_begin_gelu_tanh_slope(f32_vec x)
{
    x = f32_up_to(x, GELU_TANH_FAST_MOST);
    return f32_begun_by_three(f32_exp_less_sum(f32_tanh_polynomial(x, TANH_CUBIC, TANH_CUBIC_REST)), x);
}
INLINE struct f32_begun f32_begin_gelu_tanh(f32_vec x) { return f32_begun_by(f32_begin_gelu_tanh_slope(x).sum); }

INLINE f32_vec f32_fast_gelu_tanh(f32_vec x, struct f32_begun of, mask *doubtful)
{
    return f32_settled_quotient(x, f32_beside(of.sum, 1), GELU_TANH_ERROR, doubtful);
}

INLINE f32_vec f32_fast_gelu_tanh_slope(f32_vec x, struct f32_begun of, mask *doubtful)
{
    (void)x;
    struct f32_sum s = f32_inverse_of(f32_beside(of.sum, 1)), t = f32_one_less(s);
    struct f32_sum u = f32_tanh_polynomial(of.third, TANH_CUBIC_BY_3, TANH_CUBIC_BY_3_REST);
    struct f32_sum g = f32_one_and_product(u.high, t);
    g.low = f32_fused(u.low, t.high, g.low);
    return f32_gated_slope(s, g, GELU_TANH_SLOPE_ERROR, doubtful);
}
