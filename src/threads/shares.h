/* Who has which units of a region. Each thread has a share of its own, the same whenever the same work is split among as
 * many, and a word that says what is left of it. The owner takes from the front of its share, others from the back.
 *
 * A word of an earlier region says that the share is untouched, so that nobody has to write all of them at the start; one of
 * a later region, that it is too late. */
#ifndef RELU_UFUNC_SHARES_H
#define RELU_UFUNC_SHARES_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

enum { OWN_LINE = 128 }; /* bytes: processors fetch pairs of lines */

/* A region as all see it: its number, which grows from region to region, and what is split among how many. */
struct split {
    uint32_t region, units;
    int threads;
};

struct range {
    uint32_t begin, end;
};

/* region: 31 bits, started: 1, begin: 16, end: 16 */
struct share {
    _Alignas(OWN_LINE) _Atomic uint64_t word;
};

static inline uint64_t pack_word(uint32_t region, bool started, uint32_t begin, uint32_t end)
{
    return (uint64_t)region << 33 | (uint64_t)started << 32 | begin << 16 | end;
}
static inline uint32_t region_of(uint64_t word) { return (uint32_t)(word >> 33); }
static inline bool has_started(uint64_t word) { return (word >> 32 & 1) != 0; }
static inline uint32_t begin_of(uint64_t word) { return (uint32_t)word >> 16; }
static inline uint32_t end_of(uint64_t word) { return (uint32_t)word & 0xFFFF; }
static inline uint32_t left_in(uint64_t word) { return end_of(word) - begin_of(word); }

static inline uint32_t first_unit(const struct split *split, int owner)
{
    return split->units * (uint32_t)owner / (uint32_t)split->threads;
}

/* What is left of a share, by a word that is not of a later region. */
static inline uint64_t as_of(const struct split *split, int owner, uint64_t word)
{
    return region_of(word) == split->region
               ? word
               : pack_word(split->region, false, first_unit(split, owner), first_unit(split, owner + 1));
}

/* Small regions have a unit for each thread. Those with more can be evened out: nobody takes all of a share at once. */
static inline bool is_fine(const struct split *split) { return split->units > (uint32_t)split->threads; }

static inline uint32_t portion(const struct split *split, uint32_t left)
{
    return is_fine(split) ? (left + 1) / 2 : left;
}

/* Takes some from the front of the own share, and says with it that its owner has started. False where nothing is left,
 * and where the region is over: then every share of it is empty, or of a later region. */
static inline bool take_own(const struct split *split, struct share *shares, int owner, struct range *taken)
{
    uint64_t word = atomic_load_explicit(&shares[owner].word, memory_order_relaxed), next;
    do {
        const uint64_t now = as_of(split, owner, word);
        if (region_of(word) > split->region || left_in(now) == 0) {
            return false;
        }
        taken->begin = begin_of(now);
        taken->end = taken->begin + portion(split, left_in(now));
        next = pack_word(split->region, true, taken->end, end_of(now));
    } while (!atomic_compare_exchange_weak_explicit(&shares[owner].word, &word, next, memory_order_relaxed,
                                                    memory_order_relaxed));
    return true;
}

/* Takes the back half of another's share; if `late`, all of it where its owner has not started. Only for who is in the
 * region. */
static inline bool take_from(const struct split *split, struct share *shares, int owner, bool late, struct range *taken)
{
    uint64_t word = atomic_load_explicit(&shares[owner].word, memory_order_relaxed), next;
    do {
        const uint64_t now = as_of(split, owner, word);
        const uint32_t left = left_in(now);
        if (left == 0) {
            return false;
        }
        taken->end = end_of(now);
        taken->begin = late && !has_started(now) ? begin_of(now) : taken->end - (left + 1) / 2;
        next = pack_word(split->region, has_started(now), begin_of(now), taken->begin);
    } while (!atomic_compare_exchange_weak_explicit(&shares[owner].word, &word, next, memory_order_relaxed,
                                                    memory_order_relaxed));
    return true;
}

/* Makes a range the own share, which is empty. */
static inline void put_own(const struct split *split, struct share *shares, int owner, struct range range)
{
    atomic_store_explicit(&shares[owner].word, pack_word(split->region, true, range.begin, range.end),
                          memory_order_relaxed);
}

/* Whether its owner is in the region, or has been. */
static inline bool took_part(const struct split *split, const struct share *share)
{
    const uint64_t word = atomic_load_explicit(&share->word, memory_order_relaxed);
    return region_of(word) == split->region && has_started(word);
}

#endif
