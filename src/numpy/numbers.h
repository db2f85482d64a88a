/* NumPy's types and Python's numbers in terms of elements. */
#ifndef RELU_UFUNC_NUMBERS_H
#define RELU_UFUNC_NUMBERS_H

#include <Python.h>
#include <numpy/ndarraytypes.h>
#include <stdbool.h>

enum { NO_ELEMENT = -1 };

/* The enum element of a type in this machine's byte order, or NO_ELEMENT. */
int element_of(PyArray_Descr *descr);

/* Whether another package has registered the type with NumPy, and this one knows nothing of it. */
bool is_foreign(PyArray_Descr *descr);

/* Writes a number as NumPy converts it. False, and no exception, where that takes a warning, an exception or another
 * type of array. */
bool element_from(PyArray_Descr *descr, PyObject *object, char *to);
bool element_from_double(PyArray_Descr *descr, double value, char *to);

/* Tells that the type of this number is bfloat16, once it is registered with every ufunc. */
void add_bfloat16_typenum(int typenum);

/* To be called before all others. */
void prepare_numbers(void);

#endif
