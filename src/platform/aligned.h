/* Memory that begins at a multiple of a power of two, at least that of a pointer; NULL where there is none. */
#ifndef RELU_UFUNC_ALIGNED_H
#define RELU_UFUNC_ALIGNED_H

#include <stddef.h>

void *take_aligned(size_t alignment, size_t size);
void give_aligned(void *memory);

#endif
