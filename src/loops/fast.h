/* The loop of a kernel with a fast part (math/pair_f32.h). Block by block, that gives an output for every element, and a bit for each
 * that is in doubt. The inputs of those are listed, given to the kernel's loop proper, and its results put where they belong. No
 * branch depends on a doubt before a block is done: one that is mispredicted throws away some 60 cycles of work. A block with more
 * than a quarter in doubt goes to the loop proper as a whole, and some behind it too where that is more than a half; so does one in
 * which a flag was raised, which is taken back.
 *
 * A block's elements lie in whole vectors, computed two at a time; the rest of a call is the loop proper's. So is all of it where an
 * ISA has no fast parts: the bits are the same, since either result is the nearest float. In other rounding modes neither is, and
 * where a flag is a trap it can't be taken back: the loop proper computes all. */
#ifndef RELU_UFUNC_FAST_H
#define RELU_UFUNC_FAST_H

#include "doubts.h"
#include "lift.h"
#include "math/pair_f32.h"

/* What a fast part ends with: the outputs of a vector, and which of its lanes are in doubt. */
struct finished {
    f32_vec first, second; /* of one output that, twice; of a branch its output, and its input */
    mask doubtful;
};

/* Unlike a step they store nothing. */
typedef struct f32_begun begin_step(const struct pointers *at);
typedef struct finished finish_step(const struct pointers *at);

/* Processors see further ahead in two short loops over a block, `begin` and `finish`, than in one. */
struct by_fast_part {
    begin_step *begin;
    finish_step *finish;
    kernel_loop *proper;
};

/* Lists of elements in doubt, DOUBTFUL_ROOM apart, of so many bytes: of each input, and of the places, in bytes from where `data` was
 * `offset` bytes ago. */
struct doubt_lists {
    char *of_inputs;
    size_t bytes, offset;
};

enum { FAST_FLAGS = FE_INVALID | FE_OVERFLOW | FE_UNDERFLOW };
enum { FORETOLD = 8 }; /* blocks: so many are given to the loop proper at once behind one that was in doubt by half */
enum { FARTHEST_PLACE = 1 << 30 };

/* The loop proper for what is listed. An input that is one value is read where it is; outputs go where inputs were. */
NOINLINE void settle_doubts(kernel_loop *proper, const struct doubt_lists *lists, struct form form, char *const *data,
                            const ptrdiff_t *stride)
{
    char *list[MAX_OPERANDS];
    for (int i = 0; i < form.nin + form.nout; i++) {
        list[i] = stride[i] == 0 ? data[i] : lists->of_inputs + (i < form.nin ? i : i - form.nin) * DOUBTFUL_ROOM;
    }
    proper(list, stride, lists->bytes / 4, NULL);
    const char *places = lists->of_inputs + form.nin * DOUBTFUL_ROOM;
    for (int i = form.nin; i < form.nin + form.nout; i++) {
        char *out = data[i] - lists->offset;
        for (size_t j = 0; j < lists->bytes; j += 4) {
            uint32_t at;
            memcpy(&at, places + j, 4);
            memcpy(out + at, list[i] + j, 4);
        }
    }
}

/* The bits of doubts, 64 elements at a time. */
struct doubt_bits {
    uint64_t words[PACKED_ROOM / 4 / 64 + 1];
};

/* Before the bits of n elements are put: those that fill the last 64. */
INLINE void begin_doubts(struct doubt_bits *doubts, size_t n) { doubts->words[n / 64] = 0; }

INLINE size_t count_of(const struct doubt_bits *doubts, size_t n)
{
    size_t count = 0;
    for (size_t i = 0; i < n; i += 64) {
        count += (size_t)__builtin_popcountll(doubts->words[i / 64]);
    }
    return count;
}

/* Lists the inputs and places of the elements in doubt, of n. It is inline so that the number of inputs is a constant, and `end` is a
 * variable so that it stays in a register: 0.98 of the time. Tried, no gain: to list one element of each word, or two, without a
 * branch; to skip words without doubts all at once. */
