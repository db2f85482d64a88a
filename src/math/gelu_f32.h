/* gelu, gelu_tanh and their derivatives in double lanes.
 *
 *     gelu(x)       = max(x, 0) - t h(t),   h(t) = Phi(-t) = e^(-t^2/2) P(t) / Q(t)                    t = |x|
 *     gelu'(x)      = s(t) where x < 0, else 1 - s(t),   s(t) = e^(-t^2/2) (root - t) P(t) / Q(t)
 *     gelu_tanh(x)  = max(x, 0) - t E / (1 + E)                              E = e^-v(t),  v = 2 sqrt(2/pi) (t + 0.044715 t^3)
 *     gelu_tanh'(x) = s(t) where x < 0, else 1 - s(t),   s(t) = E (1 + E - t v'(t)) / (1 + E)^2
 *
 * The quotients P / Q are fitted to 2^-58 by gelu_constants.py, all coefficients positive: no sum cancels. t^2 is exact. The
 * constants of v have two parts, and the rounding errors of v go into the reduced argument of the exponential; near the root
 * of gelu_tanh', T + (1 - t v') is nearly exact, as T, from a table, is.
 * Where x is small a value is x/2 + c x^2, which for an odd subnormal x is just above a tie: t is at least 2^-40 in h.
 *
 * Worst error: 0.5 ULP, for every input. */
#include "gelu_constants.h"

/* Below -14.6 gelu and its derivative round to 0. */
#define GELU_END 14.6

INLINE f64_vec f32_horner(const double *c, int degree, f64_vec t)
{
    f64_vec y = f64_set1(c[degree]);
    for (int i = degree - 1; i >= 0; i--) {
        y = f64_muladd(y, t, f64_set1(c[i]));
    }
    return y;
}

/* e^(-t^2/2) factor P(t) / Q(t) */
INLINE f64_vec f32_normal(f64_vec t, f64_vec factor, const double *above, int up, const double *below, int low)
{
    f64_vec half = f64_mul(t, f64_set1(-0.5)), power, p = f32_exp_of(true, f64_mul(half, t), &power);
    f64_vec e = f64_muladd(power, p, power);
    return f64_div(f64_mul(f64_mul(e, factor), f32_horner(above, up, t)), f32_horner(below, low, t));
}

INLINE f64_vec f32_gelu_clamped(f64_vec x, double end) { return f64_min(f64_set1(end), f64_abs(x)); }

/* max(x, 0) - th; a zero keeps its sign */
INLINE f64_vec f32_less_tail(f64_vec x, f64_vec th)
{
    return f64_pick(f64_lt(f64_set1(0), x), f64_sub(x, th), f64_signed_as(th, x));
}

/* s where x < 0, else 1 - s */
INLINE f64_vec f32_mirrored(f64_vec x, f64_vec s)
{
    return f64_pick(f64_lt(x, f64_set1(0)), s, f64_sub(f64_set1(1), s));
}

INLINE f64_vec f32_gelu_in_f64(f64_vec x)
{
    f64_vec t = f32_gelu_clamped(x, GELU_END), curved = f64_max(f64_set1(0x1p-40), t);
    /* Near 0 h is 1/2 - 0.4 t, which for two inputs is nearer to a boundary than doubles are to each other. */
    f64_vec nudged = f64_pick(f64_lt(t, f64_set1(0x1p-15)), f64_mul(t, f64_set1(1 + 0x1p-52)), t);
    return f32_less_tail(x, f32_normal(curved, nudged, f32_normal_tail_above, 9, f32_normal_tail_below, 10));
}

INLINE f64_vec f32_gelu_slope_in_f64(f64_vec x)
{
    f64_vec t = f32_gelu_clamped(x, GELU_END);
    f64_vec beside = f64_add(f64_sub(f64_set1(GELU_ROOT), t), f64_set1(GELU_ROOT_LOW));
    return f32_mirrored(x, f32_normal(t, beside, f32_gelu_slope_above, 8, f32_gelu_slope_below, 8));
}

/* Below -11 gelu_tanh and its derivative round to 0. */
#define GELU_TANH_END 11.0

