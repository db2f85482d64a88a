/* Threads that share the work of one call. A call for which there are none, for whatever reason, does all of its work
 * itself: nothing here fails.
 *
 * pool.c is for POSIX threads, pool_serial.c for platforms without; meson chooses. */
#ifndef RELU_UFUNC_POOL_H
#define RELU_UFUNC_POOL_H

#include <stdbool.h>
#include <stddef.h>

enum { POOL_MOST_UNITS = 65535 };

extern const char pool_kind[];      /* "pthreads" or "serial" */
extern const int pool_most_threads; /* of one call, its own included; 1 where there are none */

/* Does some units of a call's work, from one on and up to another. Units are independent: done at the same time or one by
 * one, in any order. It may take some 4 KiB of stack; it may not fork. */
typedef void pool_work(void *context, size_t begin, size_t end);

/* To be called before the first fork that may come while another thread is in pool_run: until then, all calls do all of
 * their work themselves. `cpus` is how many processors this process may keep busy at best, whatever its affinity; more
 * threads than these, or than the caller may run on, do not wait by spinning. */
void pool_init(int cpus);

/* Does the units 0 to units - 1, each once, on at most `threads` threads, and returns when all are done. The caller is
 * one of the threads, and the only one where another call has the pool: that of another thread, or the one whose unit this
 * call is made from. Each thread has as many units as the others, next to each other, and the same in each call for the same
 * numbers; where there are more units than threads, one that is done takes over some of those left. With more than
 * POOL_MOST_UNITS the caller is alone. Every thread works in the floating-point modes of the caller, and the flags that it
 * raises are raised in the caller. */
void pool_run(pool_work *work, void *context, size_t units, int threads);

/* How many threads there are that would begin at once, the caller's included, as far as can be seen. */
int pool_awake(void);

/* Ends the threads, for good: calls made later do all of their work themselves. */
void pool_stop(void);

/* How many threads a call that this thread makes may use as things are, from 1 to pool_most_threads: as many as have been
 * set, or the default. It is for those who call pool_run to pass it on. */
int pool_get_threads(void);

/* What has been set, for all threads: 0 is the default. The second sets it, what is out of range as the nearest in it,
 * and returns what was set before. */
int pool_threads_set(void);
int pool_set_threads(int threads);

/* The default is `most`; where it goes by cores, it is no more than there are cores that the calling thread may run on. */
void pool_set_default(int most, bool by_cores);
int pool_default_threads(void);

/* Says which processor is the first on the core of another, before the first call; a processor that nothing is said of
 * has a core of its own. */
void pool_set_core(int cpu, int first);

#endif
