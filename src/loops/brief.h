/* The loop of a kernel with a brief part: a formula of a few float operations, exact but for lanes that hardly ever come, which it
 * says are in doubt. A vector that has one is given to the kernel's loop proper, and some behind it, for others are likely; so is
 * the tail. In other rounding modes than to nearest the loop proper computes all, and so it does where an ISA has no fused
 * operations. */
#ifndef RELU_UFUNC_BRIEF_H
#define RELU_UFUNC_BRIEF_H

#include "lift.h"

/* Of a vector. Unlike a step it stores nothing. */
typedef f32_vec vector_step(const struct pointers *at);

struct by_brief_part {
    vector_step *result, *watched; /* the latter is the input that tells of doubts */
    float least; /* of what is watched: NaN is in doubt, and so are magnitudes below this one, but 0 */
    kernel_loop *proper;
};

enum { VECTORS_AT_ONCE = 4, VECTORS_IN_DOUBT = 8 };

/* What the bits of all numbers are turned by, so that as integers NaN comes first, and then 0 and what is small. */
INLINE bits turn_of_ranks(void)
{
    const bits infinity = set1_32(0x7f800000);
    return sub_32(set1_32(INT32_MAX - 1), add_32(infinity, infinity));
}

/* A sum of the bits with themselves has no sign. */
INLINE bits rank_of(f32_vec x) { return add_32(add_32(f32_bits(x), f32_bits(x)), turn_of_ranks()); }

/* whether NaN, or below `least` in magnitude; of a negative bound GCC makes one compare, of a positive one two operations */
INLINE mask ranks_below(bits rank, float least)
{
    const bits small = f32_bits(f32_set1(least));
    return gt_32(add_32(turn_of_ranks(), add_32(small, small)), rank);
}

/* Whether lanes of so many vectors are in doubt. One compare serves all of them. It takes 0, which is common, for small: so where it
 * finds a lane, each is looked at again without 0. */
INLINE bool is_in_doubt(struct by_brief_part part, struct pointers at, struct strides by, size_t vectors)
{
    bits first = rank_of(part.watched(&at));
    for (size_t i = 1; i < vectors; i++) {
        struct pointers next = advanced(at, by, i * f32_lanes());
        first = least_32(first, rank_of(part.watched(&next)));
    }
    if (__builtin_expect(!mask_any(ranks_below(first, part.least)), true)) {
        return false;
    }
    bool found = false;
    for (size_t i = 0; i < vectors; i++) {
        f32_vec x = part.watched(&at);
        found |= mask_any(mask_and(ranks_below(rank_of(x), part.least), gt_32(f32_magnitude(x), set1_32(0))));
        at = advanced(at, by, f32_lanes());
    }
    return found;
}

/* Computes so many vectors at a time while n has as many and none is in doubt; returns how many elements that were. All are computed
 * before one is stored, as in fast.h. */
INLINE size_t walk_certain(struct by_brief_part part, struct pointers at, struct strides by, size_t n, size_t vectors)
{
    const size_t lanes = f32_lanes();
    size_t done = 0;
    for (; n - done >= vectors * lanes && !is_in_doubt(part, at, by, vectors); done += vectors * lanes) {
        f32_vec results[VECTORS_AT_ONCE];
        for (size_t i = 0; i < vectors; i++) {
            const struct pointers next = advanced(at, by, i * lanes);
            results[i] = part.result(&next);
        }
        for (size_t i = 0; i < vectors; i++) {
            f32_store(advanced(at, by, i * lanes).out0, results[i], lanes);
        }
        at = advanced(at, by, vectors * lanes);
    }
    return done;
}

/* The loop proper is called beside the vectors in between, so that these keep their constants in registers. */
INLINE void map_brief(struct by_brief_part part, struct form form, struct run run)
{
    const struct strides by = strides_of(form.nin, form.size, run.stride);
    const size_t vector = form.lanes * form.size;
    char *data[MAX_OPERANDS];
    memcpy(data, run.data, (size_t)(form.nin + form.nout) * sizeof *data);
    /* A store across two cache lines costs twice: the loop proper goes to where a vector of the output begins. */
    size_t ahead = (vector - (uintptr_t)data[form.nin] % vector) % vector / form.size, n = run.n;
    while (n > 0) {
        const struct pointers at = pointers_of(form.nin, form.nout, data);
        size_t done = 0;
        if (ahead == 0 || n < 8 * form.lanes) {
            done = walk_certain(part, at, by, n, VECTORS_AT_ONCE);
            done += walk_certain(part, advanced(at, by, done), by, n - done, 1);
            ahead = VECTORS_IN_DOUBT * form.lanes;
        }
        const size_t left = n - done, rest = left < ahead ? left : ahead;
        move_on(data, form, run.stride, done);
        part.proper(data, run.stride, rest, NULL);
        move_on(data, form, run.stride, rest);
        n = left - rest;
        ahead = 0;
    }
}

/* For a formula that has name_brief, which may raise flags of its own for what is in doubt; name_watched, that of its inputs which
 * tells, and name_least (struct by_brief_part). At defaults: where the last two inputs are parameters of which are_hard_defaults is
 * true. */

#define BRIEF_LOOP(name, nin, nout) BRIEF_LOOP_WHERE(true, name, nin, nout)
#define BRIEF_AT_DEFAULTS_LOOP(name, nin, nout)                                        \
    BRIEF_LOOP_WHERE(stride[nin - 2] == 0 && stride[nin - 1] == 0 &&                   \
                         F(are_hard_defaults)(PARAMETER(nin - 2), PARAMETER(nin - 1)), \
                     name, nin, nout)
#define PARAMETER(i) A(load)(data[i], A(lanes)())
#define BRIEF_LOOP_WHERE(applies, name, nin, nout)                                                          \
    _Static_assert(nout == 1, "a brief part has one result");                                               \
    LOOP_PROPER(name, nin, nout)                                                                            \
    BRIEF_STEP(name, watched, nin)                                                                          \
    BRIEF_STEP(name, brief, nin)                                                                            \
    LOOP_OF(name##_loop)                                                                                    \
    {                                                                                                       \
        if (FLOAT_TABLE > 0 && (applies) && vectors_round_to_nearest()) {                                   \
            const struct by_brief_part part = {E(name##_brief_at), E(name##_watched_at), F(name##_least)(), \
                                               E(name##_proper)};                                           \
            map_brief(part, FORM(nin, nout), RUN);                                                          \
        } else {                                                                                            \
            E(name##_proper)(data, stride, n, NULL);                                                        \
        }                                                                                                   \
    }
#define BRIEF_STEP(name, what, nin)                                \
    INLINE F(vec) E(name##_##what##_at)(const struct pointers *at) \
    {                                                              \
        const size_t count = A(lanes)();                           \
        INPUTS_##nin;                                              \
        return F(name##_##what)(GIVEN_##nin);                      \
    }

#endif
