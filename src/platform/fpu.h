/* The floating-point state that a thread takes over from another one: its modes (rounding, subnormal numbers, traps),
 * and on the way back the flags that it raised.
 *
 * fpu_fenv.c is C's own; fpu_x86.c does the same in a few ns, where reading C's whole environment takes a hundred. */
#ifndef RELU_UFUNC_FPU_H
#define RELU_UFUNC_FPU_H

#include <fenv.h>
#include <stdbool.h>
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

/* Sets the modes that Python runs in, rounding to nearest and subnormal numbers kept, and tells in `before` what held. False
 * where they hold already. Flags stay as they are. */
bool fpu_change_to_default(struct fpu_modes *before);

/* Sets modes, and leaves the flags as they are. */
void fpu_change_modes(const struct fpu_modes *modes);

/* The flags that are raised, 0 if none; sets of them join by |. */
int fpu_get_flags(void);
void fpu_raise_flags(int flags);

#endif
