/* How a thread sleeps until a number that others change is another one.
 *
 * parking_futex.c asks Linux; parking_posix.c does with what POSIX has; meson chooses. */
#ifndef RELU_UFUNC_PARKING_H
#define RELU_UFUNC_PARKING_H

#include <stdatomic.h>
#include <stdint.h>

/* Sleeps while the number is `seen`. It may return early: who calls it looks again. */
void park(_Atomic uint32_t *number, uint32_t seen);

/* Wakes the one thread that sleeps on a number, after it was changed. */
void unpark(_Atomic uint32_t *number);

/* For a child of fork, where nobody sleeps. */
void park_afresh(void);

#endif