INLINE void list_doubts(struct doubt_lists *to, const struct doubt_bits *doubts, int nin, char *const *data,
                        const ptrdiff_t *stride, size_t n)
{
    char *end = to->of_inputs + to->bytes;
    for (size_t first = 0; first < n; first += 64) {
        for (uint64_t word = doubts->words[first / 64]; word != 0; word &= word - 1) {
            const size_t i = first + (size_t)__builtin_ctzll(word);
            const uint32_t place = (uint32_t)(to->offset + 4 * i);
            for (int k = 0; k < nin; k++) {
                memcpy(end + k * DOUBTFUL_ROOM, data[k] + (ptrdiff_t)i * stride[k], 4);
            }
            memcpy(end + nin * DOUBTFUL_ROOM, &place, 4);
            end += 4;
        }
    }
    to->bytes = (size_t)(end - to->of_inputs);
}

INLINE void put_begun(const struct pointers *at, struct f32_begun begun)
{
    f32_store(at->begun, begun.sum.high, f32_lanes());
    f32_store(at->begun + FAST_BYTES, begun.sum.low, f32_lanes());
    if (begun.keeps_third) {
        f32_store(at->begun + 2 * FAST_BYTES, begun.third, f32_lanes());
    }
}

INLINE struct f32_begun begun_at(const struct pointers *at)
{
    const char *p = at->begun;
    const struct f32_sum sum = {f32_load(p, f32_lanes()), f32_load(p + FAST_BYTES, f32_lanes())};
    return (struct f32_begun){sum, true, f32_load(p + 2 * FAST_BYTES, f32_lanes())};
}

/* whether there are any */
INLINE bool put_doubts(const struct pointers *at, mask doubtful)
{
    const unsigned taken = lanes_taken(doubtful);
    memcpy(at->doubts, &taken, f32_lanes() / 8);
    return taken != 0;
}

/* Stores what a vector ends with, and its doubts. */
typedef void put_step(const struct pointers *at, struct finished of);

INLINE void put_one(const struct pointers *at, struct finished of)
{
    f32_store(at->out0, of.first, f32_lanes());
    put_doubts(at, of.doubtful);
}

INLINE void put_two(const struct pointers *at, struct finished of)
{
    f32_store(at->out0, of.first, f32_lanes());
    f32_store(at->out1, of.second, f32_lanes());
    put_doubts(at, of.doubtful);
}

/* Two vectors at a time, both computed before either is stored, so that the compiler can have them take turns (meson.build). Memory
 * goes on behind n elements that are no whole pairs of vectors. */

INLINE void walk_begin(begin_step *begin, struct pointers at, struct strides by, size_t n)
{
    const size_t lanes = f32_lanes();
    for (size_t i = 0; i < n; i += 2 * lanes) {
        const struct pointers next = advanced(at, by, lanes);
        const struct f32_begun one = begin(&at), other = begin(&next);
        put_begun(&at, one);
        put_begun(&next, other);
        at = advanced(next, by, lanes);
    }
}

INLINE void walk_finish(finish_step *finish, put_step *put, struct pointers at, struct strides by, size_t n)
{
    const size_t lanes = f32_lanes();
    for (size_t i = 0; i < n; i += 2 * lanes) {
        const struct pointers next = advanced(at, by, lanes);
        const struct finished one = finish(&at), other = finish(&next);
        put(&at, one);
        put(&next, other);
        at = advanced(next, by, lanes);
    }
}

/* A block, of whole pairs of vectors: how many elements are in doubt. Results of a call in place stay where the block was begun. `told`:
 * that a flag, none of which is raised yet, tells of a number that the fast part may be wrong for, so that all of the block is in doubt. */
