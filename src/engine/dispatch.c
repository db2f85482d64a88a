#include "dispatch.h"
#include "loops/isa_list.h" /* made by meson: FOR_EACH_ISA, in order of preference */
#include "platform/cpu.h"

/* A table for each element type in each ISA, and one for long double, which all of them share. */
#define DECLARE_TABLE(isa, element) extern kernel_loop *const isa##_##element##_kernels[KERNEL_COUNT];
#define DECLARE_TABLES(isa)           \
    extern move_rows isa##_move_rows; \
    FOR_EACH_VECTOR_ELEMENT(DECLARE_TABLE, isa)
FOR_EACH_ISA(DECLARE_TABLES)
DECLARE_TABLE(any, longdouble)

#define TABLE(isa, element) [ELEMENT_##element] = isa##_##element##_kernels,
#define ENTRY(isa) \
    {#isa, cpu_runs_##isa, isa##_move_rows, {FOR_EACH_VECTOR_ELEMENT(TABLE, isa) TABLE(any, longdouble)}},
const struct isa isas[] = {FOR_EACH_ISA(ENTRY)};
const int isa_count = sizeof isas / sizeof isas[0];

/* What a loop is, in the terms of struct kernel_info: rounds, packs, widens, is_fast. */
#define TRAITS_select false, false, false, false
#define TRAITS_compute true, false, false, false
#define TRAITS_costly true, false, false, false
#define TRAITS_product true, false, true, false
#define TRAITS_brief true, false, false, false
#define TRAITS_brief_at_defaults true, false, false, false
#define TRAITS_brief_product true, false, true, false
#define TRAITS_fast true, false, true, true
#define TRAITS_fast_at_1 true, false, true, true
#define TRAITS_fast_product true, false, true, true
#define TRAITS_fast_product_at_1 true, false, true, true
#define TRAITS_branch true, true, true, true

const struct kernel_info kernel_infos[KERNEL_COUNT] = {
#define KERNEL(name, nin, nout, elements, loop, signature, error, expression) \
    {#name, nin, nout, #elements, #loop, signature, error, expression, TRAITS_##loop},
#include "kernels/families.h"
#undef KERNEL
};

const size_t element_sizes[ELEMENT_COUNT] = {
    [ELEMENT_i8] = 1,
    [ELEMENT_u8] = 1,
    [ELEMENT_i16] = 2,
    [ELEMENT_u16] = 2,
    [ELEMENT_i32] = 4,
    [ELEMENT_u32] = 4,
    [ELEMENT_i64] = 8,
    [ELEMENT_u64] = 8,
    [ELEMENT_f16] = 2,
    [ELEMENT_bf16] = 2,
    [ELEMENT_f32] = 4,
    [ELEMENT_f64] = 8,
    [ELEMENT_longdouble] = sizeof(long double),
};
