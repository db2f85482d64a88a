/* A 16-bit floating type as raw bits, for the kernels that only select: included once for each, with ELEMENT, INFINITE
 * and UNIT. What computes is float32's. */

struct f32_two {
    f32_vec first, second;
};

typedef bits E(vec);
INLINE bits E(bits)(E(vec) a) { return a; }
INLINE E(vec) E(of_bits)(bits a) { return a; }

#define WIDTH 16
#define SIGN_BIT INT16_MIN
#include "floating.h"
