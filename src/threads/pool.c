/* A region is what pool_run does from start to end. The caller owns the pool meanwhile, and nobody waits for it: a call
 * that finds the pool taken works alone.
 *
 *   caller  takes the pool, offers SEATS in its region, wakes sleeping workers where too few are awake, does pieces
 *           until none is left, withdraws the seats that nobody took, waits until those who took one have left it.
 *   worker  takes a seat, does pieces until none is left, leaves the seat. While there is no seat it spins for a few
 *           tens of µs, then sleeps.
 *
 * So a region never waits for a worker that is slow to come: the caller does the work itself, and closes. What makes it
 * right:
 *
 *   1. A region lives on its caller's stack, and is touched by those alone who hold a seat in it. Seats are taken, and
 *      withdrawn, by atomic changes of one number: when the rest is withdrawn, it is settled who is to be waited for.
 *   2. `owed` is what the caller has counted less what the workers have: each of them takes one off when it leaves, the
 *      caller adds as many as took a seat when it closes. Whoever brings it to 0 after that knows that all have left;
 *      between regions it is 0.
 *   3. Each piece goes to the one thread whose increment of `next` returned it.
 *   4. No call for workers is lost. A worker counts itself asleep, then looks for seats; the caller offers seats, then
 *      counts those asleep. These four steps have one order that all threads agree on (memory_order_seq_cst), so the
 *      worker sees the seats or the caller sees the worker; and the worker holds the mutex from its count to its sleep,
 *      so that the signal does not come in between.
 *
 * tests/threads/model.py says the same in the same order, and tries every way in which the threads may interleave. */
#define _GNU_SOURCE /* pthread_setname_np */
#include "pool.h"
#include "platform/fpu.h"
#include "placement.h"
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <time.h>
#include <unistd.h>

enum {
    CACHE_LINE = 64,
    MOST_THREADS = 1024,
    MOST_WORKERS = MOST_THREADS - 1,
    STACK_BYTES = 1024 * 1024, /* pieces take little; thread-local variables of any library take some of it as well */
    SPIN_NS = 50 * 1000,
    SPIN_NS_OF_ALL = 500 * 1000, /* what all workers together burn after the last call */
    LOOKS_PER_CLOCK = 32,
    REGIONS_UNTIL_RETRY = 1000, /* after a thread could not be had */
};

struct region {
    pool_work *work;
    void *context;
    size_t pieces;
    struct fpu_modes modes; /* the caller's */
    _Alignas(CACHE_LINE) atomic_size_t next;
    atomic_int raised; /* flags of the workers */
};

static struct {
    /* What waiting workers look at, and what they need once there is a seat. */
    _Alignas(CACHE_LINE) atomic_int seats;
    struct region *region;
    atomic_long patience; /* ns for which to spin */

    /* What changes while a region runs. */
    _Alignas(CACHE_LINE) atomic_int owed;
    atomic_int asleep;
    atomic_bool stopping;

    /* What stays as it is: the processors that may be kept busy, 0 before pool_init. */
    _Alignas(CACHE_LINE) atomic_int cpus;

    /* The owner's. */
    _Alignas(CACHE_LINE) atomic_bool taken;
    int workers, refused;
    int placed; /* workers that have been told where to run */
    pthread_t threads[MOST_WORKERS];

    pthread_mutex_t mutex;
    pthread_cond_t called, left; /* there are seats, or the pool ends; `owed` came to 0 */
} pool = {.mutex = PTHREAD_MUTEX_INITIALIZER, .called = PTHREAD_COND_INITIALIZER, .left = PTHREAD_COND_INITIALIZER};

const char pool_kind[] = "pthreads";
const int pool_most_threads = MOST_THREADS;

static int smaller(int a, int b) { return a < b ? a : b; }

/* Waiting */

static int64_t now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

