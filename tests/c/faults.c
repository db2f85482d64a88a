/* Stands before the C library (LD_PRELOAD, glibc), and runs out of memory or threads when it is told to. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <link.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

extern void *PyObject_Call(void *function, void *args, void *kwargs);
extern void *PyErr_NoMemory(void);
extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *memory, size_t size);
extern void *__libc_memalign(size_t alignment, size_t size);
extern void __libc_free(void *memory);

static atomic_long left = -1; /* allocations until the one that fails; negative: none does */
static atomic_bool for_good;  /* all after it fail, too */
static atomic_long failures, live;
static const char *library; /* who asks: what has this in the name of its file, or anyone where it is NULL */
static uintptr_t first, end; /* its code */
static atomic_bool no_threads;
static atomic_long threads_refused;

/* Makes a call of Python in which the allocation after so many fails, and, for good, those after it. */
void *call_failing(void *function, void *args, void *kwargs, long allocations, bool all_after)
{
    atomic_store(&failures, 0);
    atomic_store(&for_good, all_after);
    atomic_store(&left, allocations);
    void *result = PyObject_Call(function, args, kwargs);
    atomic_store(&left, -1);
    return result;
}

/* How many allocations have failed in the last such call. */
long failed(void) { return atomic_load(&failures); }

/* Only what code of this library asks for is to fail, which is told by part of the name of its file. */
void fail_for(const char *part_of_name) { library = part_of_name; }

/* Blocks that are in use. */
long live_blocks(void) { return atomic_load(&live); }

/* No thread can be started any more. Returns how many have been refused since the last call. */
long refuse_threads(bool wish)
{
    atomic_store(&no_threads, wish);
    return atomic_exchange(&threads_refused, 0);
}

/* Finds the code of the library, once that is loaded. */
static int look_at(struct dl_phdr_info *loaded, size_t size, void *unused)
{
    (void)size, (void)unused;
    if (strstr(loaded->dlpi_name, library) == NULL) {
        return 0;
    }
    for (int i = 0; i < loaded->dlpi_phnum; i++) {
        if (loaded->dlpi_phdr[i].p_flags & PF_X) {
            first = loaded->dlpi_addr + loaded->dlpi_phdr[i].p_vaddr;
            end = first + loaded->dlpi_phdr[i].p_memsz;
        }
    }
    return 1;
}

static bool is_of_library(const void *code)
{
    if (code == NULL || library == NULL) {
        return true;
    }
    return (end != 0 || dl_iterate_phdr(look_at, NULL)) && (uintptr_t)code >= first && (uintptr_t)code < end;
}

static bool fails(const void *caller)
{
    if (atomic_load(&left) < 0 || !is_of_library(caller)) {
        return false;
    }
    const long before = atomic_fetch_sub(&left, 1);
    if (before > 0) {
        return false;
    }
    if (before == 0 && atomic_load(&for_good)) {
        atomic_store(&left, 0);
    }
    const bool failing = before == 0;
    atomic_fetch_add(&failures, failing);
    return failing;
}

static void *counted(void *memory)
{
    atomic_fetch_add(&live, memory != NULL);
    return memory;
}

static void *none(void)
{
    errno = ENOMEM;
    return NULL;
}

#define CALLER __builtin_return_address(0)

/* NumPy's function that makes a ufunc crashes where it finds no memory: here it fails as a whole. */

typedef void *make_ufunc(void *, void *, void *, int, int, int, int, const char *, const char *, int);

static make_ufunc *numpys_make_ufunc;

static void *make_ufunc_instead(void *functions, void *data, void *types, int ntypes, int nin, int nout, int identity,
                                const char *name, const char *doc, int unused)
{
    if (fails(NULL)) {
        return PyErr_NoMemory();
    }
    const long before = atomic_exchange(&left, -1);
    void *ufunc = numpys_make_ufunc(functions, data, types, ntypes, nin, nout, identity, name, doc, unused);
    atomic_store(&left, before);
    return ufunc;
}

/* In NumPy's table of functions for ufuncs. */
void stand_in(void **table)
{
    enum { MAKE_UFUNC = 1 };
    numpys_make_ufunc = (make_ufunc *)(uintptr_t)table[MAKE_UFUNC];
    table[MAKE_UFUNC] = (void *)(uintptr_t)make_ufunc_instead;
}

void *malloc(size_t size) { return fails(CALLER) ? none() : counted(__libc_malloc(size)); }
void *calloc(size_t count, size_t size) { return fails(CALLER) ? none() : counted(__libc_calloc(count, size)); }

void *realloc(void *memory, size_t size)
{
    if (memory == NULL) {
        return fails(CALLER) ? none() : counted(__libc_realloc(NULL, size));
    }
    if (size != 0) {
        return fails(CALLER) ? none() : __libc_realloc(memory, size);
    }
    free(memory);
    return NULL;
}

void *aligned_alloc(size_t alignment, size_t size)
{
    return fails(CALLER) ? none() : counted(__libc_memalign(alignment, size));
}

void *memalign(size_t alignment, size_t size) { return aligned_alloc(alignment, size); }

int posix_memalign(void **memory, size_t alignment, size_t size)
{
    *memory = fails(CALLER) ? none() : counted(__libc_memalign(alignment, size));
    return *memory == NULL ? ENOMEM : 0;
}

void free(void *memory)
{
    atomic_fetch_sub(&live, memory != NULL);
    __libc_free(memory);
}

int pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*start)(void *), void *argument)
{
    typedef int create(pthread_t *, const pthread_attr_t *, void *(*)(void *), void *);
    if (atomic_load(&no_threads)) {
        atomic_fetch_add(&threads_refused, 1);
        return EAGAIN;
    }
    create *next;
    *(void **)&next = dlsym(RTLD_NEXT, "pthread_create");
    return next(thread, attributes, start, argument);
}
