/* A cache that is reported need not be the process's own: where a last-level cache is shared with others, what does not fit
 * into the second level is in memory, and past the caches is the shorter way. Elsewhere the last level holds it. The trial
 * copies twice as much as the second level holds, either way in turn, some times in a row: one turn each told of
 * neighbours as often as of the machine.
 *
 * A trial that was disturbed, so that it ran out of time or streaming seems to take thrice as long, is made again, twice at
 * the most.
 *
 * Past the caches is also slower for who reads the output next, so it has to be faster by a tenth. */
#include "streaming.h"
#include "cost.h"
#include "dispatch.h"
#include "overlap.h"
#include "platform/clock.h"
#include "plane.h"
#include "sizes.h"
#include "stream.h"
#include <stdatomic.h>
#include <stdint.h>

enum { OWN_CACHES = 2, TRIAL_RUNS = 2, TRIAL_TURNS = 6, TRIAL_NS = 1800000, MOST_TRIES = 3 };
static const double FASTER = 0.9, DISTURBED = 3;

/* Relaxed: numbers of their own, which publish nothing else. */
static atomic_size_t streaming_threshold = SIZE_MAX;
static atomic_int tries;
static _Atomic float ratio; /* 0 where unknown */
static atomic_uint pages = 1;

size_t get_streaming_threshold(void) { return atomic_load_explicit(&streaming_threshold, memory_order_relaxed); }

void set_streaming_threshold(size_t bytes)
{
    atomic_store_explicit(&streaming_threshold, can_stream() ? bytes : SIZE_MAX, memory_order_relaxed);
}

unsigned streamed_pages(void) { return atomic_load_explicit(&pages, memory_order_relaxed); }

void set_streamed_pages(unsigned count) { atomic_store_explicit(&pages, count, memory_order_relaxed); }

double streaming_ratio(void) { return (double)atomic_load_explicit(&ratio, memory_order_relaxed); }

bool may_stream(size_t bytes)
{
    const size_t threshold = get_streaming_threshold();
    return threshold == LEARNED_THRESHOLD ? bytes * MAX_OPERANDS >= OWN_CACHES * own_cache() : bytes >= threshold;
}

/* The trial */

/* The call's own input, and the first output, which will be written over: no memory has to be had. */
static bool can_try(const struct plan *plan)
{
    const ptrdiff_t size = (ptrdiff_t)plan->kernel.size, *stride = plan->stride[0];
    return is_learning() && plan->naxes == 1 && stride[0] == size && stride[plan->kernel.info->nin] == size &&
           plan->kernel.element != ELEMENT_longdouble;
}

static double fastest_copy(const struct kernel *copy, char *const *data, size_t n, bool stream, int64_t end)
{
    const ptrdiff_t along[MAX_OPERANDS] = {(ptrdiff_t)copy->size, (ptrdiff_t)copy->size};
    const struct plane plane = single_row(n, along, stream ? streamed_pages() : 0);
    double fastest = 0;
    int64_t begin = clock_ns();
    for (int run = 0; run < TRIAL_RUNS && begin < end; run++) {
        run_plane(copy, &plane, data);
        const int64_t now = clock_ns();
        if (run > 0 && (fastest == 0 || (double)(now - begin) < fastest)) {
            fastest = (double)(now - begin);
        }
        begin = now;
    }
    return fastest;
}

static void try_streaming(const struct plan *plan)
{
    const struct kernel copy = find_kernel(plan->kernel.isa, KERNEL_relu, plan->kernel.element);
    const size_t n = OWN_CACHES * own_cache() / (2 * copy.size);
    char *const data[MAX_OPERANDS] = {plan->data[0], plan->data[plan->kernel.info->nin]};
    const int64_t begin = clock_ns();
    double fastest[2] = {0, 0}; /* plain, streamed */
    for (int turn = 0; turn < TRIAL_TURNS; turn++) {
        const bool stream = turn % 2 == 1;
        const double taken = fastest_copy(&copy, data, n, stream, begin + TRIAL_NS);
        if (taken > 0 && (fastest[stream] == 0 || taken < fastest[stream])) {
            fastest[stream] = taken;
        }
    }
    const double plain = fastest[false], streamed = fastest[true];
    if (plain > 0 && streamed > 0 && streamed < DISTURBED * plain) {
        set_cost_of_byte((plain < streamed ? plain : streamed) / (double)(2 * n * copy.size));
        atomic_store_explicit(&ratio, (float)(streamed / plain), memory_order_relaxed);
    }
}

/* The rule */

static bool pays(const struct plan *plan, size_t elements, size_t threads)
{
    const size_t moved = bytes_of(plan, elements, false), own = own_cache();
    if (moved / threads < OWN_CACHES * own) {
        return false;
    }
    const bool large = elements * plan->kernel.size >= OWN_CACHES * own / 2;
    if (large && streaming_ratio() == 0 && can_try(plan) &&
        atomic_fetch_add_explicit(&tries, 1, memory_order_relaxed) < MOST_TRIES) {
        try_streaming(plan);
    }
    const double known = streaming_ratio();
    return (known > 0 && known < FASTER) || elements * plan->kernel.size >= last_cache() / 2;
}

enum destination destination_of(const struct plan *plan, size_t elements, size_t threads)
{
    const size_t bytes = elements * plan->kernel.size, threshold = get_streaming_threshold();
    if (plan->new_outputs && bytes >= NEW_PAGES_FROM) {
        return NEW_PAGES;
    }
    if (!may_stream(bytes) || in_place(plan)) {
        return CACHED;
    }
    return threshold != LEARNED_THRESHOLD || pays(plan, elements, threads) ? STREAMED : CACHED;
}

static double ns_in_memory(const struct plan *plan) { return (double)bytes_of(plan, 1, false) * cost_of_byte(); }

bool may_be_plain(const struct plan *plan)
{
    return get_streaming_threshold() == LEARNED_THRESHOLD && is_learning() &&
           cost_of(&plan->kernel) >= ns_in_memory(plan);
}

bool plain_by_model(const struct plan *plan, size_t threads)
{
    return cost_of(&plan->kernel) >= ns_in_memory(plan) * (threads > 2 ? (double)threads / 2 : 1);
}
