#include "direct.h"
#include "engine/blocks.h"
#include "engine/dispatch.h"
#include "errors.h"
#include "numbers.h"
#include "engine/overlap.h"
#include "recycle.h"
#include "signature.h"
#include "engine/run.h"
#include <numpy/arrayobject.h>
#include <numpy/ufuncobject.h>
#include <stddef.h>
#include <string.h>

enum { SHORT = 4096 };        /* elements; no more are given to the kernel at once */
enum { GIL_ELEMENTS = 8192 }; /* giving up the lock and taking it again costs a tenth of the time that they do */

/* A call: its operands as arrays, or as numbers of their type. An output that is to be made is neither. */
struct call {
    struct kernel kernel;
    int nin, nargs;
    PyArray_Descr *descr;
    const struct arguments *given;
    PyArrayObject *array[MAX_OPERANDS]; /* NULL where it is a number or is to be made */
    char *data[MAX_OPERANDS];
    _Alignas(SPLAT_BYTES) char number[MAX_OPERANDS][SPLAT_BYTES];
    int ndim;
    const npy_intp *shape;
    bool contiguous; /* all of one shape and order in memory, numbers aside: the axes make one */
    bool in_c;       /* then: the order is C's */
    int naxes;
    npy_intp length[MAX_AXES];
    size_t count; /* of the elements */
    npy_intp stride[MAX_OPERANDS][MAX_AXES];
    bool new_outputs; /* all of them, on memory that is not recycled */
};

/* Operands */

static PyArrayObject *as_array(PyObject *object)
{
    return object != NULL && PyArray_CheckExact(object) ? (PyArrayObject *)object : NULL;
}

static bool same_type(const struct call *call, PyArrayObject *array)
{
    PyArray_Descr *descr = PyArray_DESCR(array);
    return descr == call->descr || (descr->type_num == call->descr->type_num && element_of(descr) != NO_ELEMENT);
}

/* Finds the kernel for the type of the first array among the inputs. */
static bool find_type(struct call *call, const struct kernel *kernel)
{
    for (int i = 0; i < call->nin; i++) {
        PyArrayObject *array = as_array(call->given->operand[i]);
        if (array != NULL) {
            const int element = element_of(PyArray_DESCR(array));
            if (element == NO_ELEMENT) {
                return false;
            }
            call->descr = PyArray_DESCR(array);
            call->kernel = find_kernel(kernel->isa, kernel->id, (enum element)element);
            return call->kernel.loop != NULL;
        }
    }
    return false;
}

static bool number_of(const struct call *call, int i, char *to)
{
    PyObject *object = call->given->operand[i];
    const double standard = signatures[call->kernel.id].standard[i];
    return object == NULL ? element_from_double(call->descr, standard, to) : element_from(call->descr, object, to);
}

/* An array of no axis is taken for the number in it. */
static bool take_inputs(struct call *call)
{
    for (int i = 0; i < call->nin; i++) {
        PyArrayObject *array = as_array(call->given->operand[i]);
        _Alignas(max_align_t) char number[SPLAT_BYTES];
        if (array != NULL ? !same_type(call, array) : !number_of(call, i, number)) {
            return false;
        }
        if (array != NULL && PyArray_NDIM(array) > 0) {
            call->array[i] = array;
            call->data[i] = PyArray_BYTES(array);
        } else {
            call->array[i] = NULL;
            call->data[i] = call->number[i];
            splat(call->data[i], array != NULL ? PyArray_BYTES(array) : number, call->kernel.size);
        }
    }
    return true;
}

static bool take_outputs(struct call *call)
{
    const int WARN_ON_WRITE = INT_MIN; /* the flag that numpy.broadcast_arrays leaves: the highest bit */
    for (int i = call->nin; i < call->nargs; i++) {
        PyObject *object = call->given->operand[i];
        PyArrayObject *array = call->array[i] = as_array(object);
        if (array != NULL) {
            if (!same_type(call, array) || !PyArray_ISWRITEABLE(array) || PyArray_CHKFLAGS(array, WARN_ON_WRITE)) {
                return false;
            }
            call->data[i] = PyArray_BYTES(array);
        } else if (object != NULL) {
            return false;
        }
    }
    return true;
}

