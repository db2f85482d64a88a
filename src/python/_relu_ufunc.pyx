"""The compiled half of relu_ufunc: makes a NumPy ufunc of every kernel, for every instruction set."""

import atexit
import operator
import os
import sys
from _thread import RLock  # where threading has it from, which is long to import
from collections import namedtuple
from warnings import warn

# Under another name this is no part of relu_ufunc, where Cython has put it all the same.
if __name__ != "relu_ufunc._relu_ufunc" and sys.modules["relu_ufunc._relu_ufunc"].__name__ == __name__:
    del sys.modules["relu_ufunc._relu_ufunc"]

from numpy import __version__ as numpy_version
from numpy.lib import tracemalloc_domain

from ._docstrings import document
from ._errors import reword
from ._methods import add_methods, make_methods
from ._signatures import parameters

cimport cython
from cpython.object cimport PyObject
from cpython.pycapsule cimport PyCapsule_New
from cpython.sequence cimport PySequence_Fast_ITEMS
from libc.limits cimport INT_MAX
from libc.stdint cimport SIZE_MAX
from libc.stdlib cimport free, malloc

cdef extern from "numpy/arrayobject.h":
    pass

cdef extern from "numpy/ufuncobject.h":
    int PyUFunc_None
    ctypedef void (*PyUFuncGenericFunction)(char **, const Py_ssize_t *, const Py_ssize_t *, void *)
    int _import_umath() except -1
    object PyUFunc_FromFuncAndData(PyUFuncGenericFunction *functions, void **data, char *types, int ntypes,
                                   int nin, int nout, int identity, const char *name, const char *doc, int unused)

cdef extern from "loops/kernel.h":
    enum:
        KERNEL_COUNT, PACKED_BYTES
    enum kernel_id:
        pass
    enum element:
        ELEMENT_bf16
    ctypedef void kernel_loop(char **, const Py_ssize_t *, size_t, char *)
    struct kernel_info:
        const char *name
        int nin, nout
        const char *elements
        const char *loop
        const char *signature
        double error
        const char *expression
    struct kernel:
        const kernel_info *info
        kernel_loop *loop
        size_t size

cdef extern from "loops/doubts.h":
    size_t doubts_settled

cdef extern from "engine/dispatch.h":
    struct isa:
        const char *name
        bint (*is_supported)()
    const isa isas_compiled "isas"[]
    const int isa_count
    const kernel_info kernel_infos[]
    kernel find_kernel(const isa *isa, kernel_id id, element element)

cdef extern from "platform/cpu.h":
    enum:
        VENDOR_ROOM
    void cpu_vendor(char *name)
    size_t cpu_cache_bytes()

cdef extern from "numpy/inner_loop.h":
    struct loop_type:
        int typenum
        element element
    const loop_type loop_types[]
    const int loop_type_count
    void inner_loop(char **args, const Py_ssize_t *dimensions, const Py_ssize_t *steps, void *data)

cdef extern from "numpy/api.h":
    int import_numpy() except -1

cdef extern from "numpy/numbers.h":
    void prepare_numbers()
    void add_bfloat16_typenum(int typenum)

cdef extern from "numpy/signature.h":
    int set_signature(kernel_id id, object names, object defaults) except -1

cdef extern from "numpy/entry.h":
    int install_entry(object ufunc, const kernel *kernel) except -1
    bint serve_directly_c "serve_directly"(bint wish)
    bint serves_directly_c "serves_directly"()
    size_t calls_served_c "calls_served"()

cdef extern from "numpy/forward.h":
    void reword_errors_with(object function)

cdef extern from "numpy/modes.h":
    struct numpy_call:
        pass
    void begin_numpy(numpy_call *call, PyObject *const *arguments, Py_ssize_t count)
    void end_numpy(const numpy_call *call)
    int prepare_modes() except -1

cdef extern from "engine/sizes.h":
    enum:
        LARGE_PAGES_PER_THREAD, NEW_PAGES_FROM, LARGE_PAGE, SHORT_ROW, STREAMED_BYTES, AHEAD_BYTES
        STREAMED_PAGE, PAGES_IN_TURN
        TILE_WIDTH, BLOCKS_BYTES, LINE_BYTES

