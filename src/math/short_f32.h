/* Short formulas: in plain float32, for 16-bit types at the default parameter. z is -|x|, and E = e^z.
 *
 *     sigmoid(x)   = 1 / (1 + e^-x),  silu(x) = x / (1 + e^-x)
 *     gelu_tanh(x) = x / (1 + e^-v)                             v = 2 sqrt(2/pi) (x + 0.044715 x^3)
 *     gelu(x)      = max(x, 0) + z e^(-z^2/2) R(z)              R(z) = Phi(z) e^(z^2/2), a quotient
 *     softplus(x)  = max(x, 0) + log1p(E)
 *     mish(x)      = x n / (n + 2)                              n = e^x (e^x + 2)
 *     elu(x)       = x where x > 0, else expm1(x);  selu(x) = lambda x, lambda alpha expm1(x)
 *
 * Algorithm: e^x = 2^k e^r, k = round(x / ln2), e^r and log1p by polynomials. No step underflows but the last, which would be
 * in vain, nor does one overflow: until then E is E 2^64, 1 + e^-x is (1 + e^-x) SHORT_UNIT, and x is no less than where the function
 * is 0.
 * Domain: 0, and |x| from SHORT_FIRST to SHORT_LAST, the bits of numbers of the 16-bit type.
 * Error: below each function is that of float16, in parts of its value, and a bound; what that leaves uncertain goes to the
 * formula proper. Where it is 0 no number comes out wrong without, as none does of bfloat16 (test_half_precision.py).
 * Every operation is one of IEEE 754's, fused ones among them: the bits are the same wherever there are these. */
#include "short_constants.h"

#define SCALE 64
#define UNSCALE 0x1p-64F

INLINE f32_vec f32_polynomial(const float *c, int degree, f32_vec x)
{
    f32_vec y = f32_set1(c[degree]);
    for (int i = degree - 1; i >= 0; i--) {
        y = f32_fused(y, x, f32_set1(c[i]));
    }
    return y;
}

/* r, and k + scale as the bits of an exponent */
INLINE f32_vec f32_short_rest(f32_vec x, int scale, bits *exponent)
{
    const f32_vec round = f32_set1(0x1.8p23F + (float)scale);
    f32_vec shifted = f32_fused(x, f32_set1(SHORT_INVERSE_LN2), round);
    *exponent = shift_left_32(f32_bits(shifted), 23);
    return f32_less_fused(f32_sub(shifted, round), f32_set1(SHORT_LN2), x);
}

/* expm1(r) / r, which is 1 for the least r: then expm1(x) is x exactly */
INLINE f32_vec f32_short_quotient(f32_vec r) { return f32_fused(f32_polynomial(short_expm1, 4, r), r, f32_set1(1)); }

/* e^r 2^k */
INLINE f32_vec f32_short_power(f32_vec r, bits exponent)
{
    return f32_of_bits(add_32(f32_bits(f32_fused(f32_polynomial(short_exp, 4, r), r, f32_set1(1))), exponent));
}

/* e^x 2^64 */
INLINE f32_vec f32_short_exp(f32_vec x)
{
    bits exponent;
    f32_vec r = f32_short_rest(x, SCALE, &exponent);
    return f32_short_power(r, exponent);
}

/* -|x|, and no less than -end */
INLINE f32_vec f32_short_z(f32_vec x, float end)
{
    f32_vec z = f32_of_bits(bits_or(f32_bits(x), set1_32(INT32_MIN)));
    return f32_max(z, f32_set1(-end));
}

/* max(x, 0) + y, of y 2^64; a zero keeps its sign */
INLINE f32_vec f32_short_total(f32_vec x, f32_vec y)
{
    return f32_fused(y, f32_set1(SHORT_LAST_SCALE), f32_max(f32_set1(-0.0F), x));
}

/* e, of e 2^64; but no less than 2^-44, which is nothing beside 1 */
INLINE f32_vec f32_short_unscaled(f32_vec e) { return f32_mul(f32_max(e, f32_set1(0x1p20F)), f32_set1(UNSCALE)); }

/* -r and 2^k SHORT_UNIT of e^-x; where x is large, e^-x is nothing beside 1 */
INLINE f32_vec f32_short_rest_less(f32_vec x, bits *exponent)
{
    const f32_vec round = f32_set1(0x1.8p23F + (float)SHORT_UNIT_EXPONENT);
    x = f32_min(f32_set1(40), x);
    f32_vec shifted = f32_less_fused(x, f32_set1(SHORT_INVERSE_LN2), round);
    *exponent = shift_left_32(f32_bits(shifted), 23);
    return f32_fused(f32_sub(shifted, round), f32_set1(SHORT_LN2), x);
}

/* (1 + e^-x) SHORT_UNIT, of these */
INLINE f32_vec f32_short_divisor(f32_vec minus_r, bits exponent)
{
    f32_vec y = f32_set1(short_exp[4]);
    for (int i = 3; i >= 0; i--) {
        y = f32_less_fused(y, minus_r, f32_set1(short_exp[i]));
    }
    f32_vec e = f32_less_fused(y, minus_r, f32_set1(1));
    return f32_add(f32_set1(SHORT_UNIT), f32_of_bits(add_32(f32_bits(e), exponent)));
}

