"""The compiled half of relu_ufunc: makes a NumPy ufunc of every kernel, for every instruction set."""

import atexit
import operator
import os
from collections import namedtuple
from math import isnan
from threading import RLock
from warnings import warn

from numpy.lib import tracemalloc_domain

from ._docstrings import document

from libc.limits cimport INT_MAX
from libc.stdint cimport SIZE_MAX
from libc.stdlib cimport malloc

cdef extern from "numpy/arrayobject.h":
    int _import_array() except -1

cdef extern from "numpy/ufuncobject.h":
    int PyUFunc_None
    ctypedef void (*PyUFuncGenericFunction)(char **, const Py_ssize_t *, const Py_ssize_t *, void *)
    int _import_umath() except -1
    object PyUFunc_FromFuncAndData(PyUFuncGenericFunction *functions, void **data, char *types, int ntypes,
                                   int nin, int nout, int identity, const char *name, const char *doc, int unused)

cdef extern from "kernel.h":
    enum: KERNEL_COUNT
    enum kernel_id:
        pass
    enum element:
        ELEMENT_bf16
    ctypedef void kernel_loop(char **, const Py_ssize_t *, size_t)
    struct kernel_info:
        const char *name
        int nin, nout
        const char *dtypes
        const char *parameter
        double standard
        double ulp
    struct kernel:
        const kernel_info *info
        kernel_loop *loop
        size_t size
    const kernel_info kernel_infos[]

cdef extern from "dispatch.h":
    struct isa:
        const char *name
        bint (*runs)()
    const isa isas_compiled "isas"[]
    const int isa_count
    kernel find_kernel(const isa *isa, kernel_id id, element element)

cdef extern from "cpu.h":
    size_t cpu_cache_bytes()

cdef extern from "loops.h":
    struct loop_type:
        int typenum
        element element
    const loop_type loop_types[]
    const int loop_type_count
    void inner_loop(char **args, const Py_ssize_t *dimensions, const Py_ssize_t *steps, void *data)

cdef extern from "direct.h":
    int prepare_direct() except -1

cdef extern from "entry.h":
    int install_entry(object ufunc, const kernel *kernel) except -1
    bint serve_directly_c "serve_directly"(bint wish)
    bint serves_directly_c "serves_directly"()
    size_t calls_served_c "calls_served"()

cdef extern from "run.h":
    size_t get_streaming_threshold_c "get_streaming_threshold"()
    void set_streaming_threshold_c "set_streaming_threshold"(size_t size)

cdef extern from "bfloat16.h":
    int register_bfloat16_loop "register_bfloat16"(object ufunc, object dtype, kernel *kernel) except -1

cdef extern from "recycle.h":
    object init_recycling(unsigned tracemalloc_domain)
    object c_open_recycler "open_recycler"(size_t max_bytes)
    void c_close_recycler "close_recycler"(object recycler)

cdef extern from "threads/pool.h" nogil:
    const char pool_kind[]
    const int pool_most_threads
    ctypedef void pool_work(void *context, size_t piece) noexcept
    void pool_init(int cpus)
    void pool_run(pool_work *work, void *context, size_t pieces, int threads)
    void pool_stop()
    int pool_get_threads()
    int pool_threads_set()
    int pool_set_threads(int threads)
    void pool_set_default(int most, bint by_cores)
    int pool_default_threads()
    void pool_set_core(int cpu, int first)

_import_array()
_import_umath()
prepare_direct()

Kernel = namedtuple("Kernel", "name nin nout dtypes parameter default ulp")
Kernel.__doc__ = """A line of kernels.def; `parameter` and `default` are None where there is none."""


cdef kernel_record(const kernel_info *info):
    return Kernel(
        name=info.name.decode(),
        nin=info.nin,
        nout=info.nout,
        dtypes=info.dtypes.decode(),
        parameter=info.parameter.decode() or None,
        default=None if isnan(info.standard) else info.standard,
        ulp=info.ulp,
    )


KERNELS = tuple(kernel_record(&kernel_infos[i]) for i in range(KERNEL_COUNT))