/* T and p of e^-v, v being t (linear + cubic t^2) with the errors of its operations */
INLINE f64_vec f32_gelu_tanh_exp(f64_vec t, f64_vec *power)
{
    f64_vec t2 = f64_mul(t, t), cubic = f64_set1(GELU_TANH_CUBIC), linear = f64_set1(GELU_TANH_LINEAR);
    f64_vec c = f64_mul(cubic, t2), factor = f64_add(linear, c), v = f64_mul(factor, t);
    /* linear may be less than c, but what is lost of either is found by the rule for any two */
    f64_vec c_kept = f64_sub(factor, linear), linear_kept = f64_sub(factor, c_kept);
    f64_vec lost = f64_add(f64_sub(linear, linear_kept), f64_sub(c, c_kept));
    lost = f64_add(lost, f64_product_error(cubic, t2, c));
    lost = f64_add(lost, f64_muladd(f64_set1(GELU_TANH_CUBIC_LOW), t2, f64_set1(GELU_TANH_LINEAR_LOW)));
    f64_vec rest = f64_muladd(lost, t, f64_product_error(factor, t, v));
    f64_vec shifted, r = f64_sub(f32_exp_rest(true, f64_neg(v), &shifted), rest);
    return f32_exp_parts(true, f32_centred_quotient, shifted, r, power);
}

INLINE f64_vec f32_gelu_tanh_in_f64(f64_vec x)
{
    f64_vec t = f32_gelu_clamped(x, GELU_TANH_END), curved = f64_max(f64_set1(0x1p-40), t);
    f64_vec power, p = f32_gelu_tanh_exp(curved, &power), e = f64_muladd(power, p, power);
    return f32_less_tail(x, f64_mul(t, f64_div(e, f64_add(f64_set1(1), e))));
}

INLINE f64_vec f32_gelu_tanh_slope_in_f64(f64_vec x)
{
    f64_vec t = f32_gelu_clamped(x, GELU_TANH_END), one = f64_set1(1);
    f64_vec power, p = f32_gelu_tanh_exp(t, &power), e = f64_muladd(power, p, power), w = f64_add(one, e);
    /* t v' = t (linear + 3 cubic t^2), rounded and what that leaves */
    f64_vec t2 = f64_mul(t, t), cubic = f64_set1(GELU_TANH_CUBIC_BY_3), linear = f64_set1(GELU_TANH_LINEAR);
    f64_vec c = f64_mul(cubic, t2), factor = f64_add(linear, c), tv = f64_mul(factor, t);
    f64_vec lost = f64_sub(c, f64_sub(factor, linear));
    lost = f64_add(lost, f64_add(f64_product_error(cubic, t2, c), f64_set1(GELU_TANH_LINEAR_LOW)));
    f64_vec rest = f64_muladd(lost, t, f64_product_error(factor, t, tv));
    f64_vec g = f64_add(f64_add(power, f64_sub(one, tv)), f64_sub(f64_mul(power, p), rest));
    /* Near 0 this is 1/2 - t sqrt(2/pi), which for two inputs is nearer to a boundary than doubles are to each other. */
    f64_vec nudge = f64_pick(f64_lt(t, f64_set1(0x1p-20)), f64_set1(0x1p-53), f64_set1(0));
    return f32_mirrored(x, f64_sub(f64_div(f64_mul(e, g), f64_mul(w, w)), nudge));
}

INLINE f32_vec f32_gelu_function(f32_vec x, enum use use) { return f32_by_doubles(f32_gelu_in_f64, use, x); }
INLINE f32_vec f32_gelu_slope(f32_vec x, enum use use) { return f32_by_doubles(f32_gelu_slope_in_f64, use, x); }
INLINE f32_vec f32_gelu_tanh_function(f32_vec x, enum use use) { return f32_by_doubles(f32_gelu_tanh_in_f64, use, x); }
INLINE f32_vec f32_gelu_tanh_slope(f32_vec x, enum use use)
{
    return f32_by_doubles(f32_gelu_tanh_slope_in_f64, use, x);
}
