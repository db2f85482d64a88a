/* Dtypes that NumPy would cast in silence to one that there are kernels for, and that are refused. */
#ifndef RELU_UFUNC_TYPES_H
#define RELU_UFUNC_TYPES_H

#include <Python.h>
#include <numpy/ndarraytypes.h>
#include <numpy/ufuncobject.h>

/* Puts the check before NumPy's own choice of a loop, which it asks once for each combination of types. */
void refuse_other_types(PyUFuncObject *ufunc);

#endif
