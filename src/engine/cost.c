#include "cost.h"
#include "copies.h"
#include "platform/clock.h"
#include "platform/fpu.h"
#include "scratch.h"
#include "sizes.h"
#include <stdatomic.h>
#include <stdint.h>
#include <string.h>

enum {
    LEAST_ELEMENTS = 64,
    LONG_ENOUGH_NS = 1000, /* of one run in a trial: the clock takes a few tens */
    RUNS = 3,
};

/* Before anything is known: of a light kernel, and of a server's processor. */
static const double GUESSED_COST = 0.1, GUESSED_COST_OF_BYTE = 0.04;

/* Relaxed: numbers of their own, which publish nothing else. */
static atomic_bool learning = true;
static atomic_size_t own_bytes = 1 << 20, last_bytes = 32 << 20;
static _Atomic float costs[KERNEL_COUNT][ELEMENT_COUNT]; /* 0 where unknown */
static _Atomic float byte_cost;

void set_learning(bool wish) { atomic_store_explicit(&learning, wish, memory_order_relaxed); }
bool is_learning(void) { return atomic_load_explicit(&learning, memory_order_relaxed); }

void set_caches(size_t own, size_t last)
{
    atomic_store_explicit(&own_bytes, own, memory_order_relaxed);
    atomic_store_explicit(&last_bytes, last, memory_order_relaxed);
}

size_t own_cache(void) { return atomic_load_explicit(&own_bytes, memory_order_relaxed); }
size_t last_cache(void) { return atomic_load_explicit(&last_bytes, memory_order_relaxed); }

/* Negative numbers, which take the costly branch where there is one. */
static void fill(const struct kernel *kernel, char *memory, size_t bytes)
{
    if (kernel->element == ELEMENT_longdouble) {
        const long double number = -0.75L;
        for (size_t at = 0; at + sizeof number <= bytes; at += sizeof number) {
            memcpy(memory + at, &number, sizeof number);
        }
    } else {
        memset(memory, 0xBF, bytes); /* of any float: sign, and a middling exponent */
    }
}

/* 1: most defaults are that, and some kernels have a way of their own for it. (Those of hardsigmoid are others, for which its way is; it is
 * taken for slower than it is.) Of integers any number will do. */
static void fill_with_1(const struct kernel *kernel, char *memory)
{
    static const uint16_t f16 = 0x3C00, bf16 = 0x3F80;
    static const float f32 = 1;
    static const double f64 = 1;
    static const long double longdouble = 1;
    static const char zeros[sizeof longdouble];
    const void *const ones[ELEMENT_COUNT] = {[ELEMENT_f16] = &f16,
                                             [ELEMENT_bf16] = &bf16,
                                             [ELEMENT_f32] = &f32,
                                             [ELEMENT_f64] = &f64,
                                             [ELEMENT_longdouble] = &longdouble};
    const char *one = ones[kernel->element];
    splat(memory, one == NULL ? zeros : one, kernel->size);
}

/* The last inputs, which may be left out. */
static int parameters_of(const struct kernel *kernel)
{
    int count = 0;
    for (const char *at = kernel->info->signature; *at != '\0'; at++) {
        count += *at == '=';
    }
    return count;
}

static double fastest_run(const struct kernel *kernel, char *const *data, const ptrdiff_t *stride, size_t n, char *room)
{
    double fastest = 1e30;
    for (int run = 0; run <= RUNS; run++) {
        const int64_t begin = clock_ns();
        kernel->loop(data, stride, n, room);
        const double taken = (double)(clock_ns() - begin);
        fastest = run > 0 && taken < fastest ? taken : fastest;
    }
    return fastest;
}

/* In scratch memory: by more and more elements, until the clock is no matter. */
static double try_kernel(const struct kernel *kernel)
{
    const int nargs = operands_of(kernel);
    const size_t share = BLOCKS_BYTES / (size_t)nargs / LINE_BYTES * LINE_BYTES, most = share / kernel->size;
    char *scratch = take_scratch(), *data[MAX_OPERANDS];
    if (scratch == NULL) {
        return GUESSED_COST;
    }
    ptrdiff_t stride[MAX_OPERANDS];
    for (int i = 0; i < nargs; i++) {
        data[i] = scratch + (size_t)i * share;
        stride[i] = (ptrdiff_t)kernel->size;
    }
    fill(kernel, scratch, share * (size_t)nargs);
    for (int i = kernel->info->nin - parameters_of(kernel); i < kernel->info->nin; i++) {
        fill_with_1(kernel, data[i]);
        stride[i] = 0;
    }
    double taken = 0;
    size_t n = LEAST_ELEMENTS / 2;
    while (taken < LONG_ENOUGH_NS && 2 * n <= most) {
        n *= 2;
        taken = fastest_run(kernel, data, stride, n, scratch + BLOCKS_BYTES);
    }
    give_scratch(scratch);
    return taken / (double)n;
}

double known_cost(const struct kernel *kernel)
{
    return (double)atomic_load_explicit(&costs[kernel->id][kernel->element], memory_order_relaxed);
}

double cost_of(const struct kernel *kernel)
{
    if (!is_learning()) {
        return GUESSED_COST;
    }
    double cost = known_cost(kernel);
    if (cost == 0) {
        struct fpu_modes modes;
        const int flags = fpu_get_flags();
        fpu_get_modes(&modes);
        cost = try_kernel(kernel);
        fpu_set_modes(&modes); /* without the flags that the trial has raised */
        if (flags != 0) {
            fpu_raise_flags(flags);
        }
        atomic_store_explicit(&costs[kernel->id][kernel->element], (float)cost, memory_order_relaxed);
    }
    return cost;
}

double cost_of_byte(void)
{
    const double known = (double)atomic_load_explicit(&byte_cost, memory_order_relaxed);
    return known > 0 && is_learning() ? known : GUESSED_COST_OF_BYTE;
}

void set_cost_of_byte(double ns) { atomic_store_explicit(&byte_cost, (float)ns, memory_order_relaxed); }

size_t bytes_of(const struct plan *plan, size_t elements, bool inputs_only)
{
    const int count = inputs_only ? plan->kernel.info->nin : operands_of(&plan->kernel);
    size_t varying = 0;
    for (int i = 0; i < count; i++) {
        bool varies = false;
        for (int axis = 0; axis < plan->naxes; axis++) {
            varies |= plan->stride[axis][i] != 0 && (plan->copies >> i & 1) == 0;
        }
        varying += varies;
    }
    return varying * elements * plan->kernel.size;
}

struct cost cost_of_plan(const struct plan *plan, size_t elements)
{
    const size_t all = bytes_of(plan, elements, false), own = own_cache();
    const size_t inputs = bytes_of(plan, elements, true), in_callers = inputs < own ? inputs : own;
    struct cost cost = {(double)elements * cost_of(&plan->kernel), (double)in_callers * cost_of_byte()};
    if (all > own) {
        cost.alone += (double)all * cost_of_byte();
    }
    return cost;
}
