/* From a formula on vectors to a kernel_loop: load, compute, store by arity, walked by map. These are macros because
 * the formulas differ in type; steps.h applies them to every line of kernels.def. */
#ifndef RELU_UFUNC_LIFT_H
#define RELU_UFUNC_LIFT_H

#include "map.h"
#include "simd/words.h"

#define A(name) JOIN(ACCESS, name)
#define F(name) JOIN(FORMULA, name)

#define INPUT(i) A(load)(at->in##i, count)
#define INPUTS_1 F(vec) a = INPUT(0)
#define INPUTS_2 F(vec) a = INPUT(0), b = INPUT(1)
#define INPUTS_3 F(vec) a = INPUT(0), b = INPUT(1), c = INPUT(2)
#define INPUTS_4 F(vec) a = INPUT(0), b = INPUT(1), c = INPUT(2), d = INPUT(3)
#define GIVEN_1 a
#define GIVEN_2 a, b
#define GIVEN_3 a, b, c
#define GIVEN_4 a, b, c, d

#define STORE_1(value) A(store)(at->out0, value, count)
#define STORE_2(value)                     \
    struct F(pair) pair = value;           \
    A(store)(at->out0, pair.first, count); \
    A(store)(at->out1, pair.second, count)

#define STEP(name) INLINE void E(name)(const struct place *at, size_t count)
#define LOOP_OF(name) static void E(name##_loop)(char *const *data, const ptrdiff_t *stride, size_t n)

#define NO_LOOP(...)
#define OF_numbers(loop) loop /* for kernels that every element type has */

#define LOOP(name, nin, nout)               \
    STEP(name##_step)                       \
    {                                       \
        INPUTS_##nin;                       \
        STORE_##nout(F(name)(GIVEN_##nin)); \
    }                                       \
    LOOP_OF(name) { map(E(name##_step), nin, nout, E(size)(), A(lanes)(), data, stride, n); }

/* For a formula in three parts: name_argument of the inputs, name_branch of that where it is off, and name_rest of the
 * inputs and the branch's value, which is anything where the argument is not off. */

#define STEP_WITH_BRANCH(name, nin, nout)                                             \
    STEP(name##_step)                                                                 \
    {                                                                                 \
        INPUTS_##nin;                                                                 \
        F(vec) y = F(name##_branch)(F(off_or_zero)(F(name##_argument)(GIVEN_##nin))); \
        STORE_##nout(F(name##_rest)(GIVEN_##nin, y));                                 \
    }

#define LOOP_WITH_BRANCH(name, nin, nout) \
    STEP_WITH_BRANCH(name, nin, nout)     \
    LOOP_OF(name) { map(E(name##_step), nin, nout, E(size)(), A(lanes)(), data, stride, n); }

#define PACKED_LOOP(name, nin, nout)                                                                         \
    STEP_WITH_BRANCH(name, nin, nout)                                                                        \
    STEP(name##_pack)                                                                                        \
    {                                                                                                        \
        INPUTS_##nin;                                                                                        \
        F(vec) x = F(name##_argument)(GIVEN_##nin);                                                          \
        F(pack)(at->packed, F(is_off)(x), x);                                                                \
    }                                                                                                        \
    STEP(name##_packed) { F(store)(at->out0, F(name##_branch)(F(load)(at->in0, count)), count); }            \
    STEP(name##_unpack)                                                                                      \
    {                                                                                                        \
        INPUTS_##nin;                                                                                        \
        F(vec) y = F(unpack)(at->packed, F(is_off)(F(name##_argument)(GIVEN_##nin)));                        \
        STORE_##nout(F(name##_rest)(GIVEN_##nin, y));                                                        \
    }                                                                                                        \
    LOOP_OF(name)                                                                                            \
    {                                                                                                        \
        map_packed(E(name##_step), E(name##_pack), E(name##_packed), E(name##_unpack), F(size)(), nin, nout, \
                   E(size)(), A(lanes)(), data, stride, n);                                                  \
    }

#endif
