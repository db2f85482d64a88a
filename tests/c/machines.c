/* Every kernel on every instruction set of this machine: `machines COUNT [ISA]` prints a checksum of its results for COUNT
 * inputs, and the floating-point flags, on which all machines agree. It fails where two instruction sets differ, where a
 * layout changes a result, a flag or memory elsewhere, and where long double, of which machines have different kinds, is far
 * from double. With ISA it is that one alone.
 *
 * The first line is what machines differ in: their instruction sets, the one that is used first. */
#include "c_api/c_api.h"
#include "checksum.h"
#include <fenv.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

enum { MOST_AXES = 3, LAYOUTS = 6, MOST_OPERANDS = RELU_UFUNC_MAX_OPERANDS, UNTOUCHED = 0xA5 };

/* The elements that machines agree on. `fraction` is how many bits a float has for it, 0 is for an integer. */
static const struct kind {
    const char *name;
    int type;
    size_t size;
    int fraction;
} kinds[] = {
    {"int8",     RELU_UFUNC_INT8,     1, 0 },
    {"uint8",    RELU_UFUNC_UINT8,    1, 0 },
    {"int16",    RELU_UFUNC_INT16,    2, 0 },
    {"uint16",   RELU_UFUNC_UINT16,   2, 0 },
    {"int32",    RELU_UFUNC_INT32,    4, 0 },
    {"uint32",   RELU_UFUNC_UINT32,   4, 0 },
    {"int64",    RELU_UFUNC_INT64,    8, 0 },
    {"uint64",   RELU_UFUNC_UINT64,   8, 0 },
    {"float16",  RELU_UFUNC_FLOAT16,  2, 10},
    {"bfloat16", RELU_UFUNC_BFLOAT16, 2, 7 },
    {"float32",  RELU_UFUNC_FLOAT32,  4, 23},
    {"float64",  RELU_UFUNC_FLOAT64,  8, 52},
};
enum { KINDS = sizeof kinds / sizeof kinds[0], FLOAT64 = KINDS - 1 };

static bool failed;

static void complain(const char *what, const char *name, const struct kind *kind)
{
    fprintf(stderr, "%s: %s, %s, %s\n", what, name, kind->name, c_api.isa());
    failed = true;
}

static void *allocate(size_t bytes)
{
    void *memory = malloc(bytes);
    if (memory == NULL) {
        abort();
    }
    return memory;
}

/* Numbers by chance, the same on all machines. */

static uint64_t seed;

static uint64_t random_bits(void)
{
    uint64_t z = seed += 0x9e3779b97f4a7c15;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
    z = (z ^ z >> 27) * 0x94d049bb133111eb;
    return z ^ z >> 31;
}

static size_t random_below(size_t end) { return (size_t)(random_bits() >> 32) % end; }

/* Inputs: of a float, special numbers come first; then by turns any number, each as likely, and one that is not far from 1. */

static uint64_t sign_of(const struct kind *kind) { return (uint64_t)1 << (8 * kind->size - 1); }
static uint64_t infinity_of(const struct kind *kind) { return sign_of(kind) - ((uint64_t)1 << kind->fraction); }
static uint64_t bias_of(const struct kind *kind) { return infinity_of(kind) >> (kind->fraction + 1); }

static uint64_t special(const struct kind *kind, size_t i)
{
    const uint64_t least = (uint64_t)1 << kind->fraction, infinity = infinity_of(kind), nan = infinity | least >> 1 | 5;
    const uint64_t numbers[] = {
        0, 1, least - 1, least, bias_of(kind) << kind->fraction, infinity - 1, infinity, nan,
    };
    return numbers[i / 2] | (i % 2 == 0 ? 0 : sign_of(kind));
}

static uint64_t not_far_from_1(const struct kind *kind)
{
    const uint64_t exponent = bias_of(kind) - 12 + random_below(20), one = (uint64_t)1 << kind->fraction;
    return (random_bits() & (sign_of(kind) | (one - 1))) | exponent << kind->fraction;
}

