/* A call that goes on to NumPy: with its parameters in their places, numbers converted alike in every floating-point mode, and
 * errors in terms of what the caller may give. */
#ifndef RELU_UFUNC_FORWARD_H
#define RELU_UFUNC_FORWARD_H

#include "loops/kernel.h"
#include <Python.h>

/* As a vectorcall of the ufunc. */
PyObject *forward(PyObject *ufunc, const struct kernel *kernel, PyObject *const *args, Py_ssize_t nargs,
                  PyObject *kwnames);

/* Tells NumPy's own entry into ufuncs. */
void forward_to(vectorcallfunc entry);

/* function(error, ufunc, args, kwargs) changes the message of an error that NumPy raised, or leaves it. */
void reword_errors_with(PyObject *function);

#endif
