/* leaky_relu and prelu, which differ in the default of the slope, and their gradients.
 *
 *     leaky_relu(x, s)               x where x > 0,   x * s where x <= 0,   x where x is NaN
 *     leaky_relu_grad(x, s)          1                s                     x
 *     leaky_relu_backward(dy, x, s)  dy               dy * s                x
 *     prelu_grad(x, s), prelu_backward(dy, x, s): the same, and with respect to s
 *                                    0                x                     x
 *                                    0                dy * x                x
 *
 * One product at the most, so exact to its rounding; the derivatives select, and are exact. Where a lane does not take
 * the product it is multiplied by 1: that is exact too, and raises no flag. */
#ifdef KERNEL

KERNEL(leaky_relu, 2, 1, floats, compute, "x, /, negative_slope=0.01", 0.5, "y = where(x > 0, x, negative_slope * x)")
KERNEL(leaky_relu_grad, 2, 1, floats, select, "x, /, negative_slope=0.01", 0.0, "dx = where(x > 0, 1, negative_slope)")
KERNEL(leaky_relu_backward, 3, 1, floats, compute, "dy, x, /, negative_slope=0.01", 0.5,
       "dx = where(x > 0, dy, dy * negative_slope)")
KERNEL(prelu, 2, 1, floats, compute, "x, /, slope", 0.5, "y = where(x > 0, x, slope * x)")
KERNEL(prelu_grad, 2, 2, floats, select, "x, /, slope", 0.0, "dx = where(x > 0, 1, slope); dslope = where(x > 0, 0, x)")
KERNEL(prelu_backward, 3, 2, floats, compute, "dy, x, /, slope", 0.5,
       "dx = where(x > 0, dy, dy * slope); dslope = where(x > 0, 0, dy * x)")

#else

INLINE Vec E(leaky_relu_grad)(Vec x, Vec slope) { return Choose(x, One(), slope); }

INLINE struct Pair E(prelu_grad)(Vec x, Vec slope)
{
    return (struct Pair){E(leaky_relu_grad)(x, slope), Choose(x, Zero(), x)};
}

#ifdef COMPUTES

INLINE bool E(leaky_relu_makes_nan)(Vec slope) { return ProductMakesNan(slope); }
INLINE Vec E(leaky_relu)(Vec x, Vec slope) { return Mul(x, WhereOff(x, slope)); }

/* 1 where x > 0, the factor where x <= 0, either where x is NaN */
INLINE Vec E(one_or)(Vec x, Vec factor) { return Select(IsAbove(x, Zero()), One(), factor); }

INLINE bool E(leaky_relu_backward_makes_nan)(Vec slope) { return ProductMakesNan(slope); }
INLINE Vec E(leaky_relu_backward)(Vec dy, Vec x, Vec slope)
{
    x = Held(x);
    if (AnyNan(x, slope)) { /* else a NaN of dy is the only one */
        return Select(IsNan(x), x, Scale(dy, WhereOff(x, slope)));
    }
    return Mul(dy, E(one_or)(x, slope));
}

INLINE bool E(prelu_makes_nan)(Vec slope) { return ProductMakesNan(slope); }
INLINE Vec E(prelu)(Vec x, Vec slope) { return E(leaky_relu)(x, slope); }

INLINE bool E(prelu_backward_makes_nan)(Vec slope) { return (void)slope, true; }
INLINE struct Pair E(prelu_backward)(Vec dy, Vec x, Vec slope)
{
    dy = Held(dy), x = Held(x);
    if (AnyNan(x, slope)) {
        return (struct Pair){E(leaky_relu_backward)(dy, x, slope), Choose(x, Zero(), Mul(dy, WhereOff(x, x)))};
    }
    Vec dslope = ZeroWhere(IsAbove(x, Zero()), Mul(dy, E(one_or)(x, x)));
    return (struct Pair){Mul(dy, E(one_or)(x, slope)), dslope};
}

#endif

#endif
