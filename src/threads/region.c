/* A region is what pool_run does from start to end. The caller owns the pool meanwhile.
 *
 *   caller  posts the region to the workers that it is for, wakes those that sleep, does its own share.
 *           Then it looks after the workers in turn: one that has left is done with. For any other it takes over, from the
 *           time on at which workers are late, what is left of that one's share and of all behind it. Then it waits for that
 *           one, if it has started.
 *   worker  sees the post, starts on its share if that is still there, takes from others where the region is fine, leaves.
 *           While there is no post it spins for a few tens of µs, then sleeps.
 *
 * Nothing is written by all. A post is read by a group of workers (1 | 2 3 | 4 to 7 | ...), so that a small region leaves the
 * others alone; a worker's share is its own line while nobody takes from it; it says on another line that it has left.
 *
 * So a region never waits for a worker that is slow to come: the caller does its work, and goes. What makes it right:
 *
 *   1. Whoever does a unit has taken it out of a share of this region, by one atomic change. Nobody puts back what has been
 *      there, so each unit is done once.
 *   2. When a region ends, all its shares are empty, and their words of this region. A worker that comes late finds that,
 *      or a later region, and touches nothing: regions are numbered upwards as long as the workers live.
 *   3. A region lives on its caller's stack, and is touched by those alone who have started in it: a worker starts by an
 *      atomic change of its own share's word, which says so, and the caller waits for each that has, and for no other.
 *      What a worker did is there when the caller has seen it leave (release, acquire).
 *   4. No worker is left asleep. A worker changes `asleep`, then looks for a post; the caller posts, then changes `asleep` (by
 *      nothing), and rings for those that it finds there. One of the two changes comes after the other, and sees what came
 *      before that: the worker the post, or the caller the worker. A bell counts, and is read by its worker before the
 *      change, so that it is not too early either.
 *
 * tests/threads/model.py says the same in the same order, and tries every way in which the threads may interleave. */
#include "region.h"
#include "parking.h"
#include "platform/clock.h"
#include "shares.h"
#include <sched.h>

#ifndef LAST_REGION
#define LAST_REGION 0x7FFFFFFFu /* the stress test takes less, to come there */
#endif

enum {
    GROUPS = 10,
    BITS = 64,
    SPIN_NS = 50 * 1000,
    SPIN_NS_OF_ALL = 500 * 1000, /* what all workers together burn after the last call */
    LATE_NS =
        2000, /* after the post, a worker that has not come is late: to wait longer costs more than to take over */
    LATE_SHARES =
        4, /* or so many times as long as the caller's share took, after that: where there is next to nothing to do */
    LOOKS_PER_CLOCK = 64,
};

/* What a group of workers looks at. The word is packed as a share's: threads in the place of `begin`, units of `end`. */
struct post {
    _Alignas(OWN_LINE) _Atomic uint64_t word;
    const struct region *region; /* for those who have started in it */
};

/* What a worker says to the caller: the last region that it has left, doubled, and 1 more where the caller sleeps until then. */
enum { AWAITED = 1 };
struct leave {
    _Alignas(OWN_LINE) _Atomic uint32_t word;
    int raised; /* flags */
};

/* What a worker sleeps on. */
struct bed {
    _Alignas(OWN_LINE) _Atomic uint32_t bell;
};

/* By number: the caller is 0, workers are from 1 on. */
static struct post posts[GROUPS];
static struct share shares[MOST_THREADS];
static struct leave leaves[MOST_THREADS];
static struct bed beds[MOST_THREADS];

static struct {
    /* What changes when a worker falls asleep or comes back: a bit for each. */
    _Alignas(OWN_LINE) _Atomic uint64_t asleep[MOST_THREADS / BITS];

    /* What hardly ever changes. */
    _Alignas(OWN_LINE) atomic_long patience; /* ns for which to spin */
    atomic_bool leaving;                     /* all workers are to end */

    _Alignas(OWN_LINE) uint32_t last; /* the number of the last region; its caller's */
} state;

/* 1 | 2 3 | 4 to 7 | ... */
static int group_of(int worker)
{
    int group = 0;
    while (worker >> (group + 1) != 0) {
        group++;
    }
    return group;
}

