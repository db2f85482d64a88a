/* Calls of any kind, made of the bytes that a fuzzer gives, on memory between fences.
 *
 * A call is compared with a simple loop: on copies of the inputs, one element after the other, by the scalar kernel. All
 * memory around the operands has to be as that loop leaves it, and the floating-point flags too. clang's libFuzzer looks for
 * bytes that reach new branches; with fuzz_alone.c it is a program that tries random ones. */
#define _GNU_SOURCE /* MAP_ANONYMOUS, which -std=c11 hides */
#include "fences.h"
#include "fuzz_case.h"
#include "engine/run.h"
#include "engine/sharing.h"
#include "engine/sizes.h"
#include "engine/streaming.h"
#include "platform/clock.h"
#include "threads/pool.h"
#include <fenv.h>
#include <float.h>
#include <math.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { GUARD = 0x5A, MARGIN = 128, ERRORS = FE_DIVBYZERO | FE_INVALID | FE_OVERFLOW | FE_UNDERFLOW };

static char *arenas[MAX_OPERANDS];      /* fenced: the call works here */
static char images[MAX_OPERANDS][ROOM]; /* and the simple loop here */

static const struct fuzz_case *now;

static void fail(const char *what)
{
    fprintf(stderr, "%s\n", what);
    show(now);
    abort();
}

/* Values */

enum { VALUES = 4099 }; /* a prime: what is taken from a wrong place differs */
static char values[ELEMENT_COUNT][VALUES][sizeof(long double)];

static uint64_t random_bits(void)
{
    static uint64_t state = 88172645463325252u;
    state ^= state << 13;
    state ^= state >> 7;
    return state ^= state << 17;
}

/* Most of a usual size, some of any, infinities, quiet NaNs and zeros among them. */
static uint64_t random_float(int exponent_bits, int fraction_bits)
{
    const uint64_t bits = random_bits(), one = 1, bias = (one << (exponent_bits - 1)) - 1;
    const uint64_t sign = bits & one << (exponent_bits + fraction_bits), fraction = bits & ((one << fraction_bits) - 1);
    const uint64_t infinity = (2 * bias + 1) << fraction_bits, usual = (bias + random_bits() % 9 - 5) << fraction_bits;
    switch (random_bits() % 16) {
        case 0: return sign;
        case 1: return sign | infinity;
        case 2: return sign | infinity | one << (fraction_bits - 1) | fraction;
        case 3: return sign | (random_bits() % (2 * bias + 1)) << fraction_bits | fraction;
        default: return sign | usual | fraction;
    }
}

static char *low_bytes(uint64_t *bits, size_t size)
{
    const bool big_endian = *(const char *)&(uint16_t){1} == 0;
    return (char *)bits + (big_endian ? sizeof *bits - size : 0);
}

static void make_values(void)
{
    for (int i = 0; i < VALUES; i++) {
        for (int element = 0; element < ELEMENT_COUNT; element++) {
            uint64_t bits = random_bits() >> random_bits() % 64; /* of an integer */
            switch (element) {
                case ELEMENT_f16: bits = random_float(5, 10); break;
                case ELEMENT_bf16: bits = random_float(8, 7); break;
                case ELEMENT_f32: bits = random_float(8, 23); break;
                case ELEMENT_f64: bits = random_float(11, 52); break;
                default: break;
            }
            if (element != ELEMENT_longdouble) {
                memcpy(values[element][i], low_bytes(&bits, element_sizes[element]), element_sizes[element]);
            }
        }
        double number;
        memcpy(&number, values[ELEMENT_f64][i], sizeof number);
        const long double wide = (long double)number;
        memcpy(values[ELEMENT_longdouble][i], &wide, sizeof wide);
    }
}

/* Memory */

