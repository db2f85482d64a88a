/* The pool put under stress: `stress CASE CPUS ROUNDS` runs one of the cases at the end, and aborts where something is
 * wrong. With 1 for CPUS nobody spins.
 *
 * Cases that wait for a worker to come hang where none does; who starts this program sets a limit. */
#define _GNU_SOURCE /* SIGRTMAX and the like, which -std=c11 hides */
#include "threads/pool.h"
#include <fenv.h>
#include <limits.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

enum { MOST_UNITS = 200, MOST_THREADS = 8, CALLERS = 6, CHILDREN = 40, ENOUGH = 1000000 };

static int rounds;

static void check_at(bool holds, const char *what, int line)
{
    if (!holds) {
        fprintf(stderr, "line %d: not so: %s\n", line, what);
        abort();
    }
}
#define CHECK(holds) check_at(holds, #holds, __LINE__)

static unsigned random_below(unsigned *seed, unsigned end)
{
    *seed = *seed * 1664525u + 1013904223u;
    return (*seed >> 8) % end;
}

/* pool.c starts its threads by this name here, so that a case can say how many there are to be. */
static atomic_int startable = ENOUGH;

/* And when: a processor that is busy with something else lets them come late. */
static atomic_bool are_late;
static void *(*_Atomic run_worker)(void *);

static void *come(void *argument)
{
    while (atomic_load(&are_late)) {
        usleep(100);
    }
    return atomic_load(&run_worker)(argument);
}

int start_thread(pthread_t *thread, const pthread_attr_t *attributes, void *(*run)(void *), void *argument)
{
    atomic_store(&run_worker, run);
    return atomic_fetch_sub(&startable, 1) > 0 ? pthread_create(thread, attributes, come, argument) : 11 /* EAGAIN */;
}

/* Every unit once, and what it wrote is there when the call returns: the counts are not atomic. */

struct counted {
    unsigned char count[MOST_UNITS];
    bool nested;
    pthread_t caller;
    atomic_int elsewhere;
};

static void count_units(void *context, size_t begin, size_t end)
{
    struct counted *counted = context;
    volatile char stack[64 * 1024];
    stack[0] = stack[sizeof stack - 1] = (char)begin;
    CHECK(stack[0] == (char)begin && begin <= end);
    for (size_t unit = begin; unit < end; unit++) {
        counted->count[unit]++;
    }
    if (!pthread_equal(pthread_self(), counted->caller)) {
        atomic_fetch_add(&counted->elsewhere, 1);
    }
    if (counted->nested) {
        struct counted inner = {.caller = pthread_self()};
        pool_run(count_units, &inner, 3, MOST_THREADS);
        CHECK(memcmp(inner.count, "\1\1\1", 4) == 0);
    }
}

static int count_in_pool(size_t units, int threads, bool nested)
{
    struct counted counted = {.nested = nested, .caller = pthread_self()};
    pool_run(count_units, &counted, units, threads);
    for (size_t i = 0; i < MOST_UNITS; i++) {
        CHECK(counted.count[i] == (i < units));
    }
    return atomic_load(&counted.elsewhere);
}

static void *count_often(void *seed_of_caller)
{
    unsigned seed = (unsigned)(uintptr_t)seed_of_caller;
    for (int round = 0; round < rounds; round++) {
        const unsigned units = random_below(&seed, random_below(&seed, 2) ? 4 : MOST_UNITS);
        count_in_pool(units, (int)random_below(&seed, MOST_THREADS + 1), random_below(&seed, 8) == 0);
        if (random_below(&seed, 200) == 0) {
            usleep(random_below(&seed, 300)); /* the workers fall asleep */
        }
    }
    return NULL;
}

static void start_callers(pthread_t *callers, int count, void *(*run)(void *))
{
    for (int i = 0; i < count; i++) {
        CHECK(pthread_create(&callers[i], NULL, run, (void *)(uintptr_t)i) == 0);
    }
}

static void join_callers(const pthread_t *callers, int count)
{
    for (int i = 0; i < count; i++) {
        CHECK(pthread_join(callers[i], NULL) == 0);
    }
}

static void one_caller(void) { count_often(NULL); }

static void many_callers(void)
{
    pthread_t callers[CALLERS];
    start_callers(callers, CALLERS, count_often);
    join_callers(callers, CALLERS);
}

/* Numbers of threads that there can't be: the pool has no more than it has room for. */

static void count_all(void *context, size_t begin, size_t end)
{
    atomic_fetch_add((atomic_int *)context, (int)(end - begin));
}

