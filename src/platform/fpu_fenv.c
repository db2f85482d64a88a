#include "fpu.h"

void fpu_get_modes(struct fpu_modes *modes) { fegetenv(&modes->environment); }

void fpu_set_modes(const struct fpu_modes *modes)
{
    fesetenv(&modes->environment);
    feclearexcept(FE_ALL_EXCEPT);
}

int fpu_get_flags(void) { return fetestexcept(FE_ALL_EXCEPT); }

/* A flag that traps has done so where it was raised: it never comes here. */
void fpu_raise_flags(int flags) { feraiseexcept(flags); }