/* Where all elements of an index lie, from the begin of their arenas. False behind the last index. */
static bool step(const struct fuzz_case *it, ptrdiff_t *index, ptrdiff_t *at)
{
    for (int axis = it->naxes - 1; axis >= 0; axis--) {
        const bool ends = ++index[axis] == it->shape[axis];
        for (int i = 0; i < operands_of(&it->kernel); i++) {
            at[i] += it->operands[i].stride[axis] * (ends ? 1 - it->shape[axis] : 1);
        }
        if (!ends) {
            return true;
        }
        index[axis] = 0;
    }
    return false;
}

static void first_places(const struct fuzz_case *it, ptrdiff_t *at)
{
    for (int i = 0; i < operands_of(&it->kernel); i++) {
        at[i] = it->operands[i].first;
    }
}

/* The memory of an arena that a case is about, or none. */
static struct reach window_of(const struct fuzz_case *it, int arena)
{
    struct reach window = {ROOM, 0};
    for (int i = 0; i < operands_of(&it->kernel); i++) {
        const struct operand *operand = &it->operands[i];
        if (operand->arena == arena) {
            const struct reach reach = reach_of(it, operand);
            const ptrdiff_t low = operand->first + reach.low - MARGIN, high = operand->first + reach.high + MARGIN;
            window.low = low < window.low ? low : window.low;
            window.high = high > window.high ? high : window.high;
        }
    }
    window.low = window.low < 0 ? 0 : window.low;
    window.high = window.high > ROOM ? ROOM : window.high;
    return window;
}

static void fill(const struct fuzz_case *it)
{
    struct reach windows[MAX_OPERANDS];
    ptrdiff_t index[MAX_AXES] = {0}, at[MAX_OPERANDS];
    const size_t size = it->kernel.size;
    for (int arena = 0; arena < operands_of(&it->kernel); arena++) {
        windows[arena] = window_of(it, arena);
        if (windows[arena].low < windows[arena].high) {
            memset(images[arena] + windows[arena].low, GUARD, (size_t)(windows[arena].high - windows[arena].low));
        }
    }
    first_places(it, at);
    unsigned value = it->values;
    for (bool more = it->elements > 0; more; more = step(it, index, at)) {
        for (int i = 0; i < it->kernel.info->nin; i++) {
            memcpy(images[it->operands[i].arena] + at[i], values[it->kernel.element][value++ % VALUES], size);
        }
    }
    for (int arena = 0; arena < operands_of(&it->kernel); arena++) {
        if (windows[arena].low < windows[arena].high) {
            memcpy(arenas[arena] + windows[arena].low, images[arena] + windows[arena].low,
                   (size_t)(windows[arena].high - windows[arena].low));
        }
    }
}

/* The simple loop */

/* Whether a signalling NaN, as bytes that overlap may well be, raises INVALID is left open. */
static bool saw_signalling;

static bool is_signalling(enum element element, const char *at)
{
    static const uint64_t infinities[ELEMENT_COUNT] = {
        [ELEMENT_f16] = 0x7c00,
        [ELEMENT_bf16] = 0x7f80,
        [ELEMENT_f32] = 0x7f800000,
        [ELEMENT_f64] = 0x7ff0000000000000,
    };
    const uint64_t infinity = infinities[element];
    if (infinity == 0) {
        return false;
    }
    uint64_t bits = 0;
    memcpy(low_bytes(&bits, element_sizes[element]), at, element_sizes[element]);
    const uint64_t quiet = (infinity & (~infinity + 1)) >> 1;
    return (bits & infinity) == infinity && (bits & quiet) == 0 && (bits & (quiet - 1)) != 0;
}

/* One element, where it lies. */
static void compute(const struct kernel *kernel, char *const *data)
{
    for (int i = 0; i < kernel->info->nin; i++) {
        saw_signalling = saw_signalling || is_signalling(kernel->element, data[i]);
    }
    ptrdiff_t stride[MAX_OPERANDS];
    for (int i = 0; i < MAX_OPERANDS; i++) {
        stride[i] = (ptrdiff_t)kernel->size;
    }
    kernel->loop(data, stride, 1, NULL);
}

