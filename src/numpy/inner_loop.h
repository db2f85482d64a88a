/* NumPy's view of the kernels: its type numbers, and the inner loop that all ufuncs share. */
#ifndef RELU_UFUNC_INNER_LOOP_H
#define RELU_UFUNC_INNER_LOOP_H

#include "loops/kernel.h"
#include <Python.h>
#include <numpy/npy_common.h>

/* NumPy's types in the order in which a ufunc is to try them, with the element that each one is. */
struct loop_type {
    int typenum;
    enum element element;
};

extern const struct loop_type loop_types[];
extern const int loop_type_count;

/* A PyUFuncGenericFunction; data is the struct kernel. */
void inner_loop(char **args, npy_intp const *dimensions, npy_intp const *steps, void *data);

#endif
