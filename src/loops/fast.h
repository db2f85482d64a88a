/* The loop of a kernel with a fast part (math/pair_f32.h). Block by block, that gives an output for every element. Those in doubt
 * are gathered with their inputs, as a branch is packed (lift.h), given to the kernel's loop proper, and put where they belong.
 *
 * A block's elements lie in whole vectors, two by two; the rest of a call is the loop proper's. So is all of it where an ISA has
 * no fast parts: the bits are the same, since either result is the nearest float. In other rounding modes neither is, and the loop
 * proper computes all. */
#ifndef RELU_UFUNC_FAST_H
#define RELU_UFUNC_FAST_H

#include "doubts.h"
#include "lift.h"
#include "math/pair_f32.h"

/* Processors see further ahead in two short loops over a block, `begin` and `finish`, than in one. */
struct by_fast_part {
    step *begin, *finish;
    kernel_loop *proper;
};

/* Lists, DOUBTFUL_ROOM apart, of so many bytes: of each input, and of the places, in bytes from where `data` was `offset` bytes
 * ago. */
struct doubtful {
    char *lists;
    size_t bytes, offset;
    const char *begun; /* of the first element of the block */
};

enum { FORETOLD = 8 }; /* blocks: so many are given to the loop proper at once behind one that was in doubt by half */
enum { FARTHEST_PLACE = 1 << 30 };

NOINLINE void settle_doubts(kernel_loop *proper, const struct doubtful *doubtful, struct form form, char *const *data)
{
    static const ptrdiff_t contiguous[MAX_OPERANDS] = {4, 4, 4, 4, 4, 4};
    char *list[MAX_OPERANDS];
    for (int i = 0; i < form.nin + form.nout; i++) {
        const int place = i < form.nin ? i : i - form.nin; /* outputs go where inputs were */
        list[i] = doubtful->lists + place * DOUBTFUL_ROOM;
    }
    proper(list, contiguous, doubtful->bytes / 4, NULL);
    doubts_settled += doubtful->bytes / 4;
    const char *places = doubtful->lists + form.nin * DOUBTFUL_ROOM;
    for (int i = form.nin; i < form.nin + form.nout; i++) {
        char *out = data[i] - doubtful->offset;
        for (size_t j = 0; j < doubtful->bytes; j += 4) {
            uint32_t at;
            memcpy(&at, places + j, 4);
            memcpy(out + at, list[i] + j, 4);
        }
    }
}

/* two vectors at a time, of which n elements are */
INLINE void walk_in_pairs(step *one, struct pointers at, struct strides by, size_t n, size_t lanes)
{
    for (size_t i = 0; i < n; i += 2 * lanes) {
        one(&at, lanes);
        at = advanced(at, by, lanes);
        one(&at, lanes);
        at = advanced(at, by, lanes);
    }
}

INLINE void map_fast(struct by_fast_part parts, struct form form, struct run run)
{
    const struct strides by = strides_of(form.nin, form.size, run.stride);
    const size_t pair = 2 * form.lanes;
    struct doubtful doubtful = {run.room + BEGUN_PARTS * FAST_BYTES, 0, 0, run.room};
    char *data[MAX_OPERANDS];
    memcpy(data, run.data, (size_t)(form.nin + form.nout) * sizeof *data);
    size_t foretold = 0; /* blocks */
    for (size_t n = run.n, count; n > 0; n -= count) {
        const size_t block = n < FAST_BYTES / form.size ? n : FAST_BYTES / form.size;
        const size_t in_pairs = block / pair * pair;
        if (foretold > 0 || in_pairs == 0) {
            count = block;
            parts.proper(data, run.stride, count, NULL);
            foretold -= foretold > 0;
        } else {
            count = in_pairs;
            const size_t before = doubtful.bytes;
            struct pointers at = pointers_of(form.nin, form.nout, data);
            at.begun = run.room;
            at.doubtful = &doubtful;
            walk_in_pairs(parts.begin, at, by, count, form.lanes);
            walk_in_pairs(parts.finish, at, by, count, form.lanes);
            foretold = doubtful.bytes - before > count * form.size / 2 ? FORETOLD : 0;
        }
        move_on(data, form, run.stride, count);
        doubtful.offset += count * form.size;
        if (doubtful.bytes > DOUBTFUL_BYTES - FAST_BYTES || doubtful.offset > FARTHEST_PLACE || n == count) {
            settle_doubts(parts.proper, &doubtful, form, data);
            doubtful.bytes = doubtful.offset = 0;
        }
    }
}

INLINE void put_begun(const struct pointers *at, struct f32_begun begun)
{
    f32_store(at->begun, begun.x, f32_lanes());
    f32_store(at->begun + FAST_BYTES, begun.e.high, f32_lanes());
    f32_store(at->begun + 2 * FAST_BYTES, begun.e.low, f32_lanes());
}

INLINE struct f32_begun begun_at(const struct pointers *at)
{
    const char *p = at->begun;
    const struct f32_sum e = {f32_load(p + FAST_BYTES, f32_lanes()), f32_load(p + 2 * FAST_BYTES, f32_lanes())};
    return (struct f32_begun){f32_load(p, f32_lanes()), e};
}

