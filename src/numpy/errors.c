#include "errors.h"
#include "platform/flags.h"
#include <numpy/ndarraytypes.h>
#include <numpy/ufuncobject.h>

static int raised_by(const struct kernel *kernel)
{
    const int reported = FE_DIVBYZERO | FE_OVERFLOW | FE_UNDERFLOW | FE_INVALID;
    if (kernel->element == ELEMENT_longdouble) {
        return fetestexcept(reported);
    }
    return kernel->info->rounds ? vector_flags() & reported : 0;
}

void forget_errors(const struct kernel *kernel)
{
    if (raised_by(kernel) != 0) {
        feclearexcept(FE_ALL_EXCEPT);
    }
}

int report_errors(const struct kernel *kernel)
{
    const int raised = raised_by(kernel);
    if (raised == 0) {
        return 0;
    }
    const int errors =
        (raised & FE_DIVBYZERO ? UFUNC_FPE_DIVIDEBYZERO : 0) | (raised & FE_OVERFLOW ? UFUNC_FPE_OVERFLOW : 0) |
        (raised & FE_UNDERFLOW ? UFUNC_FPE_UNDERFLOW : 0) | (raised & FE_INVALID ? UFUNC_FPE_INVALID : 0);
    feclearexcept(FE_ALL_EXCEPT);
    return PyUFunc_GiveFloatingpointErrors(kernel->info->name, errors);
}
