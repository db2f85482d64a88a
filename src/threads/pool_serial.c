#include "pool.h"

const char pool_kind[] = "serial";

void pool_init(int cpus) { (void)cpus; }

void pool_run(pool_work *work, void *context, size_t pieces, int threads)
{
    (void)threads;
    for (size_t piece = 0; piece < pieces; piece++) {
        work(context, piece);
    }
}

void pool_stop(void) {}
