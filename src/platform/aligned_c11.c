#include "aligned.h"
#include <stdlib.h>

void *take_aligned(size_t alignment, size_t size) { return aligned_alloc(alignment, size); }
void give_aligned(void *memory) { free(memory); }
