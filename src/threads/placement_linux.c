#define _GNU_SOURCE /* sched_getcpu, CPU_COUNT_S and the like */
#include "placement.h"
#include <sched.h>
#include <stddef.h>
#include <stdint.h>

enum { MOST_CPUS = 8192 }; /* as many as Linux can be built for */

struct cpus {
    size_t size; /* bytes in use, as many as the system asks for */
    cpu_set_t set[MOST_CPUS / CPU_SETSIZE];
};

static bool get_cpus(pthread_t thread, struct cpus *cpus)
{
    for (cpus->size = sizeof cpus->set[0]; cpus->size <= sizeof cpus->set; cpus->size *= 2) {
        if (pthread_getaffinity_np(thread, cpus->size, cpus->set) == 0) {
            return true;
        }
    }
    return false;
}

static int count_cpus(const struct cpus *cpus) { return CPU_COUNT_S(cpus->size, cpus->set); }

static bool same_cpus(const struct cpus *a, const struct cpus *b) { return CPU_EQUAL_S(a->size, a->set, b->set); }

/* Cores */

static uint16_t behind_first[MOST_CPUS]; /* the number of a processor less that of the first on its core */

void set_first_on_core(int cpu, int first)
{
    if (0 <= first && first <= cpu && cpu < MOST_CPUS) {
        behind_first[cpu] = (uint16_t)(cpu - first);
    }
}

int cores_allowed(int otherwise)
{
    struct cpus cpus, firsts;
    if (!get_cpus(pthread_self(), &cpus)) {
        return otherwise;
    }
    firsts.size = cpus.size;
    CPU_ZERO_S(firsts.size, firsts.set);
    for (size_t cpu = 0, left = (size_t)count_cpus(&cpus); left > 0; cpu++) {
        if (CPU_ISSET_S(cpu, cpus.size, cpus.set)) {
            CPU_SET_S(cpu - behind_first[cpu], firsts.size, firsts.set);
            left--;
        }
    }
    return count_cpus(&firsts);
}

/* Threads */

/* The processors of a caller, but for the one that it is on. */
static struct cpus others_of(const struct cpus *callers)
{
    struct cpus others = *callers;
    const int own = sched_getcpu();
    if (own >= 0) {
        CPU_CLR_S((size_t)own, others.size, others.set);
    }
    return count_cpus(&others) > 0 ? others : *callers;
}

/* Whoever moves one of them from outside moves them all: the first tells where they are. */
static bool are_on(const pthread_t *threads, const struct cpus *cpus)
{
    struct cpus present;
    return get_cpus(threads[0], &present) && same_cpus(&present, cpus);
}

int place_beside_caller(const pthread_t *threads, int count, int *told, bool awake, int otherwise)
{
    static struct cpus last; /* a caller's, when threads were told */
    struct cpus callers;
    if (!get_cpus(pthread_self(), &callers)) {
        return otherwise;
    }
    const struct cpus others = others_of(&callers);
    if (count > *told || !same_cpus(&callers, &last) || !(awake || are_on(threads, &others))) {
        for (int i = 0; i < count; i++) {
            pthread_setaffinity_np(threads[i], others.size, others.set);
        }
        *told = count;
        last = callers;
    }
    return count_cpus(&callers);
}
