/* sigmoid and silu, their gradients, and the gated units that are made of them.
 *
 *     sigmoid(x)                  1 / (1 + e^-x)
 *     silu(x, b)                  x sigmoid(b x)
 *     sigmoid_grad, silu_grad     the derivatives with respect to x
 *     *_backward(dy, x, ...)      dy times that
 *     glu(gate, up)               sigmoid(gate) up
 *     swiglu(gate, up, b)         silu(gate, b) up
 *     *_backward(dy, gate, ...)   dy (up f'(gate)) and dy f(gate)
 *
 * The functions, for all numbers and infinities, are in math/sigmoid_f32.h and math/sigmoid_f64.h; each product is rounded
 * to the element type. A NaN is passed on, that of x or the gate first, and nothing is computed beside it.
 *
 * Ramachandran, Zoph, Le, "Searching for activation functions", 2017; Dauphin, Fan, Auli, Grangier, "Language modeling with
 * gated convolutional networks", 2017; Shazeer, "GLU variants improve transformer", 2020. */
#ifdef KERNEL

KERNEL(sigmoid, 1, 1, floats_short, fast, "x", 0.55, "y = 1 / (1 + exp(-x))")
KERNEL(sigmoid_grad, 1, 1, floats, fast, "x", 1.0, "dx = exp(-x) / (1 + exp(-x))**2")
KERNEL(sigmoid_backward, 2, 1, floats, fast_product, "dy, x", 1.6, "dx = dy * (exp(-x) / (1 + exp(-x))**2)")
KERNEL(silu, 2, 1, floats_short, fast_at_1, "x, /, beta=1.0", 0.55, "y = x / (1 + exp(-beta * x))")
KERNEL(silu_grad, 2, 1, floats, fast_at_1, "x, /, beta=1.0", 1.0,
       "dx = (1 + exp(-beta * x) * (1 + beta * x)) / (1 + exp(-beta * x))**2")
KERNEL(silu_backward, 3, 1, floats, fast_product_at_1, "dy, x, /, beta=1.0", 1.6,
       "dx = dy * ((1 + exp(-beta * x) * (1 + beta * x)) / (1 + exp(-beta * x))**2)")
KERNEL(glu, 2, 1, floats, fast_product, "gate, up", 1.1, "y = up / (1 + exp(-gate))")
KERNEL(glu_backward, 3, 2, floats, fast_product, "dy, gate, up", 2.1,
       "dgate = dy * (up * (exp(-gate) / (1 + exp(-gate))**2)); dup = dy / (1 + exp(-gate))")
KERNEL(swiglu, 3, 1, floats, fast_product_at_1, "gate, up, /, beta=1.0", 1.1, "y = gate / (1 + exp(-beta * gate)) * up")
KERNEL(swiglu_backward, 4, 2, floats, fast_product_at_1, "dy, gate, up, /, beta=1.0", 2.1,
       "dgate = dy * (up * ((1 + exp(-beta * gate) * (1 + beta * gate)) / (1 + exp(-beta * gate))**2)); "
       "dup = dy * (gate / (1 + exp(-beta * gate)))")

#elif defined COMPUTES

INLINE Vec E(sigmoid)(Vec x) { return OfNumber(Sigmoid, AS_RESULT, x); }
INLINE Vec E(sigmoid_grad)(Vec x) { return OfNumber(SigmoidSlope, AS_RESULT, x); }
INLINE Vec E(sigmoid_backward)(Vec dy, Vec x) { return TimesOfNumber(SigmoidSlope, dy, x); }

INLINE Vec E(silu)(Vec x, Vec beta) { return OfNumbers(Silu, AS_RESULT, x, beta); }
INLINE Vec E(silu_grad)(Vec x, Vec beta) { return OfNumbers(SiluSlope, AS_RESULT, x, beta); }
INLINE Vec E(silu_backward)(Vec dy, Vec x, Vec beta) { return TimesOfNumbers(SiluSlope, dy, x, beta); }

INLINE Vec E(glu)(Vec gate, Vec up) { return TimesOfNumber(Sigmoid, up, gate); }
INLINE struct Pair E(glu_backward)(Vec dy, Vec gate, Vec up)
{
    return GatedBackward(Sigmoid, SigmoidSlope, dy, gate, up);
}

