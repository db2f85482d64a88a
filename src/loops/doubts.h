/* How many elements fast parts have left in doubt, for `relu-ufunc check`, which reports it. */
#ifndef RELU_UFUNC_DOUBTS_H
#define RELU_UFUNC_DOUBTS_H

#include <stddef.h>

extern _Thread_local size_t doubts_settled; /* by this thread, which may set it to 0 */

#endif
