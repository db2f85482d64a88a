/* The way into a ufunc: what its vectorcall slot holds in place of NumPy's own function. */
#ifndef RELU_UFUNC_ENTRY_H
#define RELU_UFUNC_ENTRY_H

#include <Python.h>

/* Puts the entry into the slot of a ufunc whose data are `struct kernel`s. 0, or -1 with an exception set. */
int install_entry(PyObject *ufunc);

#endif