/* Whether it happens within the time for which it is worth to spin; looks once at least. */
static bool spin_until(bool (*happens)(void))
{
    if (happens()) {
        return true;
    }
    const long patience = atomic_load_explicit(&pool.patience, memory_order_relaxed);
    if (patience == 0) {
        return false;
    }
    for (const int64_t end = now_ns() + patience; now_ns() < end;) {
        for (int i = 0; i < LOOKS_PER_CLOCK; i++) {
            __asm__ volatile(SPIN_HINT);
            if (happens()) {
                return true;
            }
        }
        sched_yield(); /* on a processor that is wanted, by the caller above all, to spin is to be in the way */
    }
    return false;
}

/* To spin is for threads that have a processor each; otherwise it takes the processor from those that one waits for. */
static void set_patience(int workers, int cpus)
{
    const bool crowded = workers >= cpus;
    const long share = SPIN_NS_OF_ALL / workers;
    const long patience = crowded ? 0 : share < SPIN_NS ? share : SPIN_NS;
    if (atomic_load_explicit(&pool.patience, memory_order_relaxed) != patience) {
        atomic_store_explicit(&pool.patience, patience, memory_order_relaxed);
    }
}

/* Working */

/* Relaxed: the counter hands out numbers; the work itself is published by those who leave (invariant 2). */
static void do_pieces(struct region *region)
{
    size_t piece;
    while ((piece = atomic_fetch_add_explicit(&region->next, 1, memory_order_relaxed)) < region->pieces) {
        region->work(region->context, piece);
    }
}

/* Acquires the region that the seats were offered in. */
static bool take_seat(void)
{
    int seats = atomic_load_explicit(&pool.seats, memory_order_relaxed);
    while (seats > 0) {
        if (atomic_compare_exchange_weak_explicit(&pool.seats, &seats, seats - 1, memory_order_acquire,
                                                  memory_order_relaxed)) {
            return true;
        }
    }
    return false;
}

/* Releases all that was done in the seat. The region is gone from then on. */
static void leave_seat(void)
{
    if (atomic_fetch_sub_explicit(&pool.owed, 1, memory_order_release) == 1) {
        pthread_mutex_lock(&pool.mutex); /* the caller is before its look at `owed`, or asleep */
        pthread_mutex_unlock(&pool.mutex);
        pthread_cond_signal(&pool.left);
    }
}

static void work_in_seat(void)
{
    struct region *region = pool.region;
    fpu_set_modes(&region->modes);
    do_pieces(region);
    const int flags = fpu_get_flags();
    if (flags != 0) {
        atomic_fetch_or_explicit(&region->raised, flags, memory_order_relaxed);
    }
    leave_seat();
}

/* Once woken, a worker spins again even if it is too late for a seat: where there was one call, there may be more.
 * Returns whether to go on. */
static bool sleep_until_called(void)
{
    pthread_mutex_lock(&pool.mutex);
    atomic_fetch_add(&pool.asleep, 1);
    if (atomic_load(&pool.seats) == 0 && !atomic_load(&pool.stopping)) {
        pthread_cond_wait(&pool.called, &pool.mutex);
    }
    atomic_fetch_sub(&pool.asleep, 1);
    pthread_mutex_unlock(&pool.mutex);
    return !atomic_load(&pool.stopping);
}

static void *worker(void *unused)
{
    (void)unused;
    (void)NAME_THREAD("relu_ufunc");
    do {
        while (spin_until(take_seat)) {
            work_in_seat();
        }
    } while (sleep_until_called());
    return NULL;
}

/* Hiring */

/* A child of fork has no workers, and a copy of whatever state the others were in: it starts afresh. */
static void start_afresh(void)
{
    atomic_store(&pool.seats, 0);
    atomic_store(&pool.owed, 0);
    atomic_store(&pool.asleep, 0);
    atomic_store(&pool.stopping, false);
    pool.workers = pool.refused = pool.placed = 0;
    pthread_mutex_init(&pool.mutex, NULL);
    pthread_cond_init(&pool.called, NULL);
    pthread_cond_init(&pool.left, NULL);
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
    const long of_the_system = sysconf(_SC_THREAD_STACK_MIN);
    pthread_attr_setstacksize(&attributes, STACK_BYTES + (size_t)(of_the_system > 0 ? of_the_system : 0));
    sigset_t blocked = foreign_signals(), before;
    pthread_sigmask(SIG_BLOCK, &blocked, &before); /* a new thread inherits them */
    const bool started = pthread_create(&pool.threads[pool.workers], &attributes, worker, NULL) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    pthread_attr_destroy(&attributes);
    pool.workers += started;
    return started;
}

