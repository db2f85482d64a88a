/* relu and its gradients, which move or select and never compute: included once for each element type.
 *
 *     relu(x)              x where x > 0,   +0 where x <= 0,   x where x is NaN
 *     relu_grad(x)         1                0                  x
 *     relu_backward(dy, x) dy               0                  x
 *
 * Exact for every input, and without a floating-point flag, signalling NaN included. */

/* x <= 0 */
INLINE mask E(is_off)(E(vec) x) { return mask_or(E(is_negative)(x), E(is_zero)(x)); }

INLINE E(vec) E(off_or_zero)(E(vec) x) { return E(select)(E(is_off)(x), x, E(zero)()); }

/* on where x > 0, off where x <= 0, x where x is NaN */
INLINE E(vec) E(choose)(E(vec) x, E(vec) on, E(vec) off)
{
    return E(select)(E(is_off)(x), off, E(select)(E(is_nan)(x), x, on));
}

INLINE E(vec) E(relu)(E(vec) x) { return E(select)(E(is_negative)(x), E(zero)(), x); }
INLINE E(vec) E(relu_grad)(E(vec) x) { return E(choose)(x, E(one)(), E(zero)()); }
INLINE E(vec) E(relu_backward)(E(vec) dy, E(vec) x) { return E(choose)(x, dy, E(zero)()); }
