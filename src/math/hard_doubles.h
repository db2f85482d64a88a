/* hardswish, hardsigmoid and their derivatives in doubles, from which float32 is rounded. No operand is NaN. */
#include "simd/doubles.h"

INLINE f64_vec hard_within(f64_vec x) { return f64_max(f64_set1(-3), f64_min(f64_set1(3), x)); }

/* 6 times relu6(x + 3) / 6, and x times that factor: -0 from -3 down, the limit at -infinity */
INLINE f64_vec hard_swish_ramp(f64_vec x) { return f64_add(hard_within(x), f64_set1(3)); }
INLINE f64_vec hard_swish(f64_vec x, f64_vec factor) { return f64_mul(f64_max(f64_set1(-3), x), factor); }

/* 6 times the derivative where -3 < x <= 3, and the derivative everywhere */
INLINE f64_vec hard_swish_rise(f64_vec x) { return f64_add(f64_add(hard_within(x), hard_within(x)), f64_set1(3)); }
INLINE f64_vec hard_swish_slope(f64_vec x, f64_vec within)
{
    const f64_vec three = f64_set1(3);
    return f64_pick(f64_lt(three, x), f64_set1(1), f64_pick(f64_lt(f64_neg(three), x), within, f64_set1(0)));
}

/* the sum cut to [0, 1]; NaN where that is */
INLINE f64_vec hard_sigmoid(f64_vec sum)
{
    const f64_vec zero = f64_set1(0), one = f64_set1(1);
    return f64_pick(f64_lt(sum, zero), zero, f64_pick(f64_lt(one, sum), one, sum));
}

/* alpha where the sum is within [0, 1], 0 beyond, never -0; at a kink that of the left side, from where the sum rises or
 * falls */
INLINE f64_vec hard_sigmoid_slope(f64_vec sum, f64_vec alpha)
{
    const f64_vec zero = f64_set1(0), one = f64_set1(1);
    alpha = f64_pick(f64_lt(zero, f64_abs(alpha)), alpha, zero);
    f64_vec rising = f64_pick(f64_lt(one, sum), zero, f64_pick(f64_lt(zero, sum), alpha, zero));
    f64_vec falling = f64_pick(f64_lt(sum, zero), zero, f64_pick(f64_lt(sum, one), alpha, zero));
    mask nan = gt_64(f64_bits(f64_abs(sum)), set1_64(0x7ff0000000000000));
    return f64_pick(nan, sum, f64_pick(f64_lt(zero, alpha), rising, falling));
}
