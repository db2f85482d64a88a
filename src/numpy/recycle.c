#include "recycle.h"
#include "threads/guard.h"
#include <numpy/arrayobject.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

/* From here on malloc (glibc's, as it starts out) asks the system for each block alone, and a block so large at the end
 * of the heap goes back to the system when it is freed: the pages of the next one are faulted in again. */
static const size_t LARGE = 128 << 10;

enum {
    /* Of a page, as NumPy's own large arrays begin 16 bytes into one: an output that begins a few lines behind its input,
     * modulo 4 KiB, took up to twice the time, as loads wait for stores whose addresses have the same lower bits. */
    ALIGNMENT = 4096,
    MOST_KEPT = 256, /* blocks, which bounds the search through them */
    SLACK = 8,       /* a block may be larger than what is asked for by one part in so many */
};

static const char *const CAPSULE_NAME = "mem_handler"; /* NEP 49's */

/* Stands right before the memory that it describes. */
struct block {
    struct block *next; /* in a chain */
    void *raw;          /* as the source gave it */
    size_t size, used;  /* bytes behind this header; those that the array asked for */
};

static const size_t OVERHEAD = sizeof(struct block) + ALIGNMENT - 1;

struct kept {
    struct block *block;
    size_t size; /* the block's, which lies in a page of its own */
};

/* The context of a NEP 49 handler. The capsule of that handler owns it, and every array on its memory owns the capsule,
 * so it outlives them all. */
struct recycler {
    PyDataMem_Handler handler;
    PyObject *source; /* the handler where all memory comes from and goes to */
    bool open;
    int count;
    size_t max_bytes, kept_bytes;
    struct kept kept[MOST_KEPT]; /* those freed longest ago first */
};

static PyObject *recycler_in_use; /* the context variable */
static atomic_int open_recyclers; /* anywhere */
static unsigned trace_domain;     /* where tracemalloc counts the memory of arrays */

/* The guard is held while `open` to `kept` of a recycler are read or changed: for a few hundred instructions that call
 * nothing. */

/* Blocks of the source's memory */

static const PyDataMemAllocator *source_of(const struct recycler *self)
{
    return &((PyDataMem_Handler *)PyCapsule_GetPointer(self->source, CAPSULE_NAME))->allocator;
}

static struct block *block_of(void *data) { return (struct block *)data - 1; }

/* NULL where the source has no memory left. */
static struct block *new_block(const struct recycler *self, size_t size, bool zeroed)
{
    const PyDataMemAllocator *source = source_of(self);
    if (size > PY_SSIZE_T_MAX - OVERHEAD) {
        return NULL;
    }
    char *raw = zeroed ? source->calloc(source->ctx, 1, size + OVERHEAD) : source->malloc(source->ctx, size + OVERHEAD);
    if (raw == NULL) {
        return NULL;
    }
    const size_t beyond = ((uintptr_t)raw + OVERHEAD) % ALIGNMENT;
    struct block *block = block_of(raw + OVERHEAD - beyond);
    *block = (struct block){.raw = raw, .size = size, .used = size};
    return block;
}

static void free_blocks(const struct recycler *self, struct block *chain)
{
    const PyDataMemAllocator *source = source_of(self);
    while (chain != NULL) {
        struct block *next = chain->next;
        source->free(source->ctx, chain->raw, chain->size + OVERHEAD);
        chain = next;
    }
}

/* What is kept. The first two are called with the guard held. */

static struct block *remove_kept(struct recycler *self, int at)
{
    struct block *block = self->kept[at].block;
    self->kept_bytes -= self->kept[at].size;
    self->count--;
    memmove(&self->kept[at], &self->kept[at + 1], (size_t)(self->count - at) * sizeof self->kept[0]);
    return block;
}

/* Evicts the blocks freed longest ago, until no more than `bytes` and `count` are kept. The chain is to be freed. */
static struct block *evict(struct recycler *self, size_t bytes, int count)
{
    struct block *chain = NULL;
    while (self->kept_bytes > bytes || self->count > count) {
        struct block *block = remove_kept(self, 0);
        block->next = chain;
        chain = block;
    }
    return chain;
}

static void keep(struct recycler *self, struct block *block)
{
    struct block *evicted = block;
    block->next = NULL;
    guard_lock();
    if (block->size >= LARGE && block->size <= self->max_bytes) {
        evicted = evict(self, self->max_bytes - block->size, MOST_KEPT - 1);
        self->kept[self->count++] = (struct kept){block, block->size};
        self->kept_bytes += block->size;
    }
    guard_unlock();
    free_blocks(self, evicted);
}

/* The smallest block that fits, of equals the one freed last, which is the likeliest to be in a cache. */
static struct block *take(struct recycler *self, size_t size)
{
    int best = -1;
    struct block *block = NULL;
    guard_lock();
    for (int i = self->count - 1; i >= 0; i--) {
        const size_t has = self->kept[i].size;
        if (has >= size && has - size <= size / SLACK && (best < 0 || has < self->kept[best].size)) {
            best = i;
        }
    }
    if (best >= 0) {
        block = remove_kept(self, best);
        block->used = size;
    }
    guard_unlock();
    return block;
}

static void empty(struct recycler *self)
{
    guard_lock();
    struct block *evicted = evict(self, 0, 0);
    guard_unlock();
    free_blocks(self, evicted);
}

/* The handler. NumPy calls it to free and to resize the arrays of new_output. It allocates only for somebody who puts
 * the handler of such an array in force, and gives them no recycled memory, as they may look at it. */

static void *handler_malloc(void *self, size_t size)
{
    struct block *block = new_block(self, size, false);
    return block == NULL ? NULL : block + 1;
}

