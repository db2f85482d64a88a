#include "run.h"
#include "cut.h"
#include "learn.h"
#include "overlap.h"
#include "plane.h"
#include "platform/clock.h"
#include "rows.h"
#include "sharing.h"
#include "sizes.h"
#include "streaming.h"
#include "threads/pool.h"
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* What else is likely to make a difference to how a call scales. */
static struct kind kind_of(const struct plan *plan, size_t elements, unsigned layout, int most)
{
    unsigned power = 1;
    while (elements >> power > 1) {
        power++;
    }
    const unsigned size = 2 * power + (unsigned)(elements >> (power - 1) & 1); /* two classes for each power of two */
    return (struct kind){(unsigned)plan->kernel.id, (unsigned)plan->kernel.element, size, layout, (unsigned)most};
}

static unsigned layout_of(const struct plan *plan, size_t elements, bool asleep)
{
    const bool new_pages = plan->new_outputs && elements * plan->kernel.size >= NEW_PAGES_FROM;
    return (asleep ? ASLEEP : 0u) | (new_pages ? NEW_OUTPUTS : 0u) | (plan->naxes > 1 ? SEVERAL_AXES : 0u);
}

static void run_to(const struct plan *plan, enum destination destination, int threads, int units_each)
{
    struct cut cut;
    cut_up(&cut, plan, destination, (size_t)threads, (size_t)units_each);
    pool_run(run_units, &cut, cut.units, threads);
}

/* One thing is learned at a time: while the number of threads is tried, outputs are written as they were last. Returns whether how they
 * are written was tried. */
static bool run_on(const struct plan *plan, size_t elements, int threads, int units_each, bool in_trial)
{
    const enum destination destination = destination_of(plan, elements, (size_t)threads);
    if (destination != STREAMED || !may_be_plain(plan)) {
        run_to(plan, destination, threads, units_each);
        return false;
    }
    const int first = plain_by_model(plan, (size_t)threads) ? PLAIN_STORES : STREAMING_STORES;
    const struct kind kind = kind_of(plan, elements, layout_of(plan, elements, false) | OF_WRITING, STREAMING_STORES);
    struct lesson lesson = {.number = in_trial ? number_in_use(kind, first) : first};
    if (!in_trial) {
        lesson = next_lesson(kind, first);
    }
    const int64_t begin = lesson.timed ? clock_ns() : 0;
    run_to(plan, lesson.number == STREAMING_STORES ? STREAMED : CACHED, threads, units_each);
    if (lesson.timed) {
        learn_from(&lesson, (double)(clock_ns() - begin));
    }
    return lesson.in_trial;
}

static void run_as_learned(const struct plan *plan, size_t elements, int most)
{
    const struct cost cost = cost_of_plan(plan, elements);
    const int awake = pool_awake(), first = threads_by_model(cost, most, awake);
    struct lesson lesson = {.number = first};
    if (is_learning()) {
        lesson = next_lesson(kind_of(plan, elements, layout_of(plan, elements, awake < 2), most), first);
    }
    const int64_t begin = lesson.timed ? clock_ns() : 0;
    const bool disturbed = run_on(plan, elements, lesson.number, units_for(cost, lesson.number), lesson.in_trial);
    if (lesson.timed && !disturbed) {
        learn_from(&lesson, (double)(clock_ns() - begin));
    }
}

void run(const struct plan *plan)
{
    const size_t elements = elements_of(plan);
    const int most = may_share(&plan->kernel, elements) ? pool_get_threads() : 1;
    if (most == 1 || shares_always()) {
        run_on(plan, elements, most, most == 1 ? 1 : UNITS_PER_THREAD, false);
    } else {
        run_as_learned(plan, elements, most);
    }
}

static void run_short_axis(const struct kernel *kernel, char *const *data, const ptrdiff_t *stride, size_t n)
{
    const struct plane plane = single_row(n, stride, 0);
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
    if (!may_share(kernel, n) && !may_stream(n * kernel->size)) {
        run_short_axis(kernel, data, stride, n);
    } else {
        run_long_axis(kernel, data, stride, n);
    }
}

void run_loop(const struct kernel *kernel, char *const *data, const ptrdiff_t *stride, size_t n)
{
    /* Of a single element too: its strides, which say nothing, may have one output buffered and written last. */
    if (n == 1 || (n > 1 && depends_on_order(kernel, data, stride, n))) {
        run_in_order(kernel, data, stride, n);
    } else if (n > 0) {
        run_axis(kernel, data, stride, n);
    }
}
