#include "scratch.h"
#include "platform/aligned.h"
#include <stdatomic.h>
#include <stdint.h>

enum { SPARE_BITS = 4, SPARES = 1 << SPARE_BITS, LEAST_STACK = 32768 };

/* What was given back last is kept for the next call: to ask for it anew would take longer than the work of a short one. */
static struct {
    _Alignas(LINE_BYTES) _Atomic(char *) memory;
} spare[SPARES];

/* Threads are told apart by where their stacks are. These lie about the same distance apart, so the address is hashed: few
 * threads share a place, and of those that do the second asks the system. */
static _Atomic(char *) *spare_of_this_thread(void)
{
    const char here = 0;
    const uint32_t stack = (uint32_t)((uintptr_t)&here / LEAST_STACK);
    return &spare[(uint32_t)(stack * 0x9E3779B9u) >> (32 - SPARE_BITS)].memory;
}

char *take_scratch(void)
{
    char *memory = atomic_exchange_explicit(spare_of_this_thread(), NULL, memory_order_acquire);
    return memory != NULL ? memory : take_aligned(SPLAT_BYTES, SCRATCH_BYTES);
}

void give_scratch(char *scratch)
{
    give_aligned(atomic_exchange_explicit(spare_of_this_thread(), scratch, memory_order_acq_rel));
}
