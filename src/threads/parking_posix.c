#include "parking.h"
#include <pthread.h>
#include <stddef.h>

/* A thread that sleeps, on its own stack. */
struct sleeper {
    _Atomic uint32_t *number;
    pthread_cond_t changed;
    struct sleeper *next;
};

static pthread_mutex_t mutex =
    PTHREAD_MUTEX_INITIALIZER; /* of the list, and between a look at a number and the sleep */
static struct sleeper *sleepers;

static void strike_off(const struct sleeper *sleeper)
{
    struct sleeper **link = &sleepers;
    while (*link != sleeper) {
        link = &(*link)->next;
    }
    *link = sleeper->next;
}

void park(_Atomic uint32_t *number, uint32_t seen)
{
    pthread_mutex_lock(&mutex);
    struct sleeper me = {.number = number, .changed = PTHREAD_COND_INITIALIZER, .next = sleepers};
    sleepers = &me;
    while (atomic_load(number) == seen) {
        pthread_cond_wait(&me.changed, &mutex);
    }
    strike_off(&me);
    pthread_mutex_unlock(&mutex);
    pthread_cond_destroy(&me.changed);
}

void unpark(_Atomic uint32_t *number)
{
    pthread_mutex_lock(&mutex);
    for (struct sleeper *sleeper = sleepers; sleeper != NULL; sleeper = sleeper->next) {
        if (sleeper->number == number) {
            pthread_cond_signal(&sleeper->changed);
        }
    }
    pthread_mutex_unlock(&mutex);
}

void park_afresh(void)
{
    pthread_mutex_init(&mutex, NULL);
    sleepers = NULL;
}
