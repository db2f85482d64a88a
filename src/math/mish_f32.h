/* mish and its derivative in double lanes.
 *
 *     mish(x)  = x n / (n + 2),  n = E (E + 2)                                                       E = e^x
 *     mish'(x) = (E r) (g r),  r = 1 / (n + 2),  g = 4 (x + 1) + E (4 x + 6 + E (4 + E))
 *
 * Worst error: 0.5 ULP, for every input. From 40 on E^2 hides all else, below -110 results round to 0. */

INLINE f64_vec f32_mish_in_f64(f64_vec x)
{
    x = f64_max(f64_set1(-110), x);
    f64_vec two = f64_set1(2), e = f32_exp(true, f64_min(f64_set1(40), x)), n = f64_mul(e, f64_add(e, two));
    return f64_div(f64_mul(x, n), f64_add(n, two));
}

INLINE f64_vec f32_mish_slope_in_f64(f64_vec x)
{
    x = f64_min(f64_set1(40), f64_max(f64_set1(-110), x));
    f64_vec two = f64_set1(2), four = f64_set1(4), e = f32_exp(true, x);
    f64_vec r = f64_div(f64_set1(1), f64_muladd(e, f64_add(e, two), two));
    f64_vec inner = f64_muladd(e, f64_add(e, four), f64_muladd(x, four, f64_set1(6)));
    f64_vec g = f64_muladd(e, inner, f64_mul(four, f64_add(x, f64_set1(1))));
    return f64_mul(f64_mul(e, r), f64_mul(g, r));
}

INLINE f32_vec f32_mish_function(f32_vec x, enum use use) { return f32_by_doubles(f32_mish_in_f64, use, x); }
INLINE f32_vec f32_mish_slope(f32_vec x, enum use use) { return f32_by_doubles(f32_mish_slope_in_f64, use, x); }
