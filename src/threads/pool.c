/* The pool: who has it, and the workers from their start to their end. A call owns the pool from start to end, and nobody
 * waits for it: one that finds it taken works alone. How work is shared is said in region.c. */
#define _GNU_SOURCE /* pthread_setname_np */
#include "pool.h"
#include "placement.h"
#include "region.h"
#include "shares.h"
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <unistd.h>

enum {
    STACK_BYTES = 1024 * 1024, /* units take little; thread-local variables of any library take some of it as well */
    REGIONS_UNTIL_RETRY = 1000, /* after a thread could not be had */
};

static struct {
    atomic_int cpus; /* that may be kept busy; 0 before pool_init */
    atomic_int workers;
    atomic_bool ended;

    _Alignas(OWN_LINE) atomic_bool taken;
    /* The owner's. */
    int refused;
    int placed; /* workers that have been told where to run */
    pthread_t threads[MOST_THREADS - 1];
} pool;

const char pool_kind[] = "pthreads";
const int pool_most_threads = MOST_THREADS;

static int smaller(int a, int b) { return a < b ? a : b; }

/* Relaxed: only the owner changes it. */
static int workers_now(void) { return atomic_load_explicit(&pool.workers, memory_order_relaxed); }

/* Hiring */

static void *worker(void *number)
{
    (void)NAME_THREAD("relu_ufunc");
    serve_regions((int)(intptr_t)number);
    return NULL;
}

static void forget_workers(void)
{
    begin_afresh(workers_now());
    atomic_store(&pool.workers, 0);
    pool.refused = pool.placed = 0;
}

/* A child of fork has no workers, and a copy of whatever state the others were in: it starts afresh. */
static void start_afresh(void)
{
    forget_workers();
    atomic_store(&pool.ended, false);
    atomic_store(&pool.taken, false);
}

/* Without the handler a child could find the pool taken, by a thread that it does not have. */
void pool_init(int cpus)
{
    if (atomic_load(&pool.cpus) != 0 || pthread_atfork(NULL, NULL, start_afresh) == 0) {
        atomic_store(&pool.cpus, cpus);
    }
}

/* All signals but those for a fault of the thread's own: the others are for threads that know what to do with them. */
static sigset_t foreign_signals(void)
{
    const int own[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGSYS, SIGABRT};
    sigset_t signals;
    sigfillset(&signals);
    for (size_t i = 0; i < sizeof own / sizeof own[0]; i++) {
        sigdelset(&signals, own[i]);
    }
    return signals;
}

static bool start_worker(void)
{
    pthread_attr_t attributes;
    if (pthread_attr_init(&attributes) != 0) {
        return false;
    }
    const int others = workers_now();
    const long of_the_system = sysconf(_SC_THREAD_STACK_MIN);
    pthread_attr_setstacksize(&attributes, STACK_BYTES + (size_t)(of_the_system > 0 ? of_the_system : 0));
    sigset_t blocked = foreign_signals(), before;
    pthread_sigmask(SIG_BLOCK, &blocked, &before); /* a new thread inherits them */
    void *number = (void *)(intptr_t)(others + 1);
    const bool started = pthread_create(&pool.threads[others], &attributes, worker, number) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    pthread_attr_destroy(&attributes);
    atomic_store_explicit(&pool.workers, others + started, memory_order_relaxed);
    return started;
}

static void dismiss_workers(void)
{
    send_home(workers_now());
    for (int i = 0; i < workers_now(); i++) {
        pthread_join(pool.threads[i], NULL);
    }
    forget_workers();
}

/* How many workers there are for a region that could use so many; those that are missing are started. */
static int hire(int useful)
{
    const int wanted = smaller(useful, MOST_THREADS - 1);
    if (are_used_up()) {
        dismiss_workers();
    }
    if (workers_now() < wanted && pool.refused > 0) {
        pool.refused--;
    }
    while (workers_now() < wanted && pool.refused == 0) {
        pool.refused = start_worker() ? 0 : REGIONS_UNTIL_RETRY;
    }
    return smaller(workers_now(), wanted);
}

/* The caller */

static bool take_pool(void)
{
    return atomic_load_explicit(&pool.cpus, memory_order_relaxed) > 0 &&
           !atomic_load_explicit(&pool.taken, memory_order_relaxed) &&
           !atomic_exchange_explicit(&pool.taken, true, memory_order_acquire);
}

static void give_pool_back(void) { atomic_store_explicit(&pool.taken, false, memory_order_release); }

/* How many processors the caller and the workers of its region may keep busy. */
static int place(int workers)
{
    const int cpus = atomic_load_explicit(&pool.cpus, memory_order_relaxed);
    const bool awake = pool_awake() > workers;
    return smaller(cpus, place_beside_caller(pool.threads, workers_now(), &pool.placed, awake, cpus));
}

int pool_awake(void) { return 1 + count_awake(workers_now()); }

void pool_run(pool_work *work, void *context, size_t units, int threads)
{
    if (threads < 2 || units < 2 || units > POOL_MOST_UNITS || !take_pool()) {
        work(context, 0, units);
        return;
    }
    const int workers = hire(units < (size_t)threads ? (int)units - 1 : threads - 1);
    if (workers > 0) {
        struct region region = {.work = work, .context = context};
        fpu_get_modes(&region.modes);
        set_patience(workers, place(workers));
        const int raised = run_region(&region, (uint32_t)units, workers);
        if (raised != 0) {
            fpu_raise_flags(raised);
        }
    }
    give_pool_back();
    if (workers == 0) {
        work(context, 0, units);
    }
}

/* The pool is taken and not given back: no later call can have it. */
void pool_stop(void)
{
    if (atomic_load(&pool.cpus) == 0 || atomic_exchange(&pool.ended, true)) {
        return; /* there never was one, or there is none any more */
    }
    while (!take_pool()) {
        sched_yield();
    }
    dismiss_workers();
}