cdef make_ufunc(const isa *isa, int id):
    """The ufunc of one kernel in one instruction set. NumPy keeps pointers to the tables: they are never freed."""
    cdef const kernel_info *info = &kernel_infos[id]
    cdef int nargs = info.nin + info.nout, count = 0, i
    cdef kernel found
    cdef kernel *kernels = <kernel *>malloc(loop_type_count * sizeof(kernel))
    cdef void **data = <void **>malloc(loop_type_count * sizeof(void *))
    cdef PyUFuncGenericFunction *functions = <PyUFuncGenericFunction *>malloc(
        loop_type_count * sizeof(PyUFuncGenericFunction))
    cdef char *types = <char *>malloc(loop_type_count * nargs)
    if kernels == NULL or data == NULL or functions == NULL or types == NULL:
        raise MemoryError

    for i in range(loop_type_count):
        found = find_kernel(isa, <kernel_id>id, loop_types[i].element)
        if found.loop == NULL:
            continue
        kernels[count] = found
        data[count] = &kernels[count]
        functions[count] = inner_loop
        for j in range(nargs):
            types[count * nargs + j] = <char>loop_types[i].typenum
        count += 1

    ufunc = PyUFunc_FromFuncAndData(functions, data, types, count, info.nin, info.nout, PyUFunc_None, info.name,
                                    NULL, 0)
    if not install_entry(ufunc, kernels):
        warn(f"relu_ufunc: this NumPy calls ufuncs in another way: {ufunc.__name__} is slow, and needs all arguments",
             RuntimeWarning, stacklevel=2)
    ufunc.__module__ = "relu_ufunc"
    document(ufunc, KERNELS[id])
    return ufunc


cdef add_bfloat16(const isa *isa, int id, ufunc, dtype):
    """Give a ufunc the loop for bfloat16. NumPy keeps a pointer to the kernel: it is never freed."""
    cdef kernel *found = <kernel *>malloc(sizeof(kernel))
    if found == NULL:
        raise MemoryError
    found[0] = find_kernel(isa, <kernel_id>id, ELEMENT_bf16)
    register_bfloat16_loop(ufunc, dtype, found)


def serve_directly(bint wish):
    """Serve calls without NumPy where they can be, or none. Returns what held before."""
    return bool(serve_directly_c(wish))


def serves_directly():
    """Whether calls are served without NumPy where they can be."""
    return bool(serves_directly_c())


def calls_served():
    """How many calls have been served without NumPy."""
    return calls_served_c()


def streaming_threshold():
    """The size of outputs, in bytes, from which on they are written past the caches; None where none are."""
    size = get_streaming_threshold_c()
    return None if size == SIZE_MAX else size


cdef number_in(name, value, least, most):
    """A whole number, of which C need not fear that it is out of range."""
    number = operator.index(value)
    if not least <= number <= most:
        raise ValueError(f"{name}={value}: must be from {least} to {most}")
    return number


def set_streaming_threshold(size):
    """Set it, in bytes."""
    set_streaming_threshold_c(number_in("size", size, 0, SIZE_MAX))


def cpuid_cache_bytes():
    """The size of the largest cache that the processor tells of, or 0."""
    return cpu_cache_bytes()


cdef object making = RLock()  # held while one of the two below changes
cdef dict ufuncs_by_isa = {}
cdef object bfloat16 = None  # the dtype, once ml_dtypes has been imported


cdef tuple runnable = tuple(isas_compiled[i].name.decode() for i in range(isa_count) if isas_compiled[i].runs())


def isas():
    """The instruction sets that this machine can run, best first."""
    return runnable


def isas_built():
    """The instruction sets that were compiled in, best first."""
    return tuple(isas_compiled[i].name.decode() for i in range(isa_count))


def ufuncs_of(str isa):
    """All ufuncs on the kernels of one instruction set, by name: for tests and benchmarks."""
    if isa not in isas():
        raise ValueError(f"isa={isa!r}: this machine can run {', '.join(isas())}")
    with making:
        if isa not in ufuncs_by_isa:
            index = isas_built().index(isa)
            made = {KERNELS[id].name: make_ufunc(&isas_compiled[index], id) for id in range(KERNEL_COUNT)}
            if bfloat16 is not None:
                add_bfloat16_to(isa, made, bfloat16)
            ufuncs_by_isa[isa] = made
        return ufuncs_by_isa[isa]


