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

/* An input's stride in bytes is its item size, or 0 when the same vector is read again. */
INLINE void walk(step *one, struct place at, size_t n, size_t lanes, size_t size, ptrdiff_t stride0, ptrdiff_t stride1,
                 ptrdiff_t stride2)
{
    const ptrdiff_t vector = (ptrdiff_t)lanes;
    for (; n >= lanes; n -= lanes) {
        one(&at, lanes);
        at.in0 += vector * stride0;
        at.in1 += vector * stride1;
        at.in2 += vector * stride2;
        at.out0 += lanes * size;
        at.out1 += lanes * size;
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
        walk(one, at, n, lanes, size, item, item, item); /* strides that the compiler knows */
    } else {
        walk(one, at, n, lanes, size, stride[0], nin > 1 ? stride[1] : 0, nin > 2 ? stride[2] : 0);
    }
}

#endif
