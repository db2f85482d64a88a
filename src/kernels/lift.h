/* From a formula on vectors to a kernel_loop: load, compute, store by arity, walked by map. These are macros because
 * the formulas differ in type; steps.h applies them to every line of kernels.def. */
#ifndef RELU_UFUNC_LIFT_H
#define RELU_UFUNC_LIFT_H

#include "map.h"

#define A(name) JOIN(ACCESS, name)
#define F(name) JOIN(FORMULA, name)

#define IN(i) A(load)(at->in##i, count)
#define STORE(value) A(store)(at->out0, value, count)
#define STORE_PAIR(value)            \
    struct F(pair) y = value;        \
    A(store)(at->out0, y.dx, count); \
    A(store)(at->out1, y.dslope, count)

#define STEP_1_1(f) STORE(f(IN(0)))
#define STEP_2_1(f) STORE(f(IN(0), IN(1)))
#define STEP_3_1(f) STORE(f(IN(0), IN(1), IN(2)))
#define STEP_2_2(f) STORE_PAIR(f(IN(0), IN(1)))
#define STEP_3_2(f) STORE_PAIR(f(IN(0), IN(1), IN(2)))

#define LOOP(name, nin, nout)                                                                          \
    INLINE void E(name##_step)(const struct place *at, size_t count) { STEP_##nin##_##nout(F(name)); } \
    static void E(name##_loop)(char *const *data, const ptrdiff_t *stride, size_t n)                   \
    {                                                                                                  \
        map(E(name##_step), nin, nout, E(size)(), A(lanes)(), data, stride, n);                        \
    }
#define NO_LOOP(name, nin, nout)

#endif