cdef extern from "engine/cost.h":
    void set_learning_c "set_learning"(bint wish)
    bint is_learning_c "is_learning"()
    void set_caches_c "set_caches"(size_t own, size_t last)
    size_t own_cache()
    size_t last_cache()
    double cost_of(const kernel *kernel)
    double known_cost(const kernel *kernel)
    double cost_of_byte()

cdef extern from "engine/sharing.h":
    enum sharing:
        SHARED_IF_WORTH, SHARED_ALWAYS
    struct cost:
        double alone, moved
    void set_sharing_c "set_sharing"(sharing wish)
    bint shares_always_c "shares_always"()
    int threads_by_model_c "threads_by_model"(cost cost, int most, int awake)

cdef extern from "engine/learn.h":
    struct kind:
        unsigned kernel, element, size, layout, most
    const int OF_WRITING, STREAMING_STORES
    struct lesson:
        kind kind
        int number
        bint in_trial, timed
    lesson next_lesson(kind kind, int first)
    void learn_from(const lesson *lesson, double ns)
    void for_each_learned(void (*tell)(void *context, const kind *kind, int number) noexcept, void *context)
    void forget_lessons_c "forget_lessons"()

cdef extern from "engine/streaming.h":
    const size_t LEARNED_THRESHOLD_C "LEARNED_THRESHOLD"
    double streaming_ratio_c "streaming_ratio"()
    size_t get_streaming_threshold_c "get_streaming_threshold"()
    void set_streaming_threshold_c "set_streaming_threshold"(size_t size)
    unsigned streamed_pages_c "streamed_pages"()
    void set_streamed_pages_c "set_streamed_pages"(unsigned count)

cdef extern from "numpy/bfloat16.h":
    int register_bfloat16_c "register_bfloat16"(object ufunc, object dtype, kernel *kernel, int *done) except -1

cdef extern from "numpy/recycle.h":
    object init_recycling(unsigned tracemalloc_domain)
    object c_open_recycler "open_recycler"(size_t max_bytes)
    void c_close_recycler "close_recycler"(object recycler)

cdef extern from "c_api/c_api.h":
    struct relu_ufunc_api:
        pass
    const relu_ufunc_api c_api
    void c_api_use(const isa *isa)

cdef extern from "threads/pool.h" nogil:
    const char pool_kind[]
    const int pool_most_threads
    ctypedef void pool_work(void *context, size_t begin, size_t end) noexcept
    void pool_init(int cpus)
    void pool_run(pool_work *work, void *context, size_t units, int threads)
    void pool_stop()
    int pool_get_threads()
    int pool_threads_set()
    int pool_set_threads(int threads)
    void pool_set_default(int most, bint by_cores)
    int pool_default_threads()
    void pool_set_core(int cpu, int first)

_import_umath()
try:
    import_numpy()
except RuntimeError as refusal:
    raise ImportError(f"relu_ufunc does not work with NumPy {numpy_version}: {refusal}") from None
prepare_numbers()
prepare_modes()
reword_errors_with(reword)

Kernel = namedtuple("Kernel", "name nin nout elements loop signature error expression")
Kernel.__doc__ = """A declaration of kernels/families.h, which says what the fields are."""


cdef kernel_record(const kernel_info *info):
    return Kernel(
        name=info.name.decode(),
        nin=info.nin,
        nout=info.nout,
        elements=info.elements.decode(),
        loop=info.loop.decode(),
        signature=info.signature.decode(),
        error=info.error,
        expression=info.expression.decode(),
    )


KERNELS = tuple(kernel_record(&kernel_infos[i]) for i in range(KERNEL_COUNT))


def set_signatures():
    """Tell the entry what the parameters of each kernel are called, and their defaults."""
    for id, kernel in enumerate(KERNELS):
        names = parameters(kernel)
        set_signature(<kernel_id>id, tuple(names), tuple(names.values()))


