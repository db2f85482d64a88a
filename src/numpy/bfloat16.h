/* bfloat16, a type that NumPy has only from the package ml_dtypes. */
#ifndef RELU_UFUNC_BFLOAT16_H
#define RELU_UFUNC_BFLOAT16_H

#include "loops/kernel.h"
#include <Python.h>

/* Gives `ufunc` a loop for the dtype, all operands alike, and keeps the dtype of an array beside Python numbers.
 * `kernel` is kept by reference. 0, or -1 with an exception set. */
int register_bfloat16(PyObject *ufunc, PyObject *dtype, struct kernel *kernel);

#endif
