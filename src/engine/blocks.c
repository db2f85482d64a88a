#include "blocks.h"
#include "overlap.h"
#include "scratch.h"
#include "stream.h"
#include <stdint.h>
#include <string.h>

enum { BLOCK_BYTES = 4096 }; /* of each operand: all five stay in the first-level cache */

enum { FEW_BYTES = 1280 }; /* for the blocks of all operands: on the stack, where that is enough for a whole row */

/* When streaming, the reads of a block hide the writes of the one before: 4 KiB take 6 % longer where there are two inputs,
 * 16 KiB twice as long. Stores past the caches from within the kernels are no faster. */
enum { STREAMED_BYTES = 2048 };

enum { AHEAD_BYTES = 10240 }; /* from the block at hand to what is asked for: four blocks behind the next one */

enum { SHORT_ROW = 64 }; /* elements; a row of fewer costs more to begin than to compute */

static inline void repeat(char *to, const char *value, size_t size)
{
    for (size_t at = 0; at + size <= SPLAT_BYTES; at += size) {
        memcpy(to + at, value, size);
    }
}

void splat(char *to, const char *value, size_t size)
{
    switch (size) { /* a constant in each case: one move, or one vector */
        case 1: repeat(to, value, 1); break;
        case 2: repeat(to, value, 2); break;
        case 4: repeat(to, value, 4); break;
        case 8: repeat(to, value, 8); break;
        default: repeat(to, value, size);
    }
}

/* Copying. Compilers do better for a stride that they know: that of every other element, a reversed row, a block. They
 * do not for memcpy, hence a type that may lie anywhere. */

#define COPY_ITEMS(type, name)                                                                                \
    typedef type __attribute__((aligned(1), may_alias)) name;                                                 \
    static inline void copy_##name##s(char *restrict to, ptrdiff_t to_stride, const char *restrict from,      \
                                      ptrdiff_t from_stride, size_t n)                                        \
    {                                                                                                         \
        for (ptrdiff_t i = 0; i < (ptrdiff_t)n; i++) {                                                        \
            *(name *)(to + i * to_stride) = *(const name *)(from + i * from_stride);                          \
        }                                                                                                     \
    }                                                                                                         \
    static void copy_row_of_##name##s(char *to, ptrdiff_t to_stride, const char *from, ptrdiff_t from_stride, \
                                      size_t n)                                                               \
    {                                                                                                         \
        const ptrdiff_t item = sizeof(name);                                                                  \
        if (to_stride == item && from_stride == 2 * item) {                                                   \
            copy_##name##s(to, item, from, 2 * item, n);                                                      \
        } else if (to_stride == item && from_stride == -item) {                                               \
            copy_##name##s(to, item, from, -item, n);                                                         \
        } else if (from_stride == item) {                                                                     \
            copy_##name##s(to, to_stride, from, item, n);                                                     \
        } else {                                                                                              \
            copy_##name##s(to, to_stride, from, from_stride, n);                                              \
        }                                                                                                     \
    }

COPY_ITEMS(uint8_t, item8)
COPY_ITEMS(uint16_t, item16)
COPY_ITEMS(uint32_t, item32)
COPY_ITEMS(uint64_t, item64)

static void copy_row(char *to, ptrdiff_t to_stride, const char *from, ptrdiff_t from_stride, size_t size, size_t n)
{
    if (to_stride == (ptrdiff_t)size && from_stride == (ptrdiff_t)size) {
        memcpy(to, from, n * size);
        return;
    }
    switch (size) {
        case 1: copy_row_of_item8s(to, to_stride, from, from_stride, n); break;
        case 2: copy_row_of_item16s(to, to_stride, from, from_stride, n); break;
        case 4: copy_row_of_item32s(to, to_stride, from, from_stride, n); break;
        case 8: copy_row_of_item64s(to, to_stride, from, from_stride, n); break;
        default:
            for (size_t i = 0; i < n; i++) {
                memcpy(to + (ptrdiff_t)i * to_stride, from + (ptrdiff_t)i * from_stride, size);
            }
    }
}

