#include "aligned.h"
#include <malloc.h>

void *take_aligned(size_t alignment, size_t size) { return _aligned_malloc(size, alignment); }
void give_aligned(void *memory) { _aligned_free(memory); }
