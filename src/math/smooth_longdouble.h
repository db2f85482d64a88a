/* The smooth functions of long double: plain C, as good as the C library's. */
#include "hard_longdouble.h"