/* Whether a signalling NaN raises a flag is left to machines: there is none. */
static uint64_t any(const struct kind *kind)
{
    const uint64_t bits = random_bits() >> (64 - 8 * kind->size);
    const bool is_nan = (bits & (sign_of(kind) - 1)) > infinity_of(kind);
    return is_nan ? bits | (uint64_t)1 << (kind->fraction - 1) : bits;
}

static uint64_t input(const struct kind *kind, size_t i)
{
    if (kind->fraction == 0) {
        return random_bits() >> (64 - 8 * kind->size);
    }
    const size_t specials = 16;
    return i < specials ? special(kind, i) : i % 2 == 0 ? any(kind) : not_far_from_1(kind);
}

/* A number that is normal in either type, to nearest. */
static uint64_t bits_of(const struct kind *kind, double number)
{
    const int dropped = 52 - kind->fraction;
    const uint64_t bias = (uint64_t)1023 << 52;
    const uint64_t rounded = bits_at(&number, 8) - bias + ((uint64_t)1 << dropped >> 1);
    return (rounded >> dropped) + (bias_of(kind) << kind->fraction);
}

/* A function for one type of elements, and the defaults of its inputs. */
struct function {
    const char *name;
    const struct kind *kind;
    const relu_ufunc_function *address;
    int nin, nout;
    bool has_default[MOST_OPERANDS];
    char standard[MOST_OPERANDS][8];
};

static bool find(const char *name, const struct kind *kind, struct function *function)
{
    *function = (struct function){.name = name, .kind = kind, .address = c_api.find(name, kind->type)};
    if (function->address == NULL) {
        return false;
    }
    function->nin = c_api.inputs(function->address);
    function->nout = c_api.outputs(function->address);
    int i = 0;
    for (const char *at = c_api.signature(function->address); at != NULL; at = strchr(at, ',')) {
        at += strspn(at, ", ");
        const char *equals = strchr(at, '='), *end = strchr(at, ',');
        if (equals != NULL && (end == NULL || equals < end)) {
            char *behind;
            double number = strtod(equals + 1, &behind);
            number /= *behind == '/' ? strtod(behind + 1, NULL) : 1;
            function->has_default[i] = true;
            put_bits(function->standard[i], kind->size, bits_of(kind, number));
        }
        i += *at != '/';
    }
    return true;
}

/* Those that NumPy looks at, numbered as nowhere. */
static unsigned take_flags(void)
{
    const int flags[] = {FE_DIVBYZERO, FE_OVERFLOW, FE_UNDERFLOW, FE_INVALID};
    unsigned raised = 0;
    for (unsigned i = 0; i < sizeof flags / sizeof flags[0]; i++) {
        raised |= (unsigned)(fetestexcept(flags[i]) != 0) << i;
    }
    feclearexcept(FE_ALL_EXCEPT);
    return raised;
}

struct outcome {
    uint64_t sum; /* of the results */
    unsigned flags; /* of a call at the defaults, and of the other one */
};

/* Adds the results for `count` inputs to what came before. */
static void call(const struct function *function, bool defaults, size_t count, struct outcome *outcome)
{
    const size_t size = function->kind->size;
    char *data[MOST_OPERANDS];
    unsigned single = 0;
    for (int k = 0; k < function->nin + function->nout; k++) {
        data[k] = allocate(count * size);
        for (size_t i = 0; k < function->nin && i < count; i++) {
            put_bits(data[k] + i * size, size, input(function->kind, k == 0 ? i : random_below(count)));
        }
        if (defaults && function->has_default[k]) {
            single |= 1u << k;
            memcpy(data[k], function->standard[k], size);
        }
    }
    take_flags();
    c_api.apply(function->address, count, (const void *const *)data, single, (void *const *)data + function->nin);
    outcome->flags = outcome->flags << 4 | take_flags();
    for (int k = function->nin; k < function->nin + function->nout; k++) {
        outcome->sum = checksum_of(outcome->sum, data[k], count, size);
    }
    for (int k = 0; k < function->nin + function->nout; k++) {
        free(data[k]);
    }
}

