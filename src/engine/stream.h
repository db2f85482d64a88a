/* Stores that go past the caches to memory, for outputs that no cache holds: a cache line written whole need not be
 * read first. And requests for what is read next. */
#ifndef RELU_UFUNC_STREAM_H
#define RELU_UFUNC_STREAM_H

#include "sizes.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Whether this processor has such stores. */
bool can_stream(void);

/* memcpy to where no cache is to remember it. Lines that are written in part only, at both ends, go the common way. With
 * each line goes a request for one from `ahead` on, for the second-level cache, unless that is 0; no memory need be there. */
void stream_copy(char *to, const char *from, size_t bytes, uintptr_t ahead);

/* Puts what was streamed before whatever this thread stores next. */
void stream_fence(void);

#endif
