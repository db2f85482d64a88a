#include "c_api.h"
#include "engine/overlap.h"
#include "engine/run.h"
#include "threads/pool.h"
#include <stdlib.h>
#include <string.h>

_Static_assert((int)RELU_UFUNC_MAX_AXES == (int)MAX_AXES, "the public header says how many axes there may be");
_Static_assert((int)RELU_UFUNC_MAX_OPERANDS == (int)MAX_OPERANDS,
               "the public header says how many operands there may be");

struct relu_ufunc_function {
    struct kernel kernel;
};

static const struct isa *isa_in_use;
static struct relu_ufunc_function functions[KERNEL_COUNT][ELEMENT_COUNT];

/* The numbers of the public header never change; those of the library do. */
static const enum element elements[] = {
    [RELU_UFUNC_INT8] = ELEMENT_i8,
    [RELU_UFUNC_UINT8] = ELEMENT_u8,
    [RELU_UFUNC_INT16] = ELEMENT_i16,
    [RELU_UFUNC_UINT16] = ELEMENT_u16,
    [RELU_UFUNC_INT32] = ELEMENT_i32,
    [RELU_UFUNC_UINT32] = ELEMENT_u32,
    [RELU_UFUNC_INT64] = ELEMENT_i64,
    [RELU_UFUNC_UINT64] = ELEMENT_u64,
    [RELU_UFUNC_FLOAT16] = ELEMENT_f16,
    [RELU_UFUNC_BFLOAT16] = ELEMENT_bf16,
    [RELU_UFUNC_FLOAT32] = ELEMENT_f32,
    [RELU_UFUNC_FLOAT64] = ELEMENT_f64,
    [RELU_UFUNC_LONGDOUBLE] = ELEMENT_longdouble,
};

void c_api_use(const struct isa *isa)
{
    isa_in_use = isa;
    for (int id = 0; id < KERNEL_COUNT; id++) {
        for (int element = 0; element < ELEMENT_COUNT; element++) {
            functions[id][element].kernel = find_kernel(isa, (enum kernel_id)id, (enum element)element);
        }
    }
}

static const relu_ufunc_function *find(const char *name, int type)
{
    if (type < RELU_UFUNC_INT8 || type > RELU_UFUNC_LONGDOUBLE) {
        return NULL;
    }
    for (int id = 0; id < KERNEL_COUNT; id++) {
        const relu_ufunc_function *function = &functions[id][elements[type]];
        if (strcmp(kernel_infos[id].name, name) == 0) {
            return function->kernel.loop == NULL ? NULL : function;
        }
    }
    return NULL;
}

static const char *signature(const relu_ufunc_function *function) { return function->kernel.info->signature; }
static int inputs(const relu_ufunc_function *function) { return function->kernel.info->nin; }
static int outputs(const relu_ufunc_function *function) { return function->kernel.info->nout; }
static const char *isa(void) { return isa_in_use->name; }

static int apply(const relu_ufunc_function *function, size_t n, const void *const *in, unsigned single,
                 void *const *out)
{
    const struct kernel *kernel = &function->kernel;
    const int nin = kernel->info->nin;
    char *data[MAX_OPERANDS];
    ptrdiff_t stride[MAX_OPERANDS];
    for (int i = 0; i < operands_of(kernel); i++) {
        data[i] = i < nin ? (char *)in[i] : out[i - nin];
        stride[i] = i < nin && (single >> i & 1) != 0 ? 0 : (ptrdiff_t)kernel->size;
    }
    if (n == 1) {
        const ptrdiff_t size = (ptrdiff_t)kernel->size;
        kernel->loop(data, (ptrdiff_t[MAX_OPERANDS]){size, size, size, size, size, size}, 1, NULL);
    } else if (n > 1) {
        if (depends_on_order(kernel, data, stride, n)) {
            return RELU_UFUNC_OVERLAP;
        }
        run_axis(kernel, data, stride, n);
    }
    return RELU_UFUNC_OK;
}

/* False where a length is negative. */
static bool set_axes(struct plan *plan, int axes, const ptrdiff_t *shape, const ptrdiff_t *const *strides)
{
    plan->naxes = axes;
    for (int axis = 0; axis < axes; axis++) {
        if (shape[axis] < 0) {
            return false;
        }
        plan->shape[axis] = (size_t)shape[axis];
        for (int i = 0; i < operands_of(&plan->kernel); i++) {
            plan->stride[axis][i] = strides[i][axis];
        }
    }
    return true;
}

static int run_if_apart(struct plan *plan)
{
    for (int axis = 0; axis < plan->naxes; axis++) {
        if (plan->shape[axis] == 0) {
            return RELU_UFUNC_OK;
        }
    }
    if (!outputs_lie_apart(plan, ~0u)) {
        return RELU_UFUNC_OVERLAP;
    }
    arrange(plan);
    run(plan);
    return RELU_UFUNC_OK;
}

/* A plan takes a kilobyte: a caller may have little stack. */
static int call(const relu_ufunc_function *function, int axes, const ptrdiff_t *shape, void *const *data,
                const ptrdiff_t *const *strides)
{
    if (axes < 0 || axes > MAX_AXES) {
        return RELU_UFUNC_BAD_SHAPE;
    }
    struct plan *plan = malloc(sizeof *plan);
    if (plan == NULL) {
        return RELU_UFUNC_NO_MEMORY;
    }
    plan->kernel = function->kernel;
    plan->copies = 0;
    plan->new_outputs = false; /* as far as can be seen */
    memcpy(plan->data, data, sizeof *data * (size_t)operands_of(&plan->kernel));
    const int status = set_axes(plan, axes, shape, strides) ? run_if_apart(plan) : RELU_UFUNC_BAD_SHAPE;
    free(plan);
    return status;
}

/* What has been set, which is 0 for the default, is as Python's wrapper has it: the number that held before. */
static int set_num_threads(int threads)
{
    const int before = pool_get_threads();
    pool_set_threads(threads < 1 ? 1 : threads);
    return before;
}

const struct relu_ufunc_api c_api = {
    .abi = RELU_UFUNC_ABI,
    .size = sizeof(struct relu_ufunc_api),
    .find = find,
    .signature = signature,
    .inputs = inputs,
    .outputs = outputs,
    .apply = apply,
    .call = call,
    .get_num_threads = pool_get_threads,
    .set_num_threads = set_num_threads,
    .isa = isa,
};
