/* What calls of a kind have shown about the number of threads, or about how outputs are written. A model can't know where the data of a
 * call lie, nor who else uses the machine: from time to time, some calls in a row are made with half or twice as many threads, or
 * with outputs past the caches and not, and the clock decides. */
#ifndef RELU_UFUNC_LEARN_H
#define RELU_UFUNC_LEARN_H

#include "plan.h"

/* A kind of call: all that is likely to make a difference. */
struct kind {
    unsigned kernel, element, size; /* the last: a class of sizes */
    unsigned layout; /* what else matters, as bits */
    unsigned most; /* the largest number that is allowed */
};

/* Bits of the layout. The last: what is learned is not a number of threads, but how outputs are written. */
enum { ASLEEP = 1, NEW_OUTPUTS = 2, SEVERAL_AXES = 4, OF_WRITING = 8 };
enum { PLAIN_STORES = 1, STREAMING_STORES = 2 };

struct lesson {
    struct kind kind;
    int number; /* of threads, or how outputs are written */
    bool in_trial;
    bool timed; /* whether learn_from is to be told what the call took */
};

/* The number that a call is to have; `first` where nothing is known of its kind. */
struct lesson next_lesson(struct kind kind, int first);

/* The same, but nothing is tried. */
int number_in_use(struct kind kind, int first);

void learn_from(const struct lesson *lesson, double ns);

/* Calls back for each kind of which something is known. */
void for_each_learned(void (*tell)(void *with, const struct kind *kind, int number), void *with);
void forget_lessons(void);

#endif
