/* gelu and gelu_tanh, its approximation, their gradients, and the gated units that are made of them.
 *
 *     gelu(x)                          x Phi(x), Phi being the normal distribution
 *     gelu_tanh(x)                     x (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3))) / 2
 *     gelu_grad, gelu_tanh_grad        their derivatives
 *     *_backward(dy, x)                dy times that
 *     geglu, geglu_tanh(gate, up)      f(gate) up
 *     *_backward(dy, gate, up)         dy (up f'(gate)) and dy f(gate)
 *
 * The functions, for all numbers and infinities, are in math/gelu_f32.h and math/gelu_f64.h; each product is rounded to the
 * element type. A NaN is passed on, that of x or the gate first, and nothing is computed beside it.
 *
 * Hendrycks, Gimpel, "Gaussian error linear units (GELUs)", 2016; Shazeer, "GLU variants improve transformer", 2020. */
#ifdef KERNEL

KERNEL(gelu, 1, 1, floats_short, fast, "x", 0.6, "y = x * (erfc(-x / sqrt(2)) / 2)")
KERNEL(gelu_grad, 1, 1, floats, fast, "x", 1.0, "dx = erfc(-x / sqrt(2)) / 2 + x * exp(-(x * x) / 2) / sqrt(2 * pi)")
KERNEL(gelu_backward, 2, 1, floats, fast_product, "dy, x", 1.6,
       "dx = dy * (erfc(-x / sqrt(2)) / 2 + x * exp(-(x * x) / 2) / sqrt(2 * pi))")
KERNEL(gelu_tanh, 1, 1, floats_short, fast, "x", 0.55, "y = x / 2 * (1 + tanh(sqrt(2 / pi) * (x + 0.044715 * x**3)))")
KERNEL(gelu_tanh_grad, 1, 1, floats, fast, "x", 1.0,
       "dx = (1 + tanh(sqrt(2 / pi) * (x + 0.044715 * x**3))) / 2 + x / 2 * sqrt(2 / pi) * (1 + 0.134145 * x**2) "
       "* (1 - tanh(sqrt(2 / pi) * (x + 0.044715 * x**3))**2)")
KERNEL(gelu_tanh_backward, 2, 1, floats, fast_product, "dy, x", 1.6,
       "dx = dy * ((1 + tanh(sqrt(2 / pi) * (x + 0.044715 * x**3))) / 2 + x / 2 * sqrt(2 / pi) * (1 + 0.134145 * x**2) "
       "* (1 - tanh(sqrt(2 / pi) * (x + 0.044715 * x**3))**2))")
KERNEL(geglu, 2, 1, floats, fast_product, "gate, up", 1.2, "y = gate * (erfc(-gate / sqrt(2)) / 2) * up")
KERNEL(geglu_backward, 3, 2, floats, fast_product, "dy, gate, up", 2.1,
       "dgate = dy * (up * (erfc(-gate / sqrt(2)) / 2 + gate * exp(-(gate * gate) / 2) / sqrt(2 * pi))); "
       "dup = dy * (gate * (erfc(-gate / sqrt(2)) / 2))")
KERNEL(geglu_tanh, 2, 1, floats, fast_product, "gate, up", 1.1,
       "y = gate / 2 * (1 + tanh(sqrt(2 / pi) * (gate + 0.044715 * gate**3))) * up")
KERNEL(geglu_tanh_backward, 3, 2, floats, fast_product, "dy, gate, up", 2.1,
       "dgate = dy * (up * ((1 + tanh(sqrt(2 / pi) * (gate + 0.044715 * gate**3))) / 2 "
       "+ gate / 2 * sqrt(2 / pi) * (1 + 0.134145 * gate**2) "
       "* (1 - tanh(sqrt(2 / pi) * (gate + 0.044715 * gate**3))**2))); "
       "dup = dy * (gate / 2 * (1 + tanh(sqrt(2 / pi) * (gate + 0.044715 * gate**3))))")

#elif defined COMPUTES

INLINE Vec E(gelu)(Vec x) { return OfNumber(Gelu, AS_RESULT, x); }
INLINE Vec E(gelu_grad)(Vec x) { return OfNumber(GeluSlope, AS_RESULT, x); }
INLINE Vec E(gelu_backward)(Vec dy, Vec x) { return TimesOfNumber(GeluSlope, dy, x); }

