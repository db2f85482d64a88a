/* A call that is served directly, on its way from operands to a plan and to the result. */
#ifndef RELU_UFUNC_CALL_H
#define RELU_UFUNC_CALL_H

#include "direct.h"
#include "engine/plan.h"
#include <numpy/ndarraytypes.h>

/* The operands of a call are arrays, or numbers of their type. An output that is to be made is neither. */
struct call {
    const struct arguments *given;
    PyArray_Descr *descr;               /* the type of all operands */
    PyArrayObject *array[MAX_OPERANDS]; /* NULL where it is a number or is to be made */
    _Alignas(SPLAT_BYTES) char number[MAX_INPUTS][SPLAT_BYTES];
    int ndim;
    const npy_intp *shape;
    npy_intp broadcast[MAX_AXES]; /* the shape, where the inputs do not have it */
    bool contiguous;              /* all of one shape and order in memory, numbers aside: the axes make one */
    bool in_c;                    /* then: the order is C's */
    size_t count;                 /* of the elements */
    struct plan plan;             /* its axes are those of the call, the outermost of C first, until it is arranged */
};

/* operands.c: finds the kernel for the type of the operands, and takes them. False where NumPy is to serve the call. */
bool take_operands(struct call *call, const struct kernel *kernel);

/* layout.c: finds shape, axes and strides, and writes them into the plan. False where NumPy is to serve the call. */
bool lay_out(struct call *call);

/* layout.c: the strides of an array along the axes of the call, once these are known. */
void broadcast_strides(struct call *call, int operand);

/* outputs.c: makes the outputs that were not given. From here on, all are owned. False where an exception is set. */
bool own_outputs(struct call *call);

/* outputs.c: lets go of the outputs before operand number `end`. */
void drop_outputs(struct call *call, int end);

/* outputs.c: the result of the call, or NULL with an exception set. The outputs are no longer owned. */
PyObject *hand_over(struct call *call);

#endif
