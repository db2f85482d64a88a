/* How a formula of float32 is computed in double lanes, and rounded once. */
#include "simd/doubles.h"

/* A float32 that is rounded once more, to 16 bits in memory, comes out right if it is odd wherever it is not exact: of 13
 * bits, so that it lies neither on a boundary of theirs nor beside one that it has crossed, and so that no subnormal is
 * rounded between. */
INLINE f64_vec f64_odd(f64_vec a)
{
    const bits lost = set1_64(((int64_t)1 << 40) - 1), kept = set1_64(-((int64_t)1 << 40));
    bits word = f64_bits(a), carried = add_64(bits_and(word, lost), lost);
    return f64_of_bits(bits_and(bits_or(word, carried), kept));
}

/* IS_16_BIT is true where float32 in lanes is a 16-bit type in memory. */
INLINE f32_vec f32_rounded(enum use use, f64_vec low, f64_vec high)
{
    return IS_16_BIT && use == AS_RESULT ? f32_from_f64(f64_odd(low), f64_odd(high)) : f32_from_f64(low, high);
}

/* f(x), computed in double lanes and rounded once. */
INLINE f32_vec f32_by_doubles(f64_vec (*f)(f64_vec), enum use use, f32_vec x)
{
    return f32_rounded(use, f(f64_from_low(x)), f(f64_from_high(x)));
}

/* the same with a parameter */
INLINE f32_vec f32_by_doubles_with(f64_vec (*f)(f64_vec, f64_vec), enum use use, f32_vec x, f32_vec parameter)
{
    return f32_rounded(use, f(f64_from_low(x), f64_from_low(parameter)), f(f64_from_high(x), f64_from_high(parameter)));
}

/* the same with two */
INLINE f32_vec f32_by_doubles_with_two(f64_vec (*f)(f64_vec, f64_vec, f64_vec), enum use use, f32_vec x, f32_vec a,
                                       f32_vec b)
{
    return f32_rounded(use, f(f64_from_low(x), f64_from_low(a), f64_from_low(b)),
                       f(f64_from_high(x), f64_from_high(a), f64_from_high(b)));
}

/* Whether a parameter is 1 in every lane: then the result is that of the function without it, whose operations may be
 * fused. */
INLINE bool f32_is_one(f32_vec parameter)
{
    bits word = f32_bits(parameter), one = set1_32(0x3f800000);
    return !mask_any(mask_or(gt_32(word, one), gt_32(one, word)));
}
