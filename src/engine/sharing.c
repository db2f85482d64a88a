/* On t threads, a call takes
 *
 *     alone / t + moved + a + b t
 *
 * where a and b are what it costs to hand out work and to collect it: a few cache lines from core to core for threads that
 * are awake, calls to the system for those that sleep. */
#include "sharing.h"
#include "sizes.h"
#include <stdatomic.h>

/* ns. Awake: measured on two kinds of processors, where other values fit no better (docs/tuning.md). */
static const struct {
    double once, each;
} AWAKE = {400, 20}, ASLEEP = {15000, 1000};

static const double LEAST_WORTH = 2000, WORTH_A_UNIT = 3000, NEARLY = 1.05;

static _Atomic(enum sharing) sharing = SHARED_IF_WORTH;

void set_sharing(enum sharing wish) { atomic_store_explicit(&sharing, wish, memory_order_relaxed); }
bool shares_always(void) { return atomic_load_explicit(&sharing, memory_order_relaxed) == SHARED_ALWAYS; }

/* Few elements are no trial worth. */
bool may_share(const struct kernel *kernel, size_t elements)
{
    enum { FEW = 512 };
    if (shares_always()) {
        return elements > 1;
    }
    return elements >= FEW &&
           (double)elements * (cost_of(kernel) + (double)kernel->size * cost_of_byte()) >= LEAST_WORTH;
}

static double time_on(struct cost cost, int threads, bool awake)
{
    const double once = awake ? AWAKE.once : ASLEEP.once, each = awake ? AWAKE.each : ASLEEP.each;
    return threads == 1 ? cost.alone : cost.alone / threads + cost.moved + once + each * threads;
}

/* From two threads on, the time falls and then rises. */
static int best_number(struct cost cost, int most, bool awake)
{
    double least = cost.alone, last = 1e30;
    for (int threads = 2; threads <= most; threads++) {
        const double time = time_on(cost, threads, awake);
        if (time >= last) {
            break;
        }
        last = time;
        least = time < least ? time : least;
    }
    int threads = 1;
    while (time_on(cost, threads, awake) > NEARLY * least) {
        threads++;
    }
    return threads;
}

int threads_by_model(struct cost cost, int most, int awake)
{
    const int threads = best_number(cost, most, true);
    if (threads <= awake) {
        return threads;
    }
    const int woken = best_number(cost, most, false), at_once = best_number(cost, awake, true);
    return woken > at_once ? woken : at_once;
}

int units_for(struct cost cost, int threads)
{
    const double units = cost.alone / threads / WORTH_A_UNIT;
    return threads == 1 || units < 1 ? 1 : units > UNITS_PER_THREAD ? UNITS_PER_THREAD : (int)units;
}
