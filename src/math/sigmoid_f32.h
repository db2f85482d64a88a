/* sigmoid, silu and their derivatives in double lanes; z is beta x, and not NaN unless that is 0 * infinity.
 *
 *     sigmoid(z)  = E / (1 + E) where z < 0, else 1 - E / (1 + E)         E = e^-|z|
 *     sigmoid'(z) = E / (1 + E)^2                                         E = e^-|z|
 *     silu(x, z)  = x / (1 + e^-z)
 *     silu'(z)    = E G / (1 + E)^2,  G = (T + (1 + z)) + T p             E = T + T p = e^z
 *
 * T + (1 + z) is exact near the root of silu', -1.27846, where it cancels.
 * Two families of ties are decided by terms that double has no bits for. sigmoid is 1/2 + z/4 - z^3/48 and silu' 1/2 +
 * z/2 - z^3/6 where z is small: they are moved by 2^-51 towards 1/2. silu is x/2 + x^2/4, which for an odd subnormal x is
 * just above a tie: z is at least 2^-40 in magnitude.
 *
 * Worst error: 0.5 ULP where beta is 1, for every input. */
#define SIGMOID_LEAST 110 /* e^-110 rounds to 0, x e^-110 as well where x is -110 */

/* Where |z| < 2^-15, y is moved towards 1/2. */
INLINE f64_vec f32_nudged(f64_vec z, f64_vec y)
{
    mask tied = f64_lt(f64_abs(z), f64_set1(0x1p-15));
    return f64_sub(y, f64_pick(tied, f64_signed_as(f64_set1(0x1p-51), z), f64_set1(0)));
}

INLINE f64_vec f32_sigmoid_in_f64(bool fuse, f64_vec z)
{
    f64_vec e = f32_exp(fuse, f64_neg(f64_min(f64_set1(SIGMOID_LEAST), f64_abs(z))));
    f64_vec one = f64_set1(1), below = f64_div(e, f64_add(one, e));
    return f32_nudged(z, f64_pick(f64_lt(z, f64_set1(0)), below, f64_sub(one, below)));
}

INLINE f64_vec f32_sigmoid_slope_in_f64(f64_vec z)
{
    f64_vec e = f32_exp(true, f64_neg(f64_min(f64_set1(SIGMOID_LEAST), f64_abs(z))));
    f64_vec w = f64_add(f64_set1(1), e);
    return f64_div(e, f64_mul(w, w));
}

INLINE f64_vec f32_silu_in_f64(bool fuse, f64_vec x, f64_vec z)
{
    /* Where z < -200 the value is 0, of the sign of x, however large that is. */
    const f64_vec least = f64_set1(-200);
    f64_vec numerator = f64_pick(f64_lt(z, least), f64_signed_as(f64_set1(1), x), x);
    f64_vec clamped = f64_min(f64_set1(120), f64_max(least, z));
    f64_vec magnitude = f64_abs(clamped), seen = f64_max(f64_set1(0x1p-40), magnitude);
    if (!fuse) { /* a beta of 0 gives x / 2, ties included */
        seen = f64_pick(eq_64(f64_bits(magnitude), set1_64(0)), magnitude, seen);
    }
    clamped = f64_signed_as(seen, clamped);
    return f64_div(numerator, f64_add(f64_set1(1), f32_exp(fuse, f64_neg(clamped))));
}

INLINE f64_vec f32_silu_slope_in_f64(bool fuse, f64_vec z)
{
    z = f64_min(f64_set1(60), f64_max(f64_set1(-SIGMOID_LEAST), z));
    f64_vec one = f64_set1(1), power, p = f32_exp_of(fuse, z, &power);
    f64_vec e = f64_madd(fuse, power, p, power), w = f64_add(one, e);
    f64_vec g = f64_madd(fuse, power, p, f64_add(power, f64_add(one, z)));
    return f32_nudged(z, f64_div(f64_mul(e, g), f64_mul(w, w)));
}

INLINE f64_vec f32_sigmoid_of(f64_vec x) { return f32_sigmoid_in_f64(true, x); }
INLINE f32_vec f32_sigmoid_function(f32_vec x, enum use use) { return f32_by_doubles(f32_sigmoid_of, use, x); }
INLINE f32_vec f32_sigmoid_slope(f32_vec x, enum use use) { return f32_by_doubles(f32_sigmoid_slope_in_f64, use, x); }

INLINE f64_vec f32_silu_of(f64_vec x) { return f32_silu_in_f64(true, x, x); }
INLINE f64_vec f32_silu_with(f64_vec x, f64_vec beta) { return f32_silu_in_f64(false, x, f64_mul(x, beta)); }
INLINE f32_vec f32_silu_function(f32_vec x, f32_vec beta, enum use use)
{
    return f32_is_one(beta) ? f32_by_doubles(f32_silu_of, use, x) : f32_by_doubles_with(f32_silu_with, use, x, beta);
}

INLINE f64_vec f32_silu_slope_of(f64_vec x) { return f32_silu_slope_in_f64(true, x); }
INLINE f64_vec f32_silu_slope_with(f64_vec x, f64_vec beta) { return f32_silu_slope_in_f64(false, f64_mul(x, beta)); }
INLINE f32_vec f32_silu_slope(f32_vec x, f32_vec beta, enum use use)
{
    return f32_is_one(beta) ? f32_by_doubles(f32_silu_slope_of, use, x)
                            : f32_by_doubles_with(f32_silu_slope_with, use, x, beta);
}

/* that of softplus */
INLINE f64_vec f32_sigmoid_with(f64_vec x, f64_vec beta) { return f32_sigmoid_in_f64(false, f64_mul(x, beta)); }
INLINE f32_vec f32_softplus_slope(f32_vec x, f32_vec beta, enum use use)
{
    return f32_is_one(beta) ? f32_by_doubles(f32_sigmoid_of, use, x)
                            : f32_by_doubles_with(f32_sigmoid_with, use, x, beta);
}
