/* elu and its gradients.
 *
 *     elu(x, a)                         x where x > 0,   a * expm1(x) where x <= 0,    x where x is NaN
 *     elu_grad(x, a)                    1                a * exp(x)                    x
 *     elu_backward(dy, x, a)            dy               dy * (a * exp(x))             x
 *     elu_backward_from_output(dy, y, a), classes by y:
 *                                       dy               dy * (y + a)                  y
 *
 * Clevert, Unterthiner, Hochreiter, "Fast and accurate deep network learning by exponential linear units", 2016. Every
 * operation is rounded to the element type, in the order written; Expm1Off and ExpOff, for x <= 0, are in
 * math/expm1_f32.h and math/expm1_f64.h with their errors. They are costly, so the first three are in parts: the
 * exponential is that of `argument` where it is negative. Lanes that do not take the branch compute with 0 and 1, which
 * raises no flag. */
#ifdef KERNEL

KERNEL(elu, 2, 1, floats_short, branch, "x, /, alpha=1.0", 0.55, "y = where(x > 0, x, alpha * expm1(x))")
KERNEL(elu_grad, 2, 1, floats, branch, "x, /, alpha=1.0", 0.55, "dx = where(x > 0, 1, alpha * exp(x))")
KERNEL(elu_backward, 3, 1, floats, branch, "dy, x, /, alpha=1.0", 1.1, "dx = where(x > 0, dy, dy * (alpha * exp(x)))")
KERNEL(elu_backward_from_output, 3, 1, floats, compute, "dy, y, /, alpha=1.0", 1.0,
       "dx = where(y > 0, dy, dy * (y + alpha))")

#elif defined COMPUTES

INLINE bool E(elu_makes_nan)(Vec alpha) { return ProductMakesNan(alpha); }
INLINE Vec E(elu_argument)(Vec x, Vec alpha) { return (void)alpha, x; }
INLINE Vec E(elu_branch)(Vec x) { return Expm1Off(x); }
INLINE Vec E(elu_rest)(Vec x, Vec alpha, Vec expm1) { return Mul(Select(IsNegative(x), expm1, x), WhereOff(x, alpha)); }

/* the derivative where x is not NaN */
INLINE Vec E(elu_slope)(Vec x, Vec alpha, Vec exp)
{
    return Mul(Select(IsNegative(x), exp, One()), WhereOff(x, alpha));
}

INLINE bool E(elu_grad_makes_nan)(Vec alpha) { return ProductMakesNan(alpha); }
INLINE Vec E(elu_grad_argument)(Vec x, Vec alpha) { return (void)alpha, x; }
INLINE Vec E(elu_grad_branch)(Vec x) { return ExpOff(x); }
INLINE Vec E(elu_grad_rest)(Vec x, Vec alpha, Vec exp) { return Select(IsNan(x), x, E(elu_slope)(x, alpha, exp)); }

INLINE bool E(elu_backward_makes_nan)(Vec alpha) { return (void)alpha, true; }
INLINE Vec E(elu_backward_argument)(Vec dy, Vec x, Vec alpha) { return (void)alpha, OneWhereNan(dy, x); }
INLINE Vec E(elu_backward_branch)(Vec x) { return ExpOff(x); }
INLINE Vec E(elu_backward_rest)(Vec dy, Vec x, Vec alpha, Vec exp)
{
    return Select(IsNan(x), x, Mul(dy, E(elu_slope)(OneWhereNan(dy, x), alpha, exp)));
}

INLINE bool E(elu_backward_from_output_makes_nan)(Vec alpha) { return (void)alpha, true; }
INLINE Vec E(elu_backward_from_output)(Vec dy, Vec y, Vec alpha)
{
    if (__builtin_expect(mask_any(IsNegative(alpha)), false)) {
        /* Where alpha < 0 an output does not tell its branch. Such lanes compute infinity * 0: NaN, with INVALID. */
        const mask nan = mask_or(IsNan(dy), IsNan(y));
        const mask untold = IsBelowZero(Select(nan, Zero(), alpha));
        dy = Select(untold, Infinity(), dy);
        y = Select(untold, Zero(), y);
        alpha = Select(untold, Zero(), alpha);
    }
    Vec seen = OneWhereNan(dy, y);
    Vec slope = Add(OffOrZero(seen), WhereOff(seen, alpha));
    return Select(IsNan(y), y, Mul(dy, slope));
}

#ifdef FAST

INLINE Vec E(elu_branch_fast)(Vec x, mask *doubtful) { return FastExpm1Off(x, doubtful); }
INLINE Vec E(elu_grad_branch_fast)(Vec x, mask *doubtful) { return FastExpOff(x, doubtful); }
INLINE Vec E(elu_backward_branch_fast)(Vec x, mask *doubtful) { return FastExpOff(x, doubtful); }

#endif

#endif
