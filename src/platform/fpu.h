/* The floating-point state that a thread takes over from another one: its modes (rounding, subnormal numbers, traps),
 * and on the way back the flags that it raised.
 *
 * fpu_fenv.c is C's own; fpu_x86.c does the same in a few ns, where reading C's whole environment takes a hundred. */
#ifndef RELU_UFUNC_FPU_H
#define RELU_UFUNC_FPU_H

#include <fenv.h>
#include <stdint.h>

struct fpu_modes {
    union {
        fenv_t environment; /* fpu_fenv.c */
        struct {
            uint32_t sse;
            uint16_t x87;
        } x86; /* fpu_x86.c */
    };
};

void fpu_get_modes(struct fpu_modes *modes);
void fpu_set_modes(const struct fpu_modes *modes); /* and clears all flags */

/* The flags that are raised, 0 if none; sets of them join by |. */
int fpu_get_flags(void);
void fpu_raise_flags(int flags);

#endif
