#include "pool.h"
#include <stdatomic.h>

/* Relaxed: a number of its own, which publishes nothing else. */
static atomic_int threads_allowed = 1;

int pool_get_threads(void) { return atomic_load_explicit(&threads_allowed, memory_order_relaxed); }

int pool_set_threads(int threads) { return atomic_exchange_explicit(&threads_allowed, threads, memory_order_relaxed); }
