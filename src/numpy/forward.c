#include "forward.h"
#include "modes.h"
#include "signature.h"
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

/* The arguments of a call as NumPy takes them: all inputs by position, defaults included. Owns what it holds. */
struct list {
    PyObject *item[MAX_ON_STACK];
    Py_ssize_t nargs, count; /* by position; in all */
    PyObject *kwnames;       /* of those by keyword, or NULL */
};

static void append(struct list *list, PyObject *item) { list->item[list->count++] = Py_XNewRef(item); }

static void clear(struct list *list)
{
    for (Py_ssize_t i = 0; i < list->count; i++) {
        Py_XDECREF(list->item[i]);
    }
    Py_XDECREF(list->kwnames);
}

/* Puts the parameters that are given by keyword among the inputs; `taken` says which keywords those are. */
static bool take_parameters(const struct kernel *kernel, PyObject *const *values, PyObject *kwnames, struct list *list,
                            bool *taken)
{
    const Py_ssize_t nkeywords = PyTuple_GET_SIZE(kwnames);
    for (Py_ssize_t i = 0; i < nkeywords; i++) {
        PyObject *name = PyTuple_GET_ITEM(kwnames, i);
        const int input = find_parameter(kernel, name);
        taken[i] = input >= 0;
        if (taken[i] && list->item[input] != NULL) {
            PyErr_Format(PyExc_TypeError, "%s() got multiple values for argument '%U'", kernel->info->name, name);
            return false;
        }
        if (taken[i]) {
            list->item[input] = Py_NewRef(values[i]);
        }
    }
    return true;
}

/* Gives the parameters that are left out their defaults. */
static bool fill_in_defaults(const struct kernel *kernel, struct list *list)
{
    const struct signature *signature = &signatures[kernel->id];
    for (int i = 0; i < kernel->info->nin; i++) {
        if (list->item[i] == NULL && !isnan(signature->standard[i])) {
            const double standard = signature->standard[i];
            list->item[i] = signature->whole[i] ? PyLong_FromDouble(standard) : PyFloat_FromDouble(standard);
            if (list->item[i] == NULL) {
                return false;
            }
        }
    }
    return true;
}

/* Appends the keywords that are not taken, with their values. */
static bool append_keywords(struct list *list, PyObject *const *values, PyObject *kwnames, const bool *taken)
{
    const Py_ssize_t nkeywords = PyTuple_GET_SIZE(kwnames);
    Py_ssize_t left = 0;
    for (Py_ssize_t i = 0; i < nkeywords; i++) {
        left += !taken[i];
    }
    list->kwnames = PyTuple_New(left);
    if (list->kwnames == NULL) {
        return false;
    }
    for (Py_ssize_t i = 0, at = 0; i < nkeywords; i++) {
        if (!taken[i]) {
            PyTuple_SET_ITEM(list->kwnames, at++, Py_NewRef(PyTuple_GET_ITEM(kwnames, i)));
            append(list, values[i]);
        }
    }
    return true;
}

/* Leaves out what stands behind an input that is missing: NumPy says so. */
static void end_at_missing(struct list *list, int nin)
{
    int present = 0;
    while (present < nin && list->item[present] != NULL) {
        present++;
    }
    while (present < nin && list->count > present) {
        Py_XDECREF(list->item[--list->count]);
    }
}

static bool fill(struct list *list, const struct kernel *kernel, PyObject *const *args, Py_ssize_t nargs,
                 PyObject *kwnames)
{
    const int nin = kernel->info->nin;
    bool taken[MAX_ON_STACK];
    for (int i = 0; i < nin; i++) {
        append(list, i < nargs ? args[i] : NULL);
    }
    if ((kwnames != NULL && !take_parameters(kernel, args + nargs, kwnames, list, taken)) ||
        !fill_in_defaults(kernel, list)) {
        return false;
    }
    for (Py_ssize_t i = nin; i < nargs; i++) {
        append(list, args[i]);
    }
    end_at_missing(list, nin);
    list->nargs = list->count;
    return kwnames == NULL || append_keywords(list, args + nargs, kwnames, taken);
}

static bool names_parameter(const struct kernel *kernel, PyObject *kwnames)
{
    for (Py_ssize_t i = 0; i < count_of(kwnames); i++) {
        if (find_parameter(kernel, PyTuple_GET_ITEM(kwnames, i)) >= 0) {
            return true;
        }
    }
    return false;
}

/* Parameters are inputs like the others to NumPy. Wrong numbers of arguments and unknown keywords are left to it. */
static PyObject *call_with_parameters(PyObject *ufunc, const struct kernel *kernel, PyObject *const *args,
                                      Py_ssize_t nargs, PyObject *kwnames)
{
    const bool complete = nargs >= kernel->info->nin && !names_parameter(kernel, kwnames);
    if (complete || nargs + count_of(kwnames) + MAX_INPUTS > MAX_ON_STACK) {
        return call_numpy(ufunc, args, nargs, kwnames);
    }
    struct list list = {.kwnames = NULL};
    PyObject *result = NULL;
    if (fill(&list, kernel, args, nargs, kwnames)) {
        result = call_numpy(ufunc, list.item, list.nargs, list.kwnames);
    }
    clear(&list);
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

PyObject *forward(PyObject *ufunc, const struct kernel *kernel, PyObject *const *args, Py_ssize_t nargs,
                  PyObject *kwnames)
{
    PyObject *result = call_with_parameters(ufunc, kernel, args, nargs, kwnames);
    if (result == NULL) {
        reword_error(ufunc, args, nargs, kwnames);
    }
    return result;
}
