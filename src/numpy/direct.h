/* A ufunc call served without NumPy's machinery: arrays of one type, as they are most often. */
#ifndef RELU_UFUNC_DIRECT_H
#define RELU_UFUNC_DIRECT_H

#include "loops/kernel.h"
#include <Python.h>

/* The operands of a call, as they were given. NULL is a parameter that is left out, and an output that is to be
 * made. */
struct arguments {
    PyObject *operand[MAX_OPERANDS];
};

enum served { NOT_SERVED, SERVED, FAILED }; /* FAILED: an exception is set */

/* Serves the call if its operands are exact arrays of one native type that need no cast, and whose outputs lie apart from
 * the rest or exactly on an input; inputs may also be numbers, all except one. kernel is that of any element. Where it is not served, nothing has been done. */
enum served serve(const struct kernel *kernel, const struct arguments *arguments, PyObject **result);

#endif
