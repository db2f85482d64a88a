/* The kernels of float16: what selects moves its bits, what computes is float32's formula.
 * Compiled for each instruction set: ISA is its name, VOCABULARY its header. */
#include VOCABULARY
#include "lift.h"

#define ELEMENT f32
#include "simd/float32.h"

#include "math/expm1_f32.h"
enum { IS_16_BIT = true };
static const float SIXTH = 0x1.554p-3f; /* 1/6 as near as float16 has it */
#include "math/smooth_f32.h"
/* for short formulas: 2^-14 and 65504; and -x from where on functions are 0 */
enum { SHORT_FIRST = 0x0400, SHORT_LAST = 0x7bff };
enum { SHORT_END = 24, SHORT_GELU_END = 6, SHORT_GELU_TANH_END = 6 };
enum { SHORT_UNIT_EXPONENT = 0 };
#define SHORT_UNIT 1
#define SHORT_LAST_SCALE 0x1p-64F
INLINE f32_vec f32_short_times_unit(f32_vec quotient, f32_vec x) { return (void)x, quotient; }
#include "math/short_f32.h"
#define COMPUTES
#include "formulas.h"
#undef COMPUTES
#undef ELEMENT

#define ELEMENT f16
#include "simd/float16.h"

#include "formulas.h"

#define OF_floats(loop) loop

#define ACCESS f16
#define FORMULA f16
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

#define ACCESS f16_in_f32
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

#define ACCESS f16_in_f32
#define FORMULA f32
#include "short.h"

#include "table.h"