INLINE size_t block_in_part(struct by_fast_part parts, struct form form, struct run block, bool in_place,
                            struct doubt_bits *doubts, bool *told)
{
    const struct strides by = strides_of(form.nin, form.size, block.stride);
    struct pointers at = pointers_of(form.nin, form.nout, block.data);
    begin_doubts(doubts, block.n);
    at.begun = block.room;
    at.doubts = (char *)doubts->words;
    if (in_place) {
        at.out0 = block.room;
        at.out1 = block.room + FAST_BYTES;
    }
    walk_begin(parts.begin, at, by, block.n);
    walk_finish(parts.finish, form.nout > 1 ? put_two : put_one, at, by, block.n);
    *told = takes_flags(FAST_FLAGS) != 0;
    const size_t in_doubt = count_of(doubts, block.n);
    doubts_settled += *told ? block.n : in_doubt;
    return in_doubt;
}

INLINE void map_fast(struct by_fast_part parts, struct form form, struct run run)
{
    const size_t pair = 2 * form.lanes;
    const bool in_place = is_in_place(form.nin, form.nout, run.data);
    struct doubt_lists lists = {run.room + BEGUN_PARTS * FAST_BYTES, 0, 0};
    char *data[MAX_OPERANDS];
    memcpy(data, run.data, (size_t)(form.nin + form.nout) * sizeof *data);
    size_t foretold = 0; /* blocks */
    int raised = 0;
    for (size_t n = run.n, count; n > 0; n -= count) {
        const size_t block = n < FAST_BYTES / form.size ? n : FAST_BYTES / form.size;
        const size_t in_pairs = block / pair * pair;
        if (foretold > 0 || in_pairs == 0) {
            count = block;
            parts.proper(data, run.stride, count, NULL);
            foretold -= foretold > 0;
        } else {
            count = in_pairs;
            struct doubt_bits doubts;
            bool told;
            raised |= takes_flags(FAST_FLAGS);
            const size_t in_doubt =
                block_in_part(parts, form, (struct run){data, run.stride, count, run.room}, in_place, &doubts, &told);
            if (told || in_doubt > count / 4) {
                parts.proper(data, run.stride, count, NULL);
                foretold = in_doubt > count / 2 ? FORETOLD : 0;
            } else {
                list_doubts(&lists, &doubts, form.nin, data, run.stride, count);
                for (int i = 0; in_place && i < form.nout; i++) {
                    memcpy(data[form.nin + i], run.room + i * FAST_BYTES, count * form.size);
                }
            }
        }
        move_on(data, form, run.stride, count);
        lists.offset += count * form.size;
        if (lists.bytes > DOUBTFUL_BYTES - FAST_BYTES || lists.offset > FARTHEST_PLACE || n == count) {
            settle_doubts(parts.proper, &lists, form, data, run.stride);
            lists.bytes = lists.offset = 0;
        }
    }
    if (raised) {
        raise_vector_flags(raised);
    }
}

/* For a costly formula with a fast part (math/pair_f32.h) in two: name_begun of the inputs, and name_fast of these and of what
 * was begun, which also says which lanes are in doubt. At 1: where the last input, a parameter, is that throughout. */

#define FAST_LOOP(name, nin, nout) FAST_LOOP_WHERE(true, name, nin, nout)
#define FAST_AT_1_LOOP(name, nin, nout) \
    FAST_LOOP_WHERE(stride[nin - 1] == 0 && F(is_one)(A(load)(data[nin - 1], A(lanes)())), name, nin, nout)
#define FINISHED_1(value) of.first = of.second = value
#define FINISHED_2(value)        \
    struct F(pair) pair = value; \
    of.first = pair.first;       \
    of.second = pair.second