set_signatures()


def call_method(method, *args, **kwargs):
    """Call a method of NumPy's that converts numbers: in the modes that Python runs in, see modes.h."""
    cdef numpy_call call
    given = (*args, *kwargs.values())
    begin_numpy(&call, PySequence_Fast_ITEMS(given), len(given))
    try:
        return method(*args, **kwargs)
    finally:
        end_numpy(&call)


cdef tuple methods = make_methods(call_method)


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
        free(kernels)
        free(data)
        free(functions)
        free(types)
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
    add_methods(ufunc, methods)
    return ufunc


def serve_directly(bint wish):
    """Serve calls without NumPy where they can be, or none. Returns what held before."""
    return bool(serve_directly_c(wish))


def serves_directly():
    """Whether calls are served without NumPy where they can be."""
    return bool(serves_directly_c())


def calls_served():
    """How many calls have been served without NumPy."""
    return calls_served_c()


# The sizes by which work is cut, for the tests: see engine/sizes.h.
SIZES = {
    "LARGE_PAGES_PER_THREAD": LARGE_PAGES_PER_THREAD,
    "NEW_PAGES_FROM": NEW_PAGES_FROM,
    "LARGE_PAGE": LARGE_PAGE,
    "SHORT_ROW": SHORT_ROW,
    "STREAMED_BYTES": STREAMED_BYTES,
    "AHEAD_BYTES": AHEAD_BYTES,
    "STREAMED_PAGE": STREAMED_PAGE,
    "PAGES_IN_TURN": PAGES_IN_TURN,
    "TILE_WIDTH": TILE_WIDTH,
    "BLOCKS_BYTES": BLOCKS_BYTES,
    "LINE_BYTES": LINE_BYTES,
    "PACKED_BYTES": PACKED_BYTES,
}


def is_learning():
    """Whether anything is found out."""
    return is_learning_c()


def set_learning(bint wish):
    """Find out what calls cost on this machine, or compute it from constants. Returns what held before."""
    before = is_learning_c()
    set_learning_c(wish)
    return before


def set_caches(own, last):
    """The sizes of a core's second-level cache, and of the last cache of all."""
    set_caches_c(number_in("own", own, 1, 1 << 40), number_in("last", last, 1, 1 << 40))


def caches():
    """What set_caches has set."""
    return own_cache(), last_cache()


def share_always(bint wish):
    """For tests: give each call of two elements or more as many threads as are allowed. Returns what held before."""
    before = shares_always_c()
    set_sharing_c(SHARED_ALWAYS if wish else SHARED_IF_WORTH)
    return before


def threads_by_model(double alone, double moved, most, awake):
    """How many threads the model gives a call of so many ns."""
    cdef int allowed = number_in("most", most, 1, INT_MAX)
    cdef int ready = number_in("awake", awake, 1, INT_MAX)
    return threads_by_model_c(cost(alone, moved), allowed, ready)


def teach(size, first, most, calls, times):
    """Make calls of one kind, which take times[threads] each. Returns how many threads each has had."""
    cdef lesson given
    cdef kind of = kind(0, 0, size, 0, most)
    had = []
    for _ in range(calls):
        given = next_lesson(of, first)
        had.append(given.number)
        if given.timed:
            learn_from(&given, times[given.number])
    return had


def forget_lessons():
    """What calls have shown about the number of threads, and about how outputs are written."""
    forget_lessons_c()


ELEMENT_NAMES = "i8 u8 i16 u16 i32 u32 i64 u64 f16 bf16 f32 f64 longdouble".split()


cdef void tell(void *context, const kind *kind, int number) noexcept with gil:
    threads, stores = <tuple>context
    name = f"{KERNELS[kind.kernel].name} {ELEMENT_NAMES[kind.element]}"
    if kind.layout & OF_WRITING:
        stores.setdefault(name, []).append((kind.size, "streaming" if number == STREAMING_STORES else "plain"))
    else:
        threads.setdefault(name, []).append((kind.size, number))


