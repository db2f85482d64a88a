/* A plan as units of work, which threads can share. */
#ifndef RELU_UFUNC_CUT_H
#define RELU_UFUNC_CUT_H

#include "plan.h"

/* Where outputs go. What the system has filled with zeros a moment ago is in the caches, so it is not streamed. */
enum destination { CACHED, STREAMED, NEW_PAGES };

/* Parts are planes, or where those are large, rectangles of them. A unit is so many parts, next to each other. */
struct cut {
    const struct plan *plan;
    size_t length[MAX_AXES]; /* of a part */
    size_t lead; /* by so much the first part of a single axis is shorter */
    size_t parts[MAX_AXES]; /* along each axis */
    size_t count, units;
    int joint; /* along this axis, parts next to each other can be done as one; -1 for none */
    unsigned stream; /* as a plane has it */
};

size_t elements_of(const struct plan *plan);

/* Cuts it for so many threads into so many units for each, fewer where it has not as many parts. */
void cut_up(struct cut *cut, const struct plan *plan, enum destination destination, size_t threads, size_t units_each);

/* Does the units from one on and up to another; a pool_work. */
void run_units(void *cut, size_t begin, size_t end);

#endif
