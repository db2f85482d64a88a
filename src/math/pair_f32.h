/* Arithmetic of fast parts: sums of two floats, of which the second is what rounding took from the first, and the test by
 * which a result is certain.
 *
 * A fast part computes in float lanes what the formula proper computes in double lanes, which are half as many and take
 * longer. It gives y, a float, and the rest l by which y misses the exact value, with an error below some multiple of
 * y 2^-24, its margin. Where l with the margin does not reach the middle between y and a float beside it, y is the float
 * nearest to the exact value, hence the formula's result. All other lanes are in doubt, and go to the formula.
 *
 * The margins are the largest errors that tools/margins.py finds, of one input in some hundred, times 1.15 to 3. That they are
 * enough for all inputs is proved by trying them all: relu-ufunc check, which also says how many lanes are in doubt.
 *
 * A quotient is computed with the numerator larger and smaller by the relative error of the divisor, which is found in the same way:
 * where the two results differ, it is in doubt.
 *
 * Where x is out of its range a fast part computes with a quiet NaN, and whatever comes of it is in doubt. Some flags tell of a number
 * that it may be wrong for: INVALID of a signalling NaN, which T may be too where x is out of range, OVERFLOW of a huge x, UNDERFLOW of one
 * so tiny that what rounding took of a product is lost. The loop takes them back, and has all of that block in doubt (loops/fast.h).
 * What is packed has no such loop, and raises none: elu and elu' take x that is not positive, and the logarithm of 0 stands as -2^-100. */
#ifndef RELU_UFUNC_PAIR_F32_H
#define RELU_UFUNC_PAIR_F32_H

#include "pair_constants.h"

struct f32_sum {
    f32_vec high, low;
};

/* What a fast part begins with: a sum, made of an exponential, and for some a third number. Where x is out of range one of them is
 * NaN. */
struct f32_begun {
    struct f32_sum sum;
    bool keeps_third;
    f32_vec third;
};

INLINE struct f32_begun f32_begun_by(struct f32_sum sum) { return (struct f32_begun){sum, false, sum.high}; }
INLINE struct f32_begun f32_begun_by_three(struct f32_sum sum, f32_vec third)
{
    return (struct f32_begun){sum, true, third};
}

INLINE f32_vec f32_absolute(f32_vec x) { return f32_of_bits(f32_magnitude(x)); }

/* x where its sign is +, else -0 */
INLINE f32_vec f32_positive_or_off(f32_vec x) { return f32_of_bits(least_u32(f32_bits(x), set1_32(INT32_MIN))); }

/* |x| > most, or NaN */
INLINE mask f32_is_beyond(f32_vec x, float most) { return gt_32(f32_magnitude(x), f32_bits(f32_set1(most))); }

/* |x| < least, but not 0. INT32_MIN - 0 is the least of all integers, and less a small one it is a large one.
 * GCC 12 would make a minimum and a compare of a constant > x, but not of x > a constant. */
INLINE mask f32_is_tiny(f32_vec x, float least)
{
    bits from_top = sub_32(set1_32(INT32_MIN), f32_magnitude(x));
    return gt_32(from_top, sub_32(set1_32(INT32_MIN), f32_bits(f32_set1(least))));
}

/* NaN where m is true, a quiet one, as all ones are; else x */
INLINE f32_vec f32_nan_where(mask m, f32_vec x) { return f32_of_bits(ones_where_32(m, f32_bits(x))); }

/* x where |x| <= most, else NaN */
INLINE f32_vec f32_up_to(f32_vec x, float most) { return f32_nan_where(f32_is_beyond(x, most), x); }

/* whether y, with the rest l, is not certain to be rounded correctly */
INLINE mask f32_in_doubt(f32_vec y, f32_vec l, float margin)
{
    return f32_differ(f32_fused(l, f32_set1(1 + margin), y), y);
}

/* the same by an error that is given */
INLINE mask f32_in_doubt_by(f32_vec y, f32_vec l, f32_vec error)
{
    return f32_differ(f32_add(y, f32_add(l, error)), f32_add(y, f32_sub(l, error)));
}

/* y, rounded, and whether that is not certain by that error: where either sign of it gives the same float, so does y */
INLINE f32_vec f32_settled_within(struct f32_sum y, f32_vec error, mask *doubtful)
{
    f32_vec result = f32_add(y.high, f32_add(y.low, error));
    *doubtful = f32_differ(result, f32_add(y.high, f32_sub(y.low, error)));
    return result;
}

/* the same by an error of a b, which may have either sign too */
INLINE f32_vec f32_settled_by(struct f32_sum y, f32_vec a, f32_vec b, mask *doubtful)
{
    f32_vec result = f32_add(y.high, f32_fused(a, b, y.low));
    *doubtful = f32_differ(result, f32_add(y.high, f32_less_fused(a, b, y.low)));
    return result;
}

