/* The loops of every kernel: whole vectors, then the tail, which is one more step over fewer elements. */
#ifndef RELU_UFUNC_MAP_H
#define RELU_UFUNC_MAP_H

#include "kernel.h"
#include "platform/flags.h"
#include "simd/inline.h"

struct pointers {
    const char *in0, *in1, *in2, *in3;
    char *out0, *out1;
    char **packed; /* where the steps that pack and unpack have got to */
    char *begun; /* what a fast part begins with; its parts lie FAST_BYTES apart */
    char *doubts; /* a bit for each element that a fast part leaves in doubt */
};

/* Loads, computes and stores `count` elements, a vector at the most. */
typedef void step(const struct pointers *at, size_t count);

struct strides {
    ptrdiff_t in0, in1, in2, in3, out; /* in bytes; an input's is 0 when the same vector is read again */
};

INLINE struct pointers advanced(struct pointers at, struct strides by, size_t count)
{
    const ptrdiff_t n = (ptrdiff_t)count;
    return (struct pointers){at.in0 + n * by.in0, at.in1 + n * by.in1,   at.in2 + n * by.in2,
                             at.in3 + n * by.in3, at.out0 + n * by.out,  at.out1 + n * by.out,
                             at.packed,           at.begun + n * by.out, at.doubts + n / 8};
}

INLINE void walk_unaligned(step *one, struct pointers at, struct strides by, size_t n, size_t lanes)
{
    for (; n >= lanes; n -= lanes) {
        one(&at, lanes);
        at = advanced(at, by, lanes);
    }
    if (n > 0) {
        one(&at, n);
    }
}

/* A store across two cache lines costs twice: a first, shorter step ends where a vector of the output begins. Of so many elements. */
INLINE size_t ahead_of_vectors(struct pointers at, struct strides by, size_t n, size_t lanes)
{
    const size_t size = (size_t)by.out, vector = lanes * size;
    const size_t ahead = (vector - (uintptr_t)at.out0 % vector) % vector / size;
    return n >= 8 * lanes ? ahead : 0;
}

INLINE void walk(step *one, struct pointers at, struct strides by, size_t n, size_t lanes)
{
    const size_t ahead = ahead_of_vectors(at, by, n, lanes);
    if (ahead > 0) {
        one(&at, ahead);
        at = advanced(at, by, ahead);
        n -= ahead;
    }
    walk_unaligned(one, at, by, n, lanes);
}

/* Operands that there are not stand for the first: a pointer that is advanced, and never used, may not be NULL. */
INLINE struct pointers pointers_of(int nin, int nout, char *const *data)
{
    return (struct pointers){data[0],
                             data[nin > 1 ? 1 : 0],
                             data[nin > 2 ? 2 : 0],
                             data[nin > 3 ? 3 : 0],
                             data[nin],
                             data[nin + nout - 1],
                             NULL,
                             data[nin],
                             data[nin]};
}

INLINE struct strides strides_of(int nin, size_t size, const ptrdiff_t *stride)
{
    return (struct strides){stride[0], nin > 1 ? stride[1] : 0, nin > 2 ? stride[2] : 0, nin > 3 ? stride[3] : 0,
                            (ptrdiff_t)size};
}

/* The strides where all inputs are contiguous, in a form that the compiler knows. */
INLINE struct strides contiguous_strides(size_t size)
{
    const ptrdiff_t item = (ptrdiff_t)size;
    return (struct strides){item, item, item, item, item};
}

INLINE bool is_contiguous(int nin, size_t size, const ptrdiff_t *stride)
{
    const ptrdiff_t item = (ptrdiff_t)size;
    return stride[0] == item && (nin < 2 || stride[1] == item) && (nin < 3 || stride[2] == item) &&
           (nin < 4 || stride[3] == item);
}

/* What a loop is over: so many inputs and outputs, the bytes of an element, the elements of a vector. Constants where the
 * loops below are called. */
