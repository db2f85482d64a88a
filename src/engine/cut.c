#include "cut.h"
#include "plane.h"
#include "sizes.h"
#include "streaming.h"
#include <stdint.h>
#include <string.h>

static size_t quotient_up(size_t a, size_t b) { return (a + b - 1) / b; }

size_t elements_of(const struct plan *plan)
{
    size_t elements = 1;
    for (int axis = 0; axis < plan->naxes; axis++) {
        elements *= plan->shape[axis];
    }
    return elements;
}

/* Threads part where lines of the first output do, or they would both write to one. Two that touch a new page at once both
 * fill it with zeros: where pages are many, each is one thread's. */
static size_t grid_of(const struct kernel *kernel, enum destination destination, size_t elements, size_t threads)
{
    const bool many_pages = elements * kernel->size / LARGE_PAGE >= threads * LARGE_PAGES_PER_THREAD;
    return destination == NEW_PAGES && many_pages ? LARGE_PAGE : LINE_BYTES;
}

/* Of all axes but the first: in parts of about the same length. */
static void cut_axis(struct cut *cut, int axis, size_t most)
{
    const size_t shape = cut->plan->shape[axis];
    cut->length[axis] = quotient_up(shape, quotient_up(shape, most));
    cut->parts[axis] = quotient_up(shape, cut->length[axis]);
}

/* In parts that begin on a grid of so many elements, as far as the lead brings the first one there. */
static void cut_first_axis(struct cut *cut, size_t most, size_t grid)
{
    const size_t shape = cut->plan->shape[0];
    if (shape <= most) {
        cut->length[0] = shape;
        cut->parts[0] = 1;
        return;
    }
    if (cut->plan->naxes == 1) {
        const struct kernel *kernel = &cut->plan->kernel;
        cut->lead = (uintptr_t)cut->plan->data[kernel->info->nin] / kernel->size % grid;
    }
    cut->length[0] = quotient_up(quotient_up(shape, quotient_up(shape, most)), grid) * grid;
    cut->parts[0] = quotient_up(cut->lead + shape, cut->length[0]);
}

void cut_up(struct cut *cut, const struct plan *plan, enum destination destination, size_t threads, size_t units_each)
{
    const size_t elements = elements_of(plan), units = threads * units_each;
    const bool across = plan->naxes > 1 && lies_across(&plan->kernel, plan->stride[0], plan->stride[1]);
    const size_t grid = quotient_up(grid_of(&plan->kernel, destination, elements, threads), plan->kernel.size);
    size_t room = units > 1 ? larger(elements / units / PARTS_PER_UNIT, 1) : elements;
    cut->plan = plan;
    cut->lead = 0;
    cut->count = 1;
    cut->joint = -1;
    cut->stream = destination == STREAMED ? (threads == 1 ? streamed_pages() : 1) : 0;
    for (int axis = 0; axis < plan->naxes; axis++) {
        if (axis == 0) {
            across ? cut_axis(cut, 0, width_of_tiles(plan->shape[1])) : cut_first_axis(cut, room, grid);
        } else {
            cut_axis(cut, axis, axis < PLANE_AXES ? larger(room, 1) : 1);
        }
        const bool can_join = axis < PLANE_AXES && !(axis == 0 && across);
        if (can_join && cut->count == 1 && cut->parts[axis] > 1) {
            cut->joint = axis;
        }
        cut->count *= cut->parts[axis];
        room /= cut->length[axis];
    }
    cut->units = smaller(units, cut->count);
}

static const ptrdiff_t none[MAX_OPERANDS]; /* the strides of an axis that there is not */

/* So many parts along the joint axis, one along the others. */
static void run_parts(const struct cut *cut, const size_t *part, size_t joined)
{
    const struct plan *plan = cut->plan;
    const int nargs = operands_of(&plan->kernel);
    struct plane plane = single_row(1, none, cut->stream);
    plane.copies = plan->copies;
    char *data[MAX_OPERANDS];

    memcpy(data, plan->data, sizeof *data * (size_t)nargs);
    for (int axis = 0; axis < plan->naxes; axis++) {
        const size_t lead = axis == 0 ? cut->lead : 0, length = cut->length[axis] * (axis == cut->joint ? joined : 1);
        const size_t begin = part[axis] * cut->length[axis], first = begin > lead ? begin - lead : 0;
        if (axis < PLANE_AXES) {
            plane.length[axis] = smaller(begin + length - lead, plan->shape[axis]) - first;
            plane.stride[axis] = plan->stride[axis];
        }
        for (int i = 0; i < nargs; i++) {
            data[i] += plan->stride[axis][i] * (ptrdiff_t)first;
        }
    }
    run_plane(&plan->kernel, &plane, data);
}

void run_units(void *context, size_t begin, size_t end)
{
    const struct cut *cut = context;
    const struct plan *plan = cut->plan;
    const size_t first = cut->count * begin / cut->units, last = cut->count * end / cut->units;
    size_t part[MAX_AXES];
    for (size_t axis = 0, rest = first; axis < (size_t)plan->naxes; axis++) {
        part[axis] = rest % cut->parts[axis];
        rest /= cut->parts[axis];
    }
    for (size_t i = first, joined; i < last; i += joined) {
        const int axis = cut->joint < 0 ? 0 : cut->joint;
        joined = cut->joint < 0 ? 1 : smaller(cut->parts[axis] - part[axis], last - i);
        run_parts(cut, part, joined);
        if (plan->naxes > 0) {
            part[axis] += joined;
        }
        for (int carried = axis; carried + 1 < plan->naxes && part[carried] == cut->parts[carried]; carried++) {
            part[carried] = 0;
            part[carried + 1]++;
        }
    }
}
