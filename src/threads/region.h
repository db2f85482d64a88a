/* Regions: the work of one call, while threads share it. One caller at a time has them, who sees to that. */
#ifndef RELU_UFUNC_REGION_H
#define RELU_UFUNC_REGION_H

#include "platform/fpu.h"
#include "pool.h"
#include <stdint.h>

enum { MOST_THREADS = 1024 };

struct region {
    pool_work *work;
    void *context;
    struct fpu_modes modes; /* the caller's */
};

/* The caller's part: has all units done, some of them by the workers 1 to `workers`, if these come in time. Returns the flags
 * that they have raised. */
int run_region(const struct region *region, uint32_t units, int workers);

/* A worker's: takes part in the regions that are for it, until it is sent home. Workers are numbered from 1. */
void serve_regions(int me);
void send_home(int workers);

/* Where there are no workers any more, in a child of fork and when the numbers of regions are used up; so many there were. */
void begin_afresh(int workers);
bool are_used_up(void);

/* How long workers and callers spin, for so many workers on so many processors. */
void set_patience(int workers, int cpus);

/* How many of the workers do not sleep. */
int count_awake(int workers);

#endif
