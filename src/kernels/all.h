/* All kernels for all elements, in the vocabulary that is included before, and ISA_kernels, the table of them. The
 * headers included more than once are templates: they undefine the parameters that they name, all but ELEMENT. */

#include "../kernel.h"
#include "lift.h"

#define E(name) JOIN(ELEMENT, name)

#define ELEMENT i8
#define WIDTH 8
#define SIGNED true
#include "integer.h"

#define ELEMENT u8
#define WIDTH 8
#define SIGNED false
#include "integer.h"

#define ELEMENT i16
#define WIDTH 16
#define SIGNED true
#include "integer.h"

#define ELEMENT u16
#define WIDTH 16
#define SIGNED false
#include "integer.h"

#define ELEMENT i32
#define WIDTH 32
#define SIGNED true
#include "integer.h"

#define ELEMENT u32
#define WIDTH 32
#define SIGNED false
#include "integer.h"

#define ELEMENT i64
#define WIDTH 64
#define SIGNED true
#include "integer.h"

#define ELEMENT u64
#define WIDTH 64
#define SIGNED false
#include "integer.h"

#define ELEMENT f16
#define INFINITE 0x7c00
#define UNIT 0x3c00
#include "floating_16.h"

#define ELEMENT bf16
#define INFINITE 0x7f80
#define UNIT 0x3f80
#include "floating_16.h"

#define ELEMENT f32
#define WIDTH 32
#define SIGN_BIT INT32_MIN
#define INFINITE 0x7f800000
#define UNIT 0x3f800000
#include "floating.h"
#include "relu.h"
#include "leaky_relu_grad.h"
#include "leaky_relu.h"
#include "expm1_f32.h"
#include "elu.h"
#define ACCESS f32
#define FORMULA f32
#define EMIT_any LOOP
#define EMIT_selecting LOOP
#define EMIT_floating SETTLING_LOOP
#define EMIT_branching SETTLING_PACKED_LOOP
#include "steps.h"
#undef ELEMENT

#define ELEMENT f64
#define WIDTH 64
#define SIGN_BIT INT64_MIN
#define INFINITE 0x7ff0000000000000
#define UNIT 0x3ff0000000000000
#include "floating.h"
#include "relu.h"
#include "leaky_relu_grad.h"
#include "leaky_relu.h"
#include "expm1_f64.h"
#include "elu.h"
#define ACCESS f64
#define FORMULA f64
#define EMIT_any LOOP
#define EMIT_selecting LOOP
#define EMIT_floating SETTLING_LOOP
#define EMIT_branching SETTLING_PACKED_LOOP
#include "steps.h"
#undef ELEMENT

/* float16 in memory, float32 in lanes, for what computes: the formulas are those of float32 */
INLINE f32_vec f16_in_f32_load(const char *p, size_t count) { return f32_load_f16(p, 2 * count); }
INLINE void f16_in_f32_store(char *p, f32_vec a, size_t count) { f32_store_f16(p, a, 2 * count); }
INLINE size_t f16_in_f32_lanes(void) { return f32_lanes(); }

#define ELEMENT f16
#define ACCESS f16_in_f32
#define FORMULA f32
#define EMIT_any NO_LOOP
#define EMIT_selecting NO_LOOP
#define EMIT_floating SETTLING_LOOP
#define EMIT_branching SETTLING_PACKED_LOOP
#include "steps.h"
#undef ELEMENT

#include "bf16_in_f32.h"

#define ELEMENT bf16
#define ACCESS bf16_in_f32
#define FORMULA f32
#define EMIT_any NO_LOOP
#define EMIT_selecting NO_LOOP
#define EMIT_floating SETTLING_LOOP
#define EMIT_branching SETTLING_PACKED_LOOP
#include "steps.h"
#undef ELEMENT

#define FLOATING(name)                                                                                         \
    [ELEMENT_f16] = f16_##name##_loop, [ELEMENT_bf16] = bf16_##name##_loop, [ELEMENT_f32] = f32_##name##_loop, \
    [ELEMENT_f64] = f64_##name##_loop
#define ANY(name)                                                                                            \
    [ELEMENT_i8] = i8_##name##_loop, [ELEMENT_u8] = u8_##name##_loop, [ELEMENT_i16] = i16_##name##_loop,     \
    [ELEMENT_u16] = u16_##name##_loop, [ELEMENT_i32] = i32_##name##_loop, [ELEMENT_u32] = u32_##name##_loop, \
    [ELEMENT_i64] = i64_##name##_loop, [ELEMENT_u64] = u64_##name##_loop, FLOATING(name)

#define EMIT_any(name) ANY(name)
#define EMIT_selecting(name) FLOATING(name)
#define EMIT_floating(name) FLOATING(name)
#define EMIT_branching(name) FLOATING(name)
#define KERNEL(name, nin, nout, dtypes, parameter, standard, ulp) [KERNEL_##name] = {EMIT_##dtypes(name)},

const kernel_table JOIN(ISA, kernels) = {
#include "../kernels.def"
};