struct form {
    int nin, nout;
    size_t size, lanes;
};

/* The arguments of a kernel_loop. */
struct run {
    char *const *data;
    const ptrdiff_t *stride;
    size_t n;
    char *room;
};

/* The operands of what is left of a run, in a copy of its data, once `count` more elements are done. */
INLINE void move_on(char **data, struct form form, const ptrdiff_t *stride, size_t count)
{
    for (int i = 0; i < form.nin + form.nout; i++) {
        data[i] += (ptrdiff_t)count * stride[i];
    }
}

/* Any strides that a kernel_loop may be given: rare, and so without a first step. */
INLINE void map_strided(step *one, struct form form, struct run run)
{
    walk_unaligned(one, pointers_of(form.nin, form.nout, run.data), strides_of(form.nin, form.size, run.stride), run.n,
                   form.lanes);
}

/* Contiguous inputs, but the last one is the same vector again and again: from a copy, of which the compiler knows that no
 * store changes it, so that what a formula makes of it is made once. GCC knows it no more where a masked load is given the copy: parts of
 * vectors are given the vector itself then, but of 16-bit types, for which the wheel has no room. */
INLINE void map_parameter(step *one, struct form form, struct run run)
{
    char vector[SPLAT_BYTES];
    struct pointers at = pointers_of(form.nin, form.nout, run.data), whole = at;
    struct strides by = contiguous_strides(form.size);
    memcpy(vector, run.data[form.nin - 1], sizeof vector);
    *(form.nin == 2 ? &whole.in1 : form.nin == 3 ? &whole.in2 : &whole.in3) = vector;
    *(form.nin == 2 ? &by.in1 : form.nin == 3 ? &by.in2 : &by.in3) = 0;
    if (!LOADS_BY_MASK || form.size < 4) {
        walk(one, whole, by, run.n, form.lanes);
        return;
    }
    const size_t ahead = ahead_of_vectors(at, by, run.n, form.lanes), rest = run.n - ahead;
    if (ahead > 0) {
        one(&at, ahead);
    }
    whole = advanced(whole, by, ahead);
    for (size_t i = 0; i < rest / form.lanes; i++) {
        one(&whole, form.lanes);
        whole = advanced(whole, by, form.lanes);
    }
    if (rest % form.lanes > 0) {
        at = advanced(at, by, run.n - rest % form.lanes);
        one(&at, rest % form.lanes);
    }
}

/* The same, with loops of their own for contiguous inputs: faster, and three times the code. */
INLINE void map(step *one, struct form form, struct run run)
{
    if (is_contiguous(form.nin, form.size, run.stride)) {
        walk(one, pointers_of(form.nin, form.nout, run.data), contiguous_strides(form.size), run.n, form.lanes);
    } else if (form.nin > 1 && run.stride[form.nin - 1] == 0 && is_contiguous(form.nin - 1, form.size, run.stride)) {
        map_parameter(one, form, run);
    } else {
        map_strided(one, form, run);
    }
}

/* Whole vectors and the tail by one call of the step, so that it is compiled once: for a step that is costly, and large. */
INLINE void walk_compact(step *one, struct pointers at, struct strides by, size_t n, size_t lanes)
{
    for (size_t count; n > 0; n -= count) {
        count = n < lanes ? n : lanes;
        one(&at, count);
        at = advanced(at, by, count);
    }
}

INLINE void map_compact(step *one, struct form form, struct run run)
{
    walk_compact(one, pointers_of(form.nin, form.nout, run.data), strides_of(form.nin, form.size, run.stride), run.n,
                 form.lanes);
}

/* A kernel with a costly branch: the elements that take it are packed one after the other, computed side by side, and
 * put where they belong, so that the others do not pay for it. */

/* Whole vectors alone: memory goes on behind the last element, with a value that the step may compute with. */
INLINE void walk_whole(step *one, struct pointers at, struct strides by, size_t n, size_t lanes)
{
    for (size_t i = 0; i < n; i += lanes) {
        one(&at, lanes);
        at = advanced(at, by, lanes);
    }
}