/* Waiting */

static void pause_shortly(void) { __asm__ volatile(SPIN_HINT); }

static long patience_now(void) { return atomic_load_explicit(&state.patience, memory_order_relaxed); }

/* To spin is for threads that have a processor each; otherwise it takes the processor from those that one waits for. */
void set_patience(int workers, int cpus)
{
    const bool crowded = workers >= cpus;
    const long share = SPIN_NS_OF_ALL / workers;
    const long patience = crowded ? 0 : share < SPIN_NS ? share : SPIN_NS;
    if (patience_now() != patience) {
        atomic_store_explicit(&state.patience, patience, memory_order_relaxed);
    }
}

/* Working */

static void do_own(const struct split *split, const struct region *region, int me)
{
    struct range range;
    while (take_own(split, shares, me, &range)) {
        region->work(region->context, range.begin, range.end);
    }
}

/* What was taken becomes the own share, so that others may take from it in turn. */
static void do_others(const struct split *split, const struct region *region, int me, int owner, bool late)
{
    struct range range;
    while (take_from(split, shares, owner, late, &range)) {
        put_own(split, shares, me, range);
        do_own(split, region, me);
    }
}

/* The workers */

/* Releases all that was done. The region is gone from then on. */
static void leave_region(int me, uint32_t region, int raised)
{
    leaves[me].raised = raised;
    if (atomic_exchange_explicit(&leaves[me].word, region << 1, memory_order_acq_rel) & AWAITED) {
        unpark(&leaves[me].word);
    }
}

/* Takes part in the region that was posted, if it is for this worker and if that is not too late. */
static bool take_part(int me, const struct post *post, uint64_t word)
{
    const struct split split = {region_of(word), end_of(word), (int)begin_of(word)};
    struct range range;
    if (me >= split.threads || !take_own(&split, shares, me, &range)) {
        return false;
    }
    const struct region *region = post->region;
    fpu_set_modes(&region->modes);
    region->work(region->context, range.begin, range.end);
    do_own(&split, region, me);
    if (is_fine(&split)) {
        for (int i = 1; i < split.threads; i++) {
            do_others(&split, region, me, (me + i) % split.threads, false);
        }
    }
    leave_region(me, split.region, fpu_get_flags());
    return true;
}

/* Acquires what was posted. */
static uint64_t read_post(const struct post *post) { return atomic_load_explicit(&post->word, memory_order_acquire); }

static void sleep_until_called(int me, const struct post *post, uint32_t seen)
{
    _Atomic uint64_t *asleep = &state.asleep[me / BITS];
    const uint64_t bit = UINT64_C(1) << me % BITS;
    const uint32_t bell = atomic_load(&beds[me].bell);
    atomic_fetch_or(asleep, bit);
    if (region_of(read_post(post)) == seen && !atomic_load(&state.leaving)) {
        park(&beds[me].bell, bell);
    }
    atomic_fetch_and(asleep, ~bit);
}

/* Looks for a post after the one that was seen; false if it was not worth to spin any longer. Posts for others do not count
 * as work: `end` is when patience does, 0 for not begun. */
static bool spin_for_post(const struct post *post, uint32_t seen, int64_t *end, uint64_t *word)
{
    for (;;) {
        for (int i = 0; i < LOOKS_PER_CLOCK; i++) {
            *word = read_post(post);
            if (region_of(*word) != seen) {
                return true;
            }
            pause_shortly();
        }
        const long patience = patience_now();
        const int64_t now = clock_ns();
        if (*end == 0) {
            *end = now + patience;
        }
        if (patience == 0 || now >= *end) {
            return false;
        }
        sched_yield(); /* on a processor that is wanted, by the caller above all, to spin is to be in the way */
    }
}

void serve_regions(int me)
{
    const struct post *post = &posts[group_of(me)];
    uint32_t seen = 0;
    int64_t end = 0;
    while (!atomic_load(&state.leaving)) {
        uint64_t word;
        if (!spin_for_post(post, seen, &end, &word)) {
            sleep_until_called(me, post, seen);
            end = 0;
            continue;
        }
        seen = region_of(word);
        if (take_part(me, post, word)) {
            end = 0;
        }
    }
}