/* As NumPy's loop has it: each element from what the ones before it have left. */
static void loop_in_order(const struct fuzz_case *it, const struct kernel *kernel)
{
    ptrdiff_t index[MAX_AXES] = {0}, at[MAX_OPERANDS];
    first_places(it, at);
    for (bool more = it->elements > 0; more; more = step(it, index, at)) {
        char *data[MAX_OPERANDS];
        for (int i = 0; i < operands_of(kernel); i++) {
            data[i] = images[it->operands[i].arena] + at[i];
        }
        compute(kernel, data);
    }
}

/* As the public calls have it: all inputs are read before anything is written. */
static void loop_on_copies(const struct fuzz_case *it, const struct kernel *kernel)
{
    static char results[2][MANY][sizeof(long double)];
    const int nin = kernel->info->nin, nargs = operands_of(kernel);
    for (int writes = 0; writes < 2; writes++) {
        ptrdiff_t index[MAX_AXES] = {0}, at[MAX_OPERANDS];
        first_places(it, at);
        size_t n = 0;
        for (bool more = it->elements > 0; more; more = step(it, index, at), n++) {
            char *data[MAX_OPERANDS];
            for (int i = 0; i < nargs; i++) {
                char *place = images[it->operands[i].arena] + at[i];
                data[i] = i < nin ? place : results[i - nin][n];
                if (writes && i >= nin) {
                    memcpy(place, data[i], kernel->size);
                }
            }
            if (!writes) {
                compute(kernel, data);
            }
        }
    }
}

/* The call */

static bool is_identical(const struct fuzz_case *it, const struct operand *a, const struct operand *b)
{
    return a->arena == b->arena && a->first == b->first &&
           memcmp(a->stride, b->stride, sizeof *a->stride * (size_t)it->naxes) == 0;
}

/* Whether no output overlaps anything, but an input that is the same: to refuse such a call is a mistake. */
static bool is_apart(const struct fuzz_case *it)
{
    const int nin = it->kernel.info->nin;
    for (int o = nin; o < operands_of(&it->kernel); o++) {
        const struct operand *out = &it->operands[o];
        if (!out->nested) {
            return false;
        }
        for (int i = 0; i < operands_of(&it->kernel); i++) {
            const struct operand *other = &it->operands[i];
            const bool same = i < nin && is_identical(it, other, out);
            if (i != o && other->arena == out->arena && !same) {
                return false;
            }
        }
    }
    return true;
}

static int apply(const struct fuzz_case *it, char *const *data)
{
    const int nin = it->kernel.info->nin;
    unsigned single = 0;
    for (int i = 0; i < nin; i++) {
        single |= (unsigned)(it->operands[i].stride[0] == 0) << i;
    }
    return c_api.apply(it->function, it->elements, (const void *const *)data, single, (void *const *)(data + nin));
}

static int call(const struct fuzz_case *it, char *const *data)
{
    const ptrdiff_t *strides[MAX_OPERANDS];
    for (int i = 0; i < operands_of(&it->kernel); i++) {
        strides[i] = it->operands[i].stride;
    }
    return c_api.call(it->function, it->naxes, it->shape, (void *const *)data, strides);
}

static int loop(const struct fuzz_case *it, char *const *data)
{
    ptrdiff_t strides[MAX_OPERANDS];
    for (int i = 0; i < operands_of(&it->kernel); i++) {
        strides[i] = it->operands[i].stride[0];
    }
    run_loop(&it->kernel, data, strides, it->elements);
    return RELU_UFUNC_OK;
}

