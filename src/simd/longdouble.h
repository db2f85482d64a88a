/* long double in the terms that the formulas ask for: plain C, one element at a time, expm1 and exp from the C
 * library. isless and its kin, unlike <, raise nothing on a quiet NaN. */
#include <float.h>
#include <math.h>

typedef long double longdouble_vec;

INLINE longdouble_vec longdouble_load(const char *p, size_t count)
{
    longdouble_vec a;
    (void)count;
    memcpy(&a, p, sizeof a);
    return a;
}

/* All bytes are written: those that are no part of the value with 0, as memory shows what it held before. */
INLINE void longdouble_store(char *p, longdouble_vec a, size_t count)
{
    const size_t x87_bytes = 10, used = LDBL_MANT_DIG == 64 ? x87_bytes : sizeof a;
    (void)count;
    memset(p, 0, sizeof a);
    memcpy(p, &a, used);
}

INLINE size_t longdouble_lanes(void) { return 1; }
INLINE size_t longdouble_size(void) { return sizeof(long double); }

INLINE longdouble_vec longdouble_zero(void) { return 0; }
INLINE longdouble_vec longdouble_one(void) { return 1; }
INLINE longdouble_vec longdouble_six(void) { return 6; }
INLINE longdouble_vec longdouble_infinity(void) { return INFINITY; }
INLINE longdouble_vec longdouble_nan(void) { return NAN; }
INLINE longdouble_vec longdouble_select(mask m, longdouble_vec a, longdouble_vec b) { return m ? a : b; }
INLINE longdouble_vec longdouble_held(longdouble_vec a) { return a; }
INLINE longdouble_vec longdouble_zero_where(mask m, longdouble_vec a) { return m ? 0 : a; }
INLINE longdouble_vec longdouble_zero_unless(mask m, longdouble_vec a) { return m ? a : 0; }
INLINE mask longdouble_is_zero(longdouble_vec x) { return x == 0; }
INLINE mask longdouble_is_negative(longdouble_vec x) { return islessequal(x, 0.0L) && signbit(x); }
INLINE mask longdouble_is_below_zero(longdouble_vec x) { return isless(x, 0.0L); }
INLINE mask longdouble_is_positive(longdouble_vec x) { return isgreater(x, 0.0L); }
INLINE mask longdouble_is_greater(longdouble_vec a, longdouble_vec b) { return isgreater(a, b); }
INLINE mask longdouble_is_above(longdouble_vec x, longdouble_vec m) { return isgreater(x, m); }
INLINE mask longdouble_is_signed_or_nan(longdouble_vec x) { return isnan(x) || signbit(x); }
INLINE longdouble_vec longdouble_capped(longdouble_vec x, longdouble_vec c) { return isgreater(x, c) ? c : x; }
INLINE mask longdouble_is_nan(longdouble_vec x) { return isnan(x); }
INLINE mask longdouble_is_normal(longdouble_vec x) { return isnormal(x); }
INLINE longdouble_vec longdouble_settled(longdouble_vec result, mask given)
{
    return isnan(result) && !given ? longdouble_nan() : result;
}

INLINE longdouble_vec longdouble_add(longdouble_vec a, longdouble_vec b) { return a + b; }
INLINE longdouble_vec longdouble_mul(longdouble_vec a, longdouble_vec b) { return a * b; }
INLINE longdouble_vec longdouble_expm1_off(longdouble_vec x) { return isless(x, 0.0L) ? expm1l(x) : x; }
INLINE longdouble_vec longdouble_exp_off(longdouble_vec x) { return expl(x); }
