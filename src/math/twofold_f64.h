/* Arithmetic on unevaluated sums of two doubles, high + low, where |low| is at most some units in the last place of high:
 * about 2^-100 of relative error each, so that a function computed in pairs and rounded at the end is nearly correctly
 * rounded. No operation is fused but where that changes nothing, as in the exact error of a product: every ISA gives the same
 * bits. Dekker, "A floating-point technique for extending the available precision", 1971. */
#include "simd/doubles.h"

struct twofold {
    f64_vec high, low;
};

INLINE struct twofold twofold_of(f64_vec a) { return (struct twofold){a, f64_set1(0)}; }
INLINE struct twofold twofold_set1(double high, double low) { return (struct twofold){f64_set1(high), f64_set1(low)}; }
INLINE f64_vec twofold_rounded(struct twofold a) { return f64_add(a.high, a.low); }

INLINE struct twofold twofold_select(mask m, struct twofold a, struct twofold b)
{
    return (struct twofold){f64_select(m, a.high, b.high), f64_select(m, a.low, b.low)};
}

/* a + b, exactly */
INLINE struct twofold twofold_sum(f64_vec a, f64_vec b)
{
    f64_vec sum = f64_add(a, b), b_seen = f64_sub(sum, a), a_seen = f64_sub(sum, b_seen);
    return (struct twofold){sum, f64_add(f64_sub(a, a_seen), f64_sub(b, b_seen))};
}

/* the same, where high is 0 or has no smaller exponent than low */
INLINE struct twofold twofold_renewed(f64_vec high, f64_vec low)
{
    f64_vec sum = f64_add(high, low);
    return (struct twofold){sum, f64_sub(low, f64_sub(sum, high))};
}

INLINE struct twofold twofold_product(f64_vec a, f64_vec b)
{
    f64_vec product = f64_mul(a, b);
    return (struct twofold){product, f64_product_error(a, b, product)};
}

INLINE struct twofold twofold_add(struct twofold a, struct twofold b)
{
    struct twofold sum = twofold_sum(a.high, b.high);
    return twofold_renewed(sum.high, f64_add(sum.low, f64_add(a.low, b.low)));
}

INLINE struct twofold twofold_add_1(struct twofold a, f64_vec b)
{
    struct twofold sum = twofold_sum(a.high, b);
    return twofold_renewed(sum.high, f64_add(sum.low, a.low));
}

INLINE struct twofold twofold_mul(struct twofold a, struct twofold b)
{
    struct twofold product = twofold_product(a.high, b.high);
    f64_vec rest = f64_add(f64_mul(a.high, b.low), f64_mul(a.low, b.high));
    return twofold_renewed(product.high, f64_add(product.low, rest));
}

INLINE struct twofold twofold_mul_1(struct twofold a, f64_vec b)
{
    struct twofold product = twofold_product(a.high, b);
    return twofold_renewed(product.high, f64_add(product.low, f64_mul(a.low, b)));
}

/* times a power of two */
INLINE struct twofold twofold_scaled(struct twofold a, f64_vec power)
{
    return (struct twofold){f64_mul(a.high, power), f64_mul(a.low, power)};
}

/* n / d: the quotient of the high parts, and a correction by what it leaves */
INLINE struct twofold twofold_quotient(struct twofold n, struct twofold d)
{
    f64_vec reciprocal = f64_div(f64_set1(1), d.high), quotient = f64_mul(n.high, reciprocal);
    f64_vec left = f64_less_product(quotient, d.high, n.high);
    left = f64_add(left, f64_sub(n.low, f64_mul(quotient, d.low)));
    return (struct twofold){quotient, f64_mul(left, reciprocal)};
}

/* the same of an n without a low part */
INLINE struct twofold twofold_quotient_of_1(f64_vec n, struct twofold d)
{
    f64_vec reciprocal = f64_div(f64_set1(1), d.high), quotient = f64_mul(n, reciprocal);
    f64_vec left = f64_sub(f64_less_product(quotient, d.high, n), f64_mul(quotient, d.low));
    return (struct twofold){quotient, f64_mul(left, reciprocal)};
}
