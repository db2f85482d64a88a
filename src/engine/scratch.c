#include "scratch.h"
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>

enum { SPARES = 16, CACHE_LINE = 64, STACK = 32768 };

/* What was given back last is kept for the next call: to ask for it anew would take longer than the work of a short one. */
static struct {
    _Alignas(CACHE_LINE) _Atomic(char *) memory;
} spare[SPARES];

/* Threads are told apart by where their stacks are, so that few share one: if they do, the second asks the system. */
static _Atomic(char *) *spare_of_this_thread(void)
{
    const char here = 0;
    return &spare[(uintptr_t)&here / STACK % SPARES].memory;
}

char *take_scratch(void)
{
    char *memory = atomic_exchange_explicit(spare_of_this_thread(), NULL, memory_order_acquire);
    return memory != NULL ? memory : aligned_alloc(SPLAT_BYTES, SCRATCH_BYTES);
}

void give_scratch(char *scratch)
{
    free(atomic_exchange_explicit(spare_of_this_thread(), scratch, memory_order_acq_rel));
}
