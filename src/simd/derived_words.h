/* Words that the formulas share, in terms of what an element type defines: included once for each. */

/* two outputs */
struct Pair {
    Vec first, second;
};

/* x <= 0 */
INLINE mask IsOff(Vec x) { return mask_or(IsNegative(x), IsZero(x)); }

INLINE Vec OffOrZero(Vec x) { return Select(IsOff(x), x, Zero()); }

/* y, but where an operand is NaN what is given for it. NaN comes rarely: a vector without it goes past. */
INLINE Vec OrNan(mask nan, Vec given, Vec y)
{
    return __builtin_expect(mask_any(nan), false) ? Select(nan, given, y) : y;
}

/* whether a lane of either is NaN, which is rare: where none is, a formula has less to do */
INLINE bool AnyNan(Vec a, Vec b) { return __builtin_expect(mask_any(mask_or(IsNan(a), IsNan(b))), false); }

/* on where x > 0, off where x <= 0, x where x is NaN */
INLINE Vec Choose(Vec x, Vec on, Vec off)
{
    x = Held(x);
    return OrNan(IsNan(x), x, Select(IsAbove(x, Zero()), on, off));
}

/* on where x > m, 0 where x <= m, x where x is NaN; m is a number from +0 on */
INLINE Vec WhereAbove(Vec x, Vec m, Vec on)
{
    x = Held(x);
    return OrNan(IsNan(x), x, ZeroUnless(IsAbove(x, m), on));
}

/* x where x > 0, 0 where x <= 0, x where x is NaN */
INLINE Vec PositivePart(Vec x)
{
    x = Held(x);
    return ZeroWhere(IsNegative(x), x);
}

#if defined COMPUTES || defined WRAPS

/* dy * factor, and dy's NaN where both are: which of two NaNs a product keeps is up to the compiler */
INLINE Vec Scale(Vec dy, Vec factor) { return Mul(dy, ZeroWhere(IsNan(dy), factor)); }

/* a + b, and a's NaN where both are */
INLINE Vec Total(Vec a, Vec b)
{
    a = Held(a);
    return Add(a, ZeroWhere(IsNan(a), b));
}

/* whether the product of a number with these factors may be NaN */
INLINE bool ProductMakesNan(Vec factor) { return !mask_any(IsNormal(factor)); }

#endif

#ifdef COMPUTES

/* the factor where x <= 0, 1 elsewhere */
INLINE Vec WhereOff(Vec x, Vec factor) { return Select(IsOff(x), factor, One()); }

/* x, but 1 where dy is NaN: that is passed on as where x > 0, and raises no flag */
INLINE Vec OneWhereNan(Vec dy, Vec x) { return Select(IsNan(dy), One(), x); }

/* x, but 1 at NaN: what a formula computes with there, so that it raises no flag */
INLINE Vec OneWhere(mask nan, Vec x) { return __builtin_expect(mask_any(nan), false) ? Select(nan, One(), x) : x; }

/* a where that is NaN, else b: of operands one of which is NaN, the first that is */
INLINE Vec FirstNan(Vec a, Vec b) { return Select(IsNan(a), a, b); }

/* f(x), and f(x) times a factor, of numbers; else the NaN: that of x first, then the factor's */
INLINE Vec OfNumber(Vec (*f)(Vec, enum use), enum use use, Vec x)
{
    mask nan = IsNan(x);
    return OrNan(nan, x, f(OneWhere(nan, x), use));
}

INLINE Vec TimesOfNumber(Vec (*f)(Vec, enum use), Vec factor, Vec x)
{
    mask nan = mask_or(IsNan(x), IsNan(factor));
    return OrNan(nan, FirstNan(x, factor), Mul(OneWhere(nan, factor), f(OneWhere(nan, x), AS_FACTOR)));
}

/* the gradients of f(gate) up: dy (up f'(gate)) and dy f(gate) */
INLINE struct Pair GatedBackward(Vec (*f)(Vec, enum use), Vec (*slope)(Vec, enum use), Vec dy, Vec gate, Vec up)
{
    const mask nan = mask_or(mask_or(IsNan(gate), IsNan(dy)), IsNan(up));
    Vec factor = Mul(OneWhere(nan, up), slope(OneWhere(nan, gate), AS_FACTOR));
    Vec dgate = OrNan(nan, FirstNan(gate, FirstNan(dy, up)), Mul(OneWhere(nan, dy), factor));
    return (struct Pair){dgate, TimesOfNumber(f, dy, gate)};
}

/* the same as of one number, with a parameter, whose NaN comes last */
INLINE Vec OfNumbers(Vec (*f)(Vec, Vec, enum use), enum use use, Vec x, Vec parameter)
{
    mask nan = mask_or(IsNan(x), IsNan(parameter));
    return OrNan(nan, FirstNan(x, parameter), f(OneWhere(nan, x), OneWhere(nan, parameter), use));
}

INLINE Vec TimesOfNumbers(Vec (*f)(Vec, Vec, enum use), Vec factor, Vec x, Vec parameter)
{
    mask nan = mask_or(mask_or(IsNan(x), IsNan(factor)), IsNan(parameter));
    Vec y = f(OneWhere(nan, x), OneWhere(nan, parameter), AS_FACTOR);
    return OrNan(nan, FirstNan(x, FirstNan(factor, parameter)), Mul(OneWhere(nan, factor), y));
}

#endif

#ifdef FAST

/* factor f(x), by the fast part of f; what is in doubt computes with 0. A NaN for a factor is passed on; infinity times 0 raises INVALID,
 * and so the block is computed anew (loops/fast.h). */
INLINE Vec TimesFast(Vec (*f)(Vec, struct Begun, mask *), Vec factor, Vec x, struct Begun begun, mask *doubtful)
{
    Vec y = f(x, begun, doubtful);
    return Mul(ZeroWhere(*doubtful, factor), y);
}

/* dy (up f'(gate)) and dy f(gate), the same way; but a NaN for dy or up is in doubt: one of two comes first, and of numbers beside one no
 * product may raise a flag */
INLINE struct Pair GatedFast(Vec (*f)(Vec, struct Begun, mask *), struct Begun f_begun,
                             Vec (*slope_of)(Vec, struct Begun, mask *), struct Begun slope_begun, Vec dy, Vec gate,
                             Vec up, mask *doubtful)
{
    mask slope_doubtful;
    Vec slope = slope_of(gate, slope_begun, &slope_doubtful), value = f(gate, f_begun, doubtful);
    *doubtful = mask_or(mask_or(*doubtful, slope_doubtful), EitherIsNan(dy, up));
    dy = ZeroWhere(*doubtful, dy);
    up = ZeroWhere(*doubtful, up);
    return (struct Pair){Mul(dy, Mul(up, slope)), Mul(dy, value)};
}

#endif
