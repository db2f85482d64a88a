/* An integer element type: included once for each, with ELEMENT, WIDTH (in bits) and SIGNED. */

typedef bits E(vec);

INLINE E(vec) E(load)(const char *p, size_t count) { return bits_load(p, count * (WIDTH / 8)); }
INLINE void E(store)(char *p, E(vec) a, size_t count) { bits_store(p, a, count * (WIDTH / 8)); }
INLINE size_t E(lanes)(void) { return lanes(WIDTH / 8); }
INLINE size_t E(size)(void) { return WIDTH / 8; }

INLINE E(vec) E(zero)(void) { return JOIN(set1, WIDTH)(0); }
INLINE E(vec) E(one)(void) { return JOIN(set1, WIDTH)(1); }
INLINE E(vec) E(six)(void) { return JOIN(set1, WIDTH)(6); }
INLINE E(vec) E(select)(mask m, E(vec) a, E(vec) b) { return JOIN(select, WIDTH)(m, a, b); }

INLINE E(vec) E(held)(E(vec) a) { return bits_held(a); }
INLINE E(vec) E(zero_where)(mask m, E(vec) a) { return JOIN(zero_where, WIDTH)(m, a); }
INLINE E(vec) E(zero_unless)(mask m, E(vec) a) { return JOIN(zero_unless, WIDTH)(m, a); }

INLINE mask E(is_zero)(E(vec) x) { return JOIN(eq, WIDTH)(x, E(zero)()); }
INLINE mask E(is_negative)(E(vec) x) { return JOIN(gt, WIDTH)(E(zero)(), SIGNED ? x : E(zero)()); }

/* The vocabulary compares signed integers: unsigned ones with half of their range taken away. */
INLINE mask E(is_greater)(E(vec) a, E(vec) b)
{
    const bits half = JOIN(set1, WIDTH)(SIGNED ? 0 : INT64_MIN >> (64 - WIDTH));
    return JOIN(gt, WIDTH)(JOIN(add, WIDTH)(a, half), JOIN(add, WIDTH)(b, half));
}

INLINE mask E(is_above)(E(vec) x, E(vec) m) { return E(is_greater)(x, m); }
INLINE mask E(is_signed_or_nan)(E(vec) x) { return E(is_negative)(x); }
INLINE E(vec) E(capped)(E(vec) x, E(vec) c) { return E(select)(E(is_greater)(x, c), c, x); }

INLINE mask E(is_positive)(E(vec) x) { return E(is_greater)(x, E(zero)()); }

INLINE E(vec) E(add)(E(vec) a, E(vec) b) { return JOIN(add, WIDTH)(a, b); }
INLINE E(vec) E(mul)(E(vec) a, E(vec) b) { return JOIN(mul, WIDTH)(a, b); }
INLINE mask E(is_normal)(E(vec) x) { return JOIN(eq, WIDTH)(x, x); } /* no product makes NaN of it */
INLINE mask E(is_nan)(E(vec) x) { return (void)x, JOIN(gt, WIDTH)(E(zero)(), E(zero)()); }

#undef SIGNED
#undef WIDTH
