/* The rounding error of a product, for the ISAs that have no fused operation, with the bits of those that have: each factor
 * is cut into 26 bits and 26 more, whose products are exact (Dekker, "A floating-point technique for extending the available
 * precision", 1971). Neither a factor nor the error may be close to overflow or underflow. */

/* rounded to 26 bits; what is left has no more */
INLINE f64_vec f64_rounded_half(f64_vec a)
{
    return f64_of_bits(bits_and(add_64(f64_bits(a), set1_64((int64_t)1 << 26)), set1_64(-((int64_t)1 << 27))));
}

INLINE f64_vec f64_product_error(f64_vec a, f64_vec b, f64_vec p)
{
    f64_vec a_high = f64_rounded_half(a), a_low = f64_sub(a, a_high);
    f64_vec b_high = f64_rounded_half(b), b_low = f64_sub(b, b_high);
    f64_vec error = f64_sub(f64_mul(a_high, b_high), p);
    error = f64_add(f64_add(error, f64_mul(a_high, b_low)), f64_mul(a_low, b_high));
    return f64_add(error, f64_mul(a_low, b_low));
}

/* c - a b, rounded once: of a product so near to c that c less the rounded product is exact */
INLINE f64_vec f64_less_product(f64_vec a, f64_vec b, f64_vec c)
{
    f64_vec p = f64_mul(a, b);
    return f64_sub(f64_sub(c, p), f64_product_error(a, b, p));
}
