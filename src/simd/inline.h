/* Words that every kernel is written with. */
#ifndef RELU_UFUNC_INLINE_H
#define RELU_UFUNC_INLINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* The loops take the kernel as a function pointer: only when all is inlined does a vector stay in its register. */
#define INLINE static inline __attribute__((always_inline, unused))

/* What is large, and would be compiled into each of its callers, or once for each set of constants that they give. GCC may not
 * look into it either: it knows nothing of floating-point flags, and may move a call out of its branch where it sees that the
 * function has no other effects. */
#ifdef __clang__
#define NOINLINE static __attribute__((noinline, unused))
#else
#define NOINLINE static __attribute__((noipa, unused))
#endif

/* What reads and writes part of a vector, with which a row may end. In each loop that is half of the code: a file whose code is to
 * be small has it NOINLINE, with which short rows take up to a half longer. */
#ifndef PART
#define PART INLINE
#endif

/* Tells the compiler what the caller has made sure of. */
INLINE void assume(bool holds)
{
    if (!holds) {
        __builtin_unreachable();
    }
}

#define JOIN_(a, b) a##_##b
#define JOIN(a, b) JOIN_(a, b)

#endif
