/* The exponential that the smooth functions of float64 are made of. */
#include <float.h>

#include "twofold_f64.h"

/* From here down functions are their tails, a factor times e^x: what is added to 1 is far below its last bit. */
#define F64_TAIL (-600)

#define F64_LN2 (16 * F64_STEP_HIGH) /* nearly */

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

/* whether a lane is beyond most, or so small that products of it might underflow; one of 0 may count too */
INLINE mask f64_is_unusual(f64_vec x, double least, double most)
{
    /* takes what is beyond to the least of integers */
    const bits turn = sub_64(set1_64(INT64_MAX), f64_bits(f64_set1(most)));
    return gt_64(add_64(f64_bits(f64_set1(least)), turn), add_64(f64_bits(f64_abs(x)), turn));
}

/* z no further than the tail on either side, where what is added to 1, or what 1 is added to, does not count; 0 where that does
 * not, as its square might underflow */
INLINE f64_vec f64_near_0(f64_vec z)
{
    const double least = 0x1p-110;
    if (__builtin_expect(mask_any(f64_is_unusual(z, least, -F64_TAIL)), false)) {
        z = f64_select(f64_lt(f64_abs(z), f64_set1(least)), f64_set1(0), z);
        z = f64_min(f64_set1(-F64_TAIL), f64_max(f64_set1(F64_TAIL), z));
    }
    return z;
}

/* e^x, x being reduced, in two parts, the first of 26 bits; relative error 2^-58 */
INLINE struct twofold f64_exp_of_reduced(struct reduced a)
{
    f64_vec p = f64_add(a.r_exact, f64_sub(a.tail, a.r_missing)), power = f64_scaled(a.power, a.k);
    return (struct twofold){power, f64_mul(power, p)};
}

/* e^(x + low) in such parts, where x is near 0 */
INLINE struct twofold f64_exp_in_parts(f64_vec x, f64_vec low) { return f64_exp_of_reduced(f64_reduce_sum(x, low)); }

/* a + e of such parts, for a > 0 */
INLINE struct twofold f64_plus_parts(f64_vec a, struct twofold e)
{
    struct twofold sum = twofold_sum(a, e.high), y = twofold_renewed(sum.high, e.low);
    return (struct twofold){y.high, f64_add(y.low, sum.low)};
}

/* factor e^z, rounded once wherever it lies, subnormal or beyond 1 / e^z; 0, of the sign of the factor, where z is -infinity.
 * The factor is brought near 1 and e^z is not scaled, so that their product is exact enough; their powers of two are added
 * as integers, and applied half before the rounding. A subnormal result is rounded by adding 2^-522, as in
 * f64_subnormal_exp. */
NOINLINE f64_vec f64_exp_times(struct twofold factor, struct twofold z)
{
    const f64_vec one = f64_set1(1), zero = f64_set1(0), step = f64_set1(400), grain = f64_set1(0x1p-522);
    f64_vec size = f64_min(f64_set1(DBL_MAX), f64_abs(factor.high)), sign = f64_signed_as(one, factor.high);
    /* 2^power is taken out of the factor, which leaves 2^-274 to 2^224. */
    f64_vec power = f64_add(f64_select(f64_lt(f64_set1(0x1p200), size), step, zero),
                            f64_select(f64_lt(f64_set1(0x1p600), size), step, zero));
    power = f64_sub(power, f64_select(f64_lt(size, f64_set1(0x1p-200)), step, zero));
    power = f64_sub(power, f64_select(f64_lt(size, f64_set1(0x1p-600)), step, zero));
    bits taken = shift_left_64(f64_bits(f64_add(power, f64_set1(ROUND_TO_INTEGER))), 52);
    f64_vec left = f64_of_bits(sub_64(f64_bits(one), taken));
    /* Below the one bound the result is 0, above the other it is infinite. */
    f64_vec taken_log = f64_mul(power, f64_set1(F64_LN2));
    f64_vec near = f64_max(f64_sub(f64_set1(-1310 * F64_LN2), taken_log),
                           f64_min(f64_sub(f64_set1(1300 * F64_LN2), taken_log), z.high));
    struct reduced a = f64_reduce_sum(near, z.low);
    struct twofold e;
    e.high = f64_unscaled_exp(a, &e.low);
    e = twofold_mul(e, (struct twofold){f64_mul(size, left), f64_mul(f64_mul(factor.low, sign), left)});
    bits exponent = add_64(taken, f64_exponent(a.k));
    mask down = gt_64(set1_64(0), exponent), none = f64_is_minus_infinity(z.high);
    f64_vec first = f64_select(down, f64_set1(0x1p500), f64_set1(0x1p-500)); /* the rest of the power is its inverse */
    e = twofold_scaled(e, f64_of_bits(add_64(f64_bits(first), exponent)));
    e = twofold_select(none, twofold_of(one), e);
    mask tiny = mask_and(down, f64_lt(e.high, grain));
    f64_vec high = f64_select(tiny, e.high, zero), shifted = f64_add(grain, high);
    f64_vec lost = f64_sub(high, f64_sub(shifted, grain));
    f64_vec subnormal = f64_sub(f64_add(shifted, f64_add(lost, e.low)), grain);
    if (mask_any(tiny)) {
        raise_vector_flags(FE_UNDERFLOW | FE_INEXACT);
    }
    f64_vec y = f64_select(tiny, subnormal, twofold_rounded(e));
    y = f64_mul(y, f64_select(down, f64_set1(0x1p-500), f64_set1(0x1p500)));
    return f64_signed_as(f64_select(none, zero, y), factor.high);
}

