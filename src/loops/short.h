/* The loops of a 16-bit type for what has a short formula (math/short_f32.h), two vectors at a time. To the loop that a kernel has
 * without that go those that have an element out of its domain, or one that it is not certain of; the rest of a call; all of it with
 * another parameter than 1, in other rounding modes, and where an ISA has no fused operations: the bits are the same.
 *
 * Included with ELEMENT, the 16-bit type, and ACCESS, what loads and stores it as float32. Makes OF_floats_short an entry of
 * these loops in the table. */

/* whether an element, which is not 0, is none of those from SHORT_FIRST to SHORT_LAST */
INLINE bool E(any_outside)(const char *p)
{
    bits magnitude = E(magnitude)(E(load)(p, E(lanes)()));
    mask small = mask_and(gt_16(set1_16(SHORT_FIRST), magnitude), gt_16(magnitude, set1_16(0)));
    return mask_any(mask_or(small, gt_16(magnitude, set1_16(SHORT_LAST))));
}

/* how many steps of a block went to the loop proper */
struct doubtful {
    size_t steps;
};

NOINLINE void E(leave)(kernel_loop *proper, int nin, const struct pointers *at)
{
    /* the input, a parameter if there is one, the output */
    char *const data[] = {(char *)at->in0, nin > 1 ? (char *)at->in1 : at->out0, at->out0};
    const ptrdiff_t stride[] = {2, nin > 1 ? 0 : 2, 2};
    proper(data, stride, E(lanes)(), NULL);
    at->doubtful->steps++;
}

INLINE void E(compute_shortly)(f32_vec (*f)(f32_vec), float error, kernel_loop *proper, int nin,
                               const struct pointers *at)
{
    if (__builtin_expect(!E(any_outside)(at->in0), true)) {
        const struct f32_two x = A(load_two)(at->in0);
        if (__builtin_expect(A(store_two)(at->out0, (struct f32_two){f(x.first), f(x.second)}, error), true)) {
            return;
        }
    }
    E(leave)(proper, nin, at);
}

enum { SHORT_BLOCK = 1024 }; /* elements */
enum { SHORT_FORETOLD = 8 }; /* blocks: so many go to the loop proper at once behind one of which it took half */

/* A step that is left to the loop proper is computed there by the formula proper, since it has no room; blocks that are may go by
 * fast parts of float32. */
INLINE void E(map_shortly)(step *one, kernel_loop *proper, struct form form, struct run run)
{
    const struct strides by = strides_of(form.nin, form.size, run.stride);
    char *data[MAX_OPERANDS];
    memcpy(data, run.data, (size_t)(form.nin + form.nout) * sizeof *data);
    size_t foretold = 0;
    for (size_t n = run.n, count; n > 0; n -= count) {
        const size_t block = n < SHORT_BLOCK ? n : SHORT_BLOCK, steps = block / form.lanes;
        if (foretold > 0 || steps == 0) {
            count = block;
            proper(data, run.stride, count, run.room);
            foretold -= foretold > 0;
        } else {
            count = steps * form.lanes;
            struct doubtful doubtful = {0};
            struct pointers at = pointers_of(form.nin, form.nout, data);
            at.doubtful = &doubtful;
            walk_whole(one, at, by, count, form.lanes);
            foretold = doubtful.steps > steps / 2 ? SHORT_FORETOLD : 0;
        }
        move_on(data, form, run.stride, count);
    }
}

/* an only input, or one whose parameter, the second, is 1 throughout */
#define IS_SHORT_1 true
#define IS_SHORT_2 (stride[1] == 0 && F(is_one)(A(load)(data[1], A(lanes)())))

#define SHORT_LOOP(name, nin, nout)                                                                             \
    STEP(name##_short_step)                                                                                     \
    {                                                                                                           \
        (void)count;                                                                                            \
        E(compute_shortly)(JOIN(f32_short, name), JOIN(f32_short_error, name), E(name##_loop), nin, at);        \
    }                                                                                                           \
    LOOP_OF(name##_short)                                                                                       \
    {                                                                                                           \
        if (FLOAT_TABLE > 0 && vectors_round_to_nearest() && IS_SHORT_##nin) {                                  \
            E(map_shortly)(E(name##_short_step), E(name##_loop), (struct form){nin, nout, 2, E(lanes)()}, RUN); \
        } else {                                                                                                \
            E(name##_loop)(data, stride, n, room);                                                              \
        }                                                                                                       \
    }

#define SHORT_OF_numbers NO_LOOP
#define SHORT_OF_floats NO_LOOP
#define SHORT_OF_floats_short SHORT_LOOP
#define KERNEL(name, nin, nout, elements, ...) SHORT_OF_##elements(name, nin, nout)
#include "kernels/families.h"
#undef KERNEL

#undef OF_floats_short
#define OF_floats_short(entry) SHORT_##entry
#define SHORT_ENTRY(name) [KERNEL_##name] = E(name##_short),
