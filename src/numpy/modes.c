#include "modes.h"
#include <numpy/arrayobject.h>

/* Those of the innermost call that NumPy is serving in this thread; NULL where they are Python's, or no call is served. */
static _Thread_local const struct fpu_modes *callers;

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
    for (Py_ssize_t i = 0; PyTuple_CheckExact(argument) && i < PyTuple_GET_SIZE(argument); i++) { /* outputs */
        if (overrides(PyTuple_GET_ITEM(argument, i))) {
            return true;
        }
    }
    PyObject *hook = PyObject_GetAttrString((PyObject *)Py_TYPE(argument), HOOK);
    PyErr_Clear();
    const bool own = hook != NULL && hook != arrays_hook;
    Py_XDECREF(hook);
    return own;
}

void begin_numpy(struct numpy_call *call, PyObject *const *arguments, Py_ssize_t count)
{
    call->outer = callers;
    callers = NULL;
    if (!fpu_change_to_default(&call->modes)) {
        return;
    }
    for (Py_ssize_t i = 0; i < count; i++) {
        if (overrides(arguments[i])) {
            fpu_change_modes(&call->modes);
            return;
        }
    }
    callers = &call->modes;
}

void end_numpy(const struct numpy_call *call)
{
    if (callers != NULL) {
        fpu_change_modes(callers);
    }
    callers = call->outer;
}

bool change_to_callers_modes(struct fpu_modes *numpys)
{
    const struct fpu_modes *modes = callers;
    if (modes == NULL) {
        return false;
    }
    fpu_get_modes(numpys);
    fpu_change_modes(modes);
    return true;
}
