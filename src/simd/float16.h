/* float16 as an element type: raw bits where ELEMENT is f16, for what selects, and float32 in lanes for what computes. */

#define INFINITE 0x7c00
#define UNIT 0x3c00
#include "floating_16.h"

INLINE f32_vec f16_in_f32_load(const char *p, size_t count) { return f32_load_f16(p, 2 * count); }
INLINE void f16_in_f32_store(char *p, f32_vec a, size_t count) { f32_store_f16(p, a, 2 * count); }
INLINE size_t f16_in_f32_lanes(void) { return f32_lanes(); }

/* Halfway between two float16, by its bits; or subnormal, and a multiple of half the least one, which is the last bit of a sum with
 * 3/8. Where that is a float16, whether the result proper is as well decides about UNDERFLOW. */
INLINE mask f16_in_f32_is_halfway(f32_vec a)
{
    const bits magnitude = bits_and(f32_bits(a), set1_32(INT32_MAX)), least = f32_bits(f32_set1(0x1p-14F));
    f32_vec sum = f32_add(f32_of_bits(magnitude), f32_set1(0.375F));
    mask multiple = eq_32(f32_bits(f32_sub(sum, f32_set1(0.375F))), magnitude);
    mask subnormal = mask_and(mask_and(gt_32(magnitude, set1_32(0)), gt_32(least, magnitude)), multiple);
    return mask_or(subnormal, eq_32(bits_and(magnitude, set1_32(0x1fff)), set1_32(0x1000)));
}

/* two vectors of consecutive elements */
INLINE struct f32_two f16_in_f32_load_two(const char *p)
{
    const size_t bytes = 2 * f32_lanes();
    return (struct f32_two){f32_load_f16(p, bytes), f32_load_f16(p + bytes, bytes)};
}

/* *y, with as much more as it may be off by; whether this and as much less round alike */
INLINE bool f16_is_certain(f32_vec *y, float error)
{
    const f32_vec by = f32_set1(error), less = f32_less_fused(*y, by, *y);
    *y = f32_fused(*y, by, *y);
    return f32_alike_in_f16(*y, less);
}

/* The same back; but false where a value, which may be off by `error` of itself, might round otherwise. */
INLINE bool f16_in_f32_store_two(char *p, struct f32_two y, float error)
{
    if (error > 0 && (!f16_is_certain(&y.first, error) || !f16_is_certain(&y.second, error))) {
        return false;
    }
    const size_t bytes = 2 * f32_lanes();
    f32_store_f16(p, y.first, bytes);
    f32_store_f16(p + bytes, y.second, bytes);
    return true;
}