static void odd_numbers(void)
{
    const int odd[] = {INT_MIN, -1, 0, pool_most_threads, pool_most_threads + 1, INT_MAX};
    for (size_t i = 0; i < sizeof odd / sizeof odd[0]; i++) {
        for (size_t units = 0; units <= POOL_MOST_UNITS + 1; units += POOL_MOST_UNITS / 2 + 1) {
            atomic_int done = 0;
            pool_run(count_all, &done, units, odd[i]);
            CHECK((size_t)atomic_load(&done) == units);
        }
        pool_set_threads(odd[i]);
        CHECK(1 <= pool_get_threads() && pool_get_threads() <= pool_most_threads);
        pool_set_default(odd[i], true);
        pool_set_core(odd[i], odd[i]);
        CHECK(1 <= pool_default_threads() && pool_default_threads() <= pool_most_threads);
    }
    CHECK(atomic_load(&startable) > ENOUGH - pool_most_threads);
}

/* Workers do come: no unit of these ends before all have begun, each in a thread of its own. */

struct meeting {
    int size;
    atomic_int present;
    void (*then)(void);
};

static void meet(void *context, size_t begin, size_t end)
{
    struct meeting *meeting = context;
    CHECK(end == begin + 1);
    atomic_fetch_add(&meeting->present, 1);
    while (atomic_load(&meeting->present) < meeting->size) {
        sched_yield();
    }
    meeting->then();
}

static void meet_in_pool(int threads, void (*then)(void))
{
    struct meeting meeting = {.size = threads, .then = then};
    pool_run(meet, &meeting, (size_t)threads, threads);
    CHECK(atomic_load(&meeting.present) == threads);
}

static void nothing(void) {}

static void workers_come(void)
{
    unsigned seed = 0;
    for (int round = 0; round < rounds / 20; round++) {
        meet_in_pool(1 + (int)random_below(&seed, 4), nothing);
        usleep(random_below(&seed, 8) == 0 ? random_below(&seed, 200) : 0);
    }
}

/* More than there are bits in a word. */
static void hundred_workers(void)
{
    for (int round = 0; round < 20; round++) {
        meet_in_pool(100, nothing);
        count_in_pool(MOST_UNITS, 100, false);
        usleep(round % 2 == 0 ? 0 : 1000);
    }
}

/* Nobody waits for them; later they find that it is too late, and come to the next call. */
static void late_workers(void)
{
    atomic_store(&are_late, true);
    for (int round = 0; round < rounds / 10; round++) {
        CHECK(count_in_pool(round % 2 == 0 ? 4 : MOST_UNITS, 4, false) == 0);
    }
    atomic_store(&are_late, false);
    meet_in_pool(4, nothing);
}

/* Two workers or more begin, and get no further than what they took first, as if the caller had the only processor. They go on once
 * all units have begun, so that the caller has to take over what is left of every share before it waits for one of them. */

struct begun {
    atomic_int units, workers;
    pthread_t caller;
};

static void wait_for_the_rest(void *context, size_t begin, size_t end)
{
    struct begun *begun = context;
    const bool is_caller = pthread_equal(pthread_self(), begun->caller);
    atomic_fetch_add(&begun->units, (int)(end - begin));
    atomic_fetch_add(&begun->workers, !is_caller);
    while (is_caller ? atomic_load(&begun->workers) < 2 : atomic_load(&begun->units) < MOST_UNITS) {
        sched_yield();
    }
}

static void stuck_workers(void)
{
    for (int round = 0; round < rounds / 20; round++) {
        struct begun begun = {.caller = pthread_self()};
        pool_run(wait_for_the_rest, &begun, MOST_UNITS, 4);
        CHECK(atomic_load(&begun.units) == MOST_UNITS);
    }
}

static void check_signals(void)
{
    sigset_t blocked;
    CHECK(pthread_sigmask(SIG_BLOCK, NULL, &blocked) == 0);
    static pthread_t main_thread;
    static atomic_bool main_is_known;
    if (!atomic_exchange(&main_is_known, true)) {
        main_thread = pthread_self();
        return;
    }
    const bool in_worker = !pthread_equal(pthread_self(), main_thread);
    CHECK(sigismember(&blocked, SIGINT) == in_worker && sigismember(&blocked, SIGALRM) == in_worker);
    CHECK(!sigismember(&blocked, SIGSEGV));
}

/* Who has the pool can't have it twice. */
static void check_inner(void) { CHECK(count_in_pool(MOST_UNITS, 4, true) == 0); }

static void nested(void) { meet_in_pool(4, check_inner); }

static void signals(void)
{
    check_signals();
    meet_in_pool(4, check_signals);
}

/* Flags and modes. A unit raises what its number says. */

static const int FLAGS[] = {0, FE_INVALID, FE_DIVBYZERO, FE_OVERFLOW | FE_INEXACT};

static volatile double zero = 0, largest = 1.7e308;
static volatile long double long_zero = 0;

static void raise_one(int which, bool in_long_double)
{
    volatile double result = 0;
    volatile long double long_result = 0;
    switch (which) {
        case 1: in_long_double ? (long_result = long_zero / long_zero) : (result = zero / zero); break;
        case 2: in_long_double ? (long_result = 1 / long_zero) : (result = 1 / zero); break;
        case 3: result = largest * largest; break;
    }
    (void)result, (void)long_result;
}

