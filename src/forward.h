/* A call that goes on to NumPy: with the parameter in its place, and numbers converted alike in every floating-point
 * mode. */
#ifndef RELU_UFUNC_FORWARD_H
#define RELU_UFUNC_FORWARD_H

#include "kernel.h"
#include <Python.h>

/* As a vectorcall of the ufunc. */
PyObject *forward(PyObject *ufunc, const struct kernel_info *info, PyObject *const *args, Py_ssize_t nargs,
                  PyObject *kwnames);

/* Tells NumPy's own entry into ufuncs. */
void forward_to(vectorcallfunc entry);

#endif
