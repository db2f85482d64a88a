/* bfloat16, a type that NumPy has only from the package ml_dtypes. */
#ifndef RELU_UFUNC_BFLOAT16_H
#define RELU_UFUNC_BFLOAT16_H

#include "loops/kernel.h"
#include <Python.h>

/* Gives `ufunc` a loop for the dtype, all operands alike, and keeps the dtype of an array beside Python numbers.
 * `kernel` is kept by reference. 0, or -1 with an exception set: NumPy takes no loop twice, so `done` counts the steps
 * from 0 on, and another call goes on where the last one has failed. */
int register_bfloat16(PyObject *ufunc, PyObject *dtype, struct kernel *kernel, int *done);

#endif
