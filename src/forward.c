#include "forward.h"
#include "modes.h"
#include <math.h>

enum { MAX_ON_STACK = 24 }; /* arguments; a call has more only by mistake */

static vectorcallfunc numpy_entry; /* the same for every ufunc */
static PyObject *reword;

void forward_to(vectorcallfunc entry)
{
    if (numpy_entry == NULL) {
        numpy_entry = entry;
    }
}

void reword_errors_with(PyObject *function) { Py_XSETREF(reword, Py_NewRef(function)); }

static Py_ssize_t count_of(PyObject *kwnames) { return kwnames == NULL ? 0 : PyTuple_GET_SIZE(kwnames); }

static PyObject *call_numpy(PyObject *ufunc, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames)
{
    struct numpy_call call;
    begin_numpy(&call, args, nargs + count_of(kwnames));
    PyObject *result = numpy_entry(ufunc, args, (size_t)nargs, kwnames);
    end_numpy(&call);
    return result;
}

/* The parameter's place among the keywords, or -1. */
static Py_ssize_t find_keyword(PyObject *kwnames, const char *name)
{
    Py_ssize_t count = count_of(kwnames);
    for (Py_ssize_t i = 0; i < count; i++) {
        if (PyUnicode_CompareWithASCIIString(PyTuple_GET_ITEM(kwnames, i), name) == 0) {
            return i;
        }
    }
    return -1;
}

static PyObject *without(PyObject *kwnames, Py_ssize_t skip)
{
    Py_ssize_t count = PyTuple_GET_SIZE(kwnames);
    PyObject *rest = PyTuple_New(count - 1);
    for (Py_ssize_t i = 0, j = 0; rest != NULL && i < count; i++) {
        if (i != skip) {
            PyTuple_SET_ITEM(rest, j++, Py_NewRef(PyTuple_GET_ITEM(kwnames, i)));
        }
    }
    return rest;
}

/* Calls NumPy with `parameter` put behind the nargs positional arguments, and keyword number `skip` left out, or none
 * where that is -1. */
static PyObject *call_with(PyObject *ufunc, PyObject *const *args, Py_ssize_t nargs, PyObject *parameter,
                           PyObject *kwnames, Py_ssize_t skip)
{
    const Py_ssize_t nkeywords = count_of(kwnames);
    PyObject *on_stack[MAX_ON_STACK], **list = on_stack;
    PyObject *result = NULL;
    PyObject *names = skip < 0 ? Py_XNewRef(kwnames) : without(kwnames, skip);
    if (names == NULL && kwnames != NULL) {
        return NULL;
    }
    if (nargs + 1 + nkeywords > MAX_ON_STACK) {
        list = PyMem_New(PyObject *, nargs + 1 + nkeywords);
        if (list == NULL) {
            PyErr_NoMemory();
            goto done;
        }
    }
    Py_ssize_t count = 0;
    for (Py_ssize_t i = 0; i < nargs; i++) {
        list[count++] = args[i];
    }
    list[count++] = parameter;
    for (Py_ssize_t i = 0; i < nkeywords; i++) {
        if (i != skip) {
            list[count++] = args[nargs + i];
        }
    }
    result = call_numpy(ufunc, list, nargs + 1, names);
    if (list != on_stack) {
        PyMem_Free(list);
    }
done:
    Py_XDECREF(names);
    return result;
}

/* The parameter is an input like the others to NumPy: it gets its place, and its default where it is left out. Wrong
 * numbers of arguments and unknown keywords are left to NumPy. */
static PyObject *place_parameter(PyObject *ufunc, const struct kernel_info *info, PyObject *const *args,
                                 Py_ssize_t nargs, PyObject *kwnames)
{
    const Py_ssize_t place = info->nin - 1;
    const Py_ssize_t keyword = info->parameter[0] == '\0' ? -1 : find_keyword(kwnames, info->parameter);

    if (keyword >= 0 && nargs > place) {
        return PyErr_Format(PyExc_TypeError, "%s() got multiple values for argument '%s'", info->name, info->parameter);
    }
    if (keyword >= 0) {
        return call_with(ufunc, args, nargs, args[nargs + keyword], kwnames, keyword);
    }
    if (nargs != place || isnan(info->standard)) {
        return call_numpy(ufunc, args, nargs, kwnames);
    }
    PyObject *standard = PyFloat_FromDouble(info->standard);
    if (standard == NULL) {
        return NULL;
    }
    PyObject *result = call_with(ufunc, args, nargs, standard, kwnames, -1);
    Py_DECREF(standard);
    return result;
}

static PyObject *tuple_of(PyObject *const *objects, Py_ssize_t count)
{
    PyObject *tuple = PyTuple_New(count);
    for (Py_ssize_t i = 0; tuple != NULL && i < count; i++) {
        PyTuple_SET_ITEM(tuple, i, Py_NewRef(objects[i]));
    }
    return tuple;
}

static PyObject *dict_of(PyObject *names, PyObject *const *values)
{
    PyObject *dict = PyDict_New();
    for (Py_ssize_t i = 0; dict != NULL && i < count_of(names); i++) {
        if (PyDict_SetItem(dict, PyTuple_GET_ITEM(names, i), values[i]) < 0) {
            Py_CLEAR(dict);
        }
    }
    return dict;
}

/* Puts NumPy's errors into terms of what the caller may give. Those that have a traceback come from the caller's own
 * code, and are left alone; so is an error that can't be put better. */
static void reword_error(PyObject *ufunc, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames)
{
    PyObject *type, *error, *traceback;
    PyErr_Fetch(&type, &error, &traceback);
    PyErr_NormalizeException(&type, &error, &traceback);
    if (reword != NULL && traceback == NULL && (type == PyExc_TypeError || type == PyExc_ValueError)) {
        PyObject *positional = tuple_of(args, nargs), *keywords = dict_of(kwnames, args + nargs), *done = NULL;
        if (positional != NULL && keywords != NULL) {
            done = PyObject_CallFunctionObjArgs(reword, error, ufunc, positional, keywords, NULL);
        }
        Py_XDECREF(positional);
        Py_XDECREF(keywords);
        Py_XDECREF(done);
        PyErr_Clear();
    }
    PyErr_Restore(type, error, traceback);
}

PyObject *forward(PyObject *ufunc, const struct kernel_info *info, PyObject *const *args, Py_ssize_t nargs,
                  PyObject *kwnames)
{
    PyObject *result = place_parameter(ufunc, info, args, nargs, kwnames);
    if (result == NULL) {
        reword_error(ufunc, args, nargs, kwnames);
    }
    return result;
}
