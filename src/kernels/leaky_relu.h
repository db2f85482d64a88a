/* leaky_relu, prelu and their gradients times dy: included once for each element type that computes.
 *
 *     leaky_relu(x, s)               x where x > 0,   x * s where x <= 0,    x where x is NaN
 *     leaky_relu_backward(dy, x, s)  dy               dy * s                 x
 *     prelu_backward(dy, x, s): the same, and
 *                                    0                dy * x                 x
 *
 * One product at the most, so exact to its rounding. Where a lane does not take the product it is multiplied by 1:
 * that is exact too, and raises no flag. name_makes_nan: whether, with that slope, some of the other operands, being
 * numbers, may. */

/* the factor where x <= 0, 1 elsewhere */
INLINE E(vec) E(where_off)(E(vec) x, E(vec) factor) { return E(select)(E(is_off)(x), factor, E(one)()); }

/* dy * factor, and dy's NaN where both are: which of two NaNs a product keeps is up to the compiler */
INLINE E(vec) E(scale)(E(vec) dy, E(vec) factor) { return E(mul)(dy, E(select)(E(is_nan)(dy), E(one)(), factor)); }

INLINE bool E(product_makes_nan)(E(vec) factor) { return !mask_any(E(is_normal)(factor)); }

INLINE bool E(leaky_relu_makes_nan)(E(vec) slope) { return E(product_makes_nan)(slope); }
INLINE E(vec) E(leaky_relu)(E(vec) x, E(vec) slope) { return E(mul)(x, E(where_off)(x, slope)); }

INLINE bool E(leaky_relu_backward_makes_nan)(E(vec) slope) { return E(product_makes_nan)(slope); }
INLINE E(vec) E(leaky_relu_backward)(E(vec) dy, E(vec) x, E(vec) slope)
{
    return E(select)(E(is_nan)(x), x, E(scale)(dy, E(where_off)(x, slope)));
}

INLINE bool E(prelu_makes_nan)(E(vec) slope) { return E(product_makes_nan)(slope); }
INLINE E(vec) E(prelu)(E(vec) x, E(vec) slope) { return E(leaky_relu)(x, slope); }

INLINE bool E(prelu_backward_makes_nan)(E(vec) slope) { return (void)slope, true; }
INLINE struct E(pair) E(prelu_backward)(E(vec) dy, E(vec) x, E(vec) slope)
{
    E(vec) dslope = E(choose)(x, E(zero)(), E(mul)(dy, E(where_off)(x, x)));
    return (struct E(pair)){E(leaky_relu_backward)(dy, x, slope), dslope};
}
