/* The functions of relu_ufunc for C, C++ and Cython: the same kernels, threads and bits as in Python.
 *
 * A function of a type is found once, by its name, and then called as often as need be:
 *
 *     const struct relu_ufunc_api *ru = relu_ufunc_import();           in an extension module of Python, or
 *     const struct relu_ufunc_api *ru = relu_ufunc_get_api();          in a program that is linked with the library
 *     const relu_ufunc_function *elu = ru->find("elu", RELU_UFUNC_FLOAT32);
 *     float alpha = 1;
 *     const void *inputs[] = {x, &alpha};
 *     void *outputs[] = {y};
 *     int status = ru->apply(elu, n, inputs, 1 << 1, outputs);         alpha, input 1, is a single number
 *
 * Names, inputs and formulas are those of Python: docs/functions.md has the table. There are no defaults: a call gives every input.
 * An input may be the same memory as an output, element by element; apart from that, an output may overlap nothing else.
 * Nothing needs to be aligned. Floating-point flags are raised in the calling thread, as functions of <math.h> raise them.
 * All functions may be called from any thread, without Python's lock, and in a child of fork.
 *
 * What an extension was built with goes on working with later releases: see docs/c.md. */
#ifndef RELU_UFUNC_H
#define RELU_UFUNC_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define RELU_UFUNC_ABI 1

/* The types of elements: all operands of a call have the same one. Integers are those of functions that take them, such as relu. */
enum relu_ufunc_type {
    RELU_UFUNC_INT8 = 1,
    RELU_UFUNC_UINT8 = 2,
    RELU_UFUNC_INT16 = 3,
    RELU_UFUNC_UINT16 = 4,
    RELU_UFUNC_INT32 = 5,
    RELU_UFUNC_UINT32 = 6,
    RELU_UFUNC_INT64 = 7,
    RELU_UFUNC_UINT64 = 8,
    RELU_UFUNC_FLOAT16 = 9,   /* as its bits, a uint16_t */
    RELU_UFUNC_BFLOAT16 = 10, /* the same */
    RELU_UFUNC_FLOAT32 = 11,  /* float */
    RELU_UFUNC_FLOAT64 = 12,  /* double */
    RELU_UFUNC_LONGDOUBLE = 13
};

/* What a call returns. Unless that is OK, nothing has been written. */
enum relu_ufunc_status {
    RELU_UFUNC_OK = 0,
    RELU_UFUNC_OVERLAP = 1, /* an output overlaps another operand, or itself */
    RELU_UFUNC_NO_MEMORY = 2,
    RELU_UFUNC_BAD_SHAPE = 3 /* fewer than 0 axes, more than RELU_UFUNC_MAX_AXES, or a negative length */
};

enum { RELU_UFUNC_MAX_AXES = 16, RELU_UFUNC_MAX_OPERANDS = 6 };

/* One function for one type. It lives as long as the process. */
typedef struct relu_ufunc_function relu_ufunc_function;

/* Members are only ever added at the end, and what one of them does never changes: else RELU_UFUNC_ABI does. */
struct relu_ufunc_api {
    int32_t abi;
    uint32_t size; /* of this structure, as the library has it */

    /* NULL where there is no function of that name, or it does not take the type. */
    const relu_ufunc_function *(*find)(const char *name, int type);

    /* "x, /, alpha=1.0": the inputs as Python's users write them. */
    const char *(*signature)(const relu_ufunc_function *function);
    int (*inputs)(const relu_ufunc_function *function);
    int (*outputs)(const relu_ufunc_function *function);

    /* Contiguous memory of n elements. Where bit i of `single` is set, input i is one element, which stands for all. */
    int (*apply)(const relu_ufunc_function *function, size_t n, const void *const *inputs, unsigned single,
                 void *const *outputs);

    /* Any layout, as NumPy has it: the operands of `data` are the inputs and then the outputs, and strides[i] has for each
     * axis how many bytes lie between two elements of operand i, 0 where an input is broadcast. Where an output is the
     * memory of an input, its strides are to be the same. */
    int (*call)(const relu_ufunc_function *function, int axes, const ptrdiff_t *shape, void *const *data,
                const ptrdiff_t *const *strides);

    /* How many threads a call may use. The second returns what held before. In Python they are those of the package; in a program
     * of C there is one until more are set. */
    int (*get_num_threads)(void);
    int (*set_num_threads)(int threads);

    /* "avx512", "avx2", "sse2", "neon" or "scalar". */
    const char *(*isa)(void);
};

/* The library's functions, in a program that is linked with it. */
const struct relu_ufunc_api *relu_ufunc_get_api(void);

#ifdef Py_PYTHON_H
/* The functions of the Python package, which is imported; NULL with an exception where it can't be, or is too old. Holds Python's
 * lock. Call it once, where your own module is initialised. */
static inline const struct relu_ufunc_api *relu_ufunc_import(void)
{
    const struct relu_ufunc_api *api = (const struct relu_ufunc_api *)PyCapsule_Import("relu_ufunc._C_API", 0);
    if (api != NULL && (api->abi != RELU_UFUNC_ABI || api->size < sizeof *api)) {
        PyErr_Format(
            PyExc_ImportError,
            "this module was built with relu_ufunc's ABI %d of %u bytes; the package here has ABI %d of %u bytes",
            RELU_UFUNC_ABI, (unsigned)sizeof *api, (int)api->abi, (unsigned)api->size);
        return NULL;
    }
    return api;
}
#endif

#ifdef __cplusplus
}
#endif

#endif
