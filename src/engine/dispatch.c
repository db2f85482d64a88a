#include "dispatch.h"
#include "platform/cpu.h"
#include "loops/isa/isa_list.h" /* made by meson: FOR_EACH_ISA, in order of preference */
#include <math.h>

#define DECLARE(name) extern const kernel_table name##_kernels;
FOR_EACH_ISA(DECLARE)

#define ENTRY(name) {#name, cpu_runs_##name, &name##_kernels},
const struct isa isas[] = {FOR_EACH_ISA(ENTRY)};
const int isa_count = sizeof isas / sizeof isas[0];

enum { ROUNDS_any = false, ROUNDS_selecting = false, ROUNDS_floating = true, ROUNDS_branching = true };

const struct kernel_info kernel_infos[KERNEL_COUNT] = {
#define KERNEL(name, nin, nout, dtypes, parameter, standard, ulp) \
    {#name, nin, nout, #dtypes, parameter, standard, ulp, ROUNDS_##dtypes},
#include "kernels/kernels.def"
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
