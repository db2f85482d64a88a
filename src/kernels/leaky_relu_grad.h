/* The derivatives of leaky_relu and prelu, which select and never compute: included once for each floating type.
 *
 *     leaky_relu_grad(x, s)  1 where x > 0,   s where x <= 0,   x where x is NaN
 *     prelu_grad(x, s)       the same, and the derivative with respect to s:
 *                            0                x                 x
 *
 * Exact for every input, and without a floating-point flag. */

INLINE E(vec) E(leaky_relu_grad)(E(vec) x, E(vec) slope) { return E(choose)(x, E(one)(), slope); }

struct E(pair) {
    E(vec) dx, dslope;
};

INLINE struct E(pair) E(prelu_grad)(E(vec) x, E(vec) slope)
{
    return (struct E(pair)){E(leaky_relu_grad)(x, slope), E(choose)(x, E(zero)(), x)};
}
