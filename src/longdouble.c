/* The kernels for long double, which no instruction set has vectors for: one table, used with every ISA. */

#include "simd/scalar.h"

#include "kernel.h"
#include "kernels/lift.h"
#include "kernels/longdouble.h"

#define E(name) JOIN(ELEMENT, name)

#define ELEMENT longdouble
#include "kernels/relu.h"
#include "kernels/leaky_relu_grad.h"
#include "kernels/leaky_relu.h"
#include "kernels/elu.h"
#define ACCESS longdouble
#define FORMULA longdouble
#define EMIT_any LOOP
#define EMIT_selecting LOOP
#define EMIT_floating SETTLED_LOOP
#define EMIT_branching SETTLED_LOOP_WITH_BRANCH
#include "kernels/steps.h"

#define KERNEL(name, nin, nout, dtypes, parameter, standard, ulp) \
    [KERNEL_##name] = {[ELEMENT_longdouble] = longdouble_##name##_loop},

const kernel_table longdouble_kernels = {
#include "kernels.def"
};
