/* A lock for the few instructions that change what threads share. A child of fork finds it free.
 *
 * guard_posix.c is for POSIX threads, guard_none.c for platforms without; meson chooses. */
#ifndef RELU_UFUNC_GUARD_H
#define RELU_UFUNC_GUARD_H

#include <stdbool.h>

/* To be called once, before all else. False where the system has no memory left. */
bool guard_init(void);

void guard_lock(void);
void guard_unlock(void);

#endif
