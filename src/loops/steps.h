/* Every kernel of an element type as a kernel_loop: included with ELEMENT, the type in memory; ACCESS, whose load,
 * store and lanes are used; FORMULA, the type computed in; EMIT_any, EMIT_selecting, EMIT_floating and
 * EMIT_branching, each one of the loops of lift.h, which say what kernels it has. */

#define KERNEL(name, nin, nout, dtypes, parameter, standard, ulp) EMIT_##dtypes(name, nin, nout)

#include "kernels/kernels.def"

#undef KERNEL
#undef EMIT_branching
#undef EMIT_floating
#undef EMIT_selecting
#undef EMIT_any
#undef FORMULA
#undef ACCESS
