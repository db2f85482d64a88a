#include "pool.h"

const char pool_kind[] = "serial";
const int pool_most_threads = 1;

void pool_init(int cpus) { (void)cpus; }

void pool_run(pool_work *work, void *context, size_t units, int threads)
{
    (void)threads;
    work(context, 0, units);
}

int pool_awake(void) { return 1; }

void pool_stop(void) {}

void pool_set_core(int cpu, int first) { (void)cpu, (void)first; }

void pool_set_default(int most, bool by_cores) { (void)most, (void)by_cores; }

int pool_default_threads(void) { return 1; }

int pool_get_threads(void) { return 1; }

int pool_threads_set(void) { return 1; }

int pool_set_threads(int threads)
{
    (void)threads;
    return 1;
}