/* e^-x, for |x| <= 60. N powers of 2 are in a table, as floats T near 2^(-k/N), with the logarithm `rest` of what is left. k is of x
 * itself, `high` of `near`: that is x, or NaN where x is out of range, so that k need not wait for the compare.
 *
 *     e^-x = T e^-(high - low)           k = round(x N / ln2),  high = x - k step, exactly,  low = rest + k step_rest
 *          = T (1 - high + s)            s = low + r^2 q(r),  r = high - low
 *
 * T - T high is a sum of two floats, and T s is added to the second. ln2 / N = step + step_rest. */
struct f32_reduced {
    f32_vec power, high, low;
};

INLINE const struct pair_exponential *f32_powers(void) { return FLOAT_TABLE == 32 ? &f32_pair_of_32 : &f32_pair_of_8; }

INLINE struct f32_reduced f32_reduce_near(f32_vec x, f32_vec near)
{
    const struct pair_exponential *of = f32_powers();
    const f32_vec round = f32_set1(0x1.8p23F);
    f32_vec shifted = f32_fused(x, f32_set1(of->inverse_step), round), k = f32_sub(shifted, round);
    f32_vec high = f32_less_fused(k, f32_set1(of->step), near);
    f32_vec low = f32_fused(k, f32_set1(of->step_rest), f32_lookup(of->rest, f32_bits(shifted)));
    bits power = f32_bits(f32_lookup(of->power, f32_bits(shifted)));
    return (struct f32_reduced){f32_of_bits(sub_32(power, shift_left_32(f32_bits(shifted), of->places))), high, low};
}

INLINE struct f32_reduced f32_reduce(f32_vec x) { return f32_reduce_near(x, x); }

/* (e^-r - 1 + r) / r^2 */
INLINE f32_vec f32_exp_quotient(f32_vec r)
{
    const float *c = f32_powers()->quotient;
    f32_vec q = f32_set1(c[2]);
    if (FLOAT_TABLE != 32) {
        q = f32_fused(f32_set1(c[3]), r, q);
    }
    return f32_fused(f32_fused(q, r, f32_set1(c[1])), r, f32_set1(c[0]));
}

/* s. That r^2 does not underflow where it is tiny, `rest` is never 0, and is added to it with one rounding. */
INLINE f32_vec f32_exp_small(struct f32_reduced x)
{
    f32_vec r = f32_sub(x.high, x.low);
    return f32_fused(f32_mul(r, f32_exp_quotient(r)), r, x.low);
}

/* T - T high, rounded: e^-x but for what is small. `product` is T high, rounded: a product and a difference, not a fused operation, since
 * Zen 4 has units of their own for sums, and those for products are what a fast part waits for. */
struct f32_first {
    f32_vec product, e;
};

INLINE struct f32_first f32_exp_first(struct f32_reduced x)
{
    f32_vec product = f32_mul(x.power, x.high);
    return (struct f32_first){product, f32_sub(x.power, product)};
}

/* What is left of e^-x, of which e is part of another sum: `lost` is T less what that sum has of it, and `low` is no more than what
 * rounding took.
 * T s = (T high) (high q(high)) + e low; 2^-100 is added, and T is 1 where `high` is tiny, so that nothing underflows. */
INLINE f32_vec f32_exp_low(struct f32_reduced x, struct f32_first first, f32_vec lost)
{
    f32_vec rest = f32_fused(first.e, x.low, f32_less_fused(x.power, x.high, lost));
    f32_vec of_high = f32_fused(x.high, f32_exp_quotient(x.high), f32_set1(0x1p-100F));
    return f32_fused(first.product, of_high, rest);
}

INLINE struct f32_sum f32_exp_less(f32_vec x, f32_vec near)
{
    struct f32_reduced of = f32_reduce_near(x, near);
    struct f32_first first = f32_exp_first(of);
    return (struct f32_sum){first.e, f32_exp_low(of, first, f32_sub(of.power, first.e))};
}

/* 1 + e^-x, for x > -16.6: nothing is lost, whichever of the two is larger */
INLINE struct f32_sum f32_one_and_exp_less(f32_vec x, f32_vec near)
{
    const f32_vec one = f32_set1(1);
    struct f32_reduced of = f32_reduce_near(x, near);
    struct f32_first first = f32_exp_first(of);
    f32_vec high = f32_add(first.e, one);
    return (struct f32_sum){high, f32_exp_low(of, first, f32_sub(of.power, f32_sub(high, one)))};
}

/* e^-(x.high + x.low), of which x.low may be so large that its product with high^2 / 2 counts: it is part of r */
INLINE struct f32_sum f32_exp_less_sum(struct f32_sum x)
{
    struct f32_reduced of = f32_reduce(x.high);
    of.low = f32_sub(of.low, x.low);
    f32_vec high = f32_less_fused(of.power, of.high, of.power);
    f32_vec rest = f32_less_fused(of.power, of.high, f32_sub(of.power, high));
    return (struct f32_sum){high, f32_fused(of.power, f32_exp_small(of), rest)};
}