static void *handler_calloc(void *self, size_t count, size_t size)
{
    if (size != 0 && count > PY_SSIZE_T_MAX / size) {
        return NULL;
    }
    struct block *block = new_block(self, count * size, true);
    return block == NULL ? NULL : block + 1;
}

/* NumPy's idea of the size is not needed. */
static void handler_free(void *self, void *data, size_t size)
{
    (void)size;
    if (data != NULL) {
        keep(self, block_of(data));
    }
}

static void *handler_realloc(void *self, void *data, size_t size)
{
    void *moved = handler_malloc(self, size);
    if (moved != NULL && data != NULL) {
        const size_t used = block_of(data)->used;
        memcpy(moved, data, used < size ? used : size);
        handler_free(self, data, used);
    }
    return moved;
}

/* Recyclers */

static struct recycler *recycler_of(PyObject *capsule)
{
    PyDataMem_Handler *handler = PyCapsule_GetPointer(capsule, CAPSULE_NAME);
    return handler->allocator.ctx;
}

void close_recycler(PyObject *recycler)
{
    struct recycler *self = recycler_of(recycler);
    guard_lock();
    const bool was_open = self->open;
    self->open = false;
    self->max_bytes = 0;
    guard_unlock();
    empty(self);
    atomic_fetch_sub(&open_recyclers, was_open);
}

static void destroy(PyObject *capsule)
{
    struct recycler *self = recycler_of(capsule);
    close_recycler(capsule);
    Py_DECREF(self->source);
    PyMem_Free(self);
}

PyObject *open_recycler(size_t max_bytes)
{
    struct recycler *self = PyMem_Calloc(1, sizeof *self);
    if (self == NULL) {
        return PyErr_NoMemory();
    }
    *self = (struct recycler){
        .handler = {"relu_ufunc.recycle_outputs",
                    1, {self, handler_malloc, handler_calloc, handler_realloc, handler_free}},
        .source = PyDataMem_GetHandler(),
        .open = true,
        .max_bytes = max_bytes,
    };
    PyObject *capsule = self->source == NULL ? NULL : PyCapsule_New(&self->handler, CAPSULE_NAME, destroy);
    if (capsule == NULL) {
        Py_XDECREF(self->source);
        PyMem_Free(self);
        return NULL;
    }
    atomic_fetch_add(&open_recyclers, 1);
    return capsule;
}

PyObject *init_recycling(unsigned tracemalloc_domain)
{
    trace_domain = tracemalloc_domain;
    if (!guard_init()) {
        return PyErr_NoMemory();
    }
    recycler_in_use = PyContextVar_New("relu_ufunc.recycle_outputs", NULL);
    return Py_XNewRef(recycler_in_use);
}

/* Outputs */

/* 0 where it is too large for any memory. */
static size_t size_in_bytes(const PyArray_Descr *descr, int ndim, const npy_intp *shape)
{
    size_t size = (size_t)PyDataType_ELSIZE(descr);
    for (int i = 0; i < ndim; i++) {
        if (shape[i] != 0 && size > PY_SSIZE_T_MAX / (size_t)shape[i]) {
            return 0;
        }
        size *= (size_t)shape[i];
    }
    return size;
}

/* The array on a block, as if the handler had been in force when NumPy allocated it. To put it in force for a moment
 * would let others in: setting a context variable can run the garbage collector, and that any code, which could make
 * an array of recycled memory and look at it. */
static PyObject *array_on(struct block *block, PyObject *handler, PyArray_Descr *descr, int ndim, const npy_intp *shape,
                          const npy_intp *strides)
{
    void *data = block + 1;
    if (PyTraceMalloc_Track(trace_domain, (uintptr_t)data, block->used) == -1) {
        Py_DECREF(descr);
        keep(recycler_of(handler), block);
        return PyErr_NoMemory();
    }
    PyObject *array = PyArray_NewFromDescr(&PyArray_Type, descr, ndim, shape, strides, data, NPY_ARRAY_CARRAY, NULL);
    if (array == NULL) {
        PyTraceMalloc_Untrack(trace_domain, (uintptr_t)data);
        keep(recycler_of(handler), block);
        return NULL;
    }
    ((PyArrayObject_fields *)array)->mem_handler = Py_NewRef(handler);
    PyArray_ENABLEFLAGS((PyArrayObject *)array, NPY_ARRAY_OWNDATA);
    return array;
}

/* Where no memory is left, what is kept is given up, and NULL is returned. */
static struct block *recycled_or_new(struct recycler *self, size_t size, bool *recycled)
{
    struct block *block = take(self, size);
    *recycled = block != NULL;
    if (block == NULL && (block = new_block(self, size, false)) == NULL) {
        empty(self);
    }
    return block;
}

PyObject *new_output(PyArray_Descr *descr, int ndim, const npy_intp *shape, const npy_intp *strides, bool *recycled)
{
    *recycled = false;
    const bool recycling = atomic_load_explicit(&open_recyclers, memory_order_relaxed) > 0;
    const size_t size = recycling ? size_in_bytes(descr, ndim, shape) : 0;
    PyObject *handler = NULL;
    if (size >= LARGE && PyContextVar_Get(recycler_in_use, NULL, &handler) < 0) {
        Py_DECREF(descr);
        return NULL;
    }
    struct block *block = handler == NULL ? NULL : recycled_or_new(recycler_of(handler), size, recycled);
    PyObject *array = block == NULL ? PyArray_NewFromDescr(&PyArray_Type, descr, ndim, shape, strides, NULL, 0, NULL)
                                    : array_on(block, handler, descr, ndim, shape, strides);
    Py_XDECREF(handler);
    return array;
}
