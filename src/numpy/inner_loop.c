#include "inner_loop.h"
#include "engine/run.h"
#include "modes.h"
#include <numpy/ndarraytypes.h>

/* C's integer types by their size on this platform */
#define LONG_ELEMENT(sign) (sizeof(long) == 8 ? ELEMENT_##sign##64 : ELEMENT_##sign##32)

const struct loop_type loop_types[] = {
    {NPY_BYTE,       ELEMENT_i8        },
    {NPY_UBYTE,      ELEMENT_u8        },
    {NPY_SHORT,      ELEMENT_i16       },
    {NPY_USHORT,     ELEMENT_u16       },
    {NPY_INT,        ELEMENT_i32       },
    {NPY_UINT,       ELEMENT_u32       },
    {NPY_LONG,       LONG_ELEMENT(i)   },
    {NPY_ULONG,      LONG_ELEMENT(u)   },
    {NPY_LONGLONG,   ELEMENT_i64       },
    {NPY_ULONGLONG,  ELEMENT_u64       },
    {NPY_HALF,       ELEMENT_f16       },
    {NPY_FLOAT,      ELEMENT_f32       },
    {NPY_DOUBLE,     ELEMENT_f64       },
    {NPY_LONGDOUBLE, ELEMENT_longdouble},
};
const int loop_type_count = sizeof loop_types / sizeof loop_types[0];

void inner_loop(char **args, npy_intp const *dimensions, npy_intp const *steps, void *data)
{
    const struct kernel *kernel = data;
    const size_t n = (size_t)dimensions[0];
    struct fpu_modes numpys;
    const bool changed = change_to_callers_modes(&numpys);
    run_loop(kernel, args, steps, n);
    if (changed) {
        fpu_change_modes(&numpys);
    }
}