/* What such a kernel is made of: two steps, and what computes the branch of n packed elements where they lie. `size` is
 * that of an element that is packed. */
struct packing {
    step *pack, *unpack;
    void (*branch)(char *packed, size_t n);
    size_t size;
};

/* Packs, and unpacks, the elements of a block. */
INLINE void walk_packed(struct packing by_parts, struct pointers at, struct strides by, size_t n, size_t lanes,
                        char *room)
{
    const size_t block = PACKED_BYTES / by_parts.size;
    for (size_t count = block; n > 0; n -= count) {
        count = n < block ? n : block;
        char *end = room, *next = room;
        at.packed = &end;
        walk(by_parts.pack, at, by, count, lanes);
        by_parts.branch(room, (size_t)(end - room) / by_parts.size);
        at.packed = &next;
        walk(by_parts.unpack, at, by, count, lanes);
        at = advanced(at, by, count);
    }
}

INLINE void map_packed_strided(struct packing by_parts, struct form form, struct run run)
{
    const struct strides by = strides_of(form.nin, form.size, run.stride);
    walk_packed(by_parts, pointers_of(form.nin, form.nout, run.data), by, run.n, form.lanes, run.room);
}

INLINE void map_packed(struct packing by_parts, struct form form, struct run run)
{
    if (is_contiguous(form.nin, form.size, run.stride)) {
        const struct pointers at = pointers_of(form.nin, form.nout, run.data);
        walk_packed(by_parts, at, contiguous_strides(form.size), run.n, form.lanes, run.room);
    } else {
        map_packed_strided(by_parts, form, run);
    }
}

/* Packing does not pay for few elements, nor where a lane is all of a vector and takes no branch in vain. */
INLINE bool is_worth_packing(struct form form, struct run run)
{
    return form.lanes > 1 && run.n >= 8 * form.lanes && run.room != NULL;
}

/* Whether an output goes where an input was. */
INLINE bool is_in_place(int nin, int nout, char *const *data)
{
    for (int i = 0; i < nin; i++) {
        if (data[i] == data[nin] || data[i] == data[nin + nout - 1]) {
            return true;
        }
    }
    return false;
}

/* No load or store moves across this. The compiler does not know that computing raises flags. */
INLINE void compiler_barrier(void) { __asm__ volatile("" ::: "memory"); }

/* Those of the flags that were raised, now or earlier. */
INLINE int raised_of(int flags)
{
    compiler_barrier();
    return vector_flags() & flags;
}

/* The same, and they are no longer raised. */
INLINE int takes_flags(int flags)
{
    const int raised = raised_of(flags);
    if (__builtin_expect(raised != 0, false)) {
        clear_vector_flags(raised);
        compiler_barrier();
    }
    return raised;
}

enum { SETTLED_AT_ONCE = 8 }; /* vectors: to look at the flags takes longer than to settle as many */

/* For a formula that may make a NaN of numbers. To do so raises INVALID; the sign of that NaN is set on some processors,
 * clear on others. `settled` has it clear, and takes up to a third longer than `plain`: it runs where the flag tells of
 * such a NaN, or where the inputs will not be there any more when it tells. */
INLINE void map_settling(kernel_loop *plain, kernel_loop *settled, bool makes_nan, struct form form, struct run run)
{
    if (!makes_nan) {
        plain(run.data, run.stride, run.n, run.room);
    } else if (run.n <= SETTLED_AT_ONCE * form.lanes || is_in_place(form.nin, form.nout, run.data)) {
        settled(run.data, run.stride, run.n, run.room);
    } else {
        plain(run.data, run.stride, run.n, run.room);
        if (raised_of(FE_INVALID)) {
            settled(run.data, run.stride, run.n, run.room);
        }
    }
}

#endif
