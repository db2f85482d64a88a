/* Words for vectors of doubles, in terms of an instruction set's vocabulary. */
#ifndef RELU_UFUNC_DOUBLES_H
#define RELU_UFUNC_DOUBLES_H

INLINE f64_vec f64_abs(f64_vec a) { return f64_of_bits(bits_and(f64_bits(a), set1_64(INT64_MAX))); }
INLINE f64_vec f64_neg(f64_vec a) { return f64_of_bits(bits_xor(f64_bits(a), set1_64(INT64_MIN))); }

/* a, which is not negative, with the sign of b */
INLINE f64_vec f64_signed_as(f64_vec a, f64_vec b)
{
    return f64_of_bits(bits_or(f64_bits(a), bits_and(f64_bits(b), set1_64(INT64_MIN))));
}

INLINE f64_vec f64_pick(mask m, f64_vec a, f64_vec b) { return f64_of_bits(select_64(m, f64_bits(a), f64_bits(b))); }

/* a * b + c. `fuse`, which is a constant, allows one rounding where the ISA can: only for results that are proved not to
 * depend on it. */
INLINE f64_vec f64_madd(bool fuse, f64_vec a, f64_vec b, f64_vec c)
{
    return fuse ? f64_muladd(a, b, c) : f64_add(f64_mul(a, b), c);
}

#endif