/* The life of the workers */

static void ring(int worker)
{
    atomic_fetch_add(&beds[worker].bell, 1);
    unpark(&beds[worker].bell);
}

void send_home(int workers)
{
    atomic_store(&state.leaving, true);
    for (int i = 1; i <= workers; i++) {
        ring(i);
    }
}

void begin_afresh(int workers)
{
    for (int i = 0; i <= workers; i++) {
        atomic_store(&shares[i].word, 0);
        atomic_store(&leaves[i].word, 0);
    }
    for (int i = 0; i < GROUPS; i++) {
        atomic_store(&posts[i].word, 0);
    }
    for (int i = 0; i < MOST_THREADS / BITS; i++) {
        atomic_store(&state.asleep[i], 0);
    }
    atomic_store(&state.leaving, false);
    state.last = 0;
    park_afresh();
}

bool are_used_up(void) { return state.last == LAST_REGION; }

int count_awake(int workers)
{
    int awake = workers;
    for (int i = 0; i <= workers / BITS; i++) {
        awake -= __builtin_popcountll(atomic_load_explicit(&state.asleep[i], memory_order_relaxed));
    }
    return awake;
}

/* The caller */

/* Workers 1 to workers, where they sleep. */
static void wake(int workers)
{
    for (int i = 0; i <= workers / BITS; i++) {
        uint64_t asleep = atomic_fetch_or(&state.asleep[i], 0);
        for (; asleep != 0; asleep &= asleep - 1) {
            const int number = i * BITS + __builtin_ctzll(asleep);
            if (number <= workers) {
                ring(number);
            }
        }
    }
}

static void post_region(const struct split *split, const struct region *region)
{
    const uint64_t word = pack_word(split->region, false, (uint32_t)split->threads, split->units);
    for (int i = 0; 1 << i < split->threads; i++) {
        posts[i].region = region;
        atomic_store_explicit(&posts[i].word, word, memory_order_release);
    }
    wake(split->threads - 1);
}

/* Acquires what the worker has done. */
static bool has_left(const struct split *split, int worker)
{
    return atomic_load_explicit(&leaves[worker].word, memory_order_acquire) >> 1 == split->region;
}

static void sleep_until_left(const struct split *split, int worker)
{
    _Atomic uint32_t *word = &leaves[worker].word;
    uint32_t now = atomic_load(word);
    while (now >> 1 != split->region) {
        if ((now & AWAITED) != 0 || atomic_compare_exchange_weak(word, &now, now | AWAITED)) {
            park(word, now | AWAITED);
            now = atomic_load(word);
        }
    }
}

/* Sees to it that a worker's share is done, and returns the flags that the worker has raised. Before the caller waits for one that is
 * at work, it takes over from all behind: there may be fewer processors than threads, so that those have none. */
static int look_after(const struct split *split, const struct region *region, int worker, int64_t late)
{
    for (int looks = 1; !has_left(split, worker); looks++) {
        const int64_t now = clock_ns();
        if (now >= late) {
            for (int i = worker; i < split->threads; i++) {
                do_others(split, region, 0, i, true);
            }
            if (!took_part(split, &shares[worker])) {
                return 0;
            }
            if (now >= late + patience_now()) {
                sleep_until_left(split, worker);
            }
        }
        if (looks % LOOKS_PER_CLOCK == 0) {
            sched_yield();
        }
        pause_shortly();
    }
    return leaves[worker].raised;
}

int run_region(const struct region *region, uint32_t units, int workers)
{
    const struct split split = {++state.last, units, workers + 1};
    int raised = 0;
    post_region(&split, region);
    const int64_t posted = clock_ns();
    do_own(&split, region, 0);
    const int64_t done = clock_ns(), soon = done + LATE_SHARES * (done - posted);
    const int64_t late = soon < posted + LATE_NS ? soon : posted + LATE_NS;
    for (int i = 1; i <= workers; i++) {
        raised |= look_after(&split, region, i, late);
    }
    return raised;
}
