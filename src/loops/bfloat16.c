/* The kernels of bfloat16: what selects moves its bits, what computes is float32's formula.
 * Compiled for each instruction set: ISA is its name, VOCABULARY its header. */
#include VOCABULARY
#include "lift.h"

#define ELEMENT f32
#include "simd/float32.h"

#include "math/expm1_f32.h"
enum { IS_16_BIT = true };
static const float SIXTH = 0x1.56p-3f; /* 1/6 as near as bfloat16 has it */
#include "math/smooth_f32.h"
/* for short formulas: 2^-40 and 2^60; -x from where on functions are 0; what a last product is with, a little more than 2^-64: so
 * it is no subnormal number exactly by chance, without UNDERFLOW */
enum { SHORT_FIRST = 0x2b80, SHORT_LAST = 0x5d80 };
enum { SHORT_END = 105, SHORT_GELU_END = 15, SHORT_GELU_TANH_END = 11 };
#define SHORT_LAST_SCALE 0x1.000002p-64F
enum { SHORT_UNIT_EXPONENT = -64 };
#define SHORT_UNIT 0x1p-64F
/* The unit is the next float where x is negative: else silu at -92 and -92.5 is a subnormal number exactly by chance, without UNDERFLOW. */
INLINE f32_vec f32_short_times_unit(f32_vec quotient, f32_vec x)
{
    bits sign = shift_right_32(f32_bits(x), 31);
    return f32_mul(quotient, f32_of_bits(bits_or(f32_bits(f32_set1(SHORT_UNIT)), sign)));
}
#include "math/short_f32.h"
#define COMPUTES
#include "formulas.h"
#undef COMPUTES
#undef ELEMENT

#define ELEMENT bf16
#include "simd/bfloat16.h"

#include "formulas.h"

#define OF_floats(loop) loop

#define ACCESS bf16
#define FORMULA bf16
#define LOOP_TO_select LOOP
#define LOOP_TO_compute NO_LOOP
#define LOOP_TO_costly NO_LOOP
#define LOOP_TO_product NO_LOOP
#define LOOP_TO_brief NO_LOOP
#define LOOP_TO_brief_at_defaults NO_LOOP
#define LOOP_TO_brief_product NO_LOOP
#define LOOP_TO_fast NO_LOOP
#define LOOP_TO_fast_at_1 NO_LOOP
#define LOOP_TO_fast_product NO_LOOP
#define LOOP_TO_fast_product_at_1 NO_LOOP
#define LOOP_TO_branch NO_LOOP
#include "steps.h"

#define ACCESS bf16_in_f32
#define FORMULA f32
#include "through_f32.h"
#define LOOP_TO_select NO_LOOP
#define LOOP_TO_compute SETTLING_LOOP
#define LOOP_TO_costly COSTLY_LOOP
#define LOOP_TO_product LOOP_THROUGH_F32
#define LOOP_TO_brief COSTLY_LOOP
#define LOOP_TO_brief_at_defaults COSTLY_LOOP
#define LOOP_TO_brief_product LOOP_THROUGH_F32
#define LOOP_TO_fast FAST_LOOP_THROUGH_F32
#define LOOP_TO_fast_at_1 FAST_LOOP_THROUGH_F32
#define LOOP_TO_fast_product LOOP_THROUGH_F32
#define LOOP_TO_fast_product_at_1 LOOP_THROUGH_F32
#define LOOP_TO_branch LOOP_THROUGH_F32
#include "steps.h"

#define ACCESS bf16_in_f32
#define FORMULA f32
#include "short.h"

#include "table.h"
