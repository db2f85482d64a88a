/* The floating-point flags of this thread. */
#ifndef RELU_UFUNC_FLAGS_H
#define RELU_UFUNC_FLAGS_H

#include <fenv.h>

#ifdef __SSE2__

#include <xmmintrin.h>

/* What fetestexcept(FE_ALL_EXCEPT) tells of vectors: on x86, without the slow look at the flags of the x87, which long
 * double alone raises. The bits are those of <fenv.h>. */
static inline int vector_flags(void) { return (int)_mm_getcsr() & FE_ALL_EXCEPT; }

#else

static inline int vector_flags(void) { return fetestexcept(FE_ALL_EXCEPT); }

#endif

#endif
