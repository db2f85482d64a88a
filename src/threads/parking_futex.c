#define _GNU_SOURCE /* syscall */
#include "parking.h"
#include <linux/futex.h>
#include <stddef.h>
#include <sys/syscall.h>
#include <unistd.h>

static void futex(_Atomic uint32_t *number, int operation, uint32_t value)
{
    (void)syscall(SYS_futex, number, operation | FUTEX_PRIVATE_FLAG, value, NULL, NULL, 0);
}

void park(_Atomic uint32_t *number, uint32_t seen) { futex(number, FUTEX_WAIT, seen); }

void unpark(_Atomic uint32_t *number) { futex(number, FUTEX_WAKE, 1); }

void park_afresh(void) {}