def learned():
    """What the machine has shown of itself, in words for show_config."""
    cdef kernel found
    cdef double ratio = streaming_ratio_c()
    costs, threads, stores = {}, {}, {}
    kinds = (threads, stores)
    for id in range(len(KERNELS)):
        for number, name in enumerate(ELEMENT_NAMES):
            found = find_kernel(&isas_compiled[0], <kernel_id>id, <element>number)
            if found.loop != NULL and known_cost(&found) > 0:
                costs[f"{KERNELS[id].name} {name}"] = round(known_cost(&found), 4)
    for_each_learned(tell, <void *>kinds)
    return {
        "ns an element, in cache": costs,
        "ns a byte, from memory": round(cost_of_byte(), 4),
        "streamed copies, of the time of plain ones": round(ratio, 2) if ratio > 0 else "not tried yet",
        "threads, from elements": by_size(threads),
        "stores, from elements": by_size(stores),
    }


def by_size(learned):
    """What was learned, by function and by the least elements of a class of sizes."""
    return {
        name: {f"{size_from(size):,}": known for size, known in sorted(kinds)}
        for name, kinds in sorted(learned.items())
    }


def size_from(size):
    """The least elements of a class of sizes."""
    return (2 + size % 2) << (size // 2 - 1)


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


LEARNED_THRESHOLD = LEARNED_THRESHOLD_C


def set_streaming_threshold(size):
    """Set it, in bytes."""
    set_streaming_threshold_c(number_in("size", size, 0, SIZE_MAX))


def streamed_pages():
    """So many pages are written past the caches in turn."""
    return streamed_pages_c()


def set_streamed_pages(count):
    """Set how many are: 1, or SIZES["PAGES_IN_TURN"]."""
    set_streamed_pages_c(number_in("count", count, 1, SIZES["PAGES_IN_TURN"]))


def cpuid_vendor():
    """Who has made the processor: GenuineIntel, say, or nothing where it does not tell."""
    cdef char[VENDOR_ROOM] name
    cpu_vendor(name)
    return (<bytes>name).decode("latin-1")


def cpuid_cache_bytes():
    """The size of the largest cache that the processor tells of, or 0."""
    return cpu_cache_bytes()


# Held while one of those below changes. Not by `with`: as Cython has it, that crashes where a traceback finds no
# memory.
cdef object making = RLock()
cdef dict ufuncs_by_isa = {}
cdef dict bfloat16_dtypes = {}  # by their numbers: ml_dtypes brings another one whenever it is imported anew
cdef dict bfloat16_loops = {}  # by instruction set, name of the ufunc, and number of the dtype: never freed


cdef tuple runnable = tuple(isas_compiled[i].name.decode() for i in range(isa_count) if isas_compiled[i].is_supported())


def isas():
    """The instruction sets that this machine can run, best first."""
    return runnable


def take_doubts():
    """How many elements fast parts have left in doubt, in this thread, since it was asked last."""
    global doubts_settled
    count = doubts_settled
    doubts_settled = 0
    return count


def isas_built():
    """The instruction sets that were compiled in, best first."""
    return tuple(isas_compiled[i].name.decode() for i in range(isa_count))


def ufuncs_of(str isa):
    """All ufuncs on the kernels of one instruction set, by name: for tests and benchmarks."""
    if isa not in isas():
        raise ValueError(f"isa={isa!r}: this machine can run {', '.join(isas())}")
    making.acquire()
    try:
        if isa not in ufuncs_by_isa:
            index = isas_built().index(isa)
            ufuncs_by_isa[isa] = {
                KERNELS[id].name: make_ufunc(&isas_compiled[index], id) for id in range(KERNEL_COUNT)
            }
        for dtype in bfloat16_dtypes.values():
            add_bfloat16(isa, dtype)
        return ufuncs_by_isa[isa]
    finally:
        making.release()


cdef class Bfloat16Loop:
    """What one ufunc has for one dtype. NumPy keeps a pointer to the kernel."""
    cdef kernel kernel
    cdef int done  # of the steps to register it


cdef add_bfloat16(str isa, dtype):
    """Give the ufuncs of an instruction set what they lack to serve the dtype."""
    cdef Bfloat16Loop loop
    index = isas_built().index(isa)
    for id in range(KERNEL_COUNT):
        key = isa, KERNELS[id].name, dtype.num
        if key not in bfloat16_loops:
            loop = Bfloat16Loop()
            loop.kernel = find_kernel(&isas_compiled[index], <kernel_id>id, ELEMENT_bf16)
            bfloat16_loops[key] = loop
        loop = bfloat16_loops[key]
        register_bfloat16_c(ufuncs_by_isa[isa][KERNELS[id].name], dtype, &loop.kernel, &loop.done)


def register_bfloat16(dtype):
    """Give every ufunc, those that are yet to be made too, loops for a dtype ml_dtypes.bfloat16.

    Where memory runs out in the middle, another call does the rest.
    """
    making.acquire()
    try:
        bfloat16_dtypes[dtype.num] = dtype
        for isa in ufuncs_by_isa:
            add_bfloat16(isa, dtype)
        add_bfloat16_typenum(dtype.num)
    finally:
        making.release()


def choose_isa():
    """The best instruction set, or the one that RELU_UFUNC_ISA names, in any case."""
    wanted = os.environ.get("RELU_UFUNC_ISA", "")
    chosen = wanted.lower() or isas()[0]
    if chosen not in isas():
        raise ImportError(f"RELU_UFUNC_ISA={wanted!r}: this machine can run {', '.join(isas())}")
    return chosen


cdef str isa_in_use = choose_isa()

c_api_use(&isas_compiled[isas_built().index(isa_in_use)])
C_API = PyCapsule_New(<void *>&c_api, "relu_ufunc._C_API", NULL)  # see include/relu_ufunc.h


def choose_entry():
    """Whether calls are served without NumPy where they can be: unless RELU_UFUNC_ENTRY says numpy, in any case."""
    wanted = os.environ.get("RELU_UFUNC_ENTRY", "")
    chosen = wanted.lower() or "direct"
    if chosen not in ("direct", "numpy"):
        raise ImportError(f"RELU_UFUNC_ENTRY={wanted!r}: must be direct or numpy")
    return chosen == "direct"


serve_directly(choose_entry())


def get_isa():
    """
    Name the instruction set that the ufuncs run on.

    It is chosen at import: the best one that this machine can run, or the one that the
    environment variable ``RELU_UFUNC_ISA`` names, in upper or lower case. The results do not depend
    on it.

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


@cython.auto_pickle(False)
cdef class Recycling:
    """A recycler of at most max_bytes, which is in use between __enter__ and __exit__.

    Each of the two is one step to Python, which calls nobody within it for a signal or a tracer.
    """
    cdef readonly size_t max_bytes
    cdef object recycler, token  # None while it is not entered

    def __init__(self, size_t max_bytes):
        self.max_bytes = max_bytes

    def __enter__(self):
        recycler = c_open_recycler(self.max_bytes)
        token = recycler_in_use.set(recycler)
        with cython.critical_section(self):
            entered_before = self.recycler is not None
            if not entered_before:
                self.recycler, self.token = recycler, token
        if entered_before:
            stop_recycling(recycler, token)
            raise RuntimeError("this recycle_outputs is entered already: make another one")

    def __exit__(self, *exception):
        with cython.critical_section(self):
            recycler, token = self.recycler, self.token
            self.recycler = self.token = None
        if recycler is None:
            raise RuntimeError("this recycle_outputs is not entered")
        stop_recycling(recycler, token)


cdef stop_recycling(recycler, token):
    """Free what a recycler keeps, have it keep nothing more, and put the one before it in use again."""
    c_close_recycler(recycler)
    try:
        recycler_in_use.reset(token)
    except (ValueError, MemoryError):
        pass  # in another context, where it was entered, it stays in use, and keeps nothing


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


cdef void do_nothing(void *context, size_t begin, size_t end) noexcept nogil:
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
