/* The floating-point modes of a call that goes through NumPy. What NumPy converts (numbers, lists, arrays of another type)
 * is rounded as Python runs, to nearest and with subnormal numbers kept: the same number is the same operand, whatever
 * the modes of the caller. The kernels compute in those. */
#ifndef RELU_UFUNC_MODES_H
#define RELU_UFUNC_MODES_H

#include "platform/fpu.h"
#include <Python.h>
#include <stdbool.h>

struct numpy_call {
    struct fpu_modes modes; /* of the caller, where they are not Python's own */
    bool changed;
    bool noted; /* that the kernels' modes are those of this call, not of the one around it */
    const struct fpu_modes *outer;
};

/* Before and after NumPy is called with these arguments. Where one of them overrides ufuncs, its code is to find the modes
 * as they were: they stay. */
void begin_numpy(struct numpy_call *call, PyObject *const *arguments, Py_ssize_t count);
void end_numpy(const struct numpy_call *call);

/* Sets the caller's modes for a kernel that NumPy calls, to be undone by fpu_change_modes(numpys). False where they hold
 * already. */
bool change_to_callers_modes(struct fpu_modes *numpys);

/* 0, or -1 with an exception set */
int prepare_modes(void);

#endif