INLINE Vec E(gelu_tanh)(Vec x) { return OfNumber(GeluTanh, AS_RESULT, x); }
INLINE Vec E(gelu_tanh_grad)(Vec x) { return OfNumber(GeluTanhSlope, AS_RESULT, x); }
INLINE Vec E(gelu_tanh_backward)(Vec dy, Vec x) { return TimesOfNumber(GeluTanhSlope, dy, x); }

INLINE Vec E(geglu)(Vec gate, Vec up) { return TimesOfNumber(Gelu, up, gate); }
INLINE struct Pair E(geglu_backward)(Vec dy, Vec gate, Vec up) { return GatedBackward(Gelu, GeluSlope, dy, gate, up); }

INLINE Vec E(geglu_tanh)(Vec gate, Vec up) { return TimesOfNumber(GeluTanh, up, gate); }
INLINE struct Pair E(geglu_tanh_backward)(Vec dy, Vec gate, Vec up)
{
    return GatedBackward(GeluTanh, GeluTanhSlope, dy, gate, up);
}

#ifdef FAST

INLINE struct Begun E(gelu_begun)(Vec x) { return BeginGelu(x); }
INLINE Vec E(gelu_fast)(Vec x, struct Begun begun, mask *doubtful) { return FastGelu(x, begun, doubtful); }

INLINE struct Begun E(gelu_grad_begun)(Vec x) { return BeginGeluSlope(x); }
INLINE Vec E(gelu_grad_fast)(Vec x, struct Begun begun, mask *doubtful) { return FastGeluSlope(x, begun, doubtful); }

INLINE struct Begun E(gelu_backward_begun)(Vec dy, Vec x) { return (void)dy, BeginGeluSlope(x); }
INLINE Vec E(gelu_backward_fast)(Vec dy, Vec x, struct Begun begun, mask *doubtful)
{
    return TimesFast(FastGeluSlope, dy, x, begun, doubtful);
}

INLINE struct Begun E(geglu_begun)(Vec gate, Vec up) { return (void)up, BeginGelu(gate); }
INLINE Vec E(geglu_fast)(Vec gate, Vec up, struct Begun begun, mask *doubtful)
{
    return TimesFast(FastGelu, up, gate, begun, doubtful);
}

INLINE struct Begun E(geglu_backward_begun)(Vec dy, Vec gate, Vec up) { return (void)dy, (void)up, BeginNormal(gate); }
INLINE struct Pair E(geglu_backward_fast)(Vec dy, Vec gate, Vec up, struct Begun begun, mask *doubtful)
{
    struct BegunGelu gelu = GeluFromNormal(gate, begun);
    return GatedFast(FastGelu, gelu.value, FastGeluSlope, gelu.slope, dy, gate, up, doubtful);
}

INLINE struct Begun E(gelu_tanh_begun)(Vec x) { return BeginGeluTanh(x); }
INLINE Vec E(gelu_tanh_fast)(Vec x, struct Begun begun, mask *doubtful) { return FastGeluTanh(x, begun, doubtful); }

INLINE struct Begun E(gelu_tanh_grad_begun)(Vec x) { return BeginGeluTanhSlope(x); }
INLINE Vec E(gelu_tanh_grad_fast)(Vec x, struct Begun begun, mask *doubtful)
{
    return FastGeluTanhSlope(x, begun, doubtful);
}

INLINE struct Begun E(gelu_tanh_backward_begun)(Vec dy, Vec x) { return (void)dy, BeginGeluTanhSlope(x); }
INLINE Vec E(gelu_tanh_backward_fast)(Vec dy, Vec x, struct Begun begun, mask *doubtful)
{
    return TimesFast(FastGeluTanhSlope, dy, x, begun, doubtful);
}

INLINE struct Begun E(geglu_tanh_begun)(Vec gate, Vec up) { return (void)up, BeginGeluTanh(gate); }
INLINE Vec E(geglu_tanh_fast)(Vec gate, Vec up, struct Begun begun, mask *doubtful)
{
    return TimesFast(FastGeluTanh, up, gate, begun, doubtful);
}

INLINE struct Begun E(geglu_tanh_backward_begun)(Vec dy, Vec gate, Vec up)
{
    return (void)dy, (void)up, BeginGeluTanhSlope(gate);
}
INLINE struct Pair E(geglu_tanh_backward_fast)(Vec dy, Vec gate, Vec up, struct Begun begun, mask *doubtful)
{
    return GatedFast(FastGeluTanh, begun, FastGeluTanhSlope, begun, dy, gate, up, doubtful);
}

#endif

#endif
