/* clipped_relu, which has a ceiling m, relu6, whose ceiling is 6, and their gradients.
 *
 *     clipped_relu(x, m)               m where relu(x) > m,        relu(x) elsewhere
 *     clipped_relu_grad(x, m)          1 where 0 < x <= m,         0 elsewhere
 *     clipped_relu_backward(dy, x, m)  dy                          0
 *     of a NaN: x where x is NaN, else m where m is
 *
 * A ceiling below 0 is the value everywhere. At a kink the derivative is that of the left side: 0 at 0, 1 at the ceiling.
 * Krizhevsky, "Convolutional deep belief networks on CIFAR-10", 2010, has relu6.
 *
 * Exact for every input, and without a floating-point flag, signalling NaN included. */
#ifdef KERNEL

KERNEL(relu6, 1, 1, numbers, select, "x", 0.0, "y = minimum(maximum(x, 0), 6)")
KERNEL(relu6_grad, 1, 1, numbers, select, "x", 0.0, "dx = where((x > 0) & (x <= 6), 1, 0)")
KERNEL(relu6_backward, 2, 1, numbers, select, "dy, x", 0.0, "dx = where((x > 0) & (x <= 6), dy, 0)")
KERNEL(clipped_relu, 2, 1, numbers, select, "x, /, max_value", 0.0, "y = minimum(maximum(x, 0), max_value)")
KERNEL(clipped_relu_grad, 2, 1, numbers, select, "x, /, max_value", 0.0, "dx = where((x > 0) & (x <= max_value), 1, 0)")
KERNEL(clipped_relu_backward, 3, 1, numbers, select, "dy, x, /, max_value", 0.0,
       "dx = where((x > 0) & (x <= max_value), dy, 0)")

#else

/* the first NaN of x and m, else y */
INLINE Vec E(clipped_or_nan)(Vec x, Vec m, Vec y) { return Select(IsNan(x), x, Select(IsNan(m), m, y)); }

INLINE Vec E(clipped_relu)(Vec x, Vec m)
{
    Vec y = PositivePart(x);
    if (__builtin_expect(mask_any(IsSignedOrNan(m)), false)) {
        return E(clipped_or_nan)(x, m, Select(IsGreater(y, m), m, y));
    }
    return Capped(y, m);
}

INLINE Vec E(clipped_relu_backward)(Vec dy, Vec x, Vec m)
{
    x = Held(x);
    if (__builtin_expect(mask_any(IsSignedOrNan(m)), false)) {
        return E(clipped_or_nan)(x, m, Select(mask_or(IsOff(x), IsGreater(x, m)), Zero(), dy));
    }
    return OrNan(IsNan(x), x, ZeroUnless(IsAbove(x, Zero()), ZeroWhere(IsAbove(x, m), dy)));
}

INLINE Vec E(clipped_relu_grad)(Vec x, Vec m) { return E(clipped_relu_backward)(One(), x, m); }

INLINE Vec E(relu6)(Vec x) { return E(clipped_relu)(x, Six()); }
INLINE Vec E(relu6_grad)(Vec x) { return E(clipped_relu_grad)(x, Six()); }
INLINE Vec E(relu6_backward)(Vec dy, Vec x) { return E(clipped_relu_backward)(dy, x, Six()); }

#endif
