/* The one file that defines the tables of NumPy's C API: the others see them as extern. */
#undef NO_IMPORT_ARRAY
#undef NO_IMPORT_UFUNC
#include "api.h"
#include <numpy/arrayobject.h>
#include <numpy/ufuncobject.h>

/* By these, as the others look no further once there is a table, which is also that of a NumPy they have refused. */
int import_numpy(void) { return _import_array() < 0 ? -1 : _import_umath(); }