/* The inputs and the places of the lanes in doubt. */
INLINE void gather(const struct pointers *at, mask doubtful, int nin, const f32_vec *inputs)
{
    static const int32_t lane_places[16] = {0, 4, 8, 12, 16, 20, 24, 28, 32, 36, 40, 44, 48, 52, 56, 60};
    struct doubtful *to = at->doubtful;
    bits first = set1_32((int32_t)(to->offset + (size_t)(at->begun - to->begun)));
    bits places = add_32(first, bits_load((const char *)lane_places, f32_size() * f32_lanes()));
    char *end = to->lists + nin * DOUBTFUL_ROOM + to->bytes;
    for (int i = 0; i < nin; i++) {
        char *next = to->lists + i * DOUBTFUL_ROOM + to->bytes;
        f32_pack(&next, doubtful, inputs[i]);
    }
    f32_pack(&end, doubtful, f32_of_bits(places));
    to->bytes = (size_t)(end - to->lists) - (size_t)(nin * DOUBTFUL_ROOM);
}

/* For a costly formula with a fast part (math/pair_f32.h) in two: name_begun of the inputs, and name_fast of these and of what
 * was begun, which also says which lanes are in doubt. At 1: where the last input, a parameter, is that throughout. */

#define FAST_LOOP(name, nin, nout) FAST_LOOP_WHERE(true, name, nin, nout)
#define FAST_AT_1_LOOP(name, nin, nout) \
    FAST_LOOP_WHERE(stride[nin - 1] == 0 && F(is_one)(A(load)(data[nin - 1], A(lanes)())), name, nin, nout)
#define FAST_LOOP_WHERE(applies, name, nin, nout)                                                \
    LOOP_PROPER(name, nin, nout)                                                                 \
    STEP(name##_begin)                                                                           \
    {                                                                                            \
        INPUTS_##nin;                                                                            \
        put_begun(at, F(name##_begun)(GIVEN_##nin));                                             \
    }                                                                                            \
    STEP(name##_finish)                                                                          \
    {                                                                                            \
        INPUTS_##nin;                                                                            \
        mask doubtful;                                                                           \
        PLAIN_##nout(F(name##_fast)(GIVEN_##nin, begun_at(at), &doubtful), nin);                 \
        if (__builtin_expect(mask_any(doubtful), false)) {                                       \
            gather(at, doubtful, nin, (F(vec)[]){GIVEN_##nin});                                  \
        }                                                                                        \
    }                                                                                            \
    LOOP_APART(name##_in_parts)                                                                  \
    {                                                                                            \
        assume(applies);                                                                         \
        const struct by_fast_part parts = {E(name##_begin), E(name##_finish), E(name##_proper)}; \
        map_fast(parts, FORM(nin, nout), RUN);                                                   \
    }                                                                                            \
    LOOP_OF(name##_loop)                                                                         \
    {                                                                                            \
        if (FLOAT_TABLE > 0 && room != NULL && (applies) && vectors_round_to_nearest()) {        \
            E(name##_in_parts)(data, stride, n, room);                                           \
        } else {                                                                                 \
            E(name##_proper)(data, stride, n, NULL);                                             \
        }                                                                                        \
    }

/* The same for a branch that is packed (lift.h): name_branch_fast of what is packed. Behind that lie the lists. */

INLINE void branch_in_part(step *fast, kernel_loop *proper, char *packed, size_t n)
{
    const struct form form = {1, 1, f32_size(), f32_lanes()};
    char *data[] = {packed, packed};
    struct doubtful doubtful = {packed + PACKED_ROOM, 0, 0, packed};
    struct pointers at = pointers_of(form.nin, form.nout, data);
    at.begun = packed;
    at.doubtful = &doubtful;
    char *end = packed + n * form.size;
    f32_store(end, f32_zero(), form.lanes);
    f32_store(end + form.lanes * form.size, f32_zero(), form.lanes);
    walk_in_pairs(fast, at, contiguous_strides(form.size), n, form.lanes);
    if (doubtful.bytes > 0) {
        settle_doubts(proper, &doubtful, form, data);
    }
}

#define FAST_BRANCH_LOOP(name, nin, nout) FAST_BRANCHES(name) BRANCHING_LOOP_##nin(name, nin, nout)
#define FAST_BRANCHES(name)                                                                    \
    BRANCH_STEP(name)                                                                          \
    STEP(name##_branch_fast_step)                                                              \
    {                                                                                          \
        F(vec) x = F(load)(at->in0, count);                                                    \
        mask doubtful;                                                                         \
        F(store)(at->out0, F(name##_branch_fast)(x, &doubtful), count);                        \
        if (__builtin_expect(mask_any(doubtful), false)) {                                     \
            gather(at, doubtful, 1, &x);                                                       \
        }                                                                                      \
    }                                                                                          \
    LOOP_OF(name##_branch_proper) { map_compact(E(name##_branch_step), FORM(1, 1), RUN); }     \
    NOINLINE void E(name##_branches)(char *packed, size_t n)                                   \
    {                                                                                          \
        if (FLOAT_TABLE > 0 && vectors_round_to_nearest()) {                                   \
            branch_in_part(E(name##_branch_fast_step), E(name##_branch_proper), packed, n);    \
        } else {                                                                               \
            E(name##_branch_proper)((char *[]){packed, packed}, (ptrdiff_t[]){4, 4}, n, NULL); \
        }                                                                                      \
    }

#endif
