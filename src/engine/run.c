#include "run.h"
#include "plane.h"
#include "sizes.h"
#include "grains.h"
#include "overlap.h"
#include "stream.h"
#include "threads/pool.h"
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

size_t grain_of(const struct kernel *kernel)
{
    enum { UNMEASURED = 1 << 15 };
    const size_t grain = grains[kernel->id][kernel->element];
    return grain > 0 ? grain : UNMEASURED;
}

static atomic_size_t streaming_threshold = SIZE_MAX;

size_t get_streaming_threshold(void) { return atomic_load_explicit(&streaming_threshold, memory_order_relaxed); }

void set_streaming_threshold(size_t bytes)
{
    atomic_store_explicit(&streaming_threshold, can_stream() ? bytes : SIZE_MAX, memory_order_relaxed);
}

static size_t smaller(size_t a, size_t b) { return a < b ? a : b; }
static size_t quotient_up(size_t a, size_t b) { return (a + b - 1) / b; }

static size_t elements_of(const struct plan *plan)
{
    size_t elements = 1;
    for (int axis = 0; axis < plan->naxes; axis++) {
        elements *= plan->shape[axis];
    }
    return elements;
}

/* A plan as parts: planes, or where those are large, rectangles of them. A piece is so many parts. */
struct cut {
    const struct plan *plan;
    size_t length[MAX_AXES]; /* of a part */
    size_t lead[MAX_AXES]; /* by so much the first part is shorter */
    size_t parts[MAX_AXES]; /* along each axis */
    size_t count, per_piece; /* of parts */
    size_t pieces, earliest; /* handed out in turn from that one on */
    bool stream;
};

/* Where outputs go. What the system has filled with zeros a moment ago is in the caches, so it is not streamed. */
enum destination { CACHED, STREAMED, NEW_PAGES };

static enum destination destination_of(const struct plan *plan, size_t elements)
{
    const size_t bytes = elements * plan->kernel.size;
    if (plan->new_outputs && bytes >= NEW_PAGES_FROM) {
        return NEW_PAGES;
    }
    return bytes >= get_streaming_threshold() && !in_place(plan) ? STREAMED : CACHED;
}

/* The elements of a large piece; 0 where pieces are small. Two threads that touch a new page at once both fill it with
 * zeros: where pages are many, each is one thread's. A piece ends with a wait for what it has streamed, and what it
 * has prefetched beyond its end is wasted: in small pieces, large calls take up to a fifth longer. */
static size_t large_piece(const struct kernel *kernel, enum destination destination, size_t elements, size_t threads)
{
    const size_t large = destination == NEW_PAGES ? LARGE_PAGE / kernel->size : grain_of(kernel);
    return destination != CACHED && elements / large >= threads * LARGE_PIECES_PER_THREAD ? large : 0;
}

static void cut_up(struct cut *cut, const struct plan *plan, size_t threads)
{
    const size_t elements = elements_of(plan);
    const enum destination destination = destination_of(plan, elements);
    const size_t large = large_piece(&plan->kernel, destination, elements, threads);
    const bool by_page = destination == NEW_PAGES && large > 0;
    const bool across = plan->naxes > 1 && lies_across(&plan->kernel, plan->stride[0], plan->stride[1]);
    size_t room = large > 0 ? large : grain_of(&plan->kernel) / PIECES_PER_GRAIN;
    cut->plan = plan;
    cut->count = 1;
    for (int axis = 0; axis < plan->naxes; axis++) {
        size_t most = axis < PLANE_AXES && room > 1 ? room : 1;
        if (axis == 0 && across) {
            most = width_of_tiles(plan->shape[1]);
        }
        cut->length[axis] = smaller(plan->shape[axis], most);
        cut->lead[axis] = 0;
        if (by_page && plan->naxes == 1) {
            cut->lead[axis] = (uintptr_t)plan->data[plan->kernel.info->nin] % LARGE_PAGE / plan->kernel.size;
        }
        cut->parts[axis] = quotient_up(cut->lead[axis] + plan->shape[axis], cut->length[axis]);
        cut->count *= cut->parts[axis];
        room /= cut->length[axis];
    }
    cut->per_piece = room > 1 ? room : 1;
    cut->pieces = quotient_up(cut->count, cut->per_piece);
    cut->earliest = by_page ? cut->pieces - 1 : 0; /* it ends in small pages, which take up to three times as long */
    cut->stream = destination == STREAMED;
}

