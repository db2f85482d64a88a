#define _POSIX_C_SOURCE 199309L /* clock_gettime, which -std=c11 hides */
#include "clock.h"
#include <time.h>

int64_t clock_ns(void)
{
    struct timespec now;
#ifdef CLOCK_MONOTONIC
    clock_gettime(CLOCK_MONOTONIC, &now);
#else
    timespec_get(&now, TIME_UTC);
#endif
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}
