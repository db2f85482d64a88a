/* The fast parts of softplus and mish, in sums of two floats.
 *
 *     softplus(x) = max(x, 0) + log1p(e)                                                                e = e^-|x|
 *         log1p(e) = -log(c) + log1p(r),  r = c e + (c - 1),   c near 1 / (1 + e) from a table
 *     mish(x)     = x n / (n + 2),  n = E (E + 2)                                                       E = e^x
 *
 * log1p(r) = (r - r^2/2) + r^3 P(r), of which the first two are a sum of two. Where e is small, c is 1 and r is e: nothing cancels.
 * The c are such that their logarithms are nearly floats.
 *
 * Domain: |x| up to the ends below; the rest is in doubt. Error before the rounding, beside what the test of certainty allows
 * (tools/margins.py), AVX-512 and AVX2: softplus 0.76 and 0.82 at -0x1.60a11cp+1, mish 0.77 and 0.80 at -0x1.f0a58cp+2. */
#include "pair_f32.h"

enum { LOG_DEGREE = FLOAT_TABLE == 32 ? 3 : 5 };
#define SOFTPLUS_FAST_MOST 34.0F /* from where on the rest of e^2 underflows */
#define MISH_FAST_MOST 16.5F
static const float SOFTPLUS_MARGIN = FLOAT_TABLE == 32 ? 0x1p-10F : 0x1.4p-6F;
static const float MISH_MARGIN = FLOAT_TABLE == 32 ? 0x1.4p-11F : 0x1.2p-7F;

INLINE const struct pair_logarithm *f32_logarithms(void)
{
    return FLOAT_TABLE == 32 ? &f32_pair_log_of_32 : &f32_pair_log_of_8;
}

/* log(1 + e), for 0 <= e <= 1 */
INLINE struct f32_sum f32_log1p_of(struct f32_sum e)
{
    const struct pair_logarithm *of = f32_logarithms();
    const f32_vec half = f32_set1(0.5F), one = f32_set1(1);
    e = f32_sum_of_larger(e.high, e.low);
    bits i = f32_bits(f32_fused(e.high, f32_set1(of->steps), f32_set1(0x1.8p23F)));
    f32_vec c = f32_lookup(of->inverse, i), log = f32_lookup(of->logarithm, i);
    f32_vec product = f32_mul(e.high, c), r = f32_add(product, f32_sub(c, one));
    f32_vec rest = f32_fused(e.low, c, f32_fused_less(e.high, c, product));
    f32_vec p = f32_set1(of->series[LOG_DEGREE]);
    for (int k = LOG_DEGREE - 1; k >= 0; k--) {
        p = f32_fused(p, r, f32_set1(of->series[k]));
    }
    f32_vec halved = f32_mul(r, half), square = f32_mul(r, r), high = f32_less_fused(halved, r, r);
    f32_vec low = f32_fused(square, f32_mul(p, r), f32_less_fused(r, rest, rest));
    struct f32_sum y = {high, f32_add(f32_less_fused(halved, r, f32_sub(r, high)), low)};
    struct f32_sum sum = f32_sum_of_larger(log, y.high);
    return (struct f32_sum){sum.high, f32_add(sum.low, y.low)};
}

INLINE struct f32_begun f32_begin_softplus(f32_vec x)
{
    x = f32_absolute(x);
    return f32_begun_by(f32_exp_less(x, f32_up_to(x, SOFTPLUS_FAST_MOST)));
}

INLINE f32_vec f32_fast_softplus(f32_vec x, struct f32_begun of, mask *doubtful)
{
    struct f32_sum log = f32_log1p_of(of.sum);
    struct f32_sum y = f32_sum_of(f32_positive_or_off(x), log.high);
    y = f32_sum_of_larger(y.high, f32_add(y.low, log.low));
    *doubtful = f32_in_doubt(y.high, y.low, SOFTPLUS_MARGIN);
    return y.high;
}

INLINE struct f32_begun f32_begin_mish(f32_vec x)
{
    x = f32_of_bits(bits_xor(f32_bits(x), set1_32(INT32_MIN)));
    return f32_begun_by(f32_exp_less(x, f32_up_to(x, MISH_FAST_MOST)));
}

INLINE f32_vec f32_fast_mish(f32_vec x, struct f32_begun of, mask *doubtful)
{
    struct f32_sum n = f32_product_of(of.sum, f32_more(of.sum, 2));
    f32_vec high = f32_mul(x, n.high);
    struct f32_sum of_x = {high, f32_fused(x, n.low, f32_fused_less(x, n.high, high))};
    struct f32_sum y = f32_sum_quotient_of(of_x, f32_beside(n, 2));
    *doubtful = f32_in_doubt(y.high, y.low, MISH_MARGIN);
    return f32_signed_as(x, y.high);
}