static int make_call(const struct fuzz_case *it)
{
    static int (*const entries[ENTRIES])(const struct fuzz_case *, char *const *) = {call, apply, loop};
    char *data[MAX_OPERANDS];
    for (int i = 0; i < operands_of(&it->kernel); i++) {
        /* where there are no elements, that may be anywhere */
        data[i] = (char *)((uintptr_t)arenas[it->operands[i].arena] + (uintptr_t)it->operands[i].first);
    }
    set_streaming_threshold(it->stream ? 0 : SIZE_MAX);
    set_streamed_pages(PAGES_IN_TURN);
    pool_set_threads(it->threads);
    return entries[it->entry](it, data);
}

/* What was found */

/* Ten bytes of a long double of x86 are its value. */
static void forget_padding(const struct fuzz_case *it)
{
    enum { VALUE = 10 };
    if (it->kernel.element != ELEMENT_longdouble || LDBL_MANT_DIG != 64) {
        return;
    }
    ptrdiff_t index[MAX_AXES] = {0}, at[MAX_OPERANDS];
    first_places(it, at);
    for (bool more = it->elements > 0; more; more = step(it, index, at)) {
        for (int o = it->kernel.info->nin; o < operands_of(&it->kernel); o++) {
            const int arena = it->operands[o].arena;
            memcpy(images[arena] + at[o] + VALUE, arenas[arena] + at[o] + VALUE, sizeof(long double) - VALUE);
        }
    }
}

static void compare_memory(const struct fuzz_case *it)
{
    for (int arena = 0; arena < operands_of(&it->kernel); arena++) {
        const struct reach window = window_of(it, arena);
        for (ptrdiff_t at = window.low; at < window.high; at++) {
            if (window.low == at &&
                memcmp(arenas[arena] + at, images[arena] + at, (size_t)(window.high - window.low)) == 0) {
                break;
            }
            if (arenas[arena][at] != images[arena][at]) {
                fprintf(stderr, "byte %td of arena %d is %02x, not %02x\n", at, arena, (unsigned char)arenas[arena][at],
                        (unsigned char)images[arena][at]);
                fail("memory differs");
            }
        }
    }
}

/* The errors of which docs/floating_point.md says when they are raised: smooth functions may underflow on one way, and not on
 * another, where the result is rounded by less than the formula. */
static int promised_flags(const struct fuzz_case *it)
{
    const char *loop = it->kernel.info->loop;
    const bool smooth = strcmp(loop, "select") != 0 && strcmp(loop, "compute") != 0;
    const bool any_bytes = it->kernel.element == ELEMENT_longdouble; /* of which many are no number */
    return ERRORS & ~(smooth ? FE_UNDERFLOW : 0) & ~(saw_signalling || any_bytes ? FE_INVALID : 0);
}

static void prepare(void)
{
    enum { CPUS = 2 };
    pool_init(CPUS);
    set_sharing(SHARED_ALWAYS);
    for (int i = 0; i < MAX_OPERANDS; i++) {
        arenas[i] = fenced(ROOM);
    }
    make_values();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (arenas[0] == NULL) {
        prepare();
    }
    const struct fuzz_case it = case_of(data, size);
    now = &it;
    if (getenv("FUZZ_SHOW") != NULL) {
        show(&it);
    }
    fill(&it);
    feclearexcept(FE_ALL_EXCEPT);
    const int status = make_call(&it), raised = fetestexcept(ERRORS);
    if (status == RELU_UFUNC_OK) {
        const struct kernel scalar = find_kernel(&isas[isa_count - 1], it.kernel.id, it.kernel.element);
        saw_signalling = false;
        feclearexcept(FE_ALL_EXCEPT);
        (it.entry == LOOP ? loop_in_order : loop_on_copies)(&it, &scalar);
        const int wanted = fetestexcept(ERRORS), certain = promised_flags(&it);
        if ((raised & certain) != (wanted & certain)) {
            fprintf(stderr, "flags %x, not %x\n", (unsigned)raised, (unsigned)wanted);
            fail("other flags are raised");
        }
        forget_padding(&it);
    } else if (is_apart(&it)) {
        fail("refused, though no output overlaps another operand");
    }
    compare_memory(&it);
    return 0;
}
