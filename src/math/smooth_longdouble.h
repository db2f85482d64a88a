/* The smooth functions of long double: plain C, as good as the C library's. A comparison by its macro raises nothing on NaN. */

INLINE longdouble_vec longdouble_logistic(longdouble_vec z)
{
    longdouble_vec e = expl(-fabsl(z));
    return isless(z, 0.0L) ? e / (1 + e) : 1 / (1 + e);
}

INLINE longdouble_vec longdouble_sigmoid_function(longdouble_vec x, enum use use)
{
    return (void)use, longdouble_logistic(x);
}

INLINE longdouble_vec longdouble_sigmoid_slope(longdouble_vec x, enum use use)
{
    longdouble_vec e = expl(-fabsl(x));
    return (void)use, e / ((1 + e) * (1 + e));
}

INLINE longdouble_vec longdouble_silu_function(longdouble_vec x, longdouble_vec beta, enum use use)
{
    longdouble_vec z = beta * x;
    (void)use;
    return isinf(z) && z < 0 ? copysignl(0, x) : x * longdouble_logistic(z);
}

INLINE longdouble_vec longdouble_silu_slope(longdouble_vec x, longdouble_vec beta, enum use use)
{
    longdouble_vec z = beta * x, e = expl(-fabsl(z)), square = (1 + e) * (1 + e);
    (void)use;
    if (isinf(z)) {
        return z < 0 ? -0.0L : 1;
    }
    return isless(z, 0.0L) ? e * ((1 + z) + e) / square : (1 + e * (1 + z)) / square;
}

INLINE longdouble_vec longdouble_softplus_function(longdouble_vec x, longdouble_vec beta, enum use use)
{
    longdouble_vec z = beta * x;
    (void)use;
    if (isgreater(z, 1e100L) && !isinf(beta)) {
        return x; /* also where z overflows */
    }
    return ((isgreater(z, 0.0L) ? z : 0) + log1pl(expl(-fabsl(z)))) / beta;
}

INLINE longdouble_vec longdouble_softplus_slope(longdouble_vec x, longdouble_vec beta, enum use use)
{
    return (void)use, longdouble_logistic(beta * x);
}

/* The formulas are those of mish_f64.h. */
INLINE longdouble_vec longdouble_mish_function(longdouble_vec x, enum use use)
{
    longdouble_vec e = expl(-fabsl(x));
    (void)use;
    if (isless(x, 0.0L)) {
        longdouble_vec n = e * (e + 2);
        return isinf(x) ? -0.0L : x * (n / (n + 2));
    }
    return x * ((1 + 2 * e) / (1 + 2 * e + 2 * e * e));
}

INLINE longdouble_vec longdouble_mish_slope(longdouble_vec x, enum use use)
{
    longdouble_vec e = expl(-fabsl(x));
    (void)use;
    if (fabsl(x) > 20000) {
        return x < 0 ? -0.0L : 1;
    }
    if (isless(x, 0.0L)) {
        longdouble_vec d = e * (e + 2) + 2;
        return e * (4 * (x + 1) + e * (4 * x + 6 + e * (4 + e))) / (d * d);
    }
    longdouble_vec d = 1 + 2 * e + 2 * e * e;
    return (1 + e * (4 + e * (4 * x + 6 + e * 4 * (x + 1)))) / (d * d);
}

#define LONG_LAMBDA 1.0507009873554804934193349852946L
#define LONG_LAMBDA_ALPHA (LONG_LAMBDA * 1.6732632423543772848170429916717L)

INLINE longdouble_vec longdouble_selu_function(longdouble_vec x, enum use use)
{
    return (void)use, isgreater(x, 0.0L) ? LONG_LAMBDA * x : LONG_LAMBDA_ALPHA * expm1l(x);
}

INLINE longdouble_vec longdouble_selu_slope(longdouble_vec x, enum use use)
{
    return (void)use, isgreater(x, 0.0L) ? LONG_LAMBDA : LONG_LAMBDA_ALPHA * expl(x);
}

INLINE longdouble_vec longdouble_celu_function(longdouble_vec x, longdouble_vec alpha, enum use use)
{
    longdouble_vec z = x / alpha;
    bool is_linear = isgreater(x, 0.0L) || (isless(fabsl(z), 0x1p-80L) && !isinf(alpha)); /* also where z underflows */
    return (void)use, is_linear ? x : copysignl(alpha * expm1l(z), x);
}

INLINE longdouble_vec longdouble_celu_slope(longdouble_vec x, longdouble_vec alpha, enum use use)
{
    return (void)use, isgreater(x, 0.0L) ? 1 : expl(x / alpha);
}

#include "gelu_longdouble.h"
#include "hard_longdouble.h"
