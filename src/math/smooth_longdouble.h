/* The smooth functions of long double: plain C, as good as the C library's. A comparison by its macro raises nothing on NaN.
 *
 * What a parameter's product loses by rounding would grow in the tails: it is found by fma, and e^z corrected by as much. */

/* From here down e^z may be subnormal, while a factor brings the result back. */
#define LONG_TAIL (-11000)

/* whether functions of z are neither straight lines nor at their limits */
INLINE bool longdouble_counts(longdouble_vec z) { return isless(0x1p-70L, fabsl(z)) && isless(fabsl(z), 30000.0L); }

/* parameter * x, and what it lost */
INLINE longdouble_vec longdouble_argument(longdouble_vec x, longdouble_vec parameter, longdouble_vec *lost)
{
    longdouble_vec z = parameter * x;
    *lost = parameter != 1 && longdouble_counts(z) ? fmal(parameter, x, -z) : 0;
    return z;
}

/* e^-|z + lost|, but 0 where z is so far above 0 that 1 is all that counts */
INLINE longdouble_vec longdouble_exp_minus(longdouble_vec z, longdouble_vec lost)
{
    longdouble_vec e = isgreater(z, 100.0L) ? 0 : expl(-fabsl(z));
    return e * (1 + (isless(z, 0.0L) ? lost : -lost));
}

/* factor * e^(z + lost), by halves, so that only the result is subnormal or large */
INLINE longdouble_vec longdouble_exp_times(longdouble_vec factor, longdouble_vec z, longdouble_vec lost)
{
    longdouble_vec half = expl(z / 2);
    return isinf(z) && z < 0 ? copysignl(0, factor) : factor * half * (half * (1 + lost));
}

INLINE longdouble_vec longdouble_logistic(longdouble_vec z, longdouble_vec lost)
{
    longdouble_vec e = longdouble_exp_minus(z, lost);
    return isless(z, 0.0L) ? e / (1 + e) : 1 / (1 + e);
}

INLINE longdouble_vec longdouble_sigmoid_function(longdouble_vec x, enum use use)
{
    return (void)use, longdouble_logistic(x, 0);
}

INLINE longdouble_vec longdouble_sigmoid_slope(longdouble_vec x, enum use use)
{
    longdouble_vec e = expl(-fabsl(x));
    return (void)use, e / ((1 + e) * (1 + e));
}

INLINE longdouble_vec longdouble_silu_function(longdouble_vec x, longdouble_vec beta, enum use use)
{
    longdouble_vec lost, z = longdouble_argument(x, beta, &lost);
    (void)use;
    return isless(z, LONG_TAIL) ? longdouble_exp_times(x, z, lost) : x * longdouble_logistic(z, lost);
}

INLINE longdouble_vec longdouble_silu_slope(longdouble_vec x, longdouble_vec beta, enum use use)
{
    longdouble_vec lost, z = longdouble_argument(x, beta, &lost);
    (void)use;
    if (isless(z, LONG_TAIL)) {
        return longdouble_exp_times(1 + z, z, lost);
    }
    if (isinf(z)) {
        return 1;
    }
    longdouble_vec e = longdouble_exp_minus(z, lost), square = (1 + e) * (1 + e);
    return isless(z, 0.0L) ? e * ((1 + z) + e + lost) / square : (1 + e * (1 + z)) / square;
}

INLINE longdouble_vec longdouble_softplus_function(longdouble_vec x, longdouble_vec beta, enum use use)
{
    longdouble_vec lost, z = longdouble_argument(x, beta, &lost);
    (void)use;
    if (isless(z, LONG_TAIL)) {
        return longdouble_exp_times(1 / beta, z, lost);
    }
    if (isgreater(z, 1000.0L) && !isinf(beta)) {
        return x; /* also where z overflows */
    }
    return ((isgreater(z, 0.0L) ? z : 0) + log1pl(longdouble_exp_minus(z, lost))) / beta;
}

INLINE longdouble_vec longdouble_softplus_slope(longdouble_vec x, longdouble_vec beta, enum use use)
{
    longdouble_vec lost, z = longdouble_argument(x, beta, &lost);
    return (void)use, longdouble_logistic(z, lost);
}

/* The formulas are those of mish_f64.h. */
INLINE longdouble_vec longdouble_mish_function(longdouble_vec x, enum use use)
{
    longdouble_vec e = longdouble_exp_minus(x, 0), n = e * (e + 2);
    (void)use;
    if (isless(x, LONG_TAIL)) {
        return longdouble_exp_times(x, x, 0);
    }
    return x < 0 ? x * (n / (n + 2)) : x * ((1 + 2 * e) / (1 + 2 * e + 2 * e * e));
}

INLINE longdouble_vec longdouble_mish_slope(longdouble_vec x, enum use use)
{
    longdouble_vec e = longdouble_exp_minus(x, 0);
    (void)use;
    if (isless(x, LONG_TAIL)) {
        return longdouble_exp_times(1 + x, x, 0);
    }
    if (x > 20000) {
        return 1;
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

/* x / alpha, and what it lost */
INLINE longdouble_vec longdouble_celu_argument(longdouble_vec x, longdouble_vec alpha, longdouble_vec *lost)
{
    longdouble_vec z = x / alpha;
    *lost = alpha != 1 && longdouble_counts(z) ? fmal(-z, alpha, x) / alpha : 0;
    return z;
}

INLINE longdouble_vec longdouble_celu_function(longdouble_vec x, longdouble_vec alpha, enum use use)
{
    longdouble_vec lost, z = longdouble_celu_argument(x, alpha, &lost);
    (void)use;
    if (isgreater(x, 0.0L) || (isless(fabsl(z), 0x1p-70L) && !isinf(alpha))) {
        return x; /* also where z underflows */
    }
    if (isgreater(z, 11000.0L)) { /* where alpha is negative */
        return longdouble_exp_times(alpha, z, lost);
    }
    longdouble_vec y = expm1l(z);
    return copysignl(alpha * (y + (y + 1) * lost), x);
}

INLINE longdouble_vec longdouble_celu_slope(longdouble_vec x, longdouble_vec alpha, enum use use)
{
    (void)use;
    if (isgreater(x, 0.0L)) {
        return 1; /* e^z may overflow */
    }
    longdouble_vec lost, z = longdouble_celu_argument(x, alpha, &lost);
    return expl(z) * (1 + lost);
}

#include "gelu_longdouble.h"
#include "hard_longdouble.h"
