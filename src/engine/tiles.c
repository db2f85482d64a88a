#include "tiles.h"
#include "copies.h"
#include "dispatch.h"
#include "overlap.h"
#include "sizes.h"

/* The elements of an operand in a tile, where they lie (far), and one after the other in a buffer (near). Axes that are one
 * on either side are joined; there is at least one. */
struct sides {
    int naxes;
    size_t length[PLANE_AXES];
    ptrdiff_t near[PLANE_AXES], far[PLANE_AXES];
};

static struct sides sides_of(const struct plane *plane, int operand, const size_t *length, size_t size)
{
    struct sides sides = {.naxes = 0, .length = {1}, .near = {(ptrdiff_t)size}, .far = {(ptrdiff_t)size}};
    ptrdiff_t near = (ptrdiff_t)size;
    for (int axis = 0; axis < PLANE_AXES; axis++) {
        const int last = sides.naxes - 1;
        const ptrdiff_t far = plane->stride[axis][operand];
        if (length[axis] == 1) {
            continue;
        }
        if (last >= 0 && far == sides.far[last] * (ptrdiff_t)sides.length[last]) {
            sides.length[last] *= length[axis];
        } else {
            sides.length[sides.naxes] = length[axis];
            sides.near[sides.naxes] = near;
            sides.far[sides.naxes++] = far;
        }
        near *= (ptrdiff_t)length[axis];
    }
    sides.naxes += sides.naxes == 0;
    return sides;
}

/* The axis along which elements are closest together where they lie, so that cache lines are used up one after the other. */
static int closest_axis(const struct sides *sides)
{
    int closest = 0;
    for (int axis = 1; axis < sides->naxes; axis++) {
        const size_t stride = magnitude(sides->far[axis]), least = magnitude(sides->far[closest]);
        if (stride != 0 && (least == 0 || stride < least)) {
            closest = axis;
        }
    }
    return closest;
}

/* The axis to go along with it: the one along which the buffer is contiguous, or else the longest one. */
static int second_axis(const struct sides *sides, int first)
{
    int second = first == 0 ? 1 : 0;
    for (int axis = 1; axis < sides->naxes && first == 0; axis++) {
        second = sides->length[axis] > sides->length[second] ? axis : second;
    }
    return second;
}

/* Moves what lies far to the buffer, or back. Short rows are walked across. */
static void move_sides(const struct kernel *kernel, const struct sides *sides, char *near, char *far, bool back)
{
    enum { SHORT = 8 };
    int first = closest_axis(sides), second = second_axis(sides, first);
    const bool alone = sides->naxes == 1;
    const bool contiguous = sides->near[first] == sides->far[first] && first == 0;
    if (!alone && !contiguous && sides->length[first] < SHORT && sides->length[second] > sides->length[first]) {
        const int other = first;
        first = second;
        second = other;
    }
    const ptrdiff_t near_by[2] = {sides->near[first], alone ? 0 : sides->near[second]};
    const ptrdiff_t far_by[2] = {sides->far[first], alone ? 0 : sides->far[second]};
    struct move move = {
        .length = {sides->length[first], alone ? 1 : sides->length[second]}
    };
    for (int i = 0; i < 2; i++) {
        move.to[i] = back ? far_by[i] : near_by[i];
        move.from[i] = back ? near_by[i] : far_by[i];
    }
    size_t at[PLANE_AXES] = {0};
    for (int axis = 0; axis < sides->naxes;) {
        kernel->isa->move(back ? far : near, back ? near : far, &move, kernel->size);
        for (axis = 0; axis < sides->naxes; axis++) {
            if (axis == first || axis == second) {
                continue;
            }
            near += sides->near[axis];
            far += sides->far[axis];
            if (++at[axis] < sides->length[axis]) {
                break;
            }
            near -= sides->near[axis] * (ptrdiff_t)at[axis];
            far -= sides->far[axis] * (ptrdiff_t)at[axis];
            at[axis] = 0;
        }
    }
}

/* Where the kernel finds an operand of a tile, and by how much it moves from row to row where it is called for each. */
struct place {
    struct sides sides;
    char *use;
    ptrdiff_t stride, step;
    bool buffered, by_rows;
};

