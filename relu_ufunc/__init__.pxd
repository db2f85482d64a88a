"""The public C API, for Cython: include/relu_ufunc.h says what each function does.

    cimport relu_ufunc as ru

    cdef const ru.relu_ufunc_api *api = ru.relu_ufunc_import()
    cdef const ru.relu_ufunc_function *elu = api.find(b"elu", ru.RELU_UFUNC_FLOAT32)

The functions are to be compiled with relu_ufunc.get_include() among the folders of headers.
"""

from libc.stddef cimport ptrdiff_t
from libc.stdint cimport int32_t, uint32_t


cdef extern from "relu_ufunc.h" nogil:
    enum:
        RELU_UFUNC_ABI, RELU_UFUNC_MAX_AXES, RELU_UFUNC_MAX_OPERANDS

    enum relu_ufunc_type:
        RELU_UFUNC_INT8, RELU_UFUNC_UINT8, RELU_UFUNC_INT16, RELU_UFUNC_UINT16
        RELU_UFUNC_INT32, RELU_UFUNC_UINT32, RELU_UFUNC_INT64, RELU_UFUNC_UINT64
        RELU_UFUNC_FLOAT16, RELU_UFUNC_BFLOAT16, RELU_UFUNC_FLOAT32, RELU_UFUNC_FLOAT64
        RELU_UFUNC_LONGDOUBLE

    enum relu_ufunc_status:
        RELU_UFUNC_OK, RELU_UFUNC_OVERLAP, RELU_UFUNC_NO_MEMORY, RELU_UFUNC_BAD_SHAPE

    struct relu_ufunc_function:
        pass

    struct relu_ufunc_api:
        int32_t abi
        uint32_t size
        const relu_ufunc_function *(*find)(const char *name, int type) noexcept nogil
        const char *(*signature)(const relu_ufunc_function *function) noexcept nogil
        int (*inputs)(const relu_ufunc_function *function) noexcept nogil
        int (*outputs)(const relu_ufunc_function *function) noexcept nogil
        int (*apply)(const relu_ufunc_function *function, size_t n, const void *const *inputs, unsigned single,
                     void *const *outputs) noexcept nogil
        int (*call)(const relu_ufunc_function *function, int axes, const ptrdiff_t *shape, void *const *data,
                    const ptrdiff_t *const *strides) noexcept nogil
        int (*get_num_threads)() noexcept nogil
        int (*set_num_threads)(int threads) noexcept nogil
        const char *(*isa)() noexcept nogil

cdef extern from "relu_ufunc.h":
    const relu_ufunc_api *relu_ufunc_import() except NULL
