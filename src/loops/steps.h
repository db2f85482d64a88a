/* Every kernel of ELEMENT as a kernel_loop: included with ACCESS, whose load, store and lanes are used; FORMULA, the type
 * computed in; OF_floats, NO_LOOP for integers; a LOOP_TO_… for each loop that a declaration may name, which is one of
 * the loops of lift.h and fast.h. All are undefined at the end, but for OF_floats. */

#define KERNEL(name, nin, nout, elements, loop, ...) OF_##elements(LOOP_TO_##loop)(name, nin, nout)
#include "kernels/families.h"
#undef KERNEL

#undef LOOP_TO_branch
#undef LOOP_TO_product
#undef LOOP_TO_brief
#undef LOOP_TO_brief_at_defaults
#undef LOOP_TO_brief_product
#undef LOOP_TO_costly
#undef LOOP_TO_fast
#undef LOOP_TO_fast_at_1
#undef LOOP_TO_fast_product
#undef LOOP_TO_fast_product_at_1
#undef LOOP_TO_compute
#undef LOOP_TO_select
#undef FORMULA
#undef ACCESS
