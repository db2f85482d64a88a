#include "call.h"
#include "recycle.h"
#include <numpy/arrayobject.h>
#include <string.h>

enum order { UNTOLD, AS_IN_C, SWAPPED };

/* Whether, of two axes, the one that is outer in C is so in the memory of the operands. Where they differ, C wins. */
static enum order order_of(const struct call *call, int outer, int inner)
{
    const struct plan *plan = &call->plan;
    const int nin = plan->kernel.info->nin, nargs = operands_of(&plan->kernel);
    enum order order = UNTOLD;
    for (int i = 0; i < nargs; i++) {
        if (i >= nin && call->array[i] == NULL) {
            continue;
        }
        const ptrdiff_t step_out = Py_ABS(plan->stride[outer][i]), step_in = Py_ABS(plan->stride[inner][i]);
        if (step_out != 0 && step_in != 0) {
            if (step_in <= step_out) {
                return AS_IN_C;
            }
            order = SWAPPED;
        }
    }
    return order;
}

/* The axes in the order in which those of the operands lie in memory (NumPy's 'K'), the fastest first. What the operands
 * tell need not be consistent: the axes are inserted as NumPy inserts them, the last one first. */
static void keep_order(const struct call *call, int *axes)
{
    for (int count = 0; count < call->ndim; count++) {
        const int axis = call->ndim - 1 - count;
        int place = count;
        for (int before = count - 1; before >= 0; before--) {
            const enum order order = order_of(call, axis, axes[before]);
            if (order == AS_IN_C) {
                break;
            }
            place = order == SWAPPED ? before : place;
        }
        memmove(axes + place + 1, axes + place, sizeof *axes * (size_t)(count - place));
        axes[place] = axis;
    }
}

static void order_as_in_fortran(const struct call *call, int *axes)
{
    for (int axis = 0; axis < call->ndim; axis++) {
        axes[axis] = axis;
    }
}

/* The strides of a new output that is not in C's order. */
static void new_strides(const struct call *call, npy_intp *stride)
{
    int axes[NPY_MAXDIMS]; /* what is contiguous has any number of them */
    if (call->contiguous) {
        order_as_in_fortran(call, axes);
    } else {
        keep_order(call, axes);
    }
    npy_intp step = (npy_intp)call->plan.kernel.size;
    for (int i = 0; i < call->ndim; i++) {
        stride[axes[i]] = step;
        step *= call->shape[axes[i]];
    }
}

void drop_outputs(struct call *call, int end)
{
    for (int i = call->plan.kernel.info->nin; i < end; i++) {
        Py_DECREF(call->array[i]);
    }
}

/* Not inlined, so that other calls do not reserve stack space for these strides. */
static __attribute__((noinline)) bool make_output(struct call *call, int i)
{
    npy_intp stride[NPY_MAXDIMS];
    if (!call->in_c) {
        new_strides(call, stride);
    }
    Py_INCREF(call->descr);
    bool recycled;
    PyObject *array = new_output(call->descr, call->ndim, call->shape, call->in_c ? NULL : stride, &recycled);
    if (array == NULL) {
        return false;
    }
    call->plan.new_outputs &= !recycled;
    call->array[i] = (PyArrayObject *)array;
    call->plan.data[i] = PyArray_BYTES(call->array[i]);
    if (!call->contiguous) {
        broadcast_strides(call, i);
    }
    return true;
}

bool own_outputs(struct call *call)
{
    const int nin = call->plan.kernel.info->nin, nargs = operands_of(&call->plan.kernel);
    call->plan.new_outputs = true;
    for (int i = nin; i < nargs; i++) {
        if (call->array[i] != NULL) {
            call->plan.new_outputs = false;
            Py_INCREF(call->array[i]);
        } else if (!make_output(call, i)) {
            drop_outputs(call, i);
            return false;
        }
    }
    return true;
}

PyObject *hand_over(struct call *call)
{
    const int nin = call->plan.kernel.info->nin;
    PyObject *first = (PyObject *)call->array[nin];
    if (call->plan.kernel.info->nout == 1) {
        return first;
    }
    PyObject *second = (PyObject *)call->array[nin + 1];
    PyObject *both = PyTuple_Pack(2, first, second);
    Py_DECREF(first);
    Py_DECREF(second);
    return both;
}
