#define _GNU_SOURCE /* sched_getcpu, CPU_CLR */
#include "placement.h"
#include <sched.h>

void keep_off_own_processor(struct placement *last, const pthread_t *threads, int count)
{
    const int own = sched_getcpu();
    cpu_set_t others;
    if (own < 0 || own >= CPU_SETSIZE || (own == last->avoided && count <= last->told) ||
        pthread_getaffinity_np(pthread_self(), sizeof others, &others) != 0) {
        return;
    }
    CPU_CLR((size_t)own, &others);
    if (CPU_COUNT(&others) == 0) {
        return;
    }
    for (int i = 0; i < count; i++) {
        pthread_setaffinity_np(threads[i], sizeof others, &others);
    }
    *last = (struct placement){.avoided = own, .told = count};
}