static bool same_shape(PyArrayObject *a, PyArrayObject *b)
{
    return PyArray_NDIM(a) == PyArray_NDIM(b) &&
           PyArray_CompareLists(PyArray_SHAPE(a), PyArray_SHAPE(b), PyArray_NDIM(a));
}

/* The array whose shape all arrays have, if they have one and are all C- or all F-contiguous; else NULL. Arrays in F
 * order go with the others where NumPy gives a new output that order at once: there, axes of one element come out with
 * other strides than from keep_order. */
static PyArrayObject *contiguous_like(struct call *call)
{
    int order = NPY_ARRAY_C_CONTIGUOUS | NPY_ARRAY_F_CONTIGUOUS | NPY_ARRAY_ALIGNED;
    PyArrayObject *like = NULL;
    for (int i = 0; i < call->nargs; i++) {
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
    const bool in_f = (order & fortran) == fortran && call->nargs == call->nin + 1;
    call->in_c = order & NPY_ARRAY_C_CONTIGUOUS;
    return call->in_c || in_f ? like : NULL;
}

static int lead_of(const struct call *call, int i)
{
    return call->array[i] == NULL ? call->ndim : call->ndim - PyArray_NDIM(call->array[i]);
}

/* Finds the shape that the inputs broadcast to. */
static bool broadcast(struct call *call)
{
    call->ndim = 0;
    for (int i = 0; i < call->nin; i++) {
        const int ndim = call->array[i] == NULL ? 0 : PyArray_NDIM(call->array[i]);
        call->ndim = ndim > call->ndim ? ndim : call->ndim;
    }
    if (call->ndim > MAX_AXES) {
        return false;
    }
    for (int axis = 0; axis < call->ndim; axis++) {
        call->length[axis] = 1;
        for (int i = 0; i < call->nin; i++) {
            const int lead = lead_of(call, i);
            const npy_intp own = axis < lead ? 1 : PyArray_DIM(call->array[i], axis - lead);
            if (own != 1 && call->length[axis] != 1 && own != call->length[axis]) {
                return false;
            }
            call->length[axis] = own == 1 ? call->length[axis] : own;
        }
    }
    return true;
}

static void broadcast_strides(struct call *call, int i)
{
    const int lead = lead_of(call, i);
    for (int axis = 0; axis < call->ndim; axis++) {
        const bool moves = axis >= lead && PyArray_DIM(call->array[i], axis - lead) != 1;
        call->stride[i][axis] = moves ? PyArray_STRIDE(call->array[i], axis - lead) : 0;
    }
}

static bool outputs_have_shape(const struct call *call)
{
    for (int i = call->nin; i < call->nargs; i++) {
        PyArrayObject *array = call->array[i];
        if (array != NULL && (PyArray_NDIM(array) != call->ndim ||
                              !PyArray_CompareLists(PyArray_SHAPE(array), call->shape, call->ndim))) {
            return false;
        }
    }
    return true;
}

static bool lay_out_contiguous(struct call *call, PyArrayObject *like)
{
    call->contiguous = true;
    call->ndim = PyArray_NDIM(like);
    call->shape = PyArray_SHAPE(like);
    call->naxes = 1;
    call->length[0] = PyArray_SIZE(like);
    for (int i = 0; i < call->nargs; i++) {
        const bool number = i < call->nin && call->array[i] == NULL;
        call->stride[i][0] = number ? 0 : (npy_intp)call->kernel.size;
    }
    return true;
}

static bool lay_out_any(struct call *call)
{
    if (!broadcast(call)) {
        return false;
    }
    call->contiguous = call->in_c = false;
    call->naxes = call->ndim;
    call->shape = call->length;
    for (int i = 0; i < call->nargs; i++) {
        broadcast_strides(call, i);
    }
    return outputs_have_shape(call);
}

/* Finds shape, axes and strides. A call of no axis is not served: NumPy gives a number then, not an array; nor is one of
 * no element, or of more than memory has addresses for. */
static bool lay_out(struct call *call)
{
    PyArrayObject *like = contiguous_like(call);
    if (!(like != NULL ? lay_out_contiguous(call, like) : lay_out_any(call)) || call->ndim == 0) {
        return false;
    }
    const size_t most = (size_t)NPY_MAX_INTP / call->kernel.size;
    call->count = 1;
    for (int axis = 0; axis < call->naxes; axis++) {
        const size_t length = (size_t)call->length[axis];
        if (length == 0 || call->count > most / length) {
            return false;
        }
        call->count *= length;
    }
    return true;
}

/* Memory */

static struct range extent_of(const struct call *call, int i)
{
    struct range range = {(uintptr_t)call->data[i], (uintptr_t)call->data[i] + call->kernel.size};
    for (int axis = 0; axis < call->naxes; axis++) {
        const npy_intp reach = call->stride[i][axis] * (call->length[axis] - 1);
        range.begin += reach < 0 ? (uintptr_t)reach : 0;
        range.end += reach > 0 ? (uintptr_t)reach : 0;
    }
    return range;
}

static bool same_memory(const struct call *call, int a, int b)
{
    return call->data[a] == call->data[b] &&
           memcmp(call->stride[a], call->stride[b], sizeof(npy_intp) * (size_t)call->naxes) == 0;
}

/* Whether no two elements of an operand share memory, as far as a look at its axes by size tells. */
static bool apart_from_itself(const struct call *call, int i)
{
    npy_intp reach = (npy_intp)call->kernel.size; /* of the axes passed, the smallest strides first */
    bool passed[MAX_AXES] = {false};
    for (int count = 0; count < call->naxes; count++) {
        int least = -1;
        for (int axis = 0; axis < call->naxes; axis++) {
            if (!passed[axis] && (least < 0 || Py_ABS(call->stride[i][axis]) < Py_ABS(call->stride[i][least]))) {
                least = axis;
            }
        }
        passed[least] = true;
        if (call->length[least] > 1) {
            if (Py_ABS(call->stride[i][least]) < reach) {
                return false;
            }
            reach += Py_ABS(call->stride[i][least]) * (call->length[least] - 1);
        }
    }
    return true;
}

/* Whether each output given can be written while the inputs are read: apart from them, or element by element the same
 * memory. */
static bool safe_to_write(const struct call *call)
{
    for (int o = call->nin; o < call->nargs; o++) {
        if (call->array[o] == NULL) {
            continue;
        }
        if (!apart_from_itself(call, o)) {
            return false;
        }
        const struct range out = extent_of(call, o);
        for (int i = 0; i < o; i++) {
            const bool is_input = i < call->nin, there = is_input || call->array[i] != NULL;
            if (there && !disjoint(extent_of(call, i), out) && !(is_input && same_memory(call, i, o))) {
                return false;
            }
        }
    }
    return true;
}

/* New outputs */

enum order { UNTOLD, AS_IN_C, SWAPPED };

/* Whether, of two axes, the one that is outer in C is so in the memory of the operands. Where they differ, C wins. */
static enum order order_of(const struct call *call, int outer, int inner)
{
    enum order order = UNTOLD;
    for (int i = 0; i < call->nargs; i++) {
        if (i >= call->nin && call->array[i] == NULL) {
            continue;
        }
        const npy_intp step_out = Py_ABS(call->stride[i][outer]), step_in = Py_ABS(call->stride[i][inner]);
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
    npy_intp step = (npy_intp)call->kernel.size;
    for (int i = 0; i < call->ndim; i++) {
        stride[axes[i]] = step;
        step *= call->shape[axes[i]];
    }
}

/* Lets go of the outputs before number `end`. */
static void drop_outputs(struct call *call, int end)
{
    for (int i = call->nin; i < end; i++) {
        Py_DECREF(call->array[i]);
    }
}

static bool make_output(struct call *call, int i)
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
    call->new_outputs &= !recycled;
    call->array[i] = (PyArrayObject *)array;
    call->data[i] = PyArray_BYTES(call->array[i]);
    if (!call->contiguous) {
        broadcast_strides(call, i);
    }
    return true;
}

/* Outputs that were given are borrowed, those that are made are owned: from here on, all are owned. */
static bool own_outputs(struct call *call)
{
    call->new_outputs = true;
    for (int i = call->nin; i < call->nargs; i++) {
        if (call->array[i] != NULL) {
            call->new_outputs = false;
            Py_INCREF(call->array[i]);
        } else if (!make_output(call, i)) {
            drop_outputs(call, i);
            return false;
        }
    }
    return true;
}

static enum served give(struct call *call, PyObject **result)
{
    PyObject *first = (PyObject *)call->array[call->nin];
    if (call->nargs - call->nin == 1) {
        *result = first;
        return SERVED;
    }
    PyObject *second = (PyObject *)call->array[call->nin + 1];
    *result = PyTuple_Pack(2, first, second);
    Py_DECREF(first);
    Py_DECREF(second);
    return *result == NULL ? FAILED : SERVED;
}

/* The work */

static void compute(struct call *call)
{
    struct plan plan;
    plan.kernel = call->kernel;
    plan.naxes = 0;
    plan.new_outputs = call->new_outputs;
    memcpy(plan.data, call->data, sizeof *plan.data * (size_t)call->nargs);
    for (int axis = 0; axis < call->naxes; axis++) {
        ptrdiff_t stride[MAX_OPERANDS];
        for (int i = 0; i < call->nargs; i++) {
            stride[i] = call->stride[i][axis];
        }
        add_axis(&plan, (size_t)call->length[axis], stride);
    }
    arrange(&plan);
    run(&plan);
}

static void compute_short(struct call *call)
{
    ptrdiff_t stride[MAX_OPERANDS];
    for (int i = 0; i < call->nargs; i++) {
        stride[i] = call->stride[i][0];
    }
    call->kernel.loop(call->data, stride, call->count); /* numbers are vectors of copies already */
}

static void compute_unlocked(struct call *call)
{
    PyThreadState *state = PyEval_SaveThread();
    compute(call);
    PyEval_RestoreThread(state);
}

static void do_work(struct call *call)
{
    const size_t grain = grain_of(&call->kernel);
    if (call->contiguous && call->count <= SHORT && call->count < grain) {
        compute_short(call);
    } else if (call->count < GIL_ELEMENTS && call->count < grain) {
        compute(call);
    } else {
        compute_unlocked(call);
    }
}

/* The call */

static bool understand(struct call *call, const struct kernel *kernel)
{
    return find_type(call, kernel) && take_inputs(call) && take_outputs(call) && lay_out(call) && safe_to_write(call);
}

enum served serve(const struct kernel *kernel, const struct arguments *arguments, PyObject **result)
{
    struct call call;
    call.given = arguments;
    call.nin = kernel->info->nin;
    call.nargs = operands_of(kernel);
    if (!understand(&call, kernel)) {
        return NOT_SERVED;
    }
    if (!own_outputs(&call)) {
        return FAILED;
    }
    forget_errors(&call.kernel);
    do_work(&call);
    if (report_errors(&call.kernel) < 0) {
        drop_outputs(&call, call.nargs);
        return FAILED;
    }
    return give(&call, result);
}

int prepare_direct(void)
{
    if (PyArray_ImportNumPyAPI() < 0) {
        return -1;
    }
    return prepare_numbers() < 0 ? -1 : prepare_errors();
}
