/* The loop of a kernel with a brief part: a formula of a few float operations, exact but for lanes that hardly ever come, which it
 * says are in doubt. A vector that has one is given to the kernel's loop proper, and some behind it, for others are likely; so is
 * the tail. In other rounding modes than to nearest the loop proper computes all, and so it does where an ISA has no fused
 * operations. */
#ifndef RELU_UFUNC_BRIEF_H
#define RELU_UFUNC_BRIEF_H

#include "lift.h"

/* Computes a vector and stores it, unless lanes of it are in doubt: then it does nothing, and says so. */
typedef bool brief_step(const struct pointers *at);

enum { VECTORS_IN_DOUBT = 8 };

/* The loop proper is called beside the vectors in between, so that these keep their constants in registers. */
INLINE void map_brief(brief_step *is_done, kernel_loop *proper, struct form form, struct run run)
{
    const struct strides by = strides_of(form.nin, form.size, run.stride);
    const size_t vector = form.lanes * form.size;
    char *data[MAX_OPERANDS];
    memcpy(data, run.data, (size_t)(form.nin + form.nout) * sizeof *data);
    /* A store across two cache lines costs twice: the loop proper goes to where a vector of the output begins. */
    size_t ahead = (vector - (uintptr_t)data[form.nin] % vector) % vector / form.size, n = run.n;
    while (n > 0) {
        struct pointers at = pointers_of(form.nin, form.nout, data);
        size_t done = 0;
        if (ahead == 0 || n < 8 * form.lanes) {
            for (; n - done >= form.lanes && is_done(&at); done += form.lanes) {
                at = advanced(at, by, form.lanes);
            }
            ahead = VECTORS_IN_DOUBT * form.lanes;
        }
        const size_t left = n - done, rest = left < ahead ? left : ahead;
        move_on(data, form, run.stride, done);
        proper(data, run.stride, rest, NULL);
        move_on(data, form, run.stride, rest);
        n = left - rest;
        ahead = 0;
    }
}

/* For a formula that has name_doubt, whether a lane of the inputs is in doubt, which would raise flags of its own in name_brief. At
 * defaults: where the last two inputs are parameters of which are_hard_defaults is true. */

#define BRIEF_LOOP(name, nin, nout) BRIEF_LOOP_WHERE(true, name, nin, nout)
#define BRIEF_AT_DEFAULTS_LOOP(name, nin, nout)                                        \
    BRIEF_LOOP_WHERE(stride[nin - 2] == 0 && stride[nin - 1] == 0 &&                   \
                         F(are_hard_defaults)(PARAMETER(nin - 2), PARAMETER(nin - 1)), \
                     name, nin, nout)
#define PARAMETER(i) A(load)(data[i], A(lanes)())
#define BRIEF_LOOP_WHERE(applies, name, nin, nout)                                   \
    LOOP_PROPER(name, nin, nout)                                                     \
    INLINE bool E(name##_brief_step)(const struct pointers *at)                      \
    {                                                                                \
        const size_t count = A(lanes)();                                             \
        INPUTS_##nin;                                                                \
        if (__builtin_expect(F(name##_doubt)(GIVEN_##nin), false)) {                 \
            return false;                                                            \
        }                                                                            \
        PLAIN_##nout(F(name##_brief)(GIVEN_##nin), nin);                             \
        return true;                                                                 \
    }                                                                                \
    LOOP_OF(name##_loop)                                                             \
    {                                                                                \
        if (FLOAT_TABLE > 0 && (applies) && vectors_round_to_nearest()) {            \
            map_brief(E(name##_brief_step), E(name##_proper), FORM(nin, nout), RUN); \
        } else {                                                                     \
            E(name##_proper)(data, stride, n, NULL);                                 \
        }                                                                            \
    }

#endif
