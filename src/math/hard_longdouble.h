/* hardswish, hardsigmoid and their derivatives of long double: plain C. No operand is NaN. */

INLINE longdouble_vec longdouble_hardswish_function(longdouble_vec x, enum use use)
{
    (void)use;
    return x > 3 ? x : x > -3 ? x * ((x + 3) / 6) : -0.0L;
}

INLINE longdouble_vec longdouble_hardswish_slope(longdouble_vec x, enum use use)
{
    (void)use;
    return x > 3 ? 1 : x > -3 ? (2 * x + 3) / 6 : 0;
}

/* 1/6 as Python has it stands for 1/6 itself. */
INLINE longdouble_vec longdouble_true_alpha(longdouble_vec alpha) { return alpha == 1 / 6.0 ? 1 / 6.0L : alpha; }

INLINE longdouble_vec longdouble_hard_sum(longdouble_vec x, longdouble_vec alpha, longdouble_vec beta)
{
    return alpha == 1 / 6.0L && beta == 0.5L ? (x > 3 ? 2 : (x + 3) / 6) : alpha * x + beta;
}

INLINE longdouble_vec longdouble_hardsigmoid_function(longdouble_vec x, longdouble_vec alpha, longdouble_vec beta,
                                                      enum use use)
{
    (void)use;
    longdouble_vec sum = longdouble_hard_sum(x, longdouble_true_alpha(alpha), beta);
    return isless(sum, 0.0L) ? 0 : isgreater(sum, 1.0L) ? 1 : sum;
}

INLINE longdouble_vec longdouble_hardsigmoid_slope(longdouble_vec x, longdouble_vec alpha, longdouble_vec beta,
                                                   enum use use)
{
    alpha = longdouble_true_alpha(alpha);
    longdouble_vec sum = longdouble_hard_sum(x, alpha, beta);
    const bool rising = isless(0.0L, sum) && islessequal(sum, 1.0L);
    const bool falling = islessequal(0.0L, sum) && isless(sum, 1.0L);
    (void)use;
    return isnan(sum) ? sum : (alpha > 0 ? rising : alpha < 0 && falling) ? alpha : 0;
}