/* One side of a copy in two dimensions. */
struct side {
    char *data;
    ptrdiff_t stride[2];
};

/* Runs along the axis in which the elements of `far`, the side that is not a block, are closer together, so that cache
 * lines are used up one after the other; but across short rows. */
static void copy_tile(struct side to, struct side from, const struct side *far, size_t size, const size_t *length)
{
    enum { SHORT = 16 };
    const size_t across = magnitude(far->stride[1]), along = magnitude(far->stride[0]);
    const int axis = length[1] > 1 && (length[0] < SHORT || along > across || along == 0) ? 1 : 0;
    for (size_t i = 0; i < length[!axis]; i++) {
        copy_row(to.data, to.stride[axis], from.data, from.stride[axis], size, length[axis]);
        to.data += to.stride[!axis];
        from.data += from.stride[!axis];
    }
}

/* What a plane is computed in: memory for the blocks of all operands, and for a kernel that packs, unless it is NULL. */
struct room {
    char *blocks;
    size_t bytes;
    char *packed;
};

/* A row: each operand is used where it lies (contiguous), as one vector of copies (an input of stride 0), or block by
 * block through a buffer. */

static bool is_one_value(const struct kernel *kernel, const struct plane *plane, int i)
{
    return i < kernel->info->nin && plane->stride[0][i] == 0;
}

static bool is_buffered(const struct kernel *kernel, const struct plane *plane, int i)
{
    const bool streamed = plane->stream && i >= kernel->info->nin;
    return streamed || (plane->stride[0][i] != (ptrdiff_t)kernel->size && !is_one_value(kernel, plane, i));
}

/* The bytes of a row that go into a buffer at a time; all of them where there is none. */
static size_t block_of(const struct kernel *kernel, const struct plane *plane, size_t bytes)
{
    const int nargs = operands_of(kernel);
    size_t buffers = 0;
    for (int i = 0; i < nargs; i++) {
        buffers += is_buffered(kernel, plane, i);
    }
    if (buffers == 0) {
        return plane->length[0] * kernel->size;
    }
    const size_t most = plane->stream ? STREAMED_BYTES : BLOCK_BYTES;
    const size_t share = (bytes - SPLAT_BYTES * (size_t)nargs) / buffers / SPLAT_BYTES * SPLAT_BYTES;
    return share < most ? share : most;
}

/* Its number, or -1 where there is none, or more than one. */
static int only_contiguous_input(const struct kernel *kernel, const ptrdiff_t *stride)
{
    int only = -1;
    for (int i = 0; i < kernel->info->nin; i++) {
        if (stride[i] == (ptrdiff_t)kernel->size) {
            if (only >= 0) {
                return -1;
            }
            only = i;
        }
    }
    return only;
}

/* What to ask for while a block of a row is written, of which `left` bytes are left to read: where the row goes on, or the
 * rows below. With it, relu takes 0.7 of the time on two cores that share no cache, 0.8 on one, 0.5 along rows that lie
 * apart; what has more to compute gains less. It would be slower than not to ask if that was for a block at once, for two
 * inputs, for nothing beyond the end of a row, or for the first-level cache. */
static uintptr_t ahead_of(const char *at, size_t left, size_t row, ptrdiff_t below)
{
    uintptr_t ahead = (uintptr_t)at + AHEAD_BYTES;
    if (below != 0 && AHEAD_BYTES >= left) {
        ahead += ((AHEAD_BYTES - left) / row + 1) * ((size_t)below - row);
    }
    return ahead;
}

static void run_row_in_blocks(const struct kernel *kernel, const struct plane *plane, char *const *data,
                              struct room room)
{
    const ptrdiff_t *stride = plane->stride[0];
    const bool stream = plane->stream;
    const int nin = kernel->info->nin, nargs = operands_of(kernel);
    const size_t size = kernel->size, block = block_of(kernel, plane, room.bytes);
    const ptrdiff_t item = (ptrdiff_t)size;
    char *at[MAX_OPERANDS], *use[MAX_OPERANDS];
    ptrdiff_t use_stride[MAX_OPERANDS];
    bool buffered[MAX_OPERANDS];

