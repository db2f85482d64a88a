#include "entry.h"
#include "direct.h"
#include "forward.h"
#include "signature.h"
#include "types.h"
#include <math.h>
#include <numpy/ndarraytypes.h>
#include <numpy/ufuncobject.h>
#include <stdatomic.h>

/* The kernel of one of the element types, whichever. */
static const struct kernel *kernel_of(PyObject *ufunc) { return ((PyUFuncObject *)ufunc)->data[0]; }

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
    for (int i = 0; i < MAX_OPERANDS; i++) {
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
    return forward(ufunc, kernel, args, PyVectorcall_NARGS(nargsf), kwnames);
}

_Static_assert(_Generic(((PyUFuncObject *)0)->vectorcall, vectorcallfunc: 1, default: 0),
               "the slot of a ufunc's own entry is of another type than it was");
_Static_assert(_Generic(((PyUFuncObject *)0)->type_resolver, PyUFunc_TypeResolutionFunc *: 1, default: 0),
               "the slot of a ufunc's choice of a loop is of another type than it was");

/* Whether the ufunc is, where this library reads and writes it, what it was compiled to be. */
static bool as_compiled(PyUFuncObject *ufunc, const struct kernel *kernel)
{
    const struct kernel_info *info = kernel->info;
    return ufunc->nin == info->nin && ufunc->nout == info->nout && ufunc->nargs == operands_of(kernel) &&
           ufunc->data[0] == kernel && ufunc->name == info->name && ufunc->vectorcall != NULL &&
           ufunc->type_resolver != NULL && PyVectorcall_Function((PyObject *)ufunc) == ufunc->vectorcall;
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
    refuse_other_types(self);
    forward_to(self->vectorcall);
    self->vectorcall = entry;
    return 1;
}