struct raising {
    int which, round;
};

static void raise_in_unit(void *context, size_t begin, size_t end)
{
    const struct raising *raising = context;
    CHECK(fegetround() == FE_UPWARD);
    if (begin <= 7 && 7 < end) {
        raise_one(raising->which, raising->round % 2 == 1);
    }
    sched_yield(); /* so that all threads get some of the units */
}

static void flags(void)
{
    CHECK(fesetround(FE_UPWARD) == 0);
    for (int round = 0; round < rounds / 10; round++) {
        struct raising raising = {.which = round % 4, .round = round / 4};
        feclearexcept(FE_ALL_EXCEPT);
        pool_run(raise_in_unit, &raising, 20, 3);
        CHECK(fetestexcept(FE_ALL_EXCEPT) == FLAGS[raising.which]);
        CHECK(fegetround() == FE_UPWARD);
    }
}

/* fork, also while other threads are inside the pool */

static atomic_bool enough;

static void *count_until_enough(void *seed_of_caller)
{
    unsigned seed = (unsigned)(uintptr_t)seed_of_caller;
    while (!atomic_load(&enough)) {
        count_in_pool(random_below(&seed, MOST_UNITS), 3, false);
    }
    return NULL;
}

static void be_child(void)
{
    meet_in_pool(3, nothing);
    count_in_pool(MOST_UNITS, 4, true);
    const pid_t grandchild = fork();
    if (grandchild == 0) {
        meet_in_pool(2, nothing);
        _exit(0);
    }
    int status;
    CHECK(waitpid(grandchild, &status, 0) == grandchild && status == 0);
    pool_stop();
    CHECK(count_in_pool(MOST_UNITS, 4, false) == 0);
    _exit(0);
}

static void forks(void)
{
    pthread_t callers[2];
    start_callers(callers, 2, count_until_enough);
    for (int i = 0; i < CHILDREN; i++) {
        usleep((unsigned)i * 20);
        const pid_t child = fork();
        if (child == 0) {
            be_child();
        }
        int status;
        CHECK(waitpid(child, &status, 0) == child && status == 0);
    }
    atomic_store(&enough, true);
    join_callers(callers, 2);
    meet_in_pool(3, nothing);
}

/* Threads that can't be had */

static void no_threads(void)
{
    atomic_store(&startable, 0);
    for (int round = 0; round < rounds; round++) {
        CHECK(count_in_pool(10, 4, false) == 0);
    }
    CHECK(atomic_load(&startable) >= -1 - rounds / 1000); /* it is not asked for in every call */
    atomic_store(&startable, ENOUGH);
    for (int round = 0; round < 1000; round++) {
        count_in_pool(10, 4, false);
    }
    meet_in_pool(4, nothing);
}

static void few_threads(void)
{
    atomic_store(&startable, 1);
    for (int round = 0; round < rounds / 10; round++) {
        count_in_pool(10, 4, true);
    }
    meet_in_pool(2, nothing);
}

/* The limit does not hold for root: nobody's does. */
static void process_limit(void)
{
    if (geteuid() == 0) {
        CHECK(setuid(65534) == 0);
    }
    const struct rlimit none = {1, 1};
    CHECK(setrlimit(RLIMIT_NPROC, &none) == 0);
    for (int round = 0; round < rounds; round++) {
        count_in_pool(10, 4, false);
    }
}

/* The end, while others are inside the pool: it comes to them as well. */
static void end(void)
{
    pthread_t callers[CALLERS];
    start_callers(callers, CALLERS, count_often);
    usleep(1000);
    pool_stop();
    CHECK(count_in_pool(MOST_UNITS, 4, false) == 0);
    pool_stop();
    join_callers(callers, CALLERS);
}

static const struct {
    const char *name;
    void (*run)(void);
} cases[] = {
    {"one caller",      one_caller     },
    {"many callers",    many_callers   },
    {"odd numbers",     odd_numbers    },
    {"workers come",    workers_come   },
    {"hundred workers", hundred_workers},
    {"late workers",    late_workers   },
    {"stuck workers",   stuck_workers  },
    {"nested",          nested         },
    {"signals",         signals        },
    {"flags",           flags          },
    {"forks",           forks          },
    {"no threads",      no_threads     },
    {"few threads",     few_threads    },
    {"process limit",   process_limit  },
    {"end",             end            },
};

int main(int count, char **arguments)
{
    CHECK(count == 4);
    pool_init(atoi(arguments[2]));
    rounds = atoi(arguments[3]);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        if (strcmp(cases[i].name, arguments[1]) == 0) {
            cases[i].run();
            return 0;
        }
    }
    CHECK(!"a case");
}
