#include "fpu.h"
#include <float.h>

void fpu_get_modes(struct fpu_modes *modes) { fegetenv(&modes->environment); }

void fpu_set_modes(const struct fpu_modes *modes)
{
    fesetenv(&modes->environment);
    feclearexcept(FE_ALL_EXCEPT);
}

/* C has no word for flush-to-zero: this tries it. Some processors raise a flag for what they flush. */
static bool keeps_subnormals(void)
{
    fexcept_t flags;
    fegetexceptflag(&flags, FE_ALL_EXCEPT);
    volatile float least = FLT_MIN;
    const bool kept = least / 2 > 0;
    fesetexceptflag(&flags, FE_ALL_EXCEPT);
    return kept;
}

static void set_environment(const fenv_t *environment)
{
    fexcept_t flags;
    fegetexceptflag(&flags, FE_ALL_EXCEPT);
    fesetenv(environment);
    fesetexceptflag(&flags, FE_ALL_EXCEPT);
}

bool fpu_change_to_default(struct fpu_modes *before)
{
    if (fegetround() == FE_TONEAREST && keeps_subnormals()) {
        return false;
    }
    fpu_get_modes(before);
    set_environment(FE_DFL_ENV);
    return true;
}

void fpu_change_modes(const struct fpu_modes *modes) { set_environment(&modes->environment); }

int fpu_get_flags(void) { return fetestexcept(FE_ALL_EXCEPT); }

/* A flag that traps has done so where it was raised: it never comes here. */
void fpu_raise_flags(int flags) { feraiseexcept(flags); }
