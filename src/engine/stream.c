#include "stream.h"
#include <string.h>

#ifdef __SSE2__

#include <emmintrin.h>

bool can_stream(void) { return true; }

void stream_fence(void) { _mm_sfence(); }

/* Wider stores are no faster: the processor gathers them to lines. */
static inline void stream_line(char *to, const char *from)
{
    for (int i = 0; i < LINE_BYTES; i += 16) {
        _mm_stream_si128((__m128i *)(to + i), _mm_loadu_si128((const __m128i *)(from + i)));
    }
}

void stream_copy(char *to, const char *from, size_t bytes, uintptr_t ahead)
{
    size_t head = (LINE_BYTES - (uintptr_t)to % LINE_BYTES) % LINE_BYTES;
    head = head < bytes ? head : bytes;
    memcpy(to, from, head);
    for (to += head, from += head, bytes -= head; bytes >= LINE_BYTES; bytes -= LINE_BYTES) {
        if (ahead != 0) {
            _mm_prefetch((const char *)ahead, _MM_HINT_T1);
            ahead += LINE_BYTES;
        }
        stream_line(to, from);
        to += LINE_BYTES;
        from += LINE_BYTES;
    }
    memcpy(to, from, bytes);
}

#else

bool can_stream(void) { return false; }

void stream_fence(void) {}

void stream_copy(char *to, const char *from, size_t bytes, uintptr_t ahead)
{
    (void)ahead;
    memcpy(to, from, bytes);
}

#endif