/* y, but factor e^z where z is in the tail. */
INLINE f64_vec f64_with_tail(f64_vec y, struct twofold factor, struct twofold z)
{
    mask in_tail = f64_lt(z.high, f64_set1(F64_TAIL));
    if (__builtin_expect(mask_any(in_tail), false)) {
        factor = twofold_select(in_tail, factor, twofold_set1(1, 0));
        z = twofold_select(in_tail, z, twofold_set1(F64_TAIL, 0));
        y = f64_select(in_tail, f64_exp_times(factor, z), y);
    }
    return y;
}

/* x y, x being scaled, so that the error of the product neither overflows nor underflows. What will be subnormal is rounded at
 * its last place, and not once before. */
NOINLINE f64_vec f64_scaled_times_pair(f64_vec x, struct twofold y)
{
    const f64_vec one = f64_set1(1), grain = f64_set1(0x1p-622);
    f64_vec magnitude = f64_abs(x);
    mask special = mask_or(f64_lt(f64_set1(DBL_MAX), magnitude), eq_64(f64_bits(magnitude), set1_64(0)));
    mask large = f64_lt(f64_set1(0x1p900), magnitude), small = f64_lt(magnitude, f64_set1(0x1p-100));
    f64_vec there = f64_select(large, f64_set1(0x1p-200), f64_select(small, f64_set1(0x1p400), one));
    f64_vec back = f64_select(large, f64_set1(0x1p200), f64_select(small, f64_set1(0x1p-400), one));
    f64_vec scaled = f64_mul(f64_select(special, one, x), f64_select(special, one, there));
    struct twofold product = twofold_product(scaled, y.high);
    f64_vec rest = f64_add(product.low, f64_mul(scaled, y.low)), result = f64_add(product.high, rest);
    f64_vec high = f64_abs(product.high), low = f64_mul(rest, f64_signed_as(one, product.high));
    f64_vec shifted = f64_add(grain, high), lost = f64_sub(high, f64_sub(shifted, grain));
    f64_vec subnormal = f64_sub(f64_add(shifted, f64_add(lost, low)), grain);
    mask tiny = mask_and(small, f64_lt(high, grain));
    result = f64_select(tiny, f64_signed_as(subnormal, product.high), result);
    result = f64_mul(result, f64_select(special, one, back));
    return f64_select(special, f64_mul(f64_select(special, x, one), y.high), result);
}

/* x y, where |y| is from 2^-870 to 2^70, or 0 */
INLINE f64_vec f64_times_pair(f64_vec x, struct twofold y)
{
    if (__builtin_expect(mask_any(f64_is_unusual(x, 0x1p-100, 0x1p900)), false)) {
        return f64_scaled_times_pair(x, y);
    }
    struct twofold product = twofold_product(x, y.high);
    return f64_add(product.high, f64_add(product.low, f64_mul(x, y.low)));
}

/* x / d, where x is from 2^-60 to 2^900 in magnitude, or 0 */
INLINE f64_vec f64_usual_over(f64_vec x, struct twofold d)
{
    return f64_signed_as(twofold_rounded(twofold_quotient_of_1(x, d)), x);
}