static const ptrdiff_t none[MAX_OPERANDS]; /* the strides of an axis that there is not */

static struct plane single_row(size_t length, const ptrdiff_t *stride, bool stream)
{
    struct plane plane;
    for (int axis = 0; axis < PLANE_AXES; axis++) {
        plane.length[axis] = axis == 0 ? length : 1;
        plane.stride[axis] = axis == 0 ? stride : none;
    }
    plane.stream = stream;
    plane.copies = 0;
    return plane;
}

static void run_part(const struct cut *cut, const size_t *part)
{
    const struct plan *plan = cut->plan;
    const int nargs = operands_of(&plan->kernel);
    struct plane plane = single_row(1, none, cut->stream);
    plane.copies = plan->copies;
    char *data[MAX_OPERANDS];

    memcpy(data, plan->data, sizeof *data * (size_t)nargs);
    for (int axis = 0; axis < plan->naxes; axis++) {
        const size_t lead = cut->lead[axis], begin = part[axis] * cut->length[axis];
        const size_t first = begin > lead ? begin - lead : 0;
        if (axis < PLANE_AXES) {
            plane.length[axis] = smaller(begin + cut->length[axis] - lead, plan->shape[axis]) - first;
            plane.stride[axis] = plan->stride[axis];
        }
        for (int i = 0; i < nargs; i++) {
            data[i] += plan->stride[axis][i] * (ptrdiff_t)first;
        }
    }
    run_plane(&plan->kernel, &plane, data);
}

static void run_piece(void *context, size_t piece)
{
    const struct cut *cut = context;
    const size_t own = (cut->earliest + piece) % cut->pieces;
    const size_t first = own * cut->per_piece, end = smaller(first + cut->per_piece, cut->count);
    size_t part[MAX_AXES];
    for (size_t axis = 0, rest = first; axis < (size_t)cut->plan->naxes; axis++) {
        part[axis] = rest % cut->parts[axis];
        rest /= cut->parts[axis];
    }
    for (size_t i = first; i < end; i++) {
        run_part(cut, part);
        for (int axis = 0; axis < cut->plan->naxes && ++part[axis] == cut->parts[axis]; axis++) {
            part[axis] = 0;
        }
    }
}

void run(const struct plan *plan)
{
    const size_t worth = elements_of(plan) / grain_of(&plan->kernel);
    const size_t threads = worth < 2 ? worth : smaller((size_t)pool_get_threads(), worth);
    struct cut cut;
    cut_up(&cut, plan, threads);
    pool_run(run_piece, &cut, cut.pieces, (int)threads);
}

static void run_short_axis(const struct kernel *kernel, char *const *data, const ptrdiff_t *stride, size_t n)
{
    const struct plane plane = single_row(n, stride, false);
    run_plane(kernel, &plane, data);
}

/* A plan takes a kilobyte, and NumPy calls this when much of a small stack is taken: it is not on the stack. */
static void run_long_axis(const struct kernel *kernel, char *const *data, const ptrdiff_t *stride, size_t n)
{
    struct plan *plan = malloc(sizeof *plan);
    if (plan == NULL) {
        run_short_axis(kernel, data, stride, n);
        return;
    }
    plan->kernel = *kernel;
    plan->naxes = 1;
    plan->shape[0] = n;
    plan->copies = 0;
    plan->new_outputs = false; /* as far as can be seen */
    memcpy(plan->data, data, sizeof *data * (size_t)operands_of(kernel));
    memcpy(plan->stride[0], stride, sizeof *stride * (size_t)operands_of(kernel));
    arrange(plan);
    run(plan);
    free(plan);
}

void run_axis(const struct kernel *kernel, char *const *data, const ptrdiff_t *stride, size_t n)
{
    if (n < 2 * grain_of(kernel) && n * kernel->size < get_streaming_threshold()) {
        run_short_axis(kernel, data, stride, n);
    } else {
        run_long_axis(kernel, data, stride, n);
    }
}
