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

/* Where there is no memory, what the stack has room for takes longer, and is as right. */
void run_plane(const struct kernel *kernel, const struct plane *plane, char *const *data)
{
    _Alignas(SPLAT_BYTES) char few[FEW_BYTES];
    const size_t length = plane->length[0];
    const bool across = lies_across(kernel, plane->stride[0], plane->stride[1]);
    const bool tiled = plane->length[1] > 1 && (length < SHORT_ROW || across);
    const bool packs = kernel->info->packs && length >= SHORT_ROW;
    const bool few_do = !tiled && !packs && length * kernel->size <= block_of(kernel, plane, FEW_BYTES);
    char *scratch = few_do ? NULL : take_scratch();
    if (scratch == NULL) {
        run_rows(kernel, plane, data, (struct room){few, FEW_BYTES, NULL});
    } else {
        const struct room room = {scratch, BLOCKS_BYTES, scratch + BLOCKS_BYTES};
        (tiled ? run_tiles : run_rows)(kernel, plane, data, room);
        give_scratch(scratch);
    }
    if (plane->stream) {
        stream_fence();
    }
}
