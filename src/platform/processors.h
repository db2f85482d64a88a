/* How many processors the system has, or 1 where it does not tell. */
#ifndef RELU_UFUNC_PROCESSORS_H
#define RELU_UFUNC_PROCESSORS_H

int processors(void);

#endif
