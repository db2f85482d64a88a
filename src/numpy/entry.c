#include "entry.h"
#include "direct.h"
#include "signature.h"
#include <math.h>
#include <numpy/ndarraytypes.h>
#include <numpy/ufuncobject.h>
#include <stdatomic.h>

enum { MAX_ON_STACK = 24 }; /* arguments; a call has more only by mistake */

static vectorcallfunc numpy_entry; /* the same for every ufunc */

/* The kernel of one of the element types, whichever. */
static const struct kernel *kernel_of(PyObject *ufunc) { return ((PyUFuncObject *)ufunc)->data[0]; }

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
            list->item[i] = PyFloat_FromDouble(signature->standard[i]);
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

/* Parameters are inputs like the others to NumPy. Wrong numbers of arguments and unknown keywords are left to it. */
static PyObject *forward(PyObject *ufunc, PyObject *const *args, size_t nargsf, PyObject *kwnames)
{
    const struct kernel *kernel = kernel_of(ufunc);
    const Py_ssize_t nargs = PyVectorcall_NARGS(nargsf), nkeywords = kwnames == NULL ? 0 : PyTuple_GET_SIZE(kwnames);
    const bool complete = nargs >= kernel->info->nin && nkeywords == 0;
    if (complete || nargs + nkeywords + MAX_INPUTS > MAX_ON_STACK) {
        return numpy_entry(ufunc, args, nargsf, kwnames);
    }
    struct list list = {.kwnames = NULL};
    PyObject *result = NULL;
    if (fill(&list, kernel, args, nargs, kwnames)) {
        result = numpy_entry(ufunc, list.item, (size_t)list.nargs, list.kwnames);
    }
    clear(&list);
    return result;
}

/* The keyword of a direct call, interned as those of a call's source are. */
static PyObject *out_keyword;

/* The outputs given as out=: one, or a tuple of as many as there are; None asks for a new one. */
static bool take_out(const struct kernel_info *info, PyObject *out, PyObject **operand)
{
    const bool tuple = PyTuple_CheckExact(out);
    if (tuple ? PyTuple_GET_SIZE(out) != info->nout : info->nout != 1) {
        return false;
    }
    for (int i = 0; i < info->nout; i++) {
        operand[info->nin + i] = tuple ? PyTuple_GET_ITEM(out, i) : out;
    }
    return true;
}

/* Puts each argument in its place. False where that is not plain, or where NumPy has to make an exception of it. */
static bool sort_arguments(const struct kernel *kernel, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames,
                           struct arguments *sorted)
{
    const struct kernel_info *info = kernel->info;
    const Py_ssize_t nkeywords = kwnames == NULL ? 0 : PyTuple_GET_SIZE(kwnames);
    const int operands = operands_of(kernel);
    PyObject **operand = sorted->operand;
    if (nargs > operands) {
        return false;
    }
    for (int i = 0; i < operands; i++) {
        operand[i] = i < nargs ? args[i] : NULL;
    }
    for (Py_ssize_t i = 0; i < nkeywords; i++) {
        PyObject *keyword = PyTuple_GET_ITEM(kwnames, i), *value = args[nargs + i];
        if (keyword == out_keyword && nargs <= info->nin) {
            if (!take_out(info, value, operand)) {
                return false;
            }
        } else {
            const int input = find_parameter(kernel, keyword);
            if (input < 0 || operand[input] != NULL) {
                return false;
            }
            operand[input] = value;
        }
    }
    for (int i = 0; i < info->nin; i++) {
        if (operand[i] == NULL && isnan(signatures[kernel->id].standard[i])) {
            return false;
        }
    }
    for (int i = info->nin; i < operands; i++) {
        operand[i] = operand[i] == Py_None ? NULL : operand[i];
    }
    return true;
}

static atomic_bool direct = true;
static atomic_size_t served;

bool serve_directly(bool wish) { return atomic_exchange(&direct, wish); }
bool serves_directly(void) { return atomic_load(&direct); }
size_t calls_served(void) { return atomic_load(&served); }

/* Not an atomic increment: that would take longer than all else in a short call, for a figure of the tests. */
static void count_served(void)
{
    atomic_store_explicit(&served, atomic_load_explicit(&served, memory_order_relaxed) + 1, memory_order_relaxed);
}

static PyObject *entry(PyObject *ufunc, PyObject *const *args, size_t nargsf, PyObject *kwnames)
{
    const struct kernel *kernel = kernel_of(ufunc);
    struct arguments sorted;
    PyObject *result = NULL;
    if (atomic_load_explicit(&direct, memory_order_relaxed) &&
        sort_arguments(kernel, args, PyVectorcall_NARGS(nargsf), kwnames, &sorted)) {
        const enum served answer = serve(kernel, &sorted, &result);
        if (answer != NOT_SERVED) {
            count_served();
            return result;
        }
    }
    return forward(ufunc, args, nargsf, kwnames);
}

_Static_assert(_Generic(((PyUFuncObject *)0)->vectorcall, vectorcallfunc: 1, default: 0),
               "the slot of a ufunc's own entry is of another type than it was");

/* Whether the ufunc is, where this library reads and writes it, what it was compiled to be. */
static bool as_compiled(PyUFuncObject *ufunc, const struct kernel *kernel)
{
    const struct kernel_info *info = kernel->info;
    return ufunc->nin == info->nin && ufunc->nout == info->nout && ufunc->nargs == operands_of(kernel) &&
           ufunc->data[0] == kernel && ufunc->name == info->name && ufunc->vectorcall != NULL &&
           PyVectorcall_Function((PyObject *)ufunc) == ufunc->vectorcall;
}

int install_entry(PyObject *ufunc, const struct kernel *kernel)
{
    PyUFuncObject *self = (PyUFuncObject *)ufunc;
    if (!as_compiled(self, kernel)) {
        return 0;
    }
    if (out_keyword == NULL && (out_keyword = PyUnicode_InternFromString("out")) == NULL) {
        return -1;
    }
    if (numpy_entry == NULL) {
        numpy_entry = self->vectorcall;
    }
    self->vectorcall = entry;
    return 1;
}
