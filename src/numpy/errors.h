/* Floating-point errors of a call, reported as numpy.errstate has it. */
#ifndef RELU_UFUNC_ERRORS_H
#define RELU_UFUNC_ERRORS_H

#include "loops/kernel.h"
#include <Python.h>

/* Before the work: errors of whoever came before are not reported. */
void forget_errors(const struct kernel *kernel);

/* After it: 0, or -1 with an exception set. */
int report_errors(const struct kernel *kernel);

#endif
