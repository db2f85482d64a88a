#include "placement.h"
#include "pool.h"
#include <stdatomic.h>

/* Relaxed: numbers of their own, which publish nothing else. */
static atomic_int threads_set; /* 0: the default */
static atomic_int default_most = 1;
static atomic_bool default_by_cores;

static int clamped(int threads, int least)
{
    return threads < least ? least : threads < pool_most_threads ? threads : pool_most_threads;
}

void pool_set_core(int cpu, int first) { set_first_on_core(cpu, first); }

void pool_set_default(int most, bool by_cores)
{
    atomic_store_explicit(&default_most, clamped(most, 1), memory_order_relaxed);
    atomic_store_explicit(&default_by_cores, by_cores, memory_order_relaxed);
}

int pool_default_threads(void)
{
    const int most = atomic_load_explicit(&default_most, memory_order_relaxed);
    if (most == 1 || !atomic_load_explicit(&default_by_cores, memory_order_relaxed)) {
        return most;
    }
    const int cores = cores_allowed(most);
    return cores < most ? cores : most;
}

int pool_threads_set(void) { return atomic_load_explicit(&threads_set, memory_order_relaxed); }

int pool_get_threads(void)
{
    const int set = pool_threads_set();
    return set > 0 ? set : pool_default_threads();
}

int pool_set_threads(int threads)
{
    return atomic_exchange_explicit(&threads_set, clamped(threads, 0), memory_order_relaxed);
}