cdef add_bfloat16_to(str isa, dict ufuncs, dtype):
    index = isas_built().index(isa)
    for id in range(KERNEL_COUNT):
        add_bfloat16(&isas_compiled[index], id, ufuncs[KERNELS[id].name], dtype)


def register_bfloat16(dtype):
    """Give every ufunc, those that are yet to be made too, loops for the dtype ml_dtypes.bfloat16."""
    global bfloat16
    with making:
        if bfloat16 is None:
            for isa, ufuncs in ufuncs_by_isa.items():
                add_bfloat16_to(isa, ufuncs, dtype)
            bfloat16 = dtype


def choose_isa():
    """The best instruction set, or the one that RELU_UFUNC_ISA names."""
    wanted = os.environ.get("RELU_UFUNC_ISA", "")
    if not wanted:
        return isas()[0]
    if wanted not in isas():
        raise ImportError(f"RELU_UFUNC_ISA={wanted!r}: this machine can run {', '.join(isas())}")
    return wanted


cdef str isa_in_use = choose_isa()


def choose_entry():
    """Whether calls are served without NumPy where they can be: unless RELU_UFUNC_ENTRY says numpy."""
    wanted = os.environ.get("RELU_UFUNC_ENTRY", "") or "direct"
    if wanted not in ("direct", "numpy"):
        raise ImportError(f"RELU_UFUNC_ENTRY={wanted!r}: must be direct or numpy")
    return wanted == "direct"


serve_directly(choose_entry())


def get_isa():
    """
    Name the instruction set that the ufuncs run on.

    It is chosen at import: the best one that this machine can run, or the one that the
    environment variable ``RELU_UFUNC_ISA`` names. The results do not depend on it.

    Returns
    -------
    str
        ``"scalar"``, ``"sse2"``, ``"avx2"``, ``"avx512"`` or ``"neon"``.

    Examples
    --------
    >>> import relu_ufunc
    >>> relu_ufunc.get_isa() in ("scalar", "sse2", "avx2", "avx512", "neon")
    True
    """
    return isa_in_use


recycler_in_use = init_recycling(tracemalloc_domain)  # the context variable


def open_recycler(size_t max_bytes):
    """A recycler, to set `recycler_in_use` to."""
    return c_open_recycler(max_bytes)


def close_recycler(recycler):
    """Free what a recycler keeps, and have it keep nothing more."""
    c_close_recycler(recycler)


MOST_THREADS = pool_most_threads
POOL_KIND = pool_kind.decode()


def get_threads():
    """How many threads a call that this thread makes may use."""
    return pool_get_threads()


def set_threads(threads):
    """Allow from 1 to MOST_THREADS threads. Returns what was set before, 0 where it was the default."""
    return pool_set_threads(number_in("threads", threads, 1, pool_most_threads))


def unset_threads():
    """Go back to the default. Returns as set_threads does."""
    return pool_set_threads(0)


def threads_set():
    """How many threads have been set, 0 where it is the default."""
    return pool_threads_set()


def default_threads():
    """How many threads a call that this thread makes may use by default."""
    return pool_default_threads()


def set_default_threads(most, by_cores):
    """The default: `most`, or where it goes by cores, as many as the calling thread may run on up to that."""
    pool_set_default(number_in("most", most, 1, pool_most_threads), by_cores)


def set_cores(firsts):
    """Tell the first processor on the core of each, by processor; one that is not told of has a core of its own."""
    for cpu, first in firsts.items():
        pool_set_core(number_in("cpu", cpu, 0, INT_MAX), number_in("first", first, 0, cpu))


def init_pool(cpus):
    """Allow threads at all, on so many processors at best: more threads than these do not wait by spinning."""
    pool_init(number_in("cpus", cpus, 1, INT_MAX))


cdef void do_nothing(void *context, size_t piece) noexcept nogil:
    pass


def empty_parallel_region():
    """Enter and leave the pool with nothing to do: what a parallel call costs beside its work."""
    cdef int threads = pool_get_threads()
    pool_run(do_nothing, NULL, threads, threads)


@atexit.register
def stop_pool():
    """Join the pool's threads. Daemon threads and functions that are called still later do without."""
    with nogil:
        pool_stop()
