/* From a formula on vectors to a kernel_loop: load, compute, store by arity, walked by map. These are macros because
 * the formulas differ in type; steps.h applies them to every declaration. */
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

#define FORM(nin, nout) ((struct form){nin, nout, E(size)(), A(lanes)()})
#define RUN ((struct run){data, stride, n, room})

#define STEP(name) INLINE void E(name)(const struct pointers *at, size_t count)
#define LOOP_OF(name) \
    static void E(name)(char *const *data, const ptrdiff_t *stride, size_t n, __attribute__((unused)) char *room)
/* The same, not inlined, so that a call that takes another way does not reserve its stack space. */
#define LOOP_APART(name) __attribute__((noinline)) LOOP_OF(name)

/* Results are stored as they are, or settled first (floating.h, longdouble.h). NaN that is given comes from the inputs; but a
 * second output, the derivative with respect to the third input, does not depend on that. */
#define PLAIN_1(value, nin) A(store)(at->out0, value, count)
#define PLAIN_2(value, nin)                \
    struct F(pair) pair = value;           \
    A(store)(at->out0, pair.first, count); \
    A(store)(at->out1, pair.second, count)
#define SETTLED_1(value, nin) A(store)(at->out0, F(settled)(value, NAN_GIVEN_##nin), count)
#define SETTLED_2(value, nin)                                           \
    struct F(pair) pair = value;                                        \
    A(store)(at->out0, F(settled)(pair.first, NAN_GIVEN_##nin), count); \
    A(store)(at->out1, F(settled)(pair.second, NAN_GIVEN_BUT_THIRD_##nin), count)
#define PLAIN_MAP map
#define PLAIN_PACKED_MAP map_packed
#define SETTLED_MAP map_compact /* this and the next run seldom */
#define SETTLED_PACKED_MAP map_packed_strided
#define NAN_GIVEN_2 mask_or(F(is_nan)(a), F(is_nan)(b))
#define NAN_GIVEN_3 mask_or(NAN_GIVEN_2, F(is_nan)(c))
#define NAN_GIVEN_4 mask_or(NAN_GIVEN_3, F(is_nan)(d))
#define NAN_GIVEN_BUT_THIRD_3 NAN_GIVEN_2
#define NAN_GIVEN_BUT_THIRD_4 mask_or(NAN_GIVEN_2, F(is_nan)(d))

/* E(name_loop), for a formula that makes no NaN of numbers: plain; for one that may: settled, or the faster of the two,
 * call by call. */

#define NO_LOOP(...)
#define OF_numbers(loop) loop /* for kernels that every element type has */
#define OF_floats_short OF_floats
#define LOOP(name, nin, nout) LOOP_AS(loop, PLAIN, name, nin, nout)
#define SETTLED_LOOP(name, nin, nout) SETTLED_LOOP_##nin(name, nin, nout)
#define SETTLED_LOOP_1 LOOP
#define SETTLED_LOOP_2 SETTLED_LOOP_OF_SEVERAL
#define SETTLED_LOOP_3 SETTLED_LOOP_OF_SEVERAL
#define SETTLED_LOOP_4 SETTLED_LOOP_OF_SEVERAL
#define SETTLED_LOOP_OF_SEVERAL(name, nin, nout) LOOP_AS(loop, SETTLED, name, nin, nout)
#define SETTLING_LOOP(name, nin, nout) SETTLING_LOOP_##nin(name, nin, nout)
#define SETTLING_LOOP_1 LOOP /* of one number no formula makes NaN */
#define SETTLING_LOOP_2 SETTLING_LOOP_OF_SEVERAL
#define SETTLING_LOOP_3 SETTLING_LOOP_OF_SEVERAL
#define SETTLING_LOOP_4 SETTLING_LOOP_OF_SEVERAL
#define SETTLING_LOOP_OF_SEVERAL(name, nin, nout) \
    LOOP_AS(plain, PLAIN, name, nin, nout)        \
    LOOP_AS(settled, SETTLED, name, nin, nout)    \
    SETTLING(name, loop, nin, nout)

#define LOOP_THROUGH_F32(name, nin, nout)                                                               \
    LOOP_OF(name##_loop)                                                                                \
    {                                                                                                   \
        E(through_f32)(JOIN(JOIN(ISA, f32), kernels)[KERNEL_##name], nin, nout, data, stride, n, room); \
    }

#define FAST_LOOP_THROUGH_F32(name, nin, nout)                                             \
    LOOP_PROPER(name, nin, nout)                                                           \
    LOOP_OF(name##_loop)                                                                   \
    {                                                                                      \
        if (FLOAT_TABLE > 0 && room != NULL) {                                             \
            kernel_loop *fast = JOIN(JOIN(ISA, f32), kernels)[KERNEL_##name];              \
            E(fast_through_f32)(fast, E(name##_proper), nin, nout, data, stride, n, room); \
        } else {                                                                           \
            E(name##_proper)(data, stride, n, NULL);                                       \
        }                                                                                  \
    }

#define LOOP_AS(kind, STORE, name, nin, nout)      \
    STEP(name##_##kind##_step)                     \
    {                                              \
        INPUTS_##nin;                              \
        STORE##_##nout(F(name)(GIVEN_##nin), nin); \
    }                                              \
    LOOP_OF(name##_##kind) { STORE##_MAP(E(name##_##kind##_step), FORM(nin, nout), RUN); }

#define SETTLING(name, kind, nin, nout)                                                         \
    LOOP_OF(name##_##kind)                                                                      \
    {                                                                                           \
        const bool one = stride[nin - 1] == 0;                                                  \
        const bool makes_nan = !one || F(name##_makes_nan)(A(load)(data[nin - 1], A(lanes)())); \
        map_settling(E(name##_plain), E(name##_settled), makes_nan, FORM(nin, nout), RUN);      \
    }

/* For a formula that is costly: compiled once for each element, with whatever is needed for a NaN of numbers. */

#define COSTLY_LOOP(name, nin, nout) COSTLY_LOOP_##nin(loop, name, nin, nout)
#define LOOP_PROPER(name, nin, nout) COSTLY_LOOP_##nin(proper, name, nin, nout)
#define COSTLY_LOOP_1(kind, name, nin, nout) COMPACT_LOOP_AS(kind, PLAIN, name, nin, nout)
#define COSTLY_LOOP_2(kind, name, nin, nout) COMPACT_LOOP_AS(kind, SETTLED, name, nin, nout)
#define COSTLY_LOOP_3 COSTLY_LOOP_2
#define COSTLY_LOOP_4 COSTLY_LOOP_2
#define COMPACT_LOOP(name, nin, nout) COMPACT_LOOP_AS(loop, PLAIN, name, nin, nout)
#define COMPACT_LOOP_AS(kind, STORE, name, nin, nout) \
    STEP(name##_step)                                 \
    {                                                 \
        INPUTS_##nin;                                 \
        STORE##_##nout(F(name)(GIVEN_##nin), nin);    \
    }                                                 \
    LOOP_OF(name##_##kind) { map_compact(E(name##_step), FORM(nin, nout), RUN); }

/* For a formula in three parts: name_argument of the inputs, name_branch of that where it is negative, and name_rest of
 * the inputs and the branch's value, which is anything where the argument is not negative. The branch is compiled twice: for packed
 * elements, and in one with the rest of the formula for calls that are too short to pack. */

#define BRANCH_LOOP(name, nin, nout) BRANCHES(name) BRANCHING_LOOP_##nin(name, nin, nout)
#define BRANCHING_LOOP_1(name, nin, nout)          \
    PACKING(name, nin)                             \
    PACKED_LOOP_AS(packed, PLAIN, name, nin, nout) \
    PACKED_OR_WHOLE(PLAIN, name, nin, nout)
#define BRANCHING_LOOP_2(name, nin, nout)             \
    PACKING(name, nin)                                \
    PACKED_LOOP_AS(plain, PLAIN, name, nin, nout)     \
    PACKED_LOOP_AS(settled, SETTLED, name, nin, nout) \
    SETTLING(name, packed, nin, nout)                 \
    PACKED_OR_WHOLE(SETTLED, name, nin, nout)
#define BRANCHING_LOOP_3 BRANCHING_LOOP_2
#define BRANCHING_LOOP_4 BRANCHING_LOOP_2

#define PACKED_OR_WHOLE(STORE, name, nin, nout)                                                          \
    WHOLE_LOOP_AS(whole, STORE, name, nin, nout)                                                         \
    LOOP_OF(name##_loop)                                                                                 \
    {                                                                                                    \
        kernel_loop *loop = is_worth_packing(FORM(nin, nout), RUN) ? E(name##_packed) : E(name##_whole); \
        loop(data, stride, n, room);                                                                     \
    }

#define WHOLE_LOOP(name, nin, nout) WHOLE_LOOP_##nin(name, nin, nout)
#define WHOLE_LOOP_1(name, nin, nout) WHOLE_LOOP_AS(loop, PLAIN, name, nin, nout)
#define WHOLE_LOOP_2(name, nin, nout) WHOLE_LOOP_AS(loop, SETTLED, name, nin, nout)
#define WHOLE_LOOP_3 WHOLE_LOOP_2
#define WHOLE_LOOP_4 WHOLE_LOOP_2
#define WHOLE_LOOP_AS(kind, STORE, name, nin, nout)                                   \
    STEP(name##_whole_step)                                                           \
    {                                                                                 \
        INPUTS_##nin;                                                                 \
        F(vec) y = F(name##_branch)(F(off_or_zero)(F(name##_argument)(GIVEN_##nin))); \
        STORE##_##nout(F(name##_rest)(GIVEN_##nin, y), nin);                          \
    }                                                                                 \
    LOOP_OF(name##_##kind) { map_compact(E(name##_whole_step), FORM(nin, nout), RUN); }

#define PACKING(name, nin)                          \
    STEP(name##_pack)                               \
    {                                               \
        INPUTS_##nin;                               \
        F(vec) x = F(name##_argument)(GIVEN_##nin); \
        F(pack)(at->packed, F(is_negative)(x), x);  \
    }

/* E(name_branches), which computes the branch of n packed elements where they lie. */
#define BRANCHES(name)                                                                       \
    BRANCH_STEP(name)                                                                        \
    NOINLINE void E(name##_branches)(char *packed, size_t n)                                 \
    {                                                                                        \
        F(store)(packed + n * F(size)(), F(zero)(), F(lanes)());                             \
        const struct pointers at = pointers_of(1, 1, (char *[]){packed, packed});            \
        walk_whole(E(name##_branch_step), at, contiguous_strides(F(size)()), n, F(lanes)()); \
    }
#define BRANCH_STEP(name) \
    STEP(name##_branch_step) { F(store)(at->out0, F(name##_branch)(F(load)(at->in0, count)), count); }

#define PACKED_LOOP_AS(kind, STORE, name, nin, nout)                                                                \
    STEP(name##_##kind##_unpack)                                                                                    \
    {                                                                                                               \
        INPUTS_##nin;                                                                                               \
        F(vec) y = F(unpack)(at->packed, F(is_negative)(F(name##_argument)(GIVEN_##nin)));                          \
        STORE##_##nout(F(name##_rest)(GIVEN_##nin, y), nin);                                                        \
    }                                                                                                               \
    LOOP_OF(name##_##kind)                                                                                          \
    {                                                                                                               \
        const struct packing by_parts = {E(name##_pack), E(name##_##kind##_unpack), E(name##_branches), F(size)()}; \
        STORE##_PACKED_MAP(by_parts, FORM(nin, nout), RUN);                                                         \
    }

#endif
