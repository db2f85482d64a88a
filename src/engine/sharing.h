/* How many threads share a call: by a model of what they cost, and by what calls of its kind have shown. */
#ifndef RELU_UFUNC_SHARING_H
#define RELU_UFUNC_SHARING_H

#include "cost.h"

/* For tests: ALWAYS is on as many threads as are allowed, whatever it costs. */
enum sharing { SHARED_IF_WORTH, SHARED_ALWAYS };
void set_sharing(enum sharing wish);

/* Whether so many elements could be worth more than one thread, if nothing else speaks against it. */
bool may_share(const struct kernel *kernel, size_t elements);

/* The fewest threads, of so many at most, that take no more than a twentieth longer than the best number of them; `awake` is
 * how many would begin at once. */
int threads_by_model(struct cost cost, int most, int awake);

/* So many units that what is left can be evened out where it is worth it. */
int units_for(struct cost cost, int threads);

bool shares_always(void);

#endif
