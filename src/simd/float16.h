/* float16 as an element type: raw bits where ELEMENT is f16, for what selects, and float32 in lanes for what computes. */

#define INFINITE 0x7c00
#define UNIT 0x3c00
#include "floating_16.h"

INLINE f32_vec f16_in_f32_load(const char *p, size_t count) { return f32_load_f16(p, 2 * count); }
INLINE void f16_in_f32_store(char *p, f32_vec a, size_t count) { f32_store_f16(p, a, 2 * count); }
INLINE size_t f16_in_f32_lanes(void) { return f32_lanes(); }
