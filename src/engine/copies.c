#include "copies.h"
#include <string.h>

static inline void repeat(char *to, const char *value, size_t size)
{
    for (size_t at = 0; at + size <= SPLAT_BYTES; at += size) {
        memcpy(to + at, value, size);
    }
}

void splat(char *to, const char *value, size_t size)
{
    switch (size) { /* a constant in each case: one move, or one vector */
        case 1: repeat(to, value, 1); break;
        case 2: repeat(to, value, 2); break;
        case 4: repeat(to, value, 4); break;
        case 8: repeat(to, value, 8); break;
        default: repeat(to, value, size);
    }
}