#define FAST_LOOP_WHERE(applies, name, nin, nout)                                                \
    LOOP_PROPER(name, nin, nout)                                                                 \
    INLINE struct f32_begun E(name##_begin)(const struct pointers *at)                           \
    {                                                                                            \
        const size_t count = A(lanes)();                                                         \
        INPUTS_##nin;                                                                            \
        return F(name##_begun)(GIVEN_##nin);                                                     \
    }                                                                                            \
    INLINE struct finished E(name##_finish)(const struct pointers *at)                           \
    {                                                                                            \
        const size_t count = A(lanes)();                                                         \
        INPUTS_##nin;                                                                            \
        struct finished of;                                                                      \
        FINISHED_##nout(F(name##_fast)(GIVEN_##nin, begun_at(at), &of.doubtful));                \
        return of;                                                                               \
    }                                                                                            \
    LOOP_APART(name##_in_parts)                                                                  \
    {                                                                                            \
        assume(applies);                                                                         \
        const struct by_fast_part parts = {E(name##_begin), E(name##_finish), E(name##_proper)}; \
        map_fast(parts, FORM(nin, nout), RUN);                                                   \
    }                                                                                            \
    LOOP_OF(name##_loop)                                                                         \
    {                                                                                            \
        if (FLOAT_TABLE > 0 && room != NULL && (applies) && vectors_have_usual_modes()) {        \
            E(name##_in_parts)(data, stride, n, room);                                           \
        } else {                                                                                 \
            E(name##_proper)(data, stride, n, NULL);                                             \
        }                                                                                        \
    }

/* The same for a branch that is packed (lift.h): name_branch_fast of what is packed. Behind that lie the lists. */

/* What is in doubt stays as it was, for the list. */
INLINE void put_branch(const struct pointers *at, struct finished of)
{
    f32_store(at->out0, of.first, f32_lanes());
    if (__builtin_expect(put_doubts(at, of.doubtful), false)) {
        f32_store(at->out0, f32_select(of.doubtful, of.second, of.first), f32_lanes());
    }
}

INLINE void branch_in_part(finish_step *fast, kernel_loop *proper, char *packed, size_t n)
{
    static const ptrdiff_t contiguous[] = {4, 4};
    const struct form form = {1, 1, f32_size(), f32_lanes()};
    char *data[] = {packed, packed};
    struct doubt_lists lists = {packed + PACKED_ROOM, 0, 0};
    struct doubt_bits doubts;
    begin_doubts(&doubts, n);
    struct pointers at = pointers_of(form.nin, form.nout, data);
    at.doubts = (char *)doubts.words;
    char *end = packed + n * form.size;
    f32_store(end, f32_zero(), form.lanes);
    f32_store(end + form.lanes * form.size, f32_zero(), form.lanes);
    walk_finish(fast, put_branch, at, contiguous_strides(form.size), n);
    const size_t in_doubt = count_of(&doubts, n);
    if (in_doubt > 0) {
        doubts_settled += in_doubt;
        list_doubts(&lists, &doubts, 1, data, contiguous, n);
        settle_doubts(proper, &lists, form, data, contiguous);
    }
}

#define FAST_BRANCH_LOOP(name, nin, nout) FAST_BRANCHES(name) BRANCHING_LOOP_##nin(name, nin, nout)
#define FAST_BRANCHES(name)                                                                    \
    BRANCH_STEP(name)                                                                          \
    INLINE struct finished E(name##_branch_fast_step)(const struct pointers *at)               \
    {                                                                                          \
        struct finished of = {.second = F(load)(at->in0, A(lanes)())};                         \
        of.first = F(name##_branch_fast)(of.second, &of.doubtful);                             \
        return of;                                                                             \
    }                                                                                          \
    LOOP_OF(name##_branch_proper) { map_compact(E(name##_branch_step), FORM(1, 1), RUN); }     \
    NOINLINE void E(name##_branches)(char *packed, size_t n)                                   \
    {                                                                                          \
        if (FLOAT_TABLE > 0 && vectors_have_usual_modes()) {                                   \
            branch_in_part(E(name##_branch_fast_step), E(name##_branch_proper), packed, n);    \
        } else {                                                                               \
            E(name##_branch_proper)((char *[]){packed, packed}, (ptrdiff_t[]){4, 4}, n, NULL); \
        }                                                                                      \
    }

#endif