/* x / (1 + e^-v), of what f32_short_rest_less gives of v */
INLINE f32_vec f32_short_share(f32_vec x, f32_vec minus_r, bits exponent)
{
    return f32_short_times_unit(f32_div(x, f32_short_divisor(minus_r, exponent)), x);
}

static const float f32_short_error_sigmoid = 0x1.4p-22F; /* 2^-21.8 at -0x1.a58p+2 */
INLINE f32_vec f32_short_sigmoid(f32_vec x)
{
    bits exponent;
    f32_vec minus_r = f32_short_rest_less(f32_max(f32_set1(-SHORT_END), x), &exponent);
    return f32_div(f32_set1(SHORT_UNIT), f32_short_divisor(minus_r, exponent));
}

static const float f32_short_error_silu = 0x1.2p-22F; /* 2^-22.0 at -0x1.844p+3 */
INLINE f32_vec f32_short_silu(f32_vec x)
{
    bits exponent;
    x = f32_max(f32_set1(-SHORT_END), x);
    f32_vec minus_r = f32_short_rest_less(x, &exponent);
    return f32_short_share(x, minus_r, exponent);
}

static const float f32_short_error_gelu = 0x1p-21F; /* 2^-21.4 at -0x1.438p+1 */
INLINE f32_vec f32_short_gelu(f32_vec x)
{
    f32_vec z = f32_short_z(x, SHORT_GELU_END);
    f32_vec e = f32_short_exp(f32_mul(z, f32_mul(z, f32_set1(-0.5F)))); /* of which nothing is lost */
    f32_vec n = f32_mul(f32_mul(z, e), f32_polynomial(short_normal_above, 4, z));
    return f32_short_total(x, f32_div(n, f32_polynomial(short_normal_below, 5, z)));
}

static const float f32_short_error_gelu_tanh = 0x1.6p-22F; /* 2^-21.7 at -0x1.53p+2 */
INLINE f32_vec f32_short_gelu_tanh(f32_vec x)
{
    x = f32_max(f32_set1(-SHORT_GELU_TANH_END), x);
    f32_vec within = f32_min(f32_set1(SHORT_GELU_TANH_END), x), square = f32_mul(within, within);
    const f32_vec liwithin = f32_set1(SHORT_TANH_LINEAR), cubic = f32_set1(SHORT_TANH_CUBIC);
    f32_vec w = f32_fused(cubic, square, liwithin), v = f32_mul(within, w); /* and what these two leave */
    f32_vec w_rest = f32_fused(cubic, square, f32_sub(liwithin, w));
    f32_vec v_rest = f32_fused(within, w_rest, f32_fused_less(within, w, v));
    bits exponent;
    f32_vec minus_r = f32_short_rest_less(v, &exponent);
    return f32_short_share(x, f32_add(minus_r, v_rest), exponent);
}

static const float f32_short_error_softplus = 0x1p-21F; /* 2^-21.5 at -0x1.5fp-2 */
INLINE f32_vec f32_short_softplus(f32_vec x)
{
    f32_vec scaled = f32_short_exp(f32_short_z(x, SHORT_END)), e = f32_short_unscaled(scaled);
    f32_vec quotient = f32_fused(f32_polynomial(short_log1p, 7, e), e, f32_set1(1));
    return f32_short_total(x, f32_mul(scaled, quotient));
}

static const float f32_short_error_mish = 0x1.8p-22F; /* 2^-21.5 at -0x1.f18p+3 */
INLINE f32_vec f32_short_mish(f32_vec x)
{
    x = f32_max(f32_set1(-SHORT_END), x);
    f32_vec scaled = f32_short_exp(f32_min(f32_set1(20), x)), e = f32_short_unscaled(scaled);
    f32_vec more = f32_add(e, f32_set1(2));
    f32_vec quotient = f32_div(f32_mul(scaled, more), f32_fused(e, more, f32_set1(2)));
    return f32_mul(f32_mul(x, quotient), f32_set1(SHORT_LAST_SCALE));
}

/* expm1(x) where x <= 0, and something elsewhere */
INLINE f32_vec f32_short_expm1_off(f32_vec x)
{
    bits exponent;
    f32_vec r = f32_short_rest(f32_min(f32_set1(0), f32_max(f32_set1(-18), x)), 0, &exponent);
    f32_vec power = f32_of_bits(add_32(exponent, f32_bits(f32_set1(1))));
    return f32_fused(power, f32_mul(r, f32_short_quotient(r)), f32_sub(power, f32_set1(1)));
}

/* off, which is not positive, where x is negative; -0 where that is */
INLINE f32_vec f32_short_choice(f32_vec x, f32_vec on, f32_vec off)
{
    return f32_select(f32_is_negative(x), f32_of_bits(bits_or(f32_bits(off), set1_32(INT32_MIN))), on);
}

static const float f32_short_error_elu = 0;
INLINE f32_vec f32_short_elu(f32_vec x) { return f32_short_choice(x, x, f32_short_expm1_off(x)); }

static const float f32_short_error_selu = 0;
INLINE f32_vec f32_short_selu(f32_vec x)
{
    f32_vec off = f32_mul(f32_short_expm1_off(x), f32_set1(SHORT_SELU_OFF));
    return f32_short_choice(x, f32_mul(x, f32_set1(SHORT_SELU)), off);
}

#undef SCALE
#undef UNSCALE
