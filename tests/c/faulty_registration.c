/* Stands in NumPy's table for the two functions that register loops, and runs out of memory when it is told to. */
#include <stddef.h>

extern void *PyErr_NoMemory(void);

typedef int register_loop(void *ufunc, int typenum, void *loop, const int *types, void *data);
typedef int register_promoter(void *ufunc, void *types, void *promoter);

static register_loop *numpys_loop;
static register_promoter *numpys_promoter;
static int left = -1; /* registrations until the one that fails */
static int done;

static int fail(void)
{
    if (left >= 0 && left-- == 0) {
        PyErr_NoMemory();
        return -1;
    }
    done++;
    return 0;
}

static int loop_instead(void *ufunc, int typenum, void *loop, const int *types, void *data)
{
    return fail() < 0 ? -1 : numpys_loop(ufunc, typenum, loop, types, data);
}

static int promoter_instead(void *ufunc, void *types, void *promoter)
{
    return fail() < 0 ? -1 : numpys_promoter(ufunc, types, promoter);
}

void stand_in(void **table)
{
    enum { LOOP = 2, PROMOTER = 44 };
    numpys_loop = (register_loop *)table[LOOP];
    numpys_promoter = (register_promoter *)table[PROMOTER];
    table[LOOP] = (void *)loop_instead;
    table[PROMOTER] = (void *)promoter_instead;
}

/* The one after so many is to fail. Returns how many were done since the last call. */
int fail_after(int registrations)
{
    const int before = done;
    done = 0;
    left = registrations;
    return before;
}
