/* The one file that defines the tables of NumPy's C API: the others see them as extern. */
#undef NO_IMPORT_ARRAY
#undef NO_IMPORT_UFUNC
#include "api.h"
#include <numpy/arrayobject.h>
#include <numpy/ufuncobject.h>

/* These look at NumPy's version each time. PyArray_ImportNumPyAPI returns early once there is a table, even that of a NumPy which it
 * has refused. */
int import_numpy(void) { return _import_array() < 0 ? -1 : _import_umath(); }
