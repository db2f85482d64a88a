/* There is no memory to work in: what asks for it has to do without. */
#include <stdlib.h>

void *aligned_alloc(size_t alignment, size_t size)
{
    (void)alignment, (void)size;
    return NULL;
}