/* How many workers there are for a region that could use so many; those that are missing are started. */
static int hire(int useful)
{
    const int wanted = smaller(useful, MOST_WORKERS);
    if (pool.workers < wanted && pool.refused > 0) {
        pool.refused--;
    }
    while (pool.workers < wanted && pool.refused == 0) {
        pool.refused = start_worker() ? 0 : REGIONS_UNTIL_RETRY;
    }
    return smaller(pool.workers, wanted);
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
    const bool awake = pool.workers - atomic_load_explicit(&pool.asleep, memory_order_relaxed) >= workers;
    return smaller(cpus, place_beside_caller(pool.threads, pool.workers, &pool.placed, awake, cpus));
}

static void wake(int wanted)
{
    const int awake = pool.workers - atomic_load(&pool.asleep);
    if (wanted > awake) {
        pthread_mutex_lock(&pool.mutex); /* those counted are asleep now, or have looked for seats again */
        pthread_mutex_unlock(&pool.mutex);
    }
    for (int i = awake; i < wanted; i++) {
        pthread_cond_signal(&pool.called);
    }
}

static void open_region(struct region *region, int seats)
{
    pool.region = region;
    atomic_store(&pool.seats, seats);
    wake(seats);
}

static bool all_left(void) { return atomic_load_explicit(&pool.owed, memory_order_acquire) == 0; }

static void close_region(int seats)
{
    const int seated = seats - atomic_exchange_explicit(&pool.seats, 0, memory_order_relaxed);
    if (seated == 0 || atomic_fetch_add_explicit(&pool.owed, seated, memory_order_acquire) == -seated ||
        spin_until(all_left)) {
        return;
    }
    pthread_mutex_lock(&pool.mutex);
    while (!all_left()) {
        pthread_cond_wait(&pool.left, &pool.mutex);
    }
    pthread_mutex_unlock(&pool.mutex);
}

static void run_together(pool_work *work, void *context, size_t pieces, int workers)
{
    struct region region = {.work = work, .context = context, .pieces = pieces};
    fpu_get_modes(&region.modes);
    set_patience(workers, place(workers));
    open_region(&region, workers);
    do_pieces(&region);
    close_region(workers);
    const int raised = atomic_load_explicit(&region.raised, memory_order_relaxed);
    if (raised != 0) {
        fpu_raise_flags(raised);
    }
}

static void run_alone(pool_work *work, void *context, size_t pieces)
{
    for (size_t piece = 0; piece < pieces; piece++) {
        work(context, piece);
    }
}

void pool_run(pool_work *work, void *context, size_t pieces, int threads)
{
    if (threads < 2 || pieces < 2 || !take_pool()) {
        run_alone(work, context, pieces);
        return;
    }
    const int workers = hire(pieces < (size_t)threads ? (int)pieces - 1 : threads - 1);
    if (workers > 0) {
        run_together(work, context, pieces, workers);
    }
    give_pool_back();
    if (workers == 0) {
        run_alone(work, context, pieces);
    }
}

/* The pool is taken and not given back: no later call can have it. */
void pool_stop(void)
{
    if (atomic_load(&pool.cpus) == 0 || atomic_exchange(&pool.stopping, true)) {
        return; /* there never was one, or there is none any more */
    }
    while (!take_pool()) {
        sched_yield();
    }
    pthread_mutex_lock(&pool.mutex);
    pthread_cond_broadcast(&pool.called);
    pthread_mutex_unlock(&pool.mutex);
    for (int i = 0; i < pool.workers; i++) {
        pthread_join(pool.threads[i], NULL);
    }
    pool.workers = 0;
}
