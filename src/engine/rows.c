#include "rows.h"
#include "copies.h"
#include "cost.h"
#include "dispatch.h"
#include "sizes.h"
#include "stream.h"
#include <stdint.h>
#include <string.h>

/* A row: each operand is used where it lies (contiguous), as one vector of copies (an input of stride 0), or block by
 * block through a buffer. */

static bool is_one_value(const struct kernel *kernel, const struct plane *plane, int i)
{
    return i < kernel->info->nin && plane->stride[0][i] == 0;
}

/* Whether it is a vector of copies already. */
static bool is_copies(const struct plane *plane, int i) { return plane->copies >> i & 1; }

static bool is_buffered(const struct kernel *kernel, const struct plane *plane, int i)
{
    const bool streamed = plane->stream > 0 && i >= kernel->info->nin;
    return streamed || (plane->stride[0][i] != (ptrdiff_t)kernel->size && !is_one_value(kernel, plane, i));
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

/* So many pages are written past the caches in turn: several where to read and write is most of the work. Where there are two
 * inputs, or a costly formula, that takes up to a tenth longer. */
static size_t pages_in_turn(const struct kernel *kernel, const struct plane *plane)
{
    const bool cheap = room_of(kernel) == 0 && only_contiguous_input(kernel, plane->stride[0]) >= 0;
    return plane->stream > 1 && cheap ? plane->stream : 1;
}

size_t block_of(const struct kernel *kernel, const struct plane *plane, size_t bytes)
{
    const int nargs = operands_of(kernel);
    size_t buffers = 0;
    for (int i = 0; i < nargs; i++) {
        buffers += is_buffered(kernel, plane, i);
    }
    if (buffers == 0) {
        return plane->length[0] * kernel->size;
    }
    const size_t streamed = pages_in_turn(kernel, plane) > 1 ? TURN_BYTES : STREAMED_BYTES;
    const size_t most = plane->stream > 0 ? streamed : BLOCK_BYTES;
    const size_t share = (bytes - SPLAT_BYTES * (size_t)nargs) / buffers / SPLAT_BYTES * SPLAT_BYTES;
    return share < most ? share : most;
}

/* What to ask for while a block of a row is written, of which `left` bytes are left to read: where the row goes on, or the
 * rows below. docs/tuning.md has what it gains, and what was tried. */
static uintptr_t ahead_of(const char *at, size_t distance, size_t left, size_t row, ptrdiff_t below)
{
    uintptr_t ahead = (uintptr_t)at + distance;
    if (below != 0 && distance >= left) {
        ahead += ((distance - left) / row + 1) * ((size_t)below - row);
    }
    return ahead;
}

static void move_row(const struct kernel *kernel, char *to, ptrdiff_t to_stride, const char *from,
                     ptrdiff_t from_stride, size_t n, bool far)
{
    const struct move row = {
        .length = {n,           1},
          .to = {to_stride,   0},
          .from = {from_stride, 0},
          .far = far
    };
    kernel->isa->move(to, from, &row, kernel->size);
}

/* How the kernel gets at the operands of rows, the same for all rows of a plane. */
struct means {
    char *use[MAX_OPERANDS]; /* where it finds them; set row by row, or block by block, where that is not in the room */
    ptrdiff_t stride[MAX_OPERANDS];
    bool buffered[MAX_OPERANDS];
    bool splat[MAX_OPERANDS];
    bool any_buffered;
    bool far; /* whether inputs may lie in no cache of the core's own */
    int asked; /* the input that is asked for, or -1 */
    size_t ahead; /* in bytes */
    size_t block, pages;
    char *packed;
};

static void find_means(struct means *means, const struct kernel *kernel, const struct plane *plane, struct room room)
{
    means->block = block_of(kernel, plane, room.bytes);
    means->packed = room.packed;
    means->any_buffered = false;
    means->far = plane->length[0] * kernel->size > own_cache();
    means->pages = pages_in_turn(kernel, plane);
    means->asked = plane->stream > 0 ? only_contiguous_input(kernel, plane->stride[0]) : -1;
    means->ahead = means->pages > 1 ? means->pages * STREAMED_PAGE : AHEAD_BYTES;
    for (int i = 0; i < operands_of(kernel); i++) {
        const bool one_value = is_one_value(kernel, plane, i);
        means->use[i] = room.blocks;
        means->stride[i] = one_value ? 0 : (ptrdiff_t)kernel->size;
        means->buffered[i] = is_buffered(kernel, plane, i);
        means->splat[i] = one_value && !is_copies(plane, i);
        means->any_buffered = means->any_buffered || means->buffered[i];
        room.blocks += means->splat[i] ? SPLAT_BYTES : means->buffered[i] ? means->block : 0;
    }
}

/* What the kernel is to use where it lies, from a place in the row on. */
static void use_in_place(struct means *means, const struct kernel *kernel, char *const *at)
{
    for (int i = 0; i < operands_of(kernel); i++) {
        if (!means->buffered[i] && !means->splat[i]) {
            means->use[i] = at[i];
        }
    }
}

/* Some elements of a row, no more than a block: computed, and brought to where the outputs lie. */
static void run_block(const struct kernel *kernel, const struct plane *plane, char *const *data, struct means *means,
                      size_t first, size_t count)
{
    const ptrdiff_t *stride = plane->stride[0];
    const int nin = kernel->info->nin, nargs = operands_of(kernel);
    const size_t size = kernel->size, length = plane->length[0];
    const ptrdiff_t item = (ptrdiff_t)size;
    char *at[MAX_OPERANDS];
    for (int i = 0; i < nargs; i++) {
        at[i] = data[i] + stride[i] * (ptrdiff_t)first;
    }
    use_in_place(means, kernel, at);
    for (int i = 0; i < nin; i++) {
        if (means->buffered[i]) {
            move_row(kernel, means->use[i], item, at[i], stride[i], count, means->far);
        }
    }
    kernel->loop(means->use, means->stride, count, means->packed);
    for (int i = nin; i < nargs; i++) {
        if (!means->buffered[i]) {
            continue;
        }
        if (plane->stream > 0 && stride[i] == item) {
            uintptr_t ahead = 0;
            if (i == nin && means->asked >= 0) {
                const ptrdiff_t below = plane->stride[1][means->asked];
                ahead = ahead_of(at[means->asked], means->ahead, (length - first) * size, length * size, below);
            }
            stream_copy(at[i], means->use[i], count * size, ahead);
        } else {
            move_row(kernel, at[i], stride[i], means->use[i], item, count, false);
        }
    }
}

/* Pages that follow each other, a block of each in turn. */
static void run_pages(const struct kernel *kernel, const struct plane *plane, char *const *data, struct means *means,
                      size_t first)
{
    const size_t page = STREAMED_PAGE / kernel->size, block = means->block / kernel->size;
    for (size_t done = 0; done < page; done += block) {
        for (size_t i = 0; i < means->pages; i++) {
            run_block(kernel, plane, data, means, first + i * page + done, smaller(block, page - done));
        }
    }
}

/* Blocks of what is streamed begin where a line of the first output does, or a page, if its elements are aligned at all. */
static void run_row_in_blocks(const struct kernel *kernel, const struct plane *plane, char *const *data,
                              struct means *means)
{
    const size_t size = kernel->size, length = plane->length[0], pages = means->pages * (STREAMED_PAGE / size);
    const uintptr_t output = plane->stream > 0 ? (uintptr_t)data[kernel->info->nin] : 0;
    const bool in_turn = means->pages > 1 && output % size == 0;
    size_t count = (means->block - output % LINE_BYTES) / size;
    for (size_t done = 0; done < length; done += count, count = means->block / size) {
        const size_t of_page = (output + done * size) % STREAMED_PAGE, left = length - done;
        if (in_turn && of_page == 0 && left >= pages) {
            count = pages;
            run_pages(kernel, plane, data, means, done);
        } else {
            const size_t most = in_turn ? (STREAMED_PAGE - of_page) / size : left;
            count = smaller(count, smaller(most, left));
            run_block(kernel, plane, data, means, done, count);
        }
    }
}

static void run_row(const struct kernel *kernel, const struct plane *plane, char *const *data, struct means *means)
{
    for (int i = 0; i < kernel->info->nin; i++) {
        if (means->splat[i]) {
            splat(means->use[i], data[i], kernel->size);
        }
    }
    if (means->any_buffered) {
        run_row_in_blocks(kernel, plane, data, means);
    } else {
        use_in_place(means, kernel, data);
        kernel->loop(means->use, means->stride, plane->length[0], means->packed);
    }
}

bool as_they_lie(const struct kernel *kernel, const struct plane *plane)
{
    for (int i = 0; i < operands_of(kernel); i++) {
        if (is_buffered(kernel, plane, i) || (is_one_value(kernel, plane, i) && !is_copies(plane, i))) {
            return false;
        }
    }
    return true;
}

void run_rows(const struct kernel *kernel, const struct plane *plane, char *const *data, struct room room)
{
    const int nargs = operands_of(kernel);
    const bool directly = as_they_lie(kernel, plane);
    size_t done[PLANE_AXES] = {0};
    char *at[MAX_OPERANDS];
    struct means means;
    find_means(&means, kernel, plane, room);
    memcpy(at, data, sizeof *at * (size_t)nargs);
    for (int axis = 0; axis < PLANE_AXES;) {
        if (directly) {
            kernel->loop(at, plane->stride[0], plane->length[0], room.packed);
        } else {
            run_row(kernel, plane, at, &means);
        }
        for (axis = 1; axis < PLANE_AXES; axis++) {
            const bool ends = ++done[axis] == plane->length[axis];
            for (int i = 0; i < nargs; i++) {
                at[i] += plane->stride[axis][i] * (ends ? 1 - (ptrdiff_t)done[axis] : 1);
            }
            if (!ends) {
                break;
            }
            done[axis] = 0;
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
