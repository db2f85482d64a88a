/* Outputs, and the memory of freed ones for the next: what stands behind relu_ufunc.recycle_outputs. */
#ifndef RELU_UFUNC_RECYCLE_H
#define RELU_UFUNC_RECYCLE_H

#include <Python.h>
#include <numpy/ndarraytypes.h>
#include <stdbool.h>
#include <stddef.h>

/* An uninitialised ndarray, as PyArray_NewFromDescr makes it: `descr` is stolen, `strides` may be NULL for C order. A
 * large one gets recycled memory where a recycler is in use. It holds what another array has left there, of which
 * `recycled` tells: the caller writes every element before anyone else can see the array, or drops it. */
PyObject *new_output(PyArray_Descr *descr, int ndim, const npy_intp *shape, const npy_intp *strides, bool *recycled);

/* Once, before all else: the context variable that names the recycler in use, or NULL with an exception set. The domain
 * is numpy.lib.tracemalloc_domain. */
PyObject *init_recycling(unsigned tracemalloc_domain);

/* A recycler that keeps at most max_bytes of freed memory. It is in use where the context variable is set to it. */
PyObject *open_recycler(size_t max_bytes);

/* Frees what it keeps, and has it keep nothing from now on. Arrays on its memory stay as they are. */
void close_recycler(PyObject *recycler);

#endif
