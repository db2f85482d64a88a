/* The one file that defines the tables of NumPy's C API: the others see them as extern. */
#undef NO_IMPORT_ARRAY
#undef NO_IMPORT_UFUNC
#include "api.h"
#include <numpy/arrayobject.h>
#include <numpy/ufuncobject.h>

int import_numpy(void) { return PyArray_ImportNumPyAPI() < 0 ? -1 : PyUFunc_ImportUFuncAPI(); }
