/* gelu, gelu_tanh and their derivatives in float64, in pairs of doubles.
 *
 *     gelu(x)       = x Phi(x),   Phi(-t) = e^(-t^2/2) w P(1 - w),   Phi(t) = 1 - Phi(-t)                            t = |x|
 *     gelu'(-t)     = e^(-t^2/2) (w P(1 - w) - t / sqrt(2 pi)),   gelu'(t) = 1 - gelu'(-t)              w = 5.5 / (t + 2.75)
 *     gelu_tanh(x)  = x / (1 + e^-v(x)),   v = 2 sqrt(2/pi) (x + 0.044715 x^3)                            E = e^-v(t)
 *     gelu_tanh'(-t) = E (1 + E - t v'(t)) / (1 + E)^2,   gelu_tanh'(t) = 1 - gelu_tanh'(-t)
 *
 * The low part of an exponent goes into the reduced argument. Every operation keeps its rounding error, so that what cancels
 * near the roots of the derivatives has enough bits. Where the exponent is below F64_TAIL, e^z is scaled last, as results may
 * be subnormal. The infinities give the limits.
 *
 * Worst errors found among 8 10^6 points each, the largest computed by MPFR; within 0.1 of the root of a derivative they
 * count as those of 0.1, 1.4e-17:
 *     gelu        0.529 ULP at -0x1.5d52d2093857ap+0
 *     gelu'       0.531 ULP at -0x1.6104b9a76dfc6p+4
 *     gelu_tanh   0.529 ULP at -0x1.786e2ce10703cp+3
 *     gelu_tanh'  0.533 ULP at -0x1.405e8c66ffb38p-1 */
#include "gelu_constants.h"

INLINE struct twofold twofold_neg(struct twofold a) { return (struct twofold){f64_neg(a.high), f64_neg(a.low)}; }

/* y, but where z, the exponent, is in the tail and x < 0: factor e^z, and the limit of that at -infinity */
INLINE f64_vec f64_or_tail(f64_vec y, f64_vec x, struct twofold factor, struct twofold z)
{
    z.high = f64_select(f64_is_minus_infinity(x), f64_neg(f64_infinity()), z.high);
    return f64_with_tail(y, factor, twofold_select(f64_lt(x, f64_zero()), z, twofold_set1(0, 0)));
}

/* e^z, down to the tail */
INLINE struct twofold f64_exp_to_tail(struct twofold z)
{
    mask in_tail = f64_lt(z.high, f64_set1(F64_TAIL));
    return f64_exp_pair(f64_max(f64_set1(F64_TAIL), z.high), f64_select(in_tail, f64_zero(), z.low));
}

/* a where x < 0, else 1 - a; |a| < 1 */
INLINE struct twofold f64_mirrored(f64_vec x, struct twofold a)
{
    struct twofold rest = twofold_renewed(f64_set1(1), f64_neg(a.high));
    return twofold_select(f64_lt(x, f64_zero()), a, twofold_renewed(rest.high, f64_sub(rest.low, a.low)));
}

/* |x|, large enough for its square to have an error, and so small that results beyond are the limits */
INLINE f64_vec f64_gelu_clamped(f64_vec x, double end)
{
    return f64_max(f64_set1(0x1p-200), f64_min(f64_set1(end), f64_abs(x)));
}

/* From 38.7 on gelu and its derivative are 0 or those of relu. */
#define F64_GELU_END 38.7

INLINE struct twofold f64_half_square(f64_vec t) { return twofold_product(f64_mul(t, f64_set1(-0.5)), t); }

enum { F64_LEADS = sizeof f64_normal_tail_leads / sizeof f64_normal_tail_leads[0] };
enum { F64_REST = sizeof f64_normal_tail_rest / sizeof f64_normal_tail_rest[0] };

/* the terms that are so small that their rounding errors hardly count; even and odd powers apart, so that less waits for what comes
 * before */
INLINE f64_vec f64_normal_tail_rest_of(f64_vec u)
{
    f64_vec square = f64_mul(u, u);
    f64_vec even = f64_set1(f64_normal_tail_rest[F64_REST - 2]), odd = f64_set1(f64_normal_tail_rest[F64_REST - 1]);
    for (int i = F64_REST - 4; i >= 0; i -= 2) {
        even = f64_add(f64_mul(even, square), f64_set1(f64_normal_tail_rest[i]));
        odd = f64_add(f64_mul(odd, square), f64_set1(f64_normal_tail_rest[i + 1]));
    }
    return f64_add(even, f64_mul(odd, u));
}

