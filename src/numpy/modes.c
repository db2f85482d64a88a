#include "modes.h"
#include <numpy/arrayobject.h>
#include <stdatomic.h>

/* Those of the innermost call that NumPy is serving in this thread; NULL where they are as they were, or no call is
 * served. */
static _Thread_local const struct fpu_modes *callers;

/* The calls, of all threads, that NumPy is serving in other modes than their callers'. Almost always 0; reading it is cheaper
 * than reading a thread-local. */
static atomic_int changed_calls;

static bool any_changed(void) { return atomic_load_explicit(&changed_calls, memory_order_relaxed) != 0; }

static const char HOOK[] = "__array_ufunc__";
static PyObject *arrays_hook; /* that of ndarray, which overrides nothing */

int prepare_modes(void)
{
    arrays_hook = PyObject_GetAttrString((PyObject *)&PyArray_Type, HOOK);
    return arrays_hook == NULL ? -1 : 0;
}

/* Whether the type of an argument may take over the call; NumPy looks more closely. */
static bool overrides(PyObject *argument)
{
    PyObject *hook = PyObject_GetAttrString((PyObject *)Py_TYPE(argument), HOOK);
    PyErr_Clear();
    const bool own = hook != NULL && hook != arrays_hook;
    Py_XDECREF(hook);
    return own;
}

static bool any_overrides(PyObject *const *arguments, Py_ssize_t count)
{
    for (Py_ssize_t i = 0; i < count; i++) {
        PyObject *argument = arguments[i];
        if (overrides(argument)) {
            return true;
        }
        for (Py_ssize_t k = 0; PyTuple_CheckExact(argument) && k < PyTuple_GET_SIZE(argument); k++) { /* outputs */
            if (overrides(PyTuple_GET_ITEM(argument, k))) {
                return true;
            }
        }
    }
    return false;
}

void begin_numpy(struct numpy_call *call, PyObject *const *arguments, Py_ssize_t count)
{
    call->changed = fpu_change_to_default(&call->modes);
    if (call->changed && any_overrides(arguments, count)) {
        fpu_change_modes(&call->modes);
        call->changed = false;
    }
    call->noted = call->changed || any_changed();
    if (call->noted) {
        call->outer = callers;
        callers = call->changed ? &call->modes : NULL;
    }
    if (call->changed) {
        atomic_fetch_add(&changed_calls, 1);
    }
}

void end_numpy(const struct numpy_call *call)
{
    if (call->noted) {
        callers = call->outer;
    }
    if (call->changed) {
        atomic_fetch_sub(&changed_calls, 1);
        fpu_change_modes(&call->modes);
    }
}

bool change_to_callers_modes(struct fpu_modes *numpys)
{
    const struct fpu_modes *modes = any_changed() ? callers : NULL;
    if (modes == NULL) {
        return false;
    }
    fpu_get_modes(numpys);
    fpu_change_modes(modes);
    return true;
}
