/* Threads that share the work of one call. A call for which there are none, for whatever reason, does all of its work
 * itself: nothing here fails.
 *
 * pool.c is for POSIX threads, pool_serial.c for platforms without; meson chooses. */
#ifndef RELU_UFUNC_POOL_H
#define RELU_UFUNC_POOL_H

#include <stddef.h>

enum { POOL_MOST_THREADS = 1024 };

extern const char pool_kind[]; /* "pthreads" or "serial" */

/* One piece of a call's work. Pieces are independent: done at the same time or one by one, in any order. A piece may
 * take some 28 KiB of stack; it may not fork. */
typedef void pool_work(void *context, size_t piece);

/* To be called before the first fork that may come while another thread is in pool_run: until then, all calls do all of
 * their work themselves. `cpus` is how many processors this process may use; more threads than these do not wait by
 * spinning. */
void pool_init(int cpus);

/* Does the pieces 0 to pieces - 1, each once, on at most `threads` threads, and returns when all are done. The caller is
 * one of the threads, and the only one where another call has the pool: that of another thread, or the one whose piece
 * this call is made from. Every thread works in the floating-point modes of the caller, and the flags that it raises are
 * raised in the caller. */
void pool_run(pool_work *work, void *context, size_t pieces, int threads);

/* Ends the threads, for good: calls made later do all of their work themselves. */
void pool_stop(void);

/* How many threads a call may use, from 1 to POOL_MOST_THREADS. It is for those who call pool_run to pass it on. The
 * second returns what it was before. */
int pool_get_threads(void);
int pool_set_threads(int threads);

#endif
