/* What a call costs, by what the machine has shown of itself. Times are in ns. */
#ifndef RELU_UFUNC_COST_H
#define RELU_UFUNC_COST_H

#include "plan.h"
#include <stdbool.h>

/* Whether anything is to be found out. If not, all is computed from constants, and the same in every process. */
void set_learning(bool wish);
bool is_learning(void);

/* The second-level cache of a core, and the last cache of all, in bytes. */
void set_caches(size_t own, size_t last);
size_t own_cache(void);
size_t last_cache(void);

/* What an element takes on one thread, in the core's own caches: by a short trial, the first time that it is asked for; 0 from
 * known_cost where it has not been. */
double cost_of(const struct kernel *kernel);
double known_cost(const struct kernel *kernel);

/* What a byte takes from memory, or out of another core, into this one, until set_cost_of_byte says better. */
double cost_of_byte(void);
void set_cost_of_byte(double ns);

struct cost {
    double alone; /* on one thread */
    double moved; /* more than its part of that on several: inputs that the caller has just written are in its core */
};

/* The bytes of operands that vary. */
size_t bytes_of(const struct plan *plan, size_t elements, bool inputs_only);

struct cost cost_of_plan(const struct plan *plan, size_t elements);

#endif
