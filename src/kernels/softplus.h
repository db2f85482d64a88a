/* softplus and mish, and their gradients.
 *
 *     softplus(x, b)           log(1 + e^(b x)) / b        its derivative with respect to x is sigmoid(b x)
 *     mish(x)                  x tanh(softplus(x, 1))
 *     *_backward(dy, x, ...)   dy times the derivative
 *
 * The functions, for all numbers and infinities, are in math/softplus_f32.h, mish_f32.h, softplus_f64.h and mish_f64.h. softplus
 * has no threshold beyond which it would be x: it is exact everywhere. A NaN is passed on, that of x first, and nothing is
 * computed beside it.
 *
 * Dugas, Bengio, Bélisle, Nadeau, Garcia, "Incorporating second-order functional knowledge for better option pricing", 2001;
 * Misra, "Mish: a self regularized non-monotonic activation function", 2019. */
#ifdef KERNEL

KERNEL(softplus, 2, 1, floats_short, fast_at_1, "x, /, beta=1.0", 0.6, "y = log1p(exp(beta * x)) / beta")
KERNEL(softplus_grad, 2, 1, floats, fast_at_1, "x, /, beta=1.0", 0.55, "dx = 1 / (1 + exp(-beta * x))")
KERNEL(softplus_backward, 3, 1, floats, fast_product_at_1, "dy, x, /, beta=1.0", 1.1, "dx = dy / (1 + exp(-beta * x))")
KERNEL(mish, 1, 1, floats_short, fast, "x", 0.55, "y = x * tanh(log1p(exp(x)))")
KERNEL(mish_grad, 1, 1, floats, costly, "x", 1.0,
       "dx = tanh(log1p(exp(x))) + x * (1 - tanh(log1p(exp(x)))**2) / (1 + exp(-x))")
KERNEL(mish_backward, 2, 1, floats, product, "dy, x", 1.6,
       "dx = dy * (tanh(log1p(exp(x))) + x * (1 - tanh(log1p(exp(x)))**2) / (1 + exp(-x)))")

#elif defined COMPUTES

INLINE Vec E(softplus)(Vec x, Vec beta) { return OfNumbers(Softplus, AS_RESULT, x, beta); }
INLINE Vec E(softplus_grad)(Vec x, Vec beta) { return OfNumbers(SoftplusSlope, AS_RESULT, x, beta); }
INLINE Vec E(softplus_backward)(Vec dy, Vec x, Vec beta) { return TimesOfNumbers(SoftplusSlope, dy, x, beta); }

INLINE Vec E(mish)(Vec x) { return OfNumber(Mish, AS_RESULT, x); }
INLINE Vec E(mish_grad)(Vec x) { return OfNumber(MishSlope, AS_RESULT, x); }
INLINE Vec E(mish_backward)(Vec dy, Vec x) { return TimesOfNumber(MishSlope, dy, x); }

#ifdef FAST

INLINE struct Begun E(softplus_begun)(Vec x, Vec beta) { return (void)beta, BeginSoftplus(x); }
INLINE Vec E(softplus_fast)(Vec x, Vec beta, struct Begun begun, mask *doubtful)
{
    return (void)beta, FastSoftplus(x, begun, doubtful);
}

INLINE struct Begun E(softplus_grad_begun)(Vec x, Vec beta) { return (void)beta, BeginSigmoid(x); }
INLINE Vec E(softplus_grad_fast)(Vec x, Vec beta, struct Begun begun, mask *doubtful)
{
    return (void)beta, FastSigmoid(x, begun, doubtful);
}

INLINE struct Begun E(softplus_backward_begun)(Vec dy, Vec x, Vec beta)
{
    return (void)dy, (void)beta, BeginSigmoid(x);
}
INLINE Vec E(softplus_backward_fast)(Vec dy, Vec x, Vec beta, struct Begun begun, mask *doubtful)
{
    return (void)beta, TimesFast(FastSigmoid, dy, x, begun, doubtful);
}

INLINE struct Begun E(mish_begun)(Vec x) { return BeginMish(x); }
INLINE Vec E(mish_fast)(Vec x, struct Begun begun, mask *doubtful) { return FastMish(x, begun, doubtful); }

#endif

#endif
