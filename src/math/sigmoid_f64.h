/* sigmoid, silu and their derivatives in float64; z is beta x.
 *
 *     sigmoid(z)  = 1 / (1 + e^-z)
 *     silu(x, z)  = x / (1 + e^-z)
 *     sigmoid'(z) = E / (1 + E)^2                                                                    E = e^-|z|
 *     silu'(z)    = E (1 + E + z) / (1 + E)^2 where z < 0,   (1 + E (1 + z)) / (1 + E)^2 elsewhere
 *
 * in pairs, so that what cancels near the root of silu', -1.27846, has enough bits.
 *
 * Worst errors found among 8 10^6 points each, the largest computed by MPFR; within 0.1 of the root of a derivative they
 * count as those of 0.1, 1.4e-17:
 *     sigmoid     0.529 ULP at -0x1.48f396e43e98ap+9
 *     sigmoid'    0.529 ULP at -0x1.59e813d2829c0p+8
 *     silu        0.528 ULP at -0x1.4de423417b766p+9
 *     silu'       0.552 ULP at -0x1.2660bd8d770d9p+0
 *     softplus'   0.529 ULP at -0x1.48f396e43e98ap+9 */

/* Up to 18 the first part of e^-x, of 26 bits, is added to 1 without an error; from 2^-60 on no product underflows. */
INLINE mask f64_is_unusual_for_sigmoid(f64_vec x) { return f64_is_unusual(x, 0x1p-60, 18); }

/* n / (1 + e^-x) of such x, with the bits of the general way below */
INLINE f64_vec f64_usual_sigmoid_times(f64_vec n, f64_vec x)
{
    struct twofold e = f64_exp_of_reduced(f64_reduce(f64_neg(x)));
    struct twofold divisor = twofold_renewed(f64_add(f64_set1(1), e.high), e.low);
    return twofold_rounded(twofold_quotient_of_1(n, divisor));
}

INLINE f64_vec f64_sigmoid_of(struct twofold z)
{
    f64_vec y = twofold_rounded(twofold_quotient_of_1(f64_set1(1), f64_sigmoid_divisor(z)));
    return f64_with_tail(y, twofold_set1(1, 0), z);
}

NOINLINE f64_vec f64_any_sigmoid(f64_vec x) { return f64_sigmoid_of(twofold_of(x)); }

INLINE f64_vec f64_sigmoid_function(f64_vec x, enum use use)
{
    const bool usual = __builtin_expect(!mask_any(f64_is_unusual_for_sigmoid(x)), true);
    return (void)use, usual ? f64_usual_sigmoid_times(f64_set1(1), x) : f64_any_sigmoid(x);
}

INLINE f64_vec f64_sigmoid_slope(f64_vec x, enum use use)
{
    struct twofold e = f64_exp_minus_magnitude(twofold_of(x)), w = f64_1_plus(e);
    f64_vec y = twofold_rounded(twofold_quotient(e, twofold_mul(w, w)));
    return (void)use, f64_with_tail(y, twofold_set1(1, 0), twofold_of(f64_neg(f64_abs(x))));
}

NOINLINE f64_vec f64_any_silu(f64_vec x, f64_vec beta)
{
    struct twofold z = f64_argument(x, beta);
    return f64_with_tail(f64_over(x, f64_sigmoid_divisor(z)), twofold_of(x), z);
}

INLINE f64_vec f64_silu_function(f64_vec x, f64_vec beta, enum use use)
{
    const mask unusual = mask_or(f64_is_unusual_for_sigmoid(x), f64_ne(beta, f64_set1(1)));
    const bool usual = __builtin_expect(!mask_any(unusual), true);
    return (void)use, usual ? f64_usual_sigmoid_times(x, x) : f64_any_silu(x, beta);
}

INLINE f64_vec f64_silu_slope(f64_vec x, f64_vec beta, enum use use)
{
    const f64_vec one = f64_set1(1);
    struct twofold z = f64_argument(x, beta), e = f64_exp_minus_magnitude(z), w = f64_1_plus(e);
    /* From 1500 on the value is 0 or 1; next to 0 products might underflow. */
    f64_vec limited = f64_min(f64_set1(1500), f64_max(f64_set1(-1500), z.high));
    struct twofold near = {f64_select(f64_lt(f64_set1(0x1p-110), f64_abs(z.high)), limited, f64_set1(0)), z.low};
    mask below = f64_lt(z.high, f64_set1(0));
    struct twofold n = twofold_mul(twofold_select(below, twofold_add(w, near), twofold_add_1(near, one)), e);
    n = twofold_select(below, n, twofold_add_1(n, one));
    f64_vec y = twofold_rounded(twofold_quotient(n, twofold_mul(w, w)));
    return (void)use, f64_with_tail(y, twofold_add_1(near, one), z);
}

INLINE f64_vec f64_softplus_slope(f64_vec x, f64_vec beta, enum use use)
{
    return (void)use, f64_sigmoid_of(f64_argument(x, beta));
}
