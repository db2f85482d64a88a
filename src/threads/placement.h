/* Where threads run: their affinity, which differs from thread to thread, and which anyone may change at any time: the
 * system is asked each time.
 *
 * placement_linux.c is for Linux, placement_none.c for systems that do not let a program say; meson chooses. */
#ifndef RELU_UFUNC_PLACEMENT_H
#define RELU_UFUNC_PLACEMENT_H

#include <pthread.h>
#include <stdbool.h>

/* On how many cores the processors lie that the calling thread may run on; `otherwise` where the system does not tell. */
int cores_allowed(int otherwise);

/* Says which processor is the first on the core of another; a processor that nothing is said of has a core of its own.
 * Numbers out of range are left alone. */
void set_first_on_core(int cpu, int first);

/* Lets threads run where their caller may, but for the processor that it is on, if there is another. Left alone, Linux
 * may wake a thread there, behind the caller, though another processor is idle: it is too late then, or in the way. Those
 * that are awake are told of other processors of their caller's only. `told` counts the threads that have been told
 * before; for the rest, one caller at a time. Returns how many processors the caller may run on, `otherwise` where the
 * system does not tell. */
int place_beside_caller(const pthread_t *threads, int count, int *told, bool awake, int otherwise);

#endif