static struct place place_of(const struct kernel *kernel, const struct plane *plane, int operand, char *data,
                             const size_t *length, char *buffer)
{
    const ptrdiff_t item = (ptrdiff_t)kernel->size;
    const bool rows = length[1] > 1 && length[2] == 1 && length[3] == 1;
    const bool long_rows = rows && length[0] >= SHORT_ROW && room_of(kernel) == 0;
    struct place place = {.sides = sides_of(plane, operand, length, kernel->size), .use = data, .stride = item};
    const ptrdiff_t far = place.sides.naxes == 1 ? place.sides.far[0] : -1;
    place.step = item * (ptrdiff_t)length[0];
    if (operand < kernel->info->nin && far == 0) {
        place.stride = place.step = 0;
        if (!(plane->copies >> operand & 1)) {
            splat(buffer, data, kernel->size);
            place.use = buffer;
        }
    } else if (far != item && long_rows && plane->stride[0][operand] == item) {
        place.step = plane->stride[1][operand];
        place.by_rows = true;
    } else if (far != item) {
        place.buffered = true;
        place.use = buffer;
    }
    return place;
}

/* Operands are used where they lie if they are contiguous, or if all that the kernel is called for are long rows of them. */
static void run_tile(const struct kernel *kernel, const struct plane *plane, char *const *data, const size_t *length,
                     char *const *buffer, char *packed)
{
    const int nin = kernel->info->nin, nargs = operands_of(kernel);
    struct place place[MAX_OPERANDS];
    char *use[MAX_OPERANDS];
    ptrdiff_t stride[MAX_OPERANDS];
    bool by_rows = false;
    for (int i = 0; i < nargs; i++) {
        place[i] = place_of(kernel, plane, i, data[i], length, buffer[i]);
        use[i] = place[i].use;
        stride[i] = place[i].stride;
        by_rows = by_rows || place[i].by_rows;
        if (i < nin && place[i].buffered) {
            move_sides(kernel, &place[i].sides, buffer[i], data[i], false);
        }
    }
    const size_t row = length[0] * (by_rows ? 1 : length[1] * length[2] * length[3]);
    for (size_t rows = by_rows ? length[1] : 1; rows > 0; rows--) {
        kernel->loop(use, stride, row, packed);
        for (int i = 0; i < nargs; i++) {
            use[i] += place[i].step;
        }
    }
    for (int i = nin; i < nargs; i++) {
        if (place[i].buffered) {
            move_sides(kernel, &place[i].sides, buffer[i], data[i], true);
        }
    }
}

static size_t smaller(size_t a, size_t b) { return a < b ? a : b; }

/* The first axes whole, as far as there is room; of a long row that another operand lies across, a part. */
static void shape_tile(const struct kernel *kernel, const struct plane *plane, size_t room, size_t *most)
{
    const bool across = lies_across(kernel, plane->stride[0], plane->stride[1]);
    for (int axis = 0; axis < PLANE_AXES; axis++) {
        most[axis] = smaller(plane->length[axis], room);
        if (axis == 0 && across && plane->length[1] > 1) {
            most[0] = smaller(most[0], width_of_tiles(plane->length[1]));
        }
        room /= most[axis];
    }
}

void run_tiles(const struct kernel *kernel, const struct plane *plane, char *const *data, struct room room)
{
    const int nargs = operands_of(kernel);
    const size_t bytes = room.bytes / (size_t)nargs / SPLAT_BYTES * SPLAT_BYTES; /* of each operand */
    char *buffer[MAX_OPERANDS], *at[MAX_OPERANDS];
    size_t most[PLANE_AXES], length[PLANE_AXES], done[PLANE_AXES] = {0};
    shape_tile(kernel, plane, bytes / kernel->size, most);
    for (int i = 0; i < nargs; i++) {
        buffer[i] = room.blocks + (size_t)i * bytes;
    }
    for (int axis = 0; axis < PLANE_AXES;) {
        for (int i = 0; i < nargs; i++) {
            at[i] = data[i];
        }
        for (axis = 0; axis < PLANE_AXES; axis++) {
            length[axis] = smaller(most[axis], plane->length[axis] - done[axis]);
            for (int i = 0; i < nargs; i++) {
                at[i] += plane->stride[axis][i] * (ptrdiff_t)done[axis];
            }
        }
        run_tile(kernel, plane, at, length, buffer, room.packed);
        for (axis = 0; axis < PLANE_AXES && (done[axis] += length[axis]) == plane->length[axis]; axis++) {
            done[axis] = 0;
        }
    }
}
