/* The loop of a kernel with a brief part: a formula of a few float operations that is exact, and raises INVALID or UNDERFLOW wherever
 * it might not be. A block in which it raised one of them is given to the kernel's loop proper; so are the tail, and what lies before the
 * first vector of the output. In other rounding modes than to nearest the loop proper computes all, and so it does where an ISA has no
 * fused operations.
 *
 * Tried and left: to look at the inputs of each vector, which takes hardswish and hardsigmoid 1.25 times as long. */
#ifndef RELU_UFUNC_BRIEF_H
#define RELU_UFUNC_BRIEF_H

#include "lift.h"

/* Of a vector. Unlike a step it stores nothing. */
typedef f32_vec vector_step(const struct pointers *at);

enum { VECTORS_AT_ONCE = 4 };
enum { BRIEF_BYTES = 8192, KEPT_BYTES = 1024 }; /* of an operand in a block: elsewhere, and in place */
enum { TELLING_FLAGS = FE_INVALID | FE_UNDERFLOW };

/* Whole vectors, so many at a time, of which all are computed before one is stored, as in fast.h; what they are stored over is kept
 * first, unless `kept` is NULL. Returns how many elements that were. */
INLINE size_t walk_brief(vector_step *brief, struct pointers at, struct strides by, size_t n, size_t vectors,
                         char *kept)
{
    const size_t lanes = f32_lanes(), count = vectors * lanes;
    size_t done = 0;
    for (; n - done >= count; done += count) {
        f32_vec results[VECTORS_AT_ONCE];
        for (size_t i = 0; i < vectors; i++) {
            const struct pointers next = advanced(at, by, i * lanes);
            results[i] = brief(&next);
        }
        for (size_t i = 0; i < vectors; i++) {
            char *out = advanced(at, by, i * lanes).out0;
            if (kept != NULL) {
                f32_store(kept + (done + i * lanes) * f32_size(), f32_load(out, lanes), lanes);
            }
            f32_store(out, results[i], lanes);
        }
        at = advanced(at, by, count);
    }
    return done;
}

/* A block. What the output overwrites is kept, and stands for each input that lay there when the loop proper is called. Returns how many
 * elements that were. */
INLINE size_t brief_block(vector_step *brief, kernel_loop *proper, struct form form, struct run block, bool in_place)
{
    _Alignas(SPLAT_BYTES) char kept[KEPT_BYTES];
    const struct pointers at = pointers_of(form.nin, form.nout, block.data);
    const struct strides by = strides_of(form.nin, form.size, block.stride);
    size_t done = walk_brief(brief, at, by, block.n, VECTORS_AT_ONCE, in_place ? kept : NULL);
    done += walk_brief(brief, advanced(at, by, done), by, block.n - done, 1, in_place ? kept + done * form.size : NULL);
    if (takes_flags(TELLING_FLAGS)) {
        char *data[MAX_OPERANDS];
        for (int i = 0; i <= form.nin; i++) {
            data[i] = i < form.nin && block.data[i] == block.data[form.nin] ? kept : block.data[i];
        }
        proper(data, block.stride, done, NULL);
    }
    return done;
}

/* The loop proper is called outside the loop of vectors, so that this keeps its constants in registers. */
INLINE void map_brief(vector_step *brief, kernel_loop *proper, struct form form, struct run run)
{
    const bool in_place = is_in_place(form.nin, form.nout, run.data);
    const size_t vector = form.lanes * form.size, most = (in_place ? KEPT_BYTES : BRIEF_BYTES) / form.size;
    char *data[MAX_OPERANDS];
    memcpy(data, run.data, (size_t)(form.nin + form.nout) * sizeof *data);
    int raised = 0;
    /* A store across two cache lines costs twice: the loop proper goes to where a vector of the output begins. */
    size_t ahead = (vector - (uintptr_t)data[form.nin] % vector) % vector / form.size;
    for (size_t n = run.n, count; n > 0; n -= count) {
        count = n < most ? n : most;
        if (ahead > 0 && n >= 8 * form.lanes) {
            count = ahead;
            proper(data, run.stride, count, NULL);
        } else if (n >= form.lanes) {
            raised |= takes_flags(TELLING_FLAGS);
            count = brief_block(brief, proper, form, (struct run){data, run.stride, count, NULL}, in_place);
        } else {
            proper(data, run.stride, count, NULL);
        }
        ahead = 0;
        move_on(data, form, run.stride, count);
    }
    if (raised) {
        raise_vector_flags(raised);
    }
}

/* For a formula that has name_brief, which raises flags as above. At defaults: where the last two inputs are parameters of which
 * are_hard_defaults is true. */

#define BRIEF_LOOP(name, nin, nout) BRIEF_LOOP_WHERE(true, name, nin, nout)
#define BRIEF_AT_DEFAULTS_LOOP(name, nin, nout)                                        \
    BRIEF_LOOP_WHERE(stride[nin - 2] == 0 && stride[nin - 1] == 0 &&                   \
                         F(are_hard_defaults)(PARAMETER(nin - 2), PARAMETER(nin - 1)), \
                     name, nin, nout)
#define PARAMETER(i) A(load)(data[i], A(lanes)())
#define BRIEF_LOOP_WHERE(applies, name, nin, nout)                                 \
    _Static_assert(nout == 1, "a brief part has one result");                      \
    LOOP_PROPER(name, nin, nout)                                                   \
    INLINE F(vec) E(name##_brief_at)(const struct pointers *at)                    \
    {                                                                              \
        const size_t count = A(lanes)();                                           \
        INPUTS_##nin;                                                              \
        return F(name##_brief)(GIVEN_##nin);                                       \
    }                                                                              \
    LOOP_OF(name##_loop)                                                           \
    {                                                                              \
        if (FLOAT_TABLE > 0 && (applies) && vectors_have_usual_modes()) {          \
            map_brief(E(name##_brief_at), E(name##_proper), FORM(nin, nout), RUN); \
        } else {                                                                   \
            E(name##_proper)(data, stride, n, NULL);                               \
        }                                                                          \
    }

#endif
