/* hardswish and hardsigmoid, which are swish and sigmoid in straight lines, and their gradients.
 *
 *     hardswish(x)                               x relu6(x + 3) / 6
 *     hardswish_grad(x)                          0 where x <= -3,   x / 3 + 1/2 where -3 < x <= 3,   1 where x > 3
 *     hardsigmoid(x, alpha, beta)                alpha x + beta cut to [0, 1]
 *     hardsigmoid_grad(x, alpha, beta)           alpha where that is within, 0 where it is cut
 *     the gradients times dy, 0 where the derivative is
 *     of a NaN: the first among x, alpha and beta
 *
 * Howard et al., "Searching for MobileNetV3", 2019; hardsigmoid with 0.2 and 0.5: Courbariaux, Bengio, David, "BinaryConnect",
 * 2015. At a kink the derivative is that of the left side: of hardswish 0 at -3 and 3/2 at 3.
 *
 * All types are formed in double and rounded once, or, float32 at the defaults, in sums of two floats: math/hard_f32.h,
 * hard_brief_f32.h and hard_f64.h have the errors. An alpha of 1/6, as
 * near as its type has it, stands for the real number. Lanes with a NaN compute with 1, which raises no flag. */
#ifdef KERNEL

KERNEL(hardswish, 1, 1, floats, brief, "x", 1.0, "y = x * clip(x + 3, 0, 6) / 6")
KERNEL(hardswish_grad, 1, 1, floats, brief, "x", 1.0, "dx = where(x > 3, 1, where(x > -3, (2 * x + 3) / 6, 0))")
KERNEL(hardswish_backward, 2, 1, floats, brief_product, "dy, x", 1.6,
       "dx = dy * where(x > 3, 1, where(x > -3, (2 * x + 3) / 6, 0))")
KERNEL(hardsigmoid, 3, 1, floats, brief_at_defaults, "x, /, alpha=1/6, beta=0.5", 1.0,
       "y = clip(alpha * x + beta, 0, 1)")
KERNEL(hardsigmoid_grad, 3, 1, floats, brief_at_defaults, "x, /, alpha=1/6, beta=0.5", 0.5,
       "dx = where((alpha * x + beta > 0) & (alpha * x + beta <= 1), alpha, 0)")
KERNEL(hardsigmoid_backward, 4, 1, floats, brief_at_defaults, "dy, x, /, alpha=1/6, beta=0.5", 0.5,
       "dx = where((alpha * x + beta > 0) & (alpha * x + beta <= 1), dy * alpha, 0)")

#elif defined COMPUTES

INLINE Vec E(hardswish)(Vec x) { return FirstNan(x, Hardswish(OneWhereNan(x, x), AS_RESULT)); }
INLINE Vec E(hardswish_grad)(Vec x) { return FirstNan(x, HardswishSlope(OneWhereNan(x, x), AS_RESULT)); }

/* dy times a slope, and 0 where that is 0 */
INLINE Vec E(times_hard_slope)(Vec dy, Vec slope) { return Scale(Select(IsZero(slope), Zero(), dy), slope); }

INLINE Vec E(hardswish_backward)(Vec dy, Vec x)
{
    return FirstNan(x, E(times_hard_slope)(OneWhereNan(x, dy), HardswishSlope(OneWhereNan(x, x), AS_FACTOR)));
}

/* f of numbers; else the first NaN */
INLINE Vec E(hard_of)(Vec (*f)(Vec, Vec, Vec, enum use), enum use use, Vec x, Vec alpha, Vec beta)
{
    const mask nan = mask_or(IsNan(x), mask_or(IsNan(alpha), IsNan(beta)));
    Vec y = f(OneWhere(nan, x), OneWhere(nan, alpha), OneWhere(nan, beta), use);
    return FirstNan(x, FirstNan(alpha, FirstNan(beta, y)));
}

INLINE Vec E(hardsigmoid)(Vec x, Vec alpha, Vec beta) { return E(hard_of)(Hardsigmoid, AS_RESULT, x, alpha, beta); }
INLINE Vec E(hardsigmoid_grad)(Vec x, Vec alpha, Vec beta)
{
    return E(hard_of)(HardsigmoidSlope, AS_RESULT, x, alpha, beta);
}

INLINE Vec E(hardsigmoid_backward)(Vec dy, Vec x, Vec alpha, Vec beta)
{
    Vec slope = E(hard_of)(HardsigmoidSlope, AS_FACTOR, x, alpha, beta);
    return FirstNan(x, FirstNan(alpha, FirstNan(beta, E(times_hard_slope)(dy, slope))));
}

#ifdef FAST

INLINE Vec E(hardswish_brief)(Vec x) { return BriefHardswish(x); }
INLINE Vec E(hardswish_grad_brief)(Vec x) { return BriefHardswishSlope(x); }
INLINE Vec E(hardswish_backward_brief)(Vec dy, Vec x) { return TimesBriefSlope(dy, BriefHardswishSlope(x)); }
INLINE Vec E(hardsigmoid_brief)(Vec x, Vec alpha, Vec beta) { return (void)alpha, (void)beta, BriefHardsigmoid(x); }

INLINE Vec E(hardsigmoid_grad_brief)(Vec x, Vec alpha, Vec beta)
{
    return (void)alpha, (void)beta, BriefHardsigmoidSlope(x);
}

INLINE Vec E(hardsigmoid_backward_brief)(Vec dy, Vec x, Vec alpha, Vec beta)
{
    return (void)alpha, (void)beta, TimesBriefSlope(dy, BriefHardsigmoidSlope(x));
}

#endif

#endif
