/* expm1 and exp of float64 for x <= 0.
 *
 * Algorithm: k = round(16 x / ln2) = 16 m + j; T, from a table, is 2^(j/16) to 26 bits, and L the logarithm of what
 * that leaves; S = 2^m, r = x - k ln2/16 + L
 *     exp(x)   = S (T + T p)                          p = expm1(r) = r + r^2 q(r),  |r| <= ln2 / 32 + 2^-27
 *     expm1(x) = (S T - 1) + S T r_high + S T (r_low + r^2 q(r))
 * r_high has 26 bits too, so that its product with T is exact; the two terms in front are added with their rounding
 * error kept, and the last is so small that its own errors hardly count. No operation is fused but where the product
 * is exact, and their order is fixed: every ISA gives the same bits.
 *
 * Domain: x <= 0 and -infinity; not NaN. -0, and every |x| <= 2^-54, gives itself under expm1.
 * Worst errors found, in 10^7 points each against MPFR:
 *     expm1  0.525 ULP at -0x1.819dfaa133da9p-6
 *     exp    0.531 ULP at -0x1.fc4859a374068p-5 */
#include "exp_constants.h"
#include "platform/flags.h"

enum { F64_QUOTIENT_DEGREE = sizeof f64_quotient / sizeof f64_quotient[0] - 1 };

struct reduced {
    bits k;                        /* lowest bits: 16 m + j */
    f64_vec r, r_exact, r_missing; /* r is r_exact - r_missing rounded */
    f64_vec tail;                  /* expm1(r) - r */
    f64_vec power;                 /* T */
};

/* k, power, and r in its two parts */
INLINE struct reduced f64_begin_to_reduce(f64_vec x)
{
    struct reduced a = {.tail = f64_set1(0)};
    f64_vec shifted = f64_add(f64_mul(x, f64_set1(F64_INVERSE_STEP)), f64_set1(ROUND_TO_INTEGER));
    f64_vec k = f64_sub(shifted, f64_set1(ROUND_TO_INTEGER));
    a.k = f64_bits(shifted);
    a.r_exact = f64_muladd(k, f64_set1(-F64_STEP_HIGH), x); /* the product is exact */
    a.r_missing = f64_sub(f64_mul(k, f64_set1(F64_STEP_LOW)), f64_lookup16(f64_rest, a.k));
    a.power = f64_lookup16(f64_power, a.k);
    return a;
}

INLINE struct reduced f64_reduce_the_rest(struct reduced a)
{
    a.r = f64_sub(a.r_exact, a.r_missing);
    f64_vec q = f64_set1(f64_quotient[F64_QUOTIENT_DEGREE]);
    for (int i = F64_QUOTIENT_DEGREE - 1; i >= 0; i--) {
        q = f64_add(f64_mul(q, a.r), f64_set1(f64_quotient[i]));
    }
    a.tail = f64_mul(f64_mul(a.r, a.r), q);
    return a;
}

INLINE struct reduced f64_reduce(f64_vec x) { return f64_reduce_the_rest(f64_begin_to_reduce(x)); }

/* of x + low */
INLINE struct reduced f64_reduce_sum(f64_vec x, f64_vec low)
{
    struct reduced a = f64_begin_to_reduce(x);
    a.r_missing = f64_sub(a.r_missing, low);
    return f64_reduce_the_rest(a);
}

/* cut to its first 26 bits */
INLINE f64_vec f64_high_half(f64_vec a) { return f64_of_bits(bits_and(f64_bits(a), set1_64(-((int64_t)1 << 27)))); }

/* m 2^52, which adds m to the exponent of a double */
INLINE bits f64_exponent(bits k) { return shift_left_64(bits_and(k, set1_64(~(int64_t)15)), 48); }

/* a S, where that and a are normal numbers */
INLINE f64_vec f64_scaled(f64_vec a, bits k) { return f64_of_bits(add_64(f64_bits(a), f64_exponent(k))); }

