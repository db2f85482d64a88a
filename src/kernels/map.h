/* The loop of every kernel: whole vectors, then the tail, which is one more step over fewer elements. */
#ifndef RELU_UFUNC_MAP_H
#define RELU_UFUNC_MAP_H

#include "inline.h"

struct place {
    const char *in0, *in1, *in2;
    char *out0, *out1;
};

/* Loads, computes and stores `count` elements, a vector at the most. */
typedef void step(const struct place *at, size_t count);

struct strides {
    ptrdiff_t in0, in1, in2, out; /* in bytes; an input's is 0 when the same vector is read again */
};

INLINE struct place advanced(struct place at, struct strides by, size_t count)
{
    const ptrdiff_t n = (ptrdiff_t)count;
    return (struct place){at.in0 + n * by.in0, at.in1 + n * by.in1, at.in2 + n * by.in2, at.out0 + n * by.out,
                          at.out1 + n * by.out};
}

INLINE void walk(step *one, struct place at, struct strides by, size_t n, size_t lanes)
{
    /* A store across two cache lines costs twice: a first, shorter step ends where a vector of the output begins. */
    const size_t size = (size_t)by.out, vector = lanes * size;
    const size_t ahead = (vector - (uintptr_t)at.out0 % vector) % vector / size;
    if (ahead > 0 && n >= 8 * lanes) {
        one(&at, ahead);
        at = advanced(at, by, ahead);
        n -= ahead;
    }
    for (; n >= lanes; n -= lanes) {
        one(&at, lanes);
        at = advanced(at, by, lanes);
    }
    if (n > 0) {
        one(&at, n);
    }
}

/* nin, nout, size and lanes are constants where this is called. */
INLINE void map(step *one, int nin, int nout, size_t size, size_t lanes, char *const *data, const ptrdiff_t *stride,
                size_t n)
{
    /* operands that there are not stand for the first: a pointer that is advanced, and never used, may not be NULL */
    const struct place at = {data[0], data[nin > 1 ? 1 : 0], data[nin > 2 ? 2 : 0], data[nin], data[nin + nout - 1]};
    const ptrdiff_t item = (ptrdiff_t)size;
    if (stride[0] == item && (nin < 2 || stride[1] == item) && (nin < 3 || stride[2] == item)) {
        walk(one, at, (struct strides){item, item, item, item}, n, lanes); /* strides that the compiler knows */
    } else {
        const struct strides by = {stride[0], nin > 1 ? stride[1] : 0, nin > 2 ? stride[2] : 0, item};
        walk(one, at, by, n, lanes);
    }
}

#endif
