/* The library for programs without Python: what Python's side sets up from the system's files is set up here, as the library is
 * loaded, with less: one thread until more are asked for, and caches of a usual size. */
#include "c_api.h"
#include "platform/processors.h"
#include "threads/pool.h"

static __attribute__((constructor)) void prepare(void)
{
    int best = 0; /* the last one runs anywhere */
    while (best < isa_count - 1 && !isas[best].is_supported()) {
        best++;
    }
    c_api_use(&isas[best]);
    pool_init(processors());
}

__attribute__((visibility("default"))) const struct relu_ufunc_api *relu_ufunc_get_api(void) { return &c_api; }
