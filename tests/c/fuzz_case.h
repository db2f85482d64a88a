/* A call for the fuzzer: which function, by which entry, and where its operands lie; and how it is made of any bytes.
 *
 * Each byte says one thing, and those that are not there are 0: what a fuzzer changes in them changes the call a little. */
#ifndef FUZZ_CASE_H
#define FUZZ_CASE_H

#include "c_api/c_api.h"
#include "engine/plan.h"
#include <stdio.h>

/* An operand lies in an arena of ROOM bytes. Long double is slow, and many elements are: most calls have few. */
enum { ROOM = 1 << 18, FEW_SLOW = 200, FEW = 600, MANY = 8000, MOST_THREADS = 3 };

/* The two calls of the public header, and what NumPy's loop does. */
enum entry { CALL, APPLY, LOOP, ENTRIES };

struct operand {
    int arena;
    ptrdiff_t first; /* its first element, in bytes from the begin of the arena */
    ptrdiff_t stride[MAX_AXES];
    bool nested; /* its elements share no memory, by the way the strides were made */
};

struct fuzz_case {
    enum entry entry;
    const struct isa *isa;
    const relu_ufunc_function *function;
    struct kernel kernel;
    int type, threads;
    bool stream;
    unsigned values; /* where the inputs begin in the table of values */
    int naxes;
    ptrdiff_t shape[MAX_AXES];
    size_t elements;
    struct operand operands[MAX_OPERANDS];
};

struct bytes {
    const uint8_t *at, *end;
};

static unsigned take(struct bytes *bytes, int below)
{
    return bytes->at < bytes->end ? *bytes->at++ % (unsigned)below : 0;
}

static bool one_in(struct bytes *bytes, int n) { return take(bytes, n) == (unsigned)n - 1; }

/* Shape */

/* Of many axes each is short, a single one may be long. */
static ptrdiff_t take_length(struct bytes *bytes, bool alone)
{
    const unsigned byte = take(bytes, 256);
    if (alone) {
        return (ptrdiff_t)(one_in(bytes, 4) ? byte * 61 : byte);
    }
    return byte < 140 ? 1 + byte % 9 : byte < 230 ? byte % 70 : (ptrdiff_t)(byte - 229) * 97;
}

static size_t count_elements(const struct fuzz_case *it)
{
    size_t elements = 1;
    for (int axis = 0; axis < it->naxes && elements <= ROOM; axis++) {
        elements *= (size_t)it->shape[axis];
    }
    return elements; /* where they are too many, of the first axes */
}

static void take_shape(struct fuzz_case *it, struct bytes *bytes)
{
    const size_t most = it->kernel.element == ELEMENT_longdouble ? FEW_SLOW : one_in(bytes, 32) ? MANY : FEW;
    const int most_axes = one_in(bytes, 16) ? MAX_AXES : 5;
    it->naxes = it->entry == CALL ? (int)take(bytes, most_axes + 1) : 1;
    int longest = 0;
    for (int axis = 0; axis < it->naxes; axis++) {
        it->shape[axis] = take_length(bytes, it->naxes == 1);
    }
    while ((it->elements = count_elements(it)) > most) {
        for (int axis = 0; axis < it->naxes; axis++) {
            longest = it->shape[axis] > it->shape[longest] ? axis : longest;
        }
        it->shape[longest] /= 2;
    }
    if (it->elements == 0) { /* the strides of as many axes as there are would overflow */
        for (int axis = 5; axis < it->naxes; axis++) {
            it->shape[axis] = it->shape[axis] > 2 ? 2 : it->shape[axis];
        }
    }
}

/* Strides */

/* From the first element on, an operand reaches from `low`, which is not above 0, up to `high`. */
struct reach {
    ptrdiff_t low, high;
};

static struct reach reach_of(const struct fuzz_case *it, const struct operand *operand)
{
    struct reach reach = {0, (ptrdiff_t)it->kernel.size};
    for (int axis = 0; axis < it->naxes; axis++) {
        const ptrdiff_t far = operand->stride[axis] * (it->shape[axis] - 1);
        if (it->shape[axis] > 0) {
            *(far < 0 ? &reach.low : &reach.high) += far;
        }
    }
    return reach;
}

/* A step along an axis goes past the axes before it; these come in any order, and either way. */
static void nest(const struct fuzz_case *it, struct operand *operand, struct bytes *bytes)
{
    const unsigned how = it->entry == APPLY ? 0 : take(bytes, 256);
    const bool shuffled = how & 1, backwards = how & 2, gaps = how & 4, apart = how & 8;
    int order[MAX_AXES];
    for (int axis = 0; axis < it->naxes; axis++) {
        order[axis] = it->naxes - 1 - axis;
    }
    ptrdiff_t stride = (ptrdiff_t)it->kernel.size;
    if (apart) {
        stride = stride * (1 + (ptrdiff_t)take(bytes, 13)) + (ptrdiff_t)take(bytes, 4);
    }
    for (int k = 0; k < it->naxes; k++) {
        const int other = shuffled ? k + (int)take(bytes, it->naxes - k) : k, axis = order[other];
        order[other] = order[k];
        operand->stride[axis] = backwards && one_in(bytes, 2) ? -stride : stride;
        stride = stride * it->shape[axis] + (gaps ? (ptrdiff_t)take(bytes, 40) : 0);
    }
    operand->nested = true;
}

