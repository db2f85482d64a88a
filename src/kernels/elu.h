/* elu and its gradients: included once for each element type that computes.
 *
 *     elu(x, a)                         x where x > 0,   a * expm1(x) where x <= 0,    x where x is NaN
 *     elu_grad(x, a)                    1                a * exp(x)                    x
 *     elu_backward(dy, x, a)            dy               dy * (a * exp(x))             x
 *     elu_backward_from_output(dy, y, a), classes by y:
 *                                       dy               dy * (y + a)                  y
 *
 * Clevert, Unterthiner, Hochreiter, "Fast and accurate deep network learning by exponential linear units", 2016. Every
 * operation is rounded to the element type, in the order written; expm1_off and exp_off, for x <= 0, are in expm1_f32.h
 * and expm1_f64.h with their errors. They are costly, so the first three are in parts (lift.h): the exponential is that
 * of `argument` where it is off. Lanes that do not take the branch compute with 0 and 1, which raises no flag. */

INLINE bool E(elu_makes_nan)(E(vec) alpha) { return E(product_makes_nan)(alpha); }
INLINE E(vec) E(elu_argument)(E(vec) x, E(vec) alpha) { return (void)alpha, x; }
INLINE E(vec) E(elu_branch)(E(vec) x) { return E(expm1_off)(x); }
INLINE E(vec) E(elu_rest)(E(vec) x, E(vec) alpha, E(vec) expm1)
{
    return E(mul)(E(select)(E(is_off)(x), expm1, x), E(where_off)(x, alpha));
}

/* x, but 1 where dy is NaN: that is passed on as where x > 0, and raises no flag */
INLINE E(vec) E(one_where_nan)(E(vec) dy, E(vec) x) { return E(select)(E(is_nan)(dy), E(one)(), x); }

/* the derivative where x is not NaN */
INLINE E(vec) E(elu_slope)(E(vec) x, E(vec) alpha, E(vec) exp)
{
    return E(mul)(E(where_off)(x, exp), E(where_off)(x, alpha));
}

INLINE bool E(elu_grad_makes_nan)(E(vec) alpha) { return E(product_makes_nan)(alpha); }
INLINE E(vec) E(elu_grad_argument)(E(vec) x, E(vec) alpha) { return (void)alpha, x; }
INLINE E(vec) E(elu_grad_branch)(E(vec) x) { return E(exp_off)(x); }
INLINE E(vec) E(elu_grad_rest)(E(vec) x, E(vec) alpha, E(vec) exp)
{
    return E(select)(E(is_nan)(x), x, E(elu_slope)(x, alpha, exp));
}

INLINE bool E(elu_backward_makes_nan)(E(vec) alpha) { return (void)alpha, true; }
INLINE E(vec) E(elu_backward_argument)(E(vec) dy, E(vec) x, E(vec) alpha)
{
    return (void)alpha, E(one_where_nan)(dy, x);
}
INLINE E(vec) E(elu_backward_branch)(E(vec) x) { return E(exp_off)(x); }
INLINE E(vec) E(elu_backward_rest)(E(vec) dy, E(vec) x, E(vec) alpha, E(vec) exp)
{
    return E(select)(E(is_nan)(x), x, E(mul)(dy, E(elu_slope)(E(one_where_nan)(dy, x), alpha, exp)));
}

INLINE bool E(elu_backward_from_output_makes_nan)(E(vec) alpha) { return (void)alpha, true; }
INLINE E(vec) E(elu_backward_from_output)(E(vec) dy, E(vec) y, E(vec) alpha)
{
    if (__builtin_expect(mask_any(E(is_negative)(alpha)), false)) {
        /* an output does not tell its branch where alpha < 0: infinity * 0 in its place, if nothing is NaN */
        const mask nan = mask_or(E(is_nan)(dy), E(is_nan)(y));
        const mask untold = E(is_below_zero)(E(select)(nan, E(zero)(), alpha));
        dy = E(select)(untold, E(infinity)(), dy);
        y = E(select)(untold, E(zero)(), y);
        alpha = E(select)(untold, E(zero)(), alpha);
    }
    E(vec) seen = E(one_where_nan)(dy, y);
    E(vec) slope = E(add)(E(off_or_zero)(seen), E(where_off)(seen, alpha));
    return E(select)(E(is_nan)(y), y, E(mul)(dy, slope));
}
