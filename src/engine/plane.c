#include "plane.h"
#include "overlap.h"
#include "rows.h"
#include "scratch.h"
#include "sizes.h"
#include "stream.h"
#include "tiles.h"

bool lies_across(const struct kernel *kernel, const ptrdiff_t *along, const ptrdiff_t *across)
{
    for (int i = 0; i < operands_of(kernel); i++) {
        if (magnitude(along[i]) > magnitude(across[i]) && across[i] != 0) {
            return true;
        }
    }
    return false;
}

/* Not inlined, so that planes with scratch memory do not reserve this stack space. */
static __attribute__((noinline)) void run_rows_on_stack(const struct kernel *kernel, const struct plane *plane,
                                                        char *const *data)
{
    _Alignas(SPLAT_BYTES) char blocks[STACK_BLOCKS_BYTES];
    run_rows(kernel, plane, data, (struct room){blocks, STACK_BLOCKS_BYTES, NULL});
}

/* A row of few elements costs more to begin than to compute, the more so if it is copied, or packed. */
static bool is_tiled(const struct kernel *kernel, const struct plane *plane, bool needs_room)
{
    const size_t length = plane->length[0];
    bool one_row = true;
    for (int axis = 1; axis < PLANE_AXES; axis++) {
        one_row = one_row && plane->length[axis] == 1;
    }
    if (one_row) {
        return false;
    }
    if (lies_across(kernel, plane->stride[0], plane->stride[1])) {
        return true;
    }
    return length < SHORT_ROW &&
           (needs_room || length * kernel->size < DIRECT_ROW_BYTES || !as_they_lie(kernel, plane));
}

/* Without scratch memory, smaller blocks on the stack give the same results, more slowly. */
void run_plane(const struct kernel *kernel, const struct plane *plane, char *const *data)
{
    const size_t length = plane->length[0];
    const bool tiled = is_tiled(kernel, plane, room_of(kernel) > 0);
    const bool needs_room = room_of(kernel) > 0 && length >= SHORT_ROW;
    const bool fits_on_stack =
        !tiled && !needs_room && length * kernel->size <= block_of(kernel, plane, STACK_BLOCKS_BYTES);
    char *scratch = fits_on_stack ? NULL : take_scratch();
    if (scratch == NULL) {
        run_rows_on_stack(kernel, plane, data);
    } else {
        const struct room room = {scratch, BLOCKS_BYTES, scratch + BLOCKS_BYTES};
        (tiled ? run_tiles : run_rows)(kernel, plane, data, room);
        give_scratch(scratch);
    }
    if (plane->stream > 0) {
        stream_fence();
    }
}
