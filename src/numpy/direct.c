#include "direct.h"
#include "call.h"
#include "engine/overlap.h"
#include "engine/run.h"
#include "engine/scratch.h"
#include "engine/sharing.h"
#include "errors.h"

enum { SHORT_CALL = 4096 };   /* elements; no more are given to the kernel at once */
enum { WITHOUT_ROOM = 16 };   /* elements; fewer are not packed by any ISA: 8 vectors of 2 lanes */
enum { GIL_ELEMENTS = 8192 }; /* releasing and retaking the GIL costs a tenth of computing this many */

static bool safe_to_write(const struct call *call)
{
    const int nargs = operands_of(&call->plan.kernel);
    unsigned given = 0;
    for (int i = 0; i < nargs; i++) {
        given |= (unsigned)(i < call->plan.kernel.info->nin || call->array[i] != NULL) << i;
    }
    return outputs_lie_apart(&call->plan, given);
}

static bool prepare(struct call *call, const struct kernel *kernel)
{
    return take_operands(call, kernel) && lay_out(call) && safe_to_write(call);
}

static void compute(struct plan *plan)
{
    arrange(plan);
    run(plan);
}

static void compute_unlocked(struct plan *plan)
{
    PyThreadState *state = PyEval_SaveThread();
    compute(plan);
    PyEval_RestoreThread(state);
}

/* Numbers are vectors of copies already. */
static inline void compute_in(const struct call *call, char *room)
{
    call->plan.kernel.loop(call->plan.data, call->plan.stride[0], call->count, room);
}

/* Not inlined, so that other calls do not reserve this stack space. */
static __attribute__((noinline)) void compute_on_stack(const struct call *call)
{
    _Alignas(SPLAT_BYTES) char room[PACKED_ROOM];
    compute_in(call, room);
}

static void compute_in_scratch(const struct call *call)
{
    char *scratch = take_scratch();
    compute_in(call, scratch);
    give_scratch(scratch);
}

static void compute_short(const struct call *call)
{
    const size_t room = room_of(&call->plan.kernel);
    if (room == 0 || call->count < WITHOUT_ROOM) {
        compute_in(call, NULL);
    } else if (room == PACKED_ROOM) {
        compute_on_stack(call);
    } else {
        compute_in_scratch(call);
    }
}

static void do_work(struct call *call)
{
    struct plan *plan = &call->plan;
    const bool alone = call->count < GIL_ELEMENTS && !may_share(&plan->kernel, call->count);
    if (call->contiguous && call->count <= SHORT_CALL && alone) {
        compute_short(call);
    } else if (alone) {
        compute(plan);
    } else {
        compute_unlocked(plan);
    }
}

enum served serve(const struct kernel *kernel, const struct arguments *arguments, PyObject **result)
{
    struct call call;
    call.given = arguments;
    if (!prepare(&call, kernel)) {
        return NOT_SERVED;
    }
    if (!own_outputs(&call)) {
        return FAILED;
    }
    forget_errors(&call.plan.kernel);
    do_work(&call);
    if (report_errors(&call.plan.kernel) < 0) {
        drop_outputs(&call, operands_of(&call.plan.kernel));
        return FAILED;
    }
    *result = hand_over(&call);
    return *result == NULL ? FAILED : SERVED;
}
