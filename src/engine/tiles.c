#include "tiles.h"
#include "copies.h"

static bool flat(const struct plane *plane, int i, size_t rows, ptrdiff_t item)
{
    return plane->stride[0][i] == item && (rows == 1 || plane->stride[1][i] == item * (ptrdiff_t)plane->length[0]);
}

static void run_tile(const struct kernel *kernel, const struct plane *plane, char *const *data, size_t rows,
                     char *const *buffer, char *packed)
{
    const int nin = kernel->info->nin, nargs = operands_of(kernel);
    const ptrdiff_t item = (ptrdiff_t)kernel->size, row = item * (ptrdiff_t)plane->length[0];
    const size_t length[] = {plane->length[0], rows};
    char *use[MAX_OPERANDS];
    ptrdiff_t use_stride[MAX_OPERANDS];
    struct side near[MAX_OPERANDS], far[MAX_OPERANDS];

    for (int i = 0; i < nargs; i++) {
        near[i] = (struct side){
            .data = buffer[i], .stride = {item, row}
        };
        far[i] = (struct side){
            .data = data[i], .stride = {plane->stride[0][i], plane->stride[1][i]}
        };
        use[i] = flat(plane, i, rows, item) ? data[i] : buffer[i];
        use_stride[i] = item;
        if (i < nin && far[i].stride[0] == 0 && far[i].stride[1] == 0) {
            use[i] = plane->copies >> i & 1 ? data[i] : buffer[i];
            if (use[i] == buffer[i]) {
                splat(buffer[i], data[i], kernel->size);
            }
            use_stride[i] = 0;
        } else if (i < nin && use[i] == buffer[i]) {
            copy_tile(near[i], far[i], &far[i], kernel->size, length);
        }
    }
    kernel->loop(use, use_stride, length[0] * length[1], packed);
    for (int i = nin; i < nargs; i++) {
        if (use[i] == buffer[i]) {
            copy_tile(far[i], near[i], &far[i], kernel->size, length);
        }
    }
}

void run_tiles(const struct kernel *kernel, const struct plane *plane, char *const *data, struct room room)
{
    const int nargs = operands_of(kernel);
    const size_t bytes = room.bytes / (size_t)nargs / SPLAT_BYTES * SPLAT_BYTES; /* of each operand */
    const size_t height = bytes / kernel->size / plane->length[0];
    char *buffer[MAX_OPERANDS], *at[MAX_OPERANDS];
    for (int i = 0; i < nargs; i++) {
        buffer[i] = room.blocks + (size_t)i * bytes;
        at[i] = data[i];
    }
    for (size_t left = plane->length[1], rows; left > 0; left -= rows) {
        rows = left < height ? left : height;
        run_tile(kernel, plane, at, rows, buffer, room.packed);
        for (int i = 0; i < nargs; i++) {
            at[i] += plane->stride[1][i] * (ptrdiff_t)rows;
        }
    }
}
