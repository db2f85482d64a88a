/* thresholded_relu, which lets through what is above a threshold, and its gradients.
 *
 *     thresholded_relu(x, theta)               x where x > theta,   +0 where x <= theta
 *     thresholded_relu_grad(x, theta)          1                    0
 *     thresholded_relu_backward(dy, x, theta)  dy                   0
 *     of a NaN: x where x is NaN, else theta where that is
 *
 * Konda, Memisevic, Krueger, "Zero-bias autoencoders and the benefits of co-adapting features", 2015. At the threshold, where
 * the function jumps, the derivative is that of the left side, 0.
 *
 * Exact for every input, and without a floating-point flag, signalling NaN included. */
#ifdef KERNEL

KERNEL(thresholded_relu, 2, 1, numbers, select, "x, /, theta=1", 0.0, "y = where(x > theta, x, 0)")
KERNEL(thresholded_relu_grad, 2, 1, numbers, select, "x, /, theta=1", 0.0, "dx = where(x > theta, 1, 0)")
KERNEL(thresholded_relu_backward, 3, 1, numbers, select, "dy, x, /, theta=1", 0.0, "dx = where(x > theta, dy, 0)")

#else

INLINE Vec E(thresholded_relu_backward)(Vec dy, Vec x, Vec theta)
{
    if (__builtin_expect(mask_any(IsSignedOrNan(theta)), false)) {
        return Select(IsNan(x), x, Select(IsNan(theta), theta, Select(IsGreater(x, theta), dy, Zero())));
    }
    return WhereAbove(x, theta, dy);
}

INLINE Vec E(thresholded_relu)(Vec x, Vec theta) { return E(thresholded_relu_backward)(x, x, theta); }
INLINE Vec E(thresholded_relu_grad)(Vec x, Vec theta) { return E(thresholded_relu_backward)(One(), x, theta); }

#endif