INLINE Vec E(swiglu)(Vec gate, Vec up, Vec beta) { return TimesOfNumbers(Silu, up, gate, beta); }
INLINE struct Pair E(swiglu_backward)(Vec dy, Vec gate, Vec up, Vec beta)
{
    mask nan = mask_or(mask_or(IsNan(gate), IsNan(dy)), mask_or(IsNan(up), IsNan(beta)));
    Vec slope = Mul(OneWhere(nan, up), SiluSlope(OneWhere(nan, gate), OneWhere(nan, beta), AS_FACTOR));
    Vec nan_given = FirstNan(gate, FirstNan(dy, FirstNan(up, beta)));
    Vec dgate = OrNan(nan, nan_given, Mul(OneWhere(nan, dy), slope));
    return (struct Pair){dgate, TimesOfNumbers(Silu, dy, gate, beta)};
}

#ifdef FAST

INLINE struct Begun E(sigmoid_begun)(Vec x) { return BeginSigmoid(x); }
INLINE Vec E(sigmoid_fast)(Vec x, struct Begun begun, mask *doubtful) { return FastSigmoid(x, begun, doubtful); }

INLINE struct Begun E(sigmoid_grad_begun)(Vec x) { return BeginSigmoidSlope(x); }
INLINE Vec E(sigmoid_grad_fast)(Vec x, struct Begun begun, mask *doubtful)
{
    return FastSigmoidSlope(x, begun, doubtful);
}

INLINE struct Begun E(sigmoid_backward_begun)(Vec dy, Vec x) { return (void)dy, BeginSigmoidSlope(x); }
INLINE Vec E(sigmoid_backward_fast)(Vec dy, Vec x, struct Begun begun, mask *doubtful)
{
    return TimesFast(FastSigmoidSlope, dy, x, begun, doubtful);
}

INLINE struct Begun E(silu_begun)(Vec x, Vec beta) { return (void)beta, BeginSigmoid(x); }
INLINE Vec E(silu_fast)(Vec x, Vec beta, struct Begun begun, mask *doubtful)
{
    return (void)beta, FastSilu(x, begun, doubtful);
}

INLINE struct Begun E(silu_grad_begun)(Vec x, Vec beta) { return (void)beta, BeginSigmoid(x); }
INLINE Vec E(silu_grad_fast)(Vec x, Vec beta, struct Begun begun, mask *doubtful)
{
    return (void)beta, FastSiluSlope(x, begun, doubtful);
}

INLINE struct Begun E(silu_backward_begun)(Vec dy, Vec x, Vec beta) { return (void)dy, (void)beta, BeginSigmoid(x); }
INLINE Vec E(silu_backward_fast)(Vec dy, Vec x, Vec beta, struct Begun begun, mask *doubtful)
{
    return (void)beta, TimesFast(FastSiluSlope, dy, x, begun, doubtful);
}

INLINE struct Begun E(glu_begun)(Vec gate, Vec up) { return (void)up, BeginSigmoid(gate); }
INLINE Vec E(glu_fast)(Vec gate, Vec up, struct Begun begun, mask *doubtful)
{
    return TimesFast(FastSigmoid, up, gate, begun, doubtful);
}

INLINE struct Begun E(glu_backward_begun)(Vec dy, Vec gate, Vec up)
{
    return (void)dy, (void)up, BeginSigmoidSlope(gate);
}
INLINE struct Pair E(glu_backward_fast)(Vec dy, Vec gate, Vec up, struct Begun begun, mask *doubtful)
{
    return GatedFast(FastSigmoidBeside, begun, FastSigmoidSlope, begun, dy, gate, up, doubtful);
}

INLINE struct Begun E(swiglu_begun)(Vec gate, Vec up, Vec beta) { return (void)up, (void)beta, BeginSigmoid(gate); }
INLINE Vec E(swiglu_fast)(Vec gate, Vec up, Vec beta, struct Begun begun, mask *doubtful)
{
    return (void)beta, TimesFast(FastSilu, up, gate, begun, doubtful);
}

INLINE struct Begun E(swiglu_backward_begun)(Vec dy, Vec gate, Vec up, Vec beta)
{
    return (void)dy, (void)up, (void)beta, BeginSigmoid(gate);
}
INLINE struct Pair E(swiglu_backward_fast)(Vec dy, Vec gate, Vec up, Vec beta, struct Begun begun, mask *doubtful)
{
    return (void)beta, GatedFast(FastSilu, begun, FastSiluSlope, begun, dy, gate, up, doubtful);
}

#endif

#endif
