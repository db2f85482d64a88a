/* The exponential that the smooth functions of float64 are made of. */
#include "twofold_f64.h"

/* From here down functions are their tails, a factor times e^x: what is added to 1 is far below its last bit. */
#define F64_TAIL (-600)

/* e^(x + low), where x is from F64_TAIL to 709; relative error 2^-58 */
INLINE struct twofold f64_exp_pair(f64_vec x, f64_vec low)
{
    /* Where x is no more than the error, its square might underflow. */
    x = f64_select(f64_lt(f64_abs(x), f64_set1(0x1p-110)), f64_set1(0), x);
    struct reduced a = f64_reduce_sum(x, low);
    struct twofold e;
    e.high = f64_unscaled_exp(a, &e.low);
    return twofold_scaled(e, f64_scaled(f64_set1(1), a.k));
}

/* factor * e^x, where x <= F64_TAIL: rounded once, where it is subnormal as well, by adding 1 as in f64_subnormal_exp.
 * Where x < -1416 it is 0, of the sign of the factor. */
INLINE f64_vec f64_exp_times(f64_vec factor, f64_vec x)
{
    const f64_vec one = f64_set1(1), least = f64_set1(-1416);
    mask none = f64_lt(x, least), large = f64_lt(f64_set1(0x1p500), f64_abs(factor));
    f64_vec magnitude = f64_select(none, one, f64_abs(factor));
    magnitude = f64_mul(magnitude, f64_select(mask_and(large, f64_lt(one, magnitude)), f64_set1(0x1p-600), one));
    struct reduced a = f64_reduce(f64_max(least, x));
    struct twofold e;
    e.high = f64_unscaled_exp(a, &e.low);
    e = twofold_scaled(twofold_mul_1(e, magnitude), f64_scaled(f64_set1(0x1p1022), a.k));
    f64_vec shifted = f64_add(one, e.high), lost = f64_sub(e.high, f64_sub(shifted, one));
    f64_vec subnormal = f64_sub(f64_add(shifted, f64_add(lost, e.low)), one);
    mask tiny = f64_lt(e.high, one);
    if (mask_any(tiny)) {
        raise_vector_flags(FE_UNDERFLOW | FE_INEXACT);
    }
    f64_vec y = f64_mul(f64_select(tiny, subnormal, twofold_rounded(e)), f64_set1(0x1p-1022));
    y = f64_select(large, f64_mul(y, f64_set1(0x1p600)), y);
    return f64_signed_as(f64_select(none, f64_set1(0), y), factor);
}

/* y, but factor * e^x where x is in the tail. */
INLINE f64_vec f64_with_tail(f64_vec y, f64_vec factor, f64_vec x)
{
    const f64_vec tail = f64_set1(F64_TAIL);
    mask in_tail = f64_lt(x, tail);
    if (__builtin_expect(mask_any(in_tail), false)) {
        f64_vec seen = f64_select(in_tail, factor, f64_set1(1));
        y = f64_select(in_tail, f64_exp_times(seen, f64_select(in_tail, x, tail)), y);
    }
    return y;
}

/* x y, where y is from -2 to 2: x is scaled so that the error of the product neither overflows nor underflows. */
INLINE f64_vec f64_times_pair(f64_vec x, struct twofold y)
{
    const f64_vec one = f64_set1(1);
    f64_vec magnitude = f64_abs(x);
    mask infinite = eq_64(f64_bits(magnitude), f64_bits(f64_infinity())), zero = eq_64(f64_bits(magnitude), set1_64(0));
    mask special = mask_or(infinite, zero);
    mask large = f64_lt(f64_set1(0x1p900), magnitude), small = f64_lt(magnitude, f64_set1(0x1p-800));
    f64_vec there = f64_select(large, f64_set1(0x1p-200), f64_select(small, f64_set1(0x1p200), one));
    f64_vec back = f64_select(large, f64_set1(0x1p200), f64_select(small, f64_set1(0x1p-200), one));
    f64_vec scaled = f64_mul(f64_select(special, one, x), f64_select(special, one, there));
    struct twofold product = twofold_product(scaled, y.high);
    f64_vec rest = f64_add(product.low, f64_mul(scaled, y.low)), result = f64_add(product.high, rest);
    /* What will be subnormal is rounded at its last place, and not once before. */
    const f64_vec grain = f64_set1(0x1p-822);
    f64_vec high = f64_abs(product.high), low = f64_mul(rest, f64_signed_as(one, product.high));
    f64_vec shifted = f64_add(grain, high), lost = f64_sub(high, f64_sub(shifted, grain));
    f64_vec subnormal = f64_sub(f64_add(shifted, f64_add(lost, low)), grain);
    mask tiny = mask_and(small, f64_lt(high, grain));
    result = f64_select(tiny, f64_signed_as(subnormal, product.high), result);
    result = f64_mul(result, f64_select(special, one, back));
    return f64_select(special, f64_mul(f64_select(special, x, one), y.high), result);
}

/* x times a parameter, with the error of the product where it counts */
INLINE struct twofold f64_argument(f64_vec x, f64_vec parameter)
{
    f64_vec z = f64_mul(x, parameter), magnitude = f64_abs(z), one = f64_set1(1);
    mask counts = mask_and(f64_lt(f64_set1(0x1p-60), magnitude), f64_lt(magnitude, f64_set1(1500)));
    counts = mask_and(counts, f64_lt(f64_abs(x), f64_set1(0x1p900)));
    counts = mask_and(counts, f64_lt(f64_abs(parameter), f64_set1(0x1p900)));
    f64_vec error =
        f64_product_error(f64_select(counts, x, one), f64_select(counts, parameter, one), f64_select(counts, z, one));
    return (struct twofold){z, f64_select(counts, error, f64_set1(0))};
}

/* e^-|z|, down to the tail */
INLINE struct twofold f64_exp_minus_magnitude(struct twofold z)
{
    f64_vec low = f64_select(f64_lt(z.high, f64_set1(0)), z.low, f64_neg(z.low));
    return f64_exp_pair(f64_max(f64_set1(F64_TAIL), f64_neg(f64_abs(z.high))), low);
}