/* Layouts. An operand's elements lie in memory in any order of the axes, with gaps, either way; it begins at any byte. */
struct layout {
    int axes;
    ptrdiff_t shape[MOST_AXES], stride[MOST_OPERANDS][MOST_AXES];
    char *memory[MOST_OPERANDS], *first[MOST_OPERANDS];
    size_t bytes[MOST_OPERANDS];
};

static void lay_out(struct layout *layout, const struct function *function, int k, bool standard)
{
    const size_t size = function->kind->size;
    size_t step = size, offset = random_below(size);
    const int turn = (int)random_below(MOST_AXES);
    ptrdiff_t ahead = 0;
    for (int i = 0; i < layout->axes; i++) {
        const int axis = (i + turn) % layout->axes;
        step *= 1 + random_below(4) / 3;
        const bool backward = random_below(4) == 0, broadcast = k < function->nin && random_below(6) == 0;
        const ptrdiff_t stride = backward ? -(ptrdiff_t)step : (ptrdiff_t)step;
        layout->stride[k][axis] = broadcast || standard ? 0 : stride;
        ahead += layout->stride[k][axis] < 0 ? -stride * (layout->shape[axis] - 1) : 0;
        step *= (size_t)layout->shape[axis];
    }
    layout->bytes[k] = offset + step;
    layout->memory[k] = allocate(layout->bytes[k]);
    layout->first[k] = layout->memory[k] + offset + ahead;
    memset(layout->memory[k], UNTOUCHED, layout->bytes[k]);
    for (size_t at = offset; k < function->nin && at < layout->bytes[k]; at += size) {
        put_bits(layout->memory[k] + at, size, input(function->kind, random_below(64)));
    }
    if (standard) {
        memcpy(layout->first[k], function->standard[k], size);
    }
}

/* One element at a time, into copies of the outputs' memory. */
static void one_by_one(const struct layout *layout, const struct function *function, char *const *copy)
{
    const size_t size = function->kind->size;
    ptrdiff_t at[MOST_AXES] = {0};
    for (int axis = 0; axis < layout->axes;) {
        char element[MOST_OPERANDS][8];
        void *data[MOST_OPERANDS];
        ptrdiff_t where[MOST_OPERANDS];
        for (int k = 0; k < function->nin + function->nout; k++) {
            where[k] = layout->first[k] - layout->memory[k];
            for (int i = 0; i < layout->axes; i++) {
                where[k] += at[i] * layout->stride[k][i];
            }
            data[k] = memcpy(element[k], layout->memory[k] + where[k], size);
        }
        c_api.apply(function->address, 1, (const void *const *)data, 0, data + function->nin);
        for (int k = function->nin; k < function->nin + function->nout; k++) {
            memcpy(copy[k] + where[k], element[k], size);
        }
        for (axis = 0; axis < layout->axes && ++at[axis] == layout->shape[axis]; axis++) {
            at[axis] = 0;
        }
    }
}

static void try_layout(const struct function *function)
{
    const ptrdiff_t longest[] = {0, 200, 20, 8};
    struct layout layout = {.axes = 1 + (int)random_below(MOST_AXES)};
    for (int axis = 0; axis < layout.axes; axis++) {
        layout.shape[axis] = 1 + (ptrdiff_t)random_below((size_t)longest[layout.axes]);
    }
    const bool defaults = random_below(2) == 0;
    const int operands = function->nin + function->nout;
    const ptrdiff_t *strides[MOST_OPERANDS];
    char *copy[MOST_OPERANDS] = {NULL};
    for (int k = 0; k < operands; k++) {
        lay_out(&layout, function, k, defaults && function->has_default[k]);
        strides[k] = layout.stride[k];
        copy[k] = memcpy(allocate(layout.bytes[k]), layout.memory[k], layout.bytes[k]);
    }
    take_flags();
    one_by_one(&layout, function, copy);
    const unsigned flags = take_flags();
    const int status = c_api.call(function->address, layout.axes, layout.shape, (void *const *)layout.first, strides);
    if (status != RELU_UFUNC_OK || take_flags() != flags) {
        complain("other flags in a layout", function->name, function->kind);
    }
    for (int k = 0; k < operands; k++) {
        if (memcmp(copy[k], layout.memory[k], layout.bytes[k]) != 0) {
            complain("a layout changes results, or memory elsewhere", function->name, function->kind);
        }
        free(copy[k]);
        free(layout.memory[k]);
    }
}