/* n + e, for n >= 1 and 0 <= e < 2^24: nothing is lost, whichever of the two is larger */
INLINE struct f32_sum f32_more(struct f32_sum e, float n)
{
    f32_vec high = f32_add(e.high, f32_set1(n));
    return (struct f32_sum){high, f32_add(f32_sub(e.high, f32_sub(high, f32_set1(n))), e.low)};
}

/* 1 - s, for 0 <= s <= 1 */
INLINE struct f32_sum f32_one_less(struct f32_sum s)
{
    f32_vec one = f32_set1(1), high = f32_sub(one, s.high);
    return (struct f32_sum){high, f32_sub(f32_sub(f32_sub(one, high), s.high), s.low)};
}

/* a + b, exactly, where b is not larger */
INLINE struct f32_sum f32_sum_of_larger(f32_vec a, f32_vec b)
{
    f32_vec high = f32_add(a, b);
    return (struct f32_sum){high, f32_add(f32_sub(a, high), b)};
}

/* a + b, exactly, whichever is larger */
INLINE struct f32_sum f32_sum_of(f32_vec a, f32_vec b)
{
    f32_vec high = f32_add(a, b), of_b = f32_sub(high, a);
    return (struct f32_sum){high, f32_add(f32_sub(a, f32_sub(high, of_b)), f32_sub(b, of_b))};
}

/* e + n, whichever is larger */
INLINE struct f32_sum f32_beside(struct f32_sum e, float n)
{
    struct f32_sum sum = f32_sum_of(e.high, f32_set1(n));
    return (struct f32_sum){sum.high, f32_add(sum.low, e.low)};
}

/* a - b, as a + b */
INLINE struct f32_sum f32_difference(f32_vec a, f32_vec b)
{
    f32_vec high = f32_sub(a, b), of_b = f32_sub(a, high);
    return (struct f32_sum){high, f32_add(f32_sub(a, f32_add(high, of_b)), f32_sub(of_b, b))};
}

/* a b, of which the second of a is multiplied by `whole` in place of b */
INLINE struct f32_sum f32_product_with(struct f32_sum a, struct f32_sum b, f32_vec whole)
{
    f32_vec high = f32_mul(a.high, b.high);
    f32_vec rest = f32_fused(a.high, b.low, f32_fused_less(a.high, b.high, high));
    return (struct f32_sum){high, f32_fused(a.low, whole, rest)};
}

/* a b */
INLINE struct f32_sum f32_product_of(struct f32_sum a, struct f32_sum b)
{
    return f32_product_with(a, b, f32_add(b.high, b.low));
}

/* the same, where the second of each sum is no more than what rounding took */
INLINE struct f32_sum f32_product_of_rounded(struct f32_sum a, struct f32_sum b)
{
    return f32_product_with(a, b, b.high);
}

/* 1 / d */
INLINE struct f32_sum f32_inverse_of(struct f32_sum d)
{
    f32_vec high = f32_div(f32_set1(1), f32_add(d.high, d.low));
    f32_vec residual = f32_less_fused(high, d.low, f32_less_fused(high, d.high, f32_set1(1)));
    return (struct f32_sum){high, f32_mul(high, residual)};
}

/* n / d, rounded, from q = n inverse, and whether that is not certain. `missed` is n times the relative error of d: the quotient is computed
 * with n larger and smaller by that. The residual is that of d q - n, so that -0 keeps its sign. */
INLINE f32_vec f32_settled_by_residual(f32_vec n, struct f32_sum d, f32_vec inverse, f32_vec q, f32_vec missed,
                                       mask *doubtful)
{
    f32_vec residual = f32_fused(q, d.low, f32_fused_less(q, d.high, n));
    f32_vec y = f32_less_fused(f32_add(residual, missed), inverse, q);
    *doubtful = f32_differ(y, f32_less_fused(f32_sub(residual, missed), inverse, q));
    return y;
}

INLINE f32_vec f32_settled_quotient(f32_vec n, struct f32_sum d, float error, mask *doubtful)
{
    f32_vec inverse = f32_div(f32_set1(1), f32_add(d.high, d.low)), missed = f32_mul(n, f32_set1(error));
    return f32_settled_by_residual(n, d, inverse, f32_mul(n, inverse), missed, doubtful);
}

INLINE f32_vec f32_settled_inverse(struct f32_sum d, float error, mask *doubtful)
{
    f32_vec one = f32_set1(1), inverse = f32_div(one, f32_add(d.high, d.low));
    return f32_settled_by_residual(one, d, inverse, inverse, f32_set1(error), doubtful);
}

/* n / d, rounded, and the rest, where n is a sum */
INLINE struct f32_sum f32_sum_quotient_of(struct f32_sum n, struct f32_sum d)
{
    f32_vec inverse = f32_div(f32_set1(1), f32_add(d.high, d.low)), q = f32_mul(f32_add(n.high, n.low), inverse);
    f32_vec residual = f32_sub(f32_fused(q, d.low, f32_fused_less(q, d.high, n.high)), n.low);
    f32_vec y = f32_less_fused(residual, inverse, q);
    return (struct f32_sum){y, f32_less_fused(residual, inverse, f32_sub(q, y))};
}

#endif