static void wander(const struct fuzz_case *it, struct operand *operand, struct bytes *bytes)
{
    const ptrdiff_t unit = one_in(bytes, 2) ? 1 : (ptrdiff_t)it->kernel.size;
    for (int axis = 0; axis < it->naxes; axis++) {
        operand->stride[axis] = ((ptrdiff_t)take(bytes, 64) - 32) * unit;
    }
    operand->nested = false;
}

static void broadcast(const struct fuzz_case *it, struct operand *operand, struct bytes *bytes)
{
    for (int axis = 0; axis < it->naxes; axis++) {
        if (it->entry == APPLY || one_in(bytes, 2)) {
            operand->stride[axis] = 0;
            operand->nested = false;
        }
    }
}

static void fit(const struct fuzz_case *it, struct operand *operand)
{
    const struct reach reach = reach_of(it, operand);
    if (reach.high - reach.low > ROOM) {
        nest(it, operand, &(struct bytes){NULL, NULL});
    }
}

/* Places */

/* Beside one fence or the other, and a little way off. */
static void place_alone(const struct fuzz_case *it, struct operand *operand, struct bytes *bytes)
{
    const struct reach reach = reach_of(it, operand);
    const unsigned how = take(bytes, 4);
    operand->first = how & 1 ? ROOM - reach.high : -reach.low;
    if (how & 2) {
        operand->first += (how & 1 ? -1 : 1) * (ptrdiff_t)take(bytes, 70);
    }
}

static void place_over(const struct fuzz_case *it, struct operand *operand, const struct operand *other,
                       struct bytes *bytes)
{
    const ptrdiff_t unit = one_in(bytes, 3) ? 1 : (ptrdiff_t)it->kernel.size;
    operand->arena = other->arena;
    operand->first = other->first + ((ptrdiff_t)take(bytes, 256) - 128) * unit;
}

static void keep_inside(const struct fuzz_case *it, struct operand *operand)
{
    const struct reach reach = reach_of(it, operand);
    if (operand->first + reach.low < 0) {
        operand->first = -reach.low;
    } else if (operand->first + reach.high > ROOM) {
        operand->first = ROOM - reach.high;
    }
}

static void take_operand(struct fuzz_case *it, int i, struct bytes *bytes)
{
    enum { SAME = 12, OVER, OVER_ALIKE, WILD, WAYS };
    struct operand *operand = &it->operands[i];
    const struct operand *other = i > 0 ? &it->operands[take(bytes, i)] : NULL;
    const int nin = it->kernel.info->nin, way = (int)take(bytes, WAYS);
    operand->arena = i;
    if (other != NULL && way >= SAME && way <= OVER_ALIKE) {
        *operand = *other;
        if (way == OVER || (i >= nin && it->entry == APPLY)) {
            nest(it, operand, bytes);
        }
        fit(it, operand);
        if (way != SAME) {
            place_over(it, operand, other, bytes);
        }
    } else {
        (way == WILD && it->entry != APPLY ? wander : nest)(it, operand, bytes);
        if (i < nin && one_in(bytes, 4)) {
            broadcast(it, operand, bytes);
        }
        fit(it, operand);
        place_alone(it, operand, bytes);
    }
    keep_inside(it, operand);
}

/* Of every two kernels or types, some do not go together: then the type is float32, which all have. */
static void take_function(struct fuzz_case *it, struct bytes *bytes)
{
    const char *name = kernel_infos[take(bytes, KERNEL_COUNT)].name;
    it->type = RELU_UFUNC_INT8 + (int)take(bytes, RELU_UFUNC_LONGDOUBLE);
    it->function = c_api.find(name, it->type);
    if (it->function == NULL) {
        it->type = RELU_UFUNC_FLOAT32;
        it->function = c_api.find(name, it->type);
    }
    it->kernel = *(const struct kernel *)it->function; /* its only member */
}

static struct fuzz_case case_of(const uint8_t *data, size_t size)
{
    struct bytes bytes = {data, data + size};
    struct fuzz_case it = {.entry = (enum entry)(take(&bytes, ENTRIES + 1) % ENTRIES)};
    int isa = (int)take(&bytes, isa_count);
    while (!isas[isa].is_supported()) {
        isa = (isa + 1) % isa_count;
    }
    it.isa = &isas[isa];
    c_api_use(it.isa);
    take_function(&it, &bytes);
    it.values = take(&bytes, 256);
    it.threads = one_in(&bytes, 32) ? 1 + (int)take(&bytes, MOST_THREADS) : 1;
    it.stream = one_in(&bytes, 4);
    take_shape(&it, &bytes);
    for (int i = 0; i < operands_of(&it.kernel); i++) {
        take_operand(&it, i, &bytes);
    }
    return it;
}

static void show(const struct fuzz_case *it)
{
    const char *const entries[] = {"call", "apply", "loop"};
    fprintf(stderr, "%s of %s, type %d, on %s, %d threads%s, shape (", entries[it->entry], it->kernel.info->name,
            it->type, it->isa->name, it->threads, it->stream ? ", streamed" : "");
    for (int axis = 0; axis < it->naxes; axis++) {
        fprintf(stderr, "%td,", it->shape[axis]);
    }
    fprintf(stderr, "), values from %u\n", it->values);
    for (int i = 0; i < operands_of(&it->kernel); i++) {
        fprintf(stderr, "  %s in arena %d at %td, strides (", i < it->kernel.info->nin ? "input" : "output",
                it->operands[i].arena, it->operands[i].first);
        for (int axis = 0; axis < it->naxes; axis++) {
            fprintf(stderr, "%td,", it->operands[i].stride[axis]);
        }
        fprintf(stderr, ")\n");
    }
}

#endif
