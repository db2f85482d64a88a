/* Where threads run.
 *
 * placement_linux.c is for Linux, placement_none.c for systems that do not let a program say; meson chooses. */
#ifndef RELU_UFUNC_PLACEMENT_H
#define RELU_UFUNC_PLACEMENT_H

#include <pthread.h>

/* What was asked for last, so that the system is told of changes only. */
struct placement {
    int avoided; /* a processor */
    int told;    /* threads */
};

/* Keeps threads off the processor that the caller runs on, among those that the caller may use. Left alone, Linux may
 * wake a thread there, behind the caller, though another processor is idle: it is too late then, or in the way. */
void keep_off_own_processor(struct placement *last, const pthread_t *threads, int count);

#endif
