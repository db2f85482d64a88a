/* A floating element type by its bits: included once for each, with ELEMENT, WIDTH (in bits), SIGN_BIT, INFINITE and
 * UNIT (the bits of -0, infinity and 1 as signed integers); E(vec), E(bits) and E(of_bits) are there already.
 *
 * Classes are read off the bits: every float compare raises INVALID on a signalling NaN, some do on a quiet one, and
 * all take a subnormal for zero when the caller's thread has that mode on. */

INLINE E(vec) E(load)(const char *p, size_t count) { return E(of_bits)(bits_load(p, count * (WIDTH / 8))); }
INLINE void E(store)(char *p, E(vec) a, size_t count) { bits_store(p, E(bits)(a), count * (WIDTH / 8)); }
INLINE size_t E(lanes)(void) { return lanes(WIDTH / 8); }
INLINE size_t E(size)(void) { return WIDTH / 8; }

INLINE E(vec) E(zero)(void) { return E(of_bits)(JOIN(set1, WIDTH)(0)); }
INLINE E(vec) E(one)(void) { return E(of_bits)(JOIN(set1, WIDTH)(UNIT)); }

/* 1.5 * 2^2: the lowest bit of an infinite exponent is the least exponent */
INLINE E(vec) E(six)(void)
{
    const int64_t step = INFINITE & -INFINITE;
    return E(of_bits)(JOIN(set1, WIDTH)(UNIT + 2 * step + step / 2));
}

INLINE E(vec) E(infinity)(void) { return E(of_bits)(JOIN(set1, WIDTH)(INFINITE)); }

/* a positive, quiet one: all bits of the exponent, and the next */
INLINE E(vec) E(nan)(void) { return E(of_bits)(JOIN(set1, WIDTH)(INFINITE | INFINITE >> 1)); }

INLINE E(vec) E(select)(mask m, E(vec) a, E(vec) b)
{
    return E(of_bits)(JOIN(select, WIDTH)(m, E(bits)(a), E(bits)(b)));
}

INLINE E(vec) E(held)(E(vec) a) { return E(of_bits)(bits_held(E(bits)(a))); }
INLINE E(vec) E(zero_where)(mask m, E(vec) a) { return E(of_bits)(JOIN(zero_where, WIDTH)(m, E(bits)(a))); }
INLINE E(vec) E(zero_unless)(mask m, E(vec) a) { return E(of_bits)(JOIN(zero_unless, WIDTH)(m, E(bits)(a))); }

INLINE mask E(is_zero)(E(vec) x) { return JOIN(eq, WIDTH)(E(bits)(x), JOIN(set1, WIDTH)(0)); }

/* x < 0 or x = -0: as signed integers, from -0, the least of all, up to -infinity */
INLINE mask E(is_negative)(E(vec) x) { return JOIN(gt, WIDTH)(JOIN(set1, WIDTH)(SIGN_BIT + INFINITE + 1), E(bits)(x)); }

/* NaN with a sign as well */
INLINE mask E(has_sign)(E(vec) x) { return JOIN(gt, WIDTH)(JOIN(set1, WIDTH)(0), E(bits)(x)); }

INLINE mask E(is_below_zero)(E(vec) x)
{
    return mask_and(E(is_negative)(x), JOIN(gt, WIDTH)(E(bits)(x), JOIN(set1, WIDTH)(SIGN_BIT)));
}

INLINE mask E(is_minus_infinity)(E(vec) x)
{
    return JOIN(eq, WIDTH)(E(bits)(x), JOIN(set1, WIDTH)(SIGN_BIT + INFINITE));
}

INLINE bits E(magnitude)(E(vec) x) { return bits_and(E(bits)(x), JOIN(set1, WIDTH)(~SIGN_BIT)); }

INLINE mask E(is_nan)(E(vec) x) { return JOIN(gt, WIDTH)(E(magnitude)(x), JOIN(set1, WIDTH)(INFINITE)); }

/* x > 0, and no NaN */
INLINE mask E(is_positive)(E(vec) x)
{
    const bits turn =
        JOIN(set1, WIDTH)(~SIGN_BIT - INFINITE); /* with which those come last of all integers, and +0 before */
    return JOIN(gt, WIDTH)(JOIN(add, WIDTH)(E(bits)(x), turn), turn);
}

/* neither 0, subnormal, infinite nor NaN; the exponent of the least is the lowest bit of an infinite one's */
INLINE mask E(is_normal)(E(vec) x)
{
    const bits below = JOIN(set1, WIDTH)((INFINITE & -INFINITE) - 1), above = JOIN(set1, WIDTH)(INFINITE);
    return mask_and(JOIN(gt, WIDTH)(E(magnitude)(x), below), JOIN(gt, WIDTH)(above, E(magnitude)(x)));
}

/* a > b; neither is NaN. As integers that are in the order of the numbers: below zero the bits run the other way. */
INLINE bits E(in_order)(E(vec) x)
{
    return JOIN(select, WIDTH)(E(is_negative)(x), JOIN(sub, WIDTH)(JOIN(set1, WIDTH)(SIGN_BIT), E(bits)(x)),
                               E(bits)(x));
}
INLINE mask E(is_greater)(E(vec) a, E(vec) b) { return JOIN(gt, WIDTH)(E(in_order)(a), E(in_order)(b)); }

/* x > m, as integers; m is a number from +0 on, and of a NaN in x it says either. AVX2 has no x <= m. */
INLINE mask E(is_above)(E(vec) x, E(vec) m) { return JOIN(gt, WIDTH)(E(bits)(x), E(bits)(m)); }

/* whether x has a sign or is NaN: whether it is no number from +0 on */
INLINE mask E(is_signed_or_nan)(E(vec) x)
{
    const bits turn = JOIN(set1, WIDTH)(~SIGN_BIT - INFINITE); /* with which those come before +0 */
    return JOIN(gt, WIDTH)(turn, JOIN(add, WIDTH)(E(bits)(x), turn));
}

/* c where x > c, else x, NaN too; both are numbers from +0 on, or x is NaN. As integers, turned so that NaN with no
 * sign comes first of all, and infinity last. */
INLINE E(vec) E(capped)(E(vec) x, E(vec) c)
{
    const bits turn = JOIN(set1, WIDTH)(~SIGN_BIT - INFINITE);
    const bits turned = JOIN(add, WIDTH)(E(bits)(x), turn), highest = JOIN(add, WIDTH)(E(bits)(c), turn);
    return E(of_bits)(JOIN(sub, WIDTH)(JOIN(least, WIDTH)(turned, highest), turn));
}

/* A result, with a positive NaN where it is NaN and was not given one. */
INLINE E(vec) E(settled)(E(vec) result, mask given)
{
    const mask nan = E(is_nan)(result);
    if (__builtin_expect(mask_any(nan), false)) {
        return E(select)(given, result, E(select)(nan, E(nan)(), result));
    }
    return result;
}

#undef UNIT
#undef INFINITE
#undef SIGN_BIT
#undef WIDTH
