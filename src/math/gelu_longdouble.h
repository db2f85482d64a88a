/* gelu, gelu_tanh and their derivatives of long double: plain C, with the C library's erfc and exp. What their arguments lose
 * by rounding would grow in the tails, as these are steep there: it is found by fma, and the value is corrected by as much.
 * From LONG_END on the results are 0, or those of relu; infinity gives the limit. */

#include "gelu_constants.h"

#define LONG_END 151 /* e^(-151^2 / 2) is 0 */

/* e^(-t^2/2) */
INLINE longdouble_vec longdouble_normal_exp(longdouble_vec t)
{
    longdouble_vec square = t * t, lost = fmal(t, t, -square);
    return expl(-square / 2) * (1 - lost / 2);
}

/* Phi(-t), t >= 0 */
INLINE longdouble_vec longdouble_normal_tail(longdouble_vec t)
{
    longdouble_vec a = t * LONG_ROOT_HALF, lost = fmal(t, LONG_ROOT_HALF, -a) + t * LONG_ROOT_HALF_LEFT;
    return erfcl(a) / 2 - LONG_NORMAL_DENSITY_AT_0 / LONG_ROOT_HALF * expl(-a * a) * lost;
}

INLINE longdouble_vec longdouble_gelu_function(longdouble_vec x, enum use use)
{
    (void)use;
    if (fabsl(x) > LONG_END) {
        return x > 0 ? x : -0.0L;
    }
    longdouble_vec tail = longdouble_normal_tail(fabsl(x));
    return x < 0 ? x * tail : x * (1 - tail);
}

INLINE longdouble_vec longdouble_gelu_slope(longdouble_vec x, enum use use)
{
    longdouble_vec t = fabsl(x);
    (void)use;
    if (t > LONG_END) {
        return x > 0 ? 1 : -0.0L;
    }
    longdouble_vec lower = longdouble_normal_tail(t) - t * (LONG_NORMAL_DENSITY_AT_0 * longdouble_normal_exp(t));
    return x < 0 ? lower : 1 - lower;
}

/* e^-v(t), v being 2 sqrt(2 / pi) (t + 0.044715 t^3) */
INLINE longdouble_vec longdouble_gelu_tanh_exp(longdouble_vec t)
{
    const longdouble_vec linear = LONG_GELU_TANH_LINEAR, cubic = LONG_GELU_TANH_CUBIC;
    longdouble_vec square = t * t, bend = cubic * square, factor = linear + bend, v = factor * t;
    longdouble_vec seen = factor - linear, lost = (linear - (factor - seen)) + (bend - seen);
    lost += fmal(cubic, square, -bend) + cubic * fmal(t, t, -square) + LONG_GELU_TANH_CUBIC_LEFT * square +
            LONG_GELU_TANH_LINEAR_LEFT;
    return expl(-v) * (1 - (lost * t + fmal(factor, t, -v)));
}

INLINE longdouble_vec longdouble_gelu_tanh_function(longdouble_vec x, enum use use)
{
    (void)use;
    if (fabsl(x) > LONG_END) {
        return x > 0 ? x : -0.0L;
    }
    longdouble_vec e = longdouble_gelu_tanh_exp(fabsl(x));
    return x < 0 ? x * (e / (1 + e)) : x / (1 + e);
}

INLINE longdouble_vec longdouble_gelu_tanh_slope(longdouble_vec x, enum use use)
{
    const longdouble_vec linear = LONG_GELU_TANH_LINEAR, cubic = 3 * LONG_GELU_TANH_CUBIC;
    longdouble_vec t = fabsl(x);
    (void)use;
    if (t > LONG_END) {
        return x > 0 ? 1 : -0.0L;
    }
    longdouble_vec e = longdouble_gelu_tanh_exp(t), w = 1 + e;
    longdouble_vec lower = e * (w - t * (linear + cubic * t * t)) / (w * w);
    return x < 0 ? lower : 1 - lower;
}