    for (int i = 0; i < nargs; i++) {
        at[i] = data[i];
        use[i] = room.blocks;
        use_stride[i] = item;
        buffered[i] = is_buffered(kernel, plane, i);
        if (is_one_value(kernel, plane, i)) {
            splat(use[i], data[i], size);
            use_stride[i] = 0;
            room.blocks += SPLAT_BYTES;
        } else if (buffered[i]) {
            room.blocks += block;
        }
    }
    const int asked = stream ? only_contiguous_input(kernel, stride) : -1;
    /* from the second block on, the first output begins where a line does, if its elements are aligned at all */
    size_t count = (block - (stream ? (uintptr_t)data[nin] % LINE_BYTES : 0)) / size;
    for (size_t left = plane->length[0]; left > 0; left -= count, count = block / size) {
        count = left < count ? left : count;
        for (int i = 0; i < nargs; i++) {
            if (!buffered[i] && use_stride[i] != 0) {
                use[i] = at[i];
            } else if (buffered[i] && i < nin) {
                copy_row(use[i], item, at[i], stride[i], size, count);
            }
        }
        kernel->loop(use, use_stride, count, room.packed);
        for (int i = nin; i < nargs; i++) {
            if (!buffered[i]) {
                continue;
            }
            if (stream && stride[i] == item) {
                uintptr_t ahead = 0;
                if (i == nin && asked >= 0) {
                    ahead = ahead_of(at[asked], left * size, plane->length[0] * size, plane->stride[1][asked]);
                }
                stream_copy(at[i], use[i], count * size, ahead);
            } else {
                copy_row(at[i], stride[i], use[i], item, size, count);
            }
        }
        for (int i = 0; i < nargs; i++) {
            at[i] += stride[i] * (ptrdiff_t)count;
        }
    }
}

void run_in_order(const struct kernel *kernel, char *const *data, const ptrdiff_t *stride, size_t n)
{
    const int nargs = operands_of(kernel);
    ptrdiff_t item[MAX_OPERANDS];
    char *at[MAX_OPERANDS];
    for (int i = 0; i < nargs; i++) {
        item[i] = (ptrdiff_t)kernel->size;
        at[i] = data[i];
    }
    for (; n > 0; n--) {
        kernel->loop(at, item, 1, NULL);
        for (int i = 0; i < nargs; i++) {
            at[i] += stride[i];
        }
    }
}

/* A tile: so many rows of a plane, whose elements, taken as one row, fill a buffer. */

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
            splat(buffer[i], data[i], kernel->size);
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

/* Two operands of float32, of which one lies across, have tiles of 64 by 64: with 32 by 32, twice the time. */
static void run_tiles(const struct kernel *kernel, const struct plane *plane, char *const *data, struct room room)
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

bool lies_across(const struct kernel *kernel, const ptrdiff_t *along, const ptrdiff_t *across)
{
    for (int i = 0; i < operands_of(kernel); i++) {
        if (magnitude(along[i]) > magnitude(across[i]) && across[i] != 0) {
            return true;
        }
    }
    return false;
}

static bool all_contiguous(const struct kernel *kernel, const struct plane *plane)
{
    for (int i = 0; i < operands_of(kernel); i++) {
        if (is_buffered(kernel, plane, i) || is_one_value(kernel, plane, i)) {
            return false;
        }
    }
    return true;
}

static void run_rows(const struct kernel *kernel, const struct plane *plane, char *const *data, struct room room)
{
    const int nargs = operands_of(kernel);
    const bool as_it_is = all_contiguous(kernel, plane);
    char *at[MAX_OPERANDS];
    memcpy(at, data, sizeof *at * (size_t)nargs);
    for (size_t row = 0; row < plane->length[1]; row++) {
        if (as_it_is) {
            kernel->loop(at, plane->stride[0], plane->length[0], room.packed);
        } else {
            run_row_in_blocks(kernel, plane, at, room);
        }
        for (int i = 0; i < nargs; i++) {
            at[i] += plane->stride[1][i];
        }
    }
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
