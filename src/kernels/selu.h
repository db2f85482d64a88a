/* selu and celu, which are scaled and continuously differentiable elu, and their gradients.
 *
 *     selu(x)                  lambda x where x > 0,     lambda alpha expm1(x) where x <= 0
 *     celu(x, a)               x                         a expm1(x / a)
 *     *_grad                   the derivatives with respect to x; at 0 those of the left side
 *     *_backward(dy, x, ...)   dy times that
 *
 * The functions, for all numbers and infinities, are in math/selu_f32.h and math/selu_f64.h. A NaN is passed on, that of x
 * first, and nothing is computed beside it.
 *
 * Klambauer, Unterthiner, Mayr, Hochreiter, "Self-normalizing neural networks", 2017; Barron, "Continuously differentiable
 * exponential linear units", 2017. */
#ifdef KERNEL

KERNEL(selu, 1, 1, floats_short, fast, "x", 0.55,
       "y = 1.0507009873554805 * where(x > 0, x, 1.6732632423543772 * expm1(x))")
KERNEL(selu_grad, 1, 1, floats, fast, "x", 1.0, "dx = where(x > 0, 1.0507009873554805, 1.7580993408473766 * exp(x))")
KERNEL(selu_backward, 2, 1, floats, fast_product, "dy, x", 1.6,
       "dx = dy * where(x > 0, 1.0507009873554805, 1.7580993408473766 * exp(x))")
KERNEL(celu, 2, 1, floats, fast_at_1, "x, /, alpha=1.0", 0.55, "y = where(x > 0, x, alpha * expm1(x / alpha))")
KERNEL(celu_grad, 2, 1, floats, fast_at_1, "x, /, alpha=1.0", 1.0, "dx = where(x > 0, 1, exp(x / alpha))")
KERNEL(celu_backward, 3, 1, floats, fast_product_at_1, "dy, x, /, alpha=1.0", 1.6,
       "dx = dy * where(x > 0, 1, exp(x / alpha))")

#elif defined COMPUTES

INLINE Vec E(selu)(Vec x) { return OfNumber(Selu, AS_RESULT, x); }
INLINE Vec E(selu_grad)(Vec x) { return OfNumber(SeluSlope, AS_RESULT, x); }
INLINE Vec E(selu_backward)(Vec dy, Vec x) { return TimesOfNumber(SeluSlope, dy, x); }

/* alpha where x < 0. It is not asked elsewhere: where x is 0, as in what fills up a vector, 0 / 0 would be NaN. */
INLINE Vec E(celu_alpha)(Vec x, Vec alpha) { return Select(IsBelowZero(x), alpha, One()); }

INLINE Vec E(celu)(Vec x, Vec alpha) { return OfNumbers(Celu, AS_RESULT, x, E(celu_alpha)(x, alpha)); }
INLINE Vec E(celu_grad)(Vec x, Vec alpha) { return OfNumbers(CeluSlope, AS_RESULT, x, E(celu_alpha)(x, alpha)); }
INLINE Vec E(celu_backward)(Vec dy, Vec x, Vec alpha)
{
    return TimesOfNumbers(CeluSlope, dy, x, E(celu_alpha)(x, alpha));
}

#ifdef FAST

INLINE struct Begun E(selu_begun)(Vec x) { return BeginSelu(x); }
INLINE Vec E(selu_fast)(Vec x, struct Begun begun, mask *doubtful) { return FastSelu(x, begun, doubtful); }

INLINE struct Begun E(selu_grad_begun)(Vec x) { return BeginExpOff(x); }
INLINE Vec E(selu_grad_fast)(Vec x, struct Begun begun, mask *doubtful) { return FastSeluSlope(x, begun, doubtful); }

INLINE struct Begun E(selu_backward_begun)(Vec dy, Vec x) { return (void)dy, BeginExpOff(x); }
INLINE Vec E(selu_backward_fast)(Vec dy, Vec x, struct Begun begun, mask *doubtful)
{
    return TimesFast(FastSeluSlope, dy, x, begun, doubtful);
}

INLINE struct Begun E(celu_begun)(Vec x, Vec alpha) { return (void)alpha, BeginCelu(x); }
INLINE Vec E(celu_fast)(Vec x, Vec alpha, struct Begun begun, mask *doubtful)
{
    return (void)alpha, FastCelu(x, begun, doubtful);
}

INLINE struct Begun E(celu_grad_begun)(Vec x, Vec alpha) { return (void)alpha, BeginExpOff(x); }
INLINE Vec E(celu_grad_fast)(Vec x, Vec alpha, struct Begun begun, mask *doubtful)
{
    return (void)alpha, FastCeluSlope(x, begun, doubtful);
}

INLINE struct Begun E(celu_backward_begun)(Vec dy, Vec x, Vec alpha) { return (void)dy, (void)alpha, BeginExpOff(x); }
INLINE Vec E(celu_backward_fast)(Vec dy, Vec x, Vec alpha, struct Begun begun, mask *doubtful)
{
    return (void)alpha, TimesFast(FastCeluSlope, dy, x, begun, doubtful);
}

#endif

#endif
