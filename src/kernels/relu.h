/* relu and its gradients, which move or select and never compute.
 *
 *     relu(x)              x where x > 0,   +0 where x <= 0,   x where x is NaN
 *     relu_grad(x)         1                0                  x
 *     relu_backward(dy, x) dy               0                  x
 *
 * Exact for every input, and without a floating-point flag, signalling NaN included. */
#ifdef KERNEL

KERNEL(relu, 1, 1, numbers, select, "x", 0.0, "y = maximum(x, 0)")
KERNEL(relu_grad, 1, 1, numbers, select, "x", 0.0, "dx = where(x > 0, 1, 0)")
KERNEL(relu_backward, 2, 1, numbers, select, "dy, x", 0.0, "dx = where(x > 0, dy, 0)")

#else

INLINE Vec E(relu)(Vec x) { return PositivePart(x); }
INLINE Vec E(relu_grad)(Vec x) { return WhereAbove(x, Zero(), One()); }
INLINE Vec E(relu_backward)(Vec dy, Vec x) { return WhereAbove(x, Zero(), dy); }

#endif
