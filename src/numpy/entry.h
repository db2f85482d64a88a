/* The way into a ufunc: what its vectorcall slot holds in place of NumPy's own function. */
#ifndef RELU_UFUNC_ENTRY_H
#define RELU_UFUNC_ENTRY_H

#include "loops/kernel.h"
#include <Python.h>

/* Puts the entry into the slot of a ufunc whose data are `struct kernel`s, of which this is the first. 1; 0 where this
 * NumPy's ufuncs are not what they were when this was compiled, and the ufunc is left as it was; or -1 with an exception
 * set. */
int install_entry(PyObject *ufunc, const struct kernel *kernel);

/* Whether calls are served without NumPy where they can be; returns what held before. */
bool serve_directly(bool wish);
bool serves_directly(void);

/* How many calls have been served without NumPy; with several threads, about. */
size_t calls_served(void);

#endif