/* expm1(x + rest_of_x) as high + low, where x is 0 or x^2 does not underflow, from -60 to 709 */
INLINE f64_vec f64_expm1_parts(f64_vec x, f64_vec rest_of_x, f64_vec *low)
{
    struct reduced a = f64_reduce_sum(x, rest_of_x);
    f64_vec power = f64_scaled(a.power, a.k), one = f64_set1(1);
    f64_vec lead = f64_sub(power, one), lead_error = f64_sub(power, f64_add(lead, one));
    f64_vec r_high = f64_high_half(a.r_exact), r_low = f64_sub(f64_sub(a.r_exact, r_high), a.r_missing);
    f64_vec product = f64_mul(power, r_high);
    f64_vec sum = f64_add(lead, product), sum_error = f64_sub(product, f64_sub(sum, lead));
    f64_vec rest = f64_mul(power, f64_add(r_low, a.tail));
    *low = f64_add(f64_add(sum_error, lead_error), rest);
    return sum;
}

/* Where expm1(x) rounds to x, it is x: r^2 could underflow there. */
INLINE f64_vec f64_expm1_off(f64_vec x)
{
    mask curved = f64_lt(x, f64_set1(-0x1p-54));
    f64_vec clamped = f64_max(f64_set1(-38), f64_select(curved, x, f64_zero())); /* expm1(-37.43) is -1 */
    f64_vec low, high = f64_expm1_parts(clamped, f64_zero(), &low);
    return f64_select(curved, f64_add(high, low), x);
}

/* T + T p as high + low, high being their rounded sum */
INLINE f64_vec f64_unscaled_exp(struct reduced a, f64_vec *low)
{
    f64_vec p = f64_add(a.r_exact, f64_sub(a.tail, a.r_missing)); /* one rounding less than from r */
    f64_vec rest = f64_mul(a.power, p), high = f64_add(a.power, rest);
    *low = f64_sub(rest, f64_sub(high, a.power));
    return high;
}

INLINE f64_vec f64_normal_exp(f64_vec x)
{
    struct reduced a = f64_reduce(x);
    f64_vec unused;
    return f64_scaled(f64_unscaled_exp(a, &unused), a.k);
}

/* exp below the normal numbers: times 2^1022 and added to 1, whose last bit is then worth as much as that of a
 * subnormal, so that the only rounding is at the right place. No operation raises UNDERFLOW that way. */
INLINE f64_vec f64_subnormal_exp(f64_vec x)
{
    struct reduced a = f64_reduce(x);
    f64_vec one = f64_set1(1), low, high = f64_unscaled_exp(a, &low);
    f64_vec s = f64_scaled(f64_set1(0x1p1022), a.k);
    f64_vec scaled = f64_mul(s, high), shifted = f64_add(one, scaled);
    f64_vec lost = f64_sub(scaled, f64_sub(shifted, one));
    shifted = f64_add(shifted, f64_add(lost, f64_mul(s, low)));
    return f64_mul(f64_sub(shifted, one), f64_set1(0x1p-1022));
}

INLINE f64_vec f64_exp_off(f64_vec x)
{
    mask infinite = f64_is_minus_infinity(x); /* gives 0 exactly */
    f64_vec finite = f64_select(infinite, f64_zero(), x);
    f64_vec y = f64_normal_exp(f64_max(finite, f64_set1(F64_LEAST_NORMAL_EXP)));
    mask subnormal = f64_lt(finite, f64_set1(F64_LEAST_NORMAL_EXP));
    if (mask_any(subnormal)) {
        y = f64_select(subnormal, f64_subnormal_exp(f64_max(finite, f64_set1(-746))), y); /* exp(-745.2) rounds to 0 */
        raise_vector_flags(FE_UNDERFLOW | FE_INEXACT);
    }
    return f64_select(infinite, f64_zero(), y);
}