/* w P(u), u = 1 - w. What follows a lead of the polynomial has no greater exponent: their sum keeps its error. */
INLINE struct twofold f64_normal_tail(f64_vec t)
{
    const f64_vec one = f64_set1(1);
    struct twofold d = twofold_sum(t, f64_set1(F64_TAIL_MIDDLE));
    struct twofold w = twofold_quotient_of_1(f64_set1(2 * F64_TAIL_MIDDLE), d);
    f64_vec u = f64_sub(one, w.high), u_low = f64_sub(f64_sub(f64_sub(one, u), w.high), w.low);
    struct twofold y = twofold_of(f64_normal_tail_rest_of(u));
    for (int i = F64_LEADS - 1; i >= 0; i--) {
        struct twofold product = twofold_product(u, y.high);
        struct twofold sum = twofold_renewed(f64_set1(f64_normal_tail_leads[i][0]), product.high);
        f64_vec cross = f64_add(f64_mul(u, y.low), f64_mul(u_low, y.high));
        f64_vec error = f64_add(f64_add(product.low, f64_set1(f64_normal_tail_leads[i][1])), sum.low);
        y = (struct twofold){sum.high, f64_add(cross, error)};
    }
    return twofold_mul(twofold_renewed(y.high, y.low), w);
}

INLINE f64_vec f64_gelu_function(f64_vec x, enum use use)
{
    f64_vec t = f64_gelu_clamped(x, F64_GELU_END);
    struct twofold z = f64_half_square(t), tail = f64_normal_tail(t);
    struct twofold e = f64_exp_in_parts(f64_near_0(z.high), z.low);
    struct twofold phi = f64_mirrored(x, twofold_mul(twofold_renewed(e.high, e.low), tail));
    f64_vec y = f64_times_pair(x, phi);
    return (void)use, f64_or_tail(y, x, twofold_mul_1(tail, f64_neg(t)), z);
}

INLINE f64_vec f64_gelu_slope(f64_vec x, enum use use)
{
    f64_vec t = f64_gelu_clamped(x, F64_GELU_END);
    struct twofold density = twofold_set1(-NORMAL_DENSITY_AT_0, -NORMAL_DENSITY_AT_0_LOW), z = f64_half_square(t);
    struct twofold factor = twofold_add(f64_normal_tail(t), twofold_mul_1(density, t));
    f64_vec y = twofold_rounded(f64_mirrored(x, twofold_mul(f64_exp_to_tail(z), factor)));
    return (void)use, f64_or_tail(y, x, factor, z);
}

/* From 21.7 on gelu_tanh and its derivative are 0 or those of relu. */
#define F64_GELU_TANH_END 21.7

/* t (linear + cubic t^2) */
INLINE struct twofold f64_cubic(f64_vec t, struct twofold linear, struct twofold cubic)
{
    struct twofold square = twofold_product(t, t), product = twofold_product(cubic.high, square.high);
    f64_vec cross = f64_add(f64_mul(cubic.high, square.low), f64_mul(cubic.low, square.high));
    struct twofold sum = twofold_sum(linear.high, product.high), y = twofold_product(t, sum.high);
    f64_vec rest = f64_add(sum.low, f64_add(f64_add(product.low, cross), linear.low));
    return (struct twofold){y.high, f64_add(y.low, f64_mul(t, rest))};
}

INLINE struct twofold f64_gelu_tanh_argument(f64_vec x)
{
    return f64_cubic(x, twofold_set1(GELU_TANH_LINEAR, GELU_TANH_LINEAR_LOW),
                     twofold_set1(GELU_TANH_CUBIC, GELU_TANH_CUBIC_LOW));
}

INLINE f64_vec f64_gelu_tanh_function(f64_vec x, enum use use)
{
    f64_vec clamped = x;
    if (__builtin_expect(mask_any(f64_is_unusual(x, 0x1p-200, F64_GELU_TANH_END)), false)) {
        clamped = f64_signed_as(f64_gelu_clamped(x, F64_GELU_TANH_END), x);
    }
    struct twofold v = f64_gelu_tanh_argument(clamped);
    f64_vec y = f64_over(x, f64_sigmoid_divisor(v));
    if (__builtin_expect(mask_any(f64_lt(v.high, f64_set1(F64_TAIL))), false)) {
        v.high = f64_select(f64_is_minus_infinity(x), x, v.high);
        y = f64_with_tail(y, twofold_of(clamped), v);
    }
    return (void)use, y;
}

INLINE f64_vec f64_gelu_tanh_slope(f64_vec x, enum use use)
{
    f64_vec t = f64_gelu_clamped(x, F64_GELU_TANH_END), one = f64_set1(1);
    struct twofold z = twofold_neg(f64_gelu_tanh_argument(t)), e = f64_exp_to_tail(z), w = f64_1_plus(e);
    struct twofold tv = f64_cubic(t, twofold_set1(GELU_TANH_LINEAR, GELU_TANH_LINEAR_LOW),
                                  twofold_set1(GELU_TANH_CUBIC_BY_3, GELU_TANH_CUBIC_BY_3_LOW));
    struct twofold factor = twofold_add_1(twofold_neg(tv), one), n = twofold_mul(e, twofold_add(factor, e));
    f64_vec y = twofold_rounded(f64_mirrored(x, twofold_quotient(n, twofold_mul(w, w))));
    return (void)use, f64_or_tail(y, x, factor, z);
}
