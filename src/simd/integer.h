/* An integer element type: included once for each, with ELEMENT, WIDTH (in bits) and SIGNED. */

typedef bits E(vec);

INLINE E(vec) E(load)(const char *p, size_t count) { return bits_load(p, count * (WIDTH / 8)); }
INLINE void E(store)(char *p, E(vec) a, size_t count) { bits_store(p, a, count * (WIDTH / 8)); }
INLINE size_t E(lanes)(void) { return lanes(WIDTH / 8); }
INLINE size_t E(size)(void) { return WIDTH / 8; }

INLINE E(vec) E(zero)(void) { return JOIN(set1, WIDTH)(0); }
INLINE E(vec) E(one)(void) { return JOIN(set1, WIDTH)(1); }
INLINE E(vec) E(select)(mask m, E(vec) a, E(vec) b) { return JOIN(select, WIDTH)(m, a, b); }

INLINE mask E(is_zero)(E(vec) x) { return JOIN(eq, WIDTH)(x, E(zero)()); }
INLINE mask E(is_negative)(E(vec) x) { return JOIN(gt, WIDTH)(E(zero)(), SIGNED ? x : E(zero)()); }
INLINE mask E(is_nan)(E(vec) x) { return (void)x, JOIN(gt, WIDTH)(E(zero)(), E(zero)()); }

#undef SIGNED
#undef WIDTH
