#include "call.h"
#include "engine/copies.h"
#include "engine/dispatch.h"
#include "numbers.h"
#include "signature.h"
#include <limits.h>
#include <numpy/arrayobject.h>
#include <stddef.h>

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
    for (int i = 0; i < kernel->info->nin; i++) {
        PyArrayObject *array = as_array(call->given->operand[i]);
        if (array != NULL) {
            const int element = element_of(PyArray_DESCR(array));
            if (element == NO_ELEMENT) {
                return false;
            }
            call->descr = PyArray_DESCR(array);
            call->plan.kernel = find_kernel(kernel->isa, kernel->id, (enum element)element);
            return call->plan.kernel.loop != NULL;
        }
    }
    return false;
}

static bool number_of(const struct call *call, int input, char *to)
{
    PyObject *object = call->given->operand[input];
    const double standard = signatures[call->plan.kernel.id].standard[input];
    return object == NULL ? element_from_double(call->descr, standard, to) : element_from(call->descr, object, to);
}

/* An array of no axis is taken for the number in it. */
static bool take_inputs(struct call *call)
{
    call->plan.copies = 0;
    for (int i = 0; i < call->plan.kernel.info->nin; i++) {
        PyArrayObject *array = as_array(call->given->operand[i]);
        _Alignas(max_align_t) char number[SPLAT_BYTES];
        if (array != NULL ? !same_type(call, array) : !number_of(call, i, number)) {
            return false;
        }
        if (array != NULL && PyArray_NDIM(array) > 0) {
            call->array[i] = array;
            call->plan.data[i] = PyArray_BYTES(array);
        } else {
            call->array[i] = NULL;
            call->plan.data[i] = call->number[i];
            call->plan.copies |= 1u << i;
            splat(call->number[i], array != NULL ? PyArray_BYTES(array) : number, call->plan.kernel.size);
        }
    }
    return true;
}

static bool take_outputs(struct call *call)
{
    const int WARN_ON_WRITE = INT_MIN; /* the flag that numpy.broadcast_arrays leaves: the highest bit */
    const int nin = call->plan.kernel.info->nin, nargs = operands_of(&call->plan.kernel);
    for (int i = nin; i < nargs; i++) {
        PyObject *object = call->given->operand[i];
        PyArrayObject *array = call->array[i] = as_array(object);
        if (array != NULL) {
            if (!same_type(call, array) || !PyArray_ISWRITEABLE(array) || PyArray_CHKFLAGS(array, WARN_ON_WRITE)) {
                return false;
            }
            call->plan.data[i] = PyArray_BYTES(array);
        } else if (object != NULL) {
            return false;
        }
    }
    return true;
}

bool take_operands(struct call *call, const struct kernel *kernel)
{
    return find_type(call, kernel) && take_inputs(call) && take_outputs(call);
}
