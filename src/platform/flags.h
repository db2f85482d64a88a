/* The floating-point flags of this thread, and whether its modes are the usual ones. */
#ifndef RELU_UFUNC_FLAGS_H
#define RELU_UFUNC_FLAGS_H

#include <fenv.h>

#ifdef __SSE2__

#include <xmmintrin.h>

/* The bits of <fenv.h> are those of the register, but on Windows: elsewhere nothing is left of these two. */
static inline int flags_of_bits(unsigned bits)
{
    return (bits & _MM_EXCEPT_INVALID ? FE_INVALID : 0) | (bits & _MM_EXCEPT_DIV_ZERO ? FE_DIVBYZERO : 0) |
           (bits & _MM_EXCEPT_OVERFLOW ? FE_OVERFLOW : 0) | (bits & _MM_EXCEPT_UNDERFLOW ? FE_UNDERFLOW : 0) |
           (bits & _MM_EXCEPT_INEXACT ? FE_INEXACT : 0);
}

static inline unsigned bits_of_flags(int flags)
{
    return (flags & FE_INVALID ? _MM_EXCEPT_INVALID : 0) | (flags & FE_DIVBYZERO ? _MM_EXCEPT_DIV_ZERO : 0) |
           (flags & FE_OVERFLOW ? _MM_EXCEPT_OVERFLOW : 0) | (flags & FE_UNDERFLOW ? _MM_EXCEPT_UNDERFLOW : 0) |
           (flags & FE_INEXACT ? _MM_EXCEPT_INEXACT : 0);
}

/* As fetestexcept(FE_ALL_EXCEPT), feraiseexcept and feclearexcept, for vectors: on x86, the flags of SSE alone. Those of the x87, which
 * long double raises, take longer than all else in a short call. */
static inline int vector_flags(void) { return flags_of_bits(_mm_getcsr()); }
static inline void raise_vector_flags(int flags) { _mm_setcsr(_mm_getcsr() | bits_of_flags(flags)); }
static inline void clear_vector_flags(int flags) { _mm_setcsr(_mm_getcsr() & ~bits_of_flags(flags)); }

/* Rounding to nearest, and no traps: what takes flags back may raise them. */
static inline int vectors_have_usual_modes(void)
{
    return (_mm_getcsr() & (_MM_ROUND_MASK | _MM_MASK_MASK)) == (_MM_ROUND_NEAREST | _MM_MASK_MASK);
}

#else

static inline int vector_flags(void) { return fetestexcept(FE_ALL_EXCEPT); }
static inline void raise_vector_flags(int flags) { feraiseexcept(flags); }
static inline void clear_vector_flags(int flags) { feclearexcept(flags); }
static inline int vectors_have_usual_modes(void) { return fegetround() == FE_TONEAREST; }

#endif

#endif
