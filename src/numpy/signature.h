/* What the inputs of a ufunc are called, and which of them may be left out. */
#ifndef RELU_UFUNC_SIGNATURE_H
#define RELU_UFUNC_SIGNATURE_H

#include "loops/kernel.h"
#include <Python.h>

struct signature {
    int positional;              /* so many inputs are given by position alone; those behind them are parameters */
    PyObject *name[MAX_INPUTS];  /* of the parameters, interned as the keywords of a call's source are */
    double standard[MAX_INPUTS]; /* the default of a parameter; NAN where it may not be left out */
    bool whole[MAX_INPUTS];      /* whether the default is a Python int, which integer arrays take as well */
};

extern struct signature signatures[KERNEL_COUNT];

/* Takes the names of the parameters of a kernel, and their defaults, None where there is none: two tuples of one length. 0,
 * or -1 with an exception set. */
int set_signature(enum kernel_id id, PyObject *names, PyObject *defaults);

/* The number of the input that is the parameter of this name, or -1. */
int find_parameter(const struct kernel *kernel, PyObject *name);

#endif
