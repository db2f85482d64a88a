/* NumPy's C API, which all files of this folder share. */
#ifndef RELU_UFUNC_API_H
#define RELU_UFUNC_API_H

/* To be called before anything else here. 0, or -1 with an exception set. */
int import_numpy(void);

#endif