/* the same of any x, with the same bits */
NOINLINE f64_vec f64_any_over(mask unusual, f64_vec x, struct twofold d)
{
    const f64_vec one = f64_set1(1);
    f64_vec usual = f64_usual_over(f64_select(unusual, one, x), d);
    f64_vec y = f64_scaled_times_pair(f64_select(unusual, x, one), twofold_quotient_of_1(one, d));
    return f64_select(unusual, y, usual);
}

/* x / d, where d is from 1 to 2^870 */
INLINE f64_vec f64_over(f64_vec x, struct twofold d)
{
    mask unusual = f64_is_unusual(x, 0x1p-60, 0x1p900);
    return __builtin_expect(mask_any(unusual), false) ? f64_any_over(unusual, x, d) : f64_usual_over(x, d);
}

/* whether all are 1, as a parameter that is left out is */
INLINE bool f64_all_1(f64_vec a) { return !mask_any(f64_ne(a, f64_set1(1))); }

/* the error of the product z, where it counts: below, functions of z are straight lines, and above they are at their limits */
INLINE f64_vec f64_argument_error(f64_vec x, f64_vec parameter, f64_vec z)
{
    const f64_vec one = f64_set1(1);
    mask counts = mask_and(f64_lt(f64_set1(0x1p-60), f64_abs(z)), f64_lt(f64_abs(z), f64_set1(1500)));
    f64_vec error =
        f64_product_error(f64_select(counts, x, one), f64_select(counts, parameter, one), f64_select(counts, z, one));
    return f64_select(counts, error, f64_set1(0));
}

/* a, brought down to the limit if it is a larger number; infinities stay */
INLINE f64_vec f64_limited(f64_vec a, double limit)
{
    mask infinite = f64_lt(f64_set1(DBL_MAX), f64_abs(a));
    return f64_select(infinite, a, f64_signed_as(f64_min(f64_set1(limit), f64_abs(a)), a));
}

/* a parameter times x, in two parts. Where one of them is huge, powers of two go from it to the other, and what would
 * overflow is cut, so that nothing does. */
INLINE struct twofold f64_argument(f64_vec x, f64_vec parameter)
{
    const f64_vec huge = f64_set1(0x1p500), one = f64_set1(1);
    if (f64_all_1(parameter)) {
        return twofold_of(x);
    }
    mask x_huge = f64_lt(huge, f64_abs(x)), parameter_huge = f64_lt(huge, f64_abs(parameter));
    if (__builtin_expect(mask_any(mask_or(x_huge, parameter_huge)), false)) {
        const f64_vec down = f64_set1(0x1p-600), up = f64_set1(0x1p600);
        x = f64_select(x_huge, x, f64_select(parameter_huge, f64_limited(x, 0x1p-400), x));
        parameter = f64_select(x_huge, f64_limited(parameter, 0x1p-400), parameter);
        x = f64_mul(x, f64_select(x_huge, down, f64_select(parameter_huge, up, one)));
        parameter = f64_mul(parameter, f64_select(x_huge, up, f64_select(parameter_huge, down, one)));
    }
    f64_vec z = f64_mul(x, parameter);
    return (struct twofold){z, f64_argument_error(x, parameter, z)};
}

/* e^-|z|, down to the tail */
INLINE struct twofold f64_exp_minus_magnitude(struct twofold z)
{
    f64_vec low = f64_select(f64_lt(z.high, f64_set1(0)), z.low, f64_neg(z.low));
    return f64_exp_pair(f64_max(f64_set1(F64_TAIL), f64_neg(f64_abs(z.high))), low);
}

/* a, but 0 where it does not count beside 1, and its products might underflow */
INLINE struct twofold f64_beside_1(struct twofold a)
{
    return twofold_select(f64_lt(a.high, f64_set1(0x1p-130)), twofold_set1(0, 0), a);
}

/* 1 + E */
INLINE struct twofold f64_1_plus(struct twofold e) { return twofold_add_1(f64_beside_1(e), f64_set1(1)); }

/* 1 + e^-z */
INLINE struct twofold f64_sigmoid_divisor(struct twofold z)
{
    return f64_plus_parts(f64_set1(1), f64_exp_in_parts(f64_neg(f64_near_0(z.high)), f64_neg(z.low)));
}
