/* relu_squared and its gradients.
 *
 *     relu_squared(x)               x * x where x > 0,         +0 where x <= 0,   x where x is NaN
 *     relu_squared_grad(x)          x + x                      0                  x
 *     relu_squared_backward(dy, x)  dy * x + dy * x            0                  x
 *
 * So et al., "Primer: searching for efficient transformers for language modeling", 2021. One product, so exact to its rounding,
 * and wrapped for integers; to double is exact. The gradient doubles last: 2 * x may overflow where dy * 2 * x does not.
 * Lanes that do not take the branch compute with 0, which raises no flag. */
#ifdef KERNEL

KERNEL(relu_squared, 1, 1, numbers, compute, "x", 0.5, "y = square(maximum(x, 0))")
KERNEL(relu_squared_grad, 1, 1, numbers, compute, "x", 0.5, "dx = 2 * maximum(x, 0)")
KERNEL(relu_squared_backward, 2, 1, numbers, compute, "dy, x", 1.0, "dx = where(x > 0, 2 * (dy * x), 0)")

#elif defined COMPUTES || defined WRAPS

INLINE Vec E(relu_squared)(Vec x) { return Mul(PositivePart(x), PositivePart(x)); }
INLINE Vec E(relu_squared_grad)(Vec x) { return Add(PositivePart(x), PositivePart(x)); }

INLINE bool E(relu_squared_backward_makes_nan)(Vec x) { return ProductMakesNan(x); }
INLINE Vec E(relu_squared_backward)(Vec dy, Vec x)
{
    Vec product = Mul(ZeroUnless(IsPositive(x), dy), ZeroUnless(IsPositive(x), x));
    return OrNan(IsNan(x), x, Add(product, product));
}

#endif
