/* The floating-point flags of this thread, and whether it rounds to nearest. */
#ifndef RELU_UFUNC_FLAGS_H
#define RELU_UFUNC_FLAGS_H

#include <fenv.h>

#ifdef __SSE2__

#include <xmmintrin.h>

/* As fetestexcept(FE_ALL_EXCEPT) and feraiseexcept, for vectors: on x86, the flags of SSE alone. Those of the x87, which
 * long double raises, take longer than all else in a short call. The bits are those of <fenv.h>. */
static inline int vector_flags(void) { return (int)_mm_getcsr() & FE_ALL_EXCEPT; }
static inline void raise_vector_flags(int flags) { _mm_setcsr(_mm_getcsr() | (unsigned)flags); }
static inline int vectors_round_to_nearest(void) { return (_mm_getcsr() & _MM_ROUND_MASK) == _MM_ROUND_NEAREST; }

#else

static inline int vector_flags(void) { return fetestexcept(FE_ALL_EXCEPT); }
static inline void raise_vector_flags(int flags) { feraiseexcept(flags); }
static inline int vectors_round_to_nearest(void) { return fegetround() == FE_TONEAREST; }

#endif

#endif
