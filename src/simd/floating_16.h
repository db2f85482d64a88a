/* A 16-bit floating type as raw bits, for the kernels that only select: included once for each, with ELEMENT, INFINITE
 * and UNIT, all of which it undefines. What computes is float32's. */

typedef bits E(vec);
INLINE bits E(bits)(E(vec) a) { return a; }
INLINE E(vec) E(of_bits)(bits a) { return a; }

#define WIDTH 16
#define SIGN_BIT INT16_MIN
#include "floating.h"
#include "kernels/relu.h"
#include "kernels/leaky_relu_grad.h"

#define ACCESS ELEMENT
#define FORMULA ELEMENT
#define EMIT_any LOOP
#define EMIT_selecting LOOP
#define EMIT_floating NO_LOOP
#define EMIT_branching NO_LOOP
#include "loops/steps.h"

#undef ELEMENT
