#include "call.h"
#include <numpy/arrayobject.h>

static bool same_shape(PyArrayObject *a, PyArrayObject *b)
{
    return PyArray_NDIM(a) == PyArray_NDIM(b) &&
           PyArray_CompareLists(PyArray_SHAPE(a), PyArray_SHAPE(b), PyArray_NDIM(a));
}

/* The array whose shape all arrays have, if they have one and are all C- or all F-contiguous; else NULL. F order
 * is taken here with one output only: NumPy gives a new output that order directly. With two it keeps the order of the axes
 * one by one, which gives those of one element other strides. */
static PyArrayObject *contiguous_like(struct call *call)
{
    const int nargs = operands_of(&call->plan.kernel);
    int order = NPY_ARRAY_C_CONTIGUOUS | NPY_ARRAY_F_CONTIGUOUS | NPY_ARRAY_ALIGNED;
    PyArrayObject *like = NULL;
    for (int i = 0; i < nargs; i++) {
        PyArrayObject *array = call->array[i];
        if (array != NULL) {
            like = like == NULL ? array : like;
            order &= PyArray_FLAGS(array);
            if (!same_shape(array, like)) {
                return NULL;
            }
        }
    }
    const int fortran = NPY_ARRAY_F_CONTIGUOUS | NPY_ARRAY_ALIGNED;
    const bool in_f = (order & fortran) == fortran && call->plan.kernel.info->nout == 1;
    call->in_c = order & NPY_ARRAY_C_CONTIGUOUS;
    return call->in_c || in_f ? like : NULL;
}

static void lay_out_contiguous(struct call *call, PyArrayObject *like)
{
    const struct kernel *kernel = &call->plan.kernel;
    const int nargs = operands_of(kernel);
    call->contiguous = true;
    call->ndim = PyArray_NDIM(like);
    call->shape = PyArray_SHAPE(like);
    call->plan.naxes = 1;
    call->plan.shape[0] = (size_t)PyArray_SIZE(like);
    for (int i = 0; i < nargs; i++) {
        const bool number = i < kernel->info->nin && call->array[i] == NULL;
        call->plan.stride[0][i] = number ? 0 : (ptrdiff_t)kernel->size;
    }
}

/* The axes of the call that an operand lacks, the outermost ones. */
static int lead_of(const struct call *call, int operand)
{
    PyArrayObject *array = call->array[operand];
    return array == NULL ? call->ndim : call->ndim - PyArray_NDIM(array);
}

/* Finds the shape that the inputs broadcast to. */
static bool broadcast(struct call *call)
{
    const int nin = call->plan.kernel.info->nin;
    call->ndim = 0;
    for (int i = 0; i < nin; i++) {
        const int ndim = call->array[i] == NULL ? 0 : PyArray_NDIM(call->array[i]);
        call->ndim = ndim > call->ndim ? ndim : call->ndim;
    }
    if (call->ndim > MAX_AXES) {
        return false;
    }
    for (int axis = 0; axis < call->ndim; axis++) {
        npy_intp length = 1;
        for (int i = 0; i < nin; i++) {
            const int lead = lead_of(call, i);
            const npy_intp own = axis < lead ? 1 : PyArray_DIM(call->array[i], axis - lead);
            if (own != 1 && length != 1 && own != length) {
                return false;
            }
            length = own == 1 ? length : own;
        }
        call->broadcast[axis] = length;
        call->plan.shape[axis] = (size_t)length;
    }
    return true;
}

void broadcast_strides(struct call *call, int operand)
{
    PyArrayObject *array = call->array[operand];
    const int lead = lead_of(call, operand);
    for (int axis = 0; axis < call->ndim; axis++) {
        const bool moves = axis >= lead && PyArray_DIM(array, axis - lead) != 1;
        call->plan.stride[axis][operand] = moves ? PyArray_STRIDE(array, axis - lead) : 0;
    }
}

static bool outputs_have_shape(const struct call *call)
{
    const int nin = call->plan.kernel.info->nin, nargs = operands_of(&call->plan.kernel);
    for (int i = nin; i < nargs; i++) {
        PyArrayObject *array = call->array[i];
        if (array != NULL && (PyArray_NDIM(array) != call->ndim ||
                              !PyArray_CompareLists(PyArray_SHAPE(array), call->shape, call->ndim))) {
            return false;
        }
    }
    return true;
}

static bool lay_out_any(struct call *call)
{
    if (!broadcast(call)) {
        return false;
    }
    const int nargs = operands_of(&call->plan.kernel);
    call->contiguous = call->in_c = false;
    call->shape = call->broadcast;
    call->plan.naxes = call->ndim;
    for (int i = 0; i < nargs; i++) {
        broadcast_strides(call, i);
    }
    return outputs_have_shape(call);
}

/* A call of no axis is not served: NumPy gives a number then, not an array; nor is one of no element, or of more than
 * memory has addresses for. */
static bool count_elements(struct call *call)
{
    const size_t most = (size_t)NPY_MAX_INTP / call->plan.kernel.size;
    call->count = 1;
    for (int axis = 0; axis < call->plan.naxes; axis++) {
        const size_t length = call->plan.shape[axis];
        if (length == 0 || call->count > most / length) {
            return false;
        }
        call->count *= length;
    }
    return call->ndim > 0;
}

bool lay_out(struct call *call)
{
    PyArrayObject *like = contiguous_like(call);
    if (like != NULL) {
        lay_out_contiguous(call, like);
    } else if (!lay_out_any(call)) {
        return false;
    }
    return count_elements(call);
}