/* Long double, of whatever kind, beside double. */
static void compare_long_double(const char *name)
{
    const double close = 1e-14, tiny = 1e-300;
    const relu_ufunc_function *wide = c_api.find(name, RELU_UFUNC_LONGDOUBLE);
    struct function function;
    find(name, &kinds[FLOAT64], &function);
    for (int i = 0; i < 200; i++) {
        double number[MOST_OPERANDS];
        long double numbers[MOST_OPERANDS];
        void *data[MOST_OPERANDS], *wide_data[MOST_OPERANDS];
        for (int k = 0; k < function.nin + function.nout; k++) {
            const uint64_t bits = not_far_from_1(&kinds[FLOAT64]);
            memcpy(&number[k], function.has_default[k] ? function.standard[k] : (const void *)&bits, 8);
            numbers[k] = number[k];
            data[k] = &number[k];
            wide_data[k] = &numbers[k];
        }
        c_api.apply(function.address, 1, (const void *const *)data, 0, data + function.nin);
        c_api.apply(wide, 1, (const void *const *)wide_data, 0, wide_data + function.nin);
        for (int k = function.nin; k < function.nin + function.nout; k++) {
            if (!(fabsl(numbers[k] - number[k]) <= close * fabs(number[k]) + tiny)) {
                complain("long double is far from double", name, &kinds[FLOAT64]);
            }
        }
    }
}

static void run_all(size_t count, struct outcome outcomes[KERNEL_COUNT][KINDS])
{
    for (int id = 0; id < KERNEL_COUNT; id++) {
        for (int k = 0; k < KINDS; k++) {
            struct function function;
            if (!find(kernel_infos[id].name, &kinds[k], &function)) {
                continue;
            }
            seed = (uint64_t)(id * KINDS + k);
            struct outcome now = {CHECKSUM_OF_NOTHING, 0}, before = outcomes[id][k];
            call(&function, true, count, &now);
            call(&function, false, count, &now);
            if (before.sum != 0 && before.sum != now.sum) {
                complain("instruction sets differ in results", function.name, function.kind);
            }
            if (before.sum != 0 && before.flags != now.flags) {
                complain("instruction sets differ in flags", function.name, function.kind);
            }
            outcomes[id][k] = now;
            for (int i = 0; i < LAYOUTS; i++) {
                try_layout(&function);
            }
        }
        compare_long_double(kernel_infos[id].name);
    }
}

int main(int argc, char **argv)
{
    static struct outcome outcomes[KERNEL_COUNT][KINDS];
    const size_t count = argc > 1 ? strtoul(argv[1], NULL, 10) : 0;
    printf("instruction sets:");
    for (int i = 0; i < isa_count; i++) {
        if (isas[i].is_supported()) {
            printf(" %s", isas[i].name);
        }
    }
    printf("\n");
    int tried = 0;
    for (int i = 0; i < isa_count && count > 0; i++) {
        if (isas[i].is_supported() && (argc < 3 || strcmp(argv[2], isas[i].name) == 0)) {
            c_api_use(&isas[i]);
            run_all(count, outcomes);
            tried++;
        }
    }
    if (count > 0 && tried == 0) {
        fprintf(stderr, "no such instruction set here\n");
        return 2;
    }
    for (int id = 0; id < KERNEL_COUNT && count > 0; id++) {
        for (int k = 0; k < KINDS; k++) {
            const struct outcome *of = &outcomes[id][k];
            if (of->sum != 0) {
                printf("%s %s %016llx %02x\n", kernel_infos[id].name, kinds[k].name, (unsigned long long)of->sum,
                       of->flags);
            }
        }
    }
    return failed;
}
