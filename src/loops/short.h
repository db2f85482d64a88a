/* The loops of a 16-bit type for what has a short formula (math/short_f32.h), two vectors at a time. To the loop that a kernel has
 * without that go those that have an element out of its domain, or one that it is not certain of; the rest of a call; all of it with
 * another parameter than 1, in other rounding modes, and where an ISA has no fused operations: the bits are the same.
 *
 * Included with ELEMENT, the 16-bit type, and ACCESS, what loads and stores it as float32. Makes OF_floats_short an entry of
 * these loops in the table. */

/* Whether an element other than 0 is outside SHORT_FIRST to SHORT_LAST. 1 is taken from it, by which 0 becomes the largest integer,
 * which is not below the first. */
INLINE bool E(any_outside)(const char *p)
{
    bits magnitude = E(magnitude)(E(load)(p, E(lanes)()));
    bits less_1 = add_16(magnitude, set1_16(INT16_MAX)); /* counted from the least integer */
    mask small = gt_16(set1_16(INT16_MIN + SHORT_FIRST - 1), less_1);
    return mask_any(mask_or(small, gt_16(magnitude, set1_16(SHORT_LAST))));
}

enum { SHORT_BLOCK = 1024 }; /* elements */
enum { SHORT_FORETOLD = 8 }; /* blocks: so many go to the loop proper at once behind one of which it took half */

typedef f32_vec short_formula(f32_vec x);

/* Computes n elements, which are whole steps, but for some steps, whose first elements it lists, and of which it stores nothing. It
 * calls no function, or constants would be loaded for each step: that took up to 1.2 times as long. For the same reason the loop within
 * computes each step that it comes to. */
INLINE size_t E(walk_shortly)(short_formula *f, float error, struct pointers at, struct strides by, size_t n,
                              uint16_t *left)
{
    const size_t lanes = E(lanes)();
    size_t count = 0;
    for (size_t i = 0; i < n; i += lanes, at = advanced(at, by, lanes)) {
        for (; i < n && !E(any_outside)(at.in0); i += lanes, at = advanced(at, by, lanes)) {
            compiler_barrier(); /* what is outside would raise flags */
            const struct f32_two x = A(load_two)(at.in0);
            left[count] = (uint16_t)i;
            count += !A(store_two)(at.out0, (struct f32_two){f(x.first), f(x.second)}, error);
        }
        if (i < n) {
            left[count++] = (uint16_t)i;
        }
    }
    return count;
}

/* By the formula proper, since there is no room for each step; blocks that are left may go by fast parts of float32. */
NOINLINE void E(settle_steps)(kernel_loop *proper, struct form form, char *const *data, const ptrdiff_t *stride,
                              const uint16_t *left, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        char *at[MAX_OPERANDS];
        memcpy(at, data, (size_t)(form.nin + form.nout) * sizeof *data);
        move_on(at, form, stride, left[i]);
        proper(at, stride, form.lanes, NULL);
    }
}

INLINE void E(map_shortly)(short_formula *f, float error, kernel_loop *proper, struct form form, struct run run)
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
            uint16_t left[SHORT_BLOCK / 4]; /* a step has 8 elements at least */
            count = steps * form.lanes;
            const size_t all = E(walk_shortly)(f, error, pointers_of(form.nin, form.nout, data), by, count, left);
            E(settle_steps)(proper, form, data, run.stride, left, all);
            foretold = all > steps / 2 ? SHORT_FORETOLD : 0;
        }
        move_on(data, form, run.stride, count);
    }
}

/* an only input, or one whose parameter, the second, is 1 throughout */
#define IS_SHORT_1 true
#define IS_SHORT_2 (stride[1] == 0 && F(is_one)(A(load)(data[1], A(lanes)())))

#define SHORT_LOOP(name, nin, nout)                                                            \
    LOOP_OF(name##_short)                                                                      \
    {                                                                                          \
        if (FLOAT_TABLE > 0 && vectors_have_usual_modes() && IS_SHORT_##nin) {                 \
            E(map_shortly)(JOIN(f32_short, name), JOIN(f32_short_error, name), E(name##_loop), \
                           (struct form){nin, nout, 2, E(lanes)()}, RUN);                      \
        } else {                                                                               \
            E(name##_loop)(data, stride, n, room);                                             \
        }                                                                                      \
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
