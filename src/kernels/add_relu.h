/* add_relu, a sum and relu in one pass, and its gradient, which is the same for both terms.
 *
 *     add_relu(x, y)               s where s > 0,   +0 where s <= 0,   s where s is NaN;   s = x + y
 *     add_relu_backward(dy, x, y)  dy               0                  s
 *
 * One sum, so exact to its rounding, and wrapped for integers; the gradient selects by that sum. NaN among x and y is passed
 * on, x before y; of one that they make, as infinity - infinity does, a NaN in dy is given instead. */
#ifdef KERNEL

KERNEL(add_relu, 2, 1, numbers, compute, "x, y", 0.5, "z = maximum(x + y, 0)")
KERNEL(add_relu_backward, 3, 1, numbers, compute, "dy, x, y", 0.5, "dx = where(x + y > 0, dy, 0)")

#elif defined COMPUTES || defined WRAPS

INLINE bool E(add_relu_makes_nan)(Vec y) { return ProductMakesNan(y); }
INLINE Vec E(add_relu)(Vec x, Vec y) { return PositivePart(Total(x, y)); }

INLINE bool E(add_relu_backward_makes_nan)(Vec y) { return ProductMakesNan(y); }
INLINE Vec E(add_relu_backward)(Vec dy, Vec x, Vec y)
{
    Vec sum = Total(x, y);
    Vec nan = Select(mask_or(IsNan(x), IsNan(y)), sum, Select(IsNan(dy), dy, sum));
    return OrNan(IsNan(sum), nan, ZeroUnless(IsAbove(sum, Zero()), dy));
}

#endif
