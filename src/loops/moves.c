/* Moves of elements. Compiled for each instruction set: ISA is its name, VOCABULARY its header. */
#include VOCABULARY
#include "moves.h"

/* The size is a constant where the functions below are called, so that a memcpy of it is one load and one store. */

INLINE void move_one_by_one(char *to, ptrdiff_t to_stride, const char *from, ptrdiff_t from_stride, size_t size,
                            size_t n)
{
    for (; n >= 4; n -= 4, to += 4 * to_stride, from += 4 * from_stride) {
        memcpy(to, from, size);
        memcpy(to + to_stride, from + from_stride, size);
        memcpy(to + 2 * to_stride, from + 2 * from_stride, size);
        memcpy(to + 3 * to_stride, from + 3 * from_stride, size);
    }
    for (; n > 0; n--, to += to_stride, from += from_stride) {
        memcpy(to, from, size);
    }
}

INLINE void move_strided(char *to, const char *from, const struct move *move, size_t size)
{
    for (size_t row = move->length[1]; row > 0; row--, to += move->to[1], from += move->from[1]) {
        move_one_by_one(to, move->to[0], from, move->from[0], size, move->length[0]);
    }
}

/* Contiguous rows */

/* Blocks of so many bytes, the last of which may lie partly over the one before. */
INLINE void move_blocks(char *to, const char *from, size_t bytes, size_t block)
{
    for (size_t at = 0; at + block < bytes; at += block) {
        memcpy(to + at, from + at, block);
    }
    memcpy(to + bytes - block, from + bytes - block, block);
}

/* A call of memcpy takes longer than a short row. */
INLINE void move_contiguous(char *to, const char *from, const struct move *move, size_t size)
{
    enum { LONG = 512 };
    const size_t bytes = move->length[0] * size;
    for (size_t row = move->length[1]; row > 0; row--, to += move->to[1], from += move->from[1]) {
        if (bytes >= LONG) {
            memcpy(to, from, bytes);
        } else if (bytes >= 16) {
            move_blocks(to, from, bytes, 16);
        } else if (bytes >= 8) {
            move_blocks(to, from, bytes, 8);
        } else if (bytes >= 4) {
            move_blocks(to, from, bytes, 4);
        } else {
            move_blocks(to, from, bytes, 1);
        }
    }
}

/* Rows of one side that are columns of the other: square blocks, turned in registers */

INLINE quad low_lanes(quad a, quad b, size_t size)
{
    return size == 1   ? quad_low_8(a, b)
           : size == 2 ? quad_low_16(a, b)
           : size == 4 ? quad_low_32(a, b)
                       : quad_low_64(a, b);
}

INLINE quad high_lanes(quad a, quad b, size_t size)
{
    return size == 1   ? quad_high_8(a, b)
           : size == 2 ? quad_high_16(a, b)
           : size == 4 ? quad_high_32(a, b)
                       : quad_high_64(a, b);
}

/* Row i of the block becomes column i. Each step puts the lanes of two rows half a block apart in turn: after as many steps
 * as halve the block down to one row, each lane is at its place. */
INLINE void turn_block(char *to, ptrdiff_t to_row, const char *from, ptrdiff_t from_row, size_t size)
{
    const size_t rows = QUAD_BYTES / size, half = rows / 2;
    quad a[QUAD_BYTES], b[QUAD_BYTES];
#pragma GCC unroll 16
    for (size_t i = 0; i < rows; i++) {
        a[i] = quad_load(from + (ptrdiff_t)i * from_row);
    }
#pragma GCC unroll 4
    for (size_t step = 1; step < rows; step *= 2) {
#pragma GCC unroll 8
        for (size_t i = 0; i < half; i++) {
            b[2 * i] = low_lanes(a[i], a[i + half], size);
            b[2 * i + 1] = high_lanes(a[i], a[i + half], size);
        }
#pragma GCC unroll 16
        for (size_t i = 0; i < rows; i++) {
            a[i] = b[i];
        }
    }
#pragma GCC unroll 16
    for (size_t i = 0; i < rows; i++) {
        quad_store(to + (ptrdiff_t)i * to_row, a[i]);
    }
}

/* By blocks, and what is left at two edges by elements. */
INLINE void move_turned(char *to, const char *from, const struct move *move, size_t size)
{
    const size_t edge = QUAD_BYTES / size;
    const ptrdiff_t item = (ptrdiff_t)size, by = (ptrdiff_t)edge;
    const ptrdiff_t to_row = move->to[move->to[0] == item], from_row = move->from[move->from[0] == item];
    const size_t whole = move->length[0] / edge * edge;
    struct move right = *move, below = *move;
    right.length[0] -= whole;
    right.length[1] = edge;
    for (; below.length[1] >= edge; below.length[1] -= edge) {
        char *into = to;
        const char *out_of = from;
        for (size_t left = whole; left > 0; left -= edge) {
            turn_block(into, to_row, out_of, from_row, size);
            into += move->to[0] * by;
            out_of += move->from[0] * by;
        }
        move_strided(into, out_of, &right, size);
        to += move->to[1] * by;
        from += move->from[1] * by;
    }
    move_strided(to, from, &below, size);
}

/* Rows that become contiguous: so many elements as lie within a quad, brought together by a shuffle */

/* A power of two, so that some of them make a quad; they are at its end where the row runs backwards. */
INLINE size_t elements_in_quad(ptrdiff_t stride, size_t size)
{
    const size_t apart = (size_t)(stride < 0 ? -stride : stride);
    const size_t most = (QUAD_BYTES - size) / apart + 1;
    return most >= 8 && size < 4 ? 8 : most >= 4 && size < 8 ? 4 : most >= 2 ? 2 : 1;
}

INLINE quad positions_of(ptrdiff_t stride, size_t size, size_t elements)
{
    char position[QUAD_BYTES] = {0};
    const ptrdiff_t first = stride < 0 ? QUAD_BYTES - (ptrdiff_t)size : 0;
    for (size_t i = 0; i < elements * size; i++) {
        position[i] = (char)(first + (ptrdiff_t)(i / size) * stride + (ptrdiff_t)(i % size));
    }
    return quad_load(position);
}

/* A quad of elements from several, each with so many bytes of them. */
INLINE quad gathered(const char *from, ptrdiff_t step, quad positions, size_t bytes)
{
    quad a[4];
    for (size_t i = 0; i < QUAD_BYTES / bytes; i++) {
        a[i] = quad_shuffle(quad_load(from + (ptrdiff_t)i * step), positions);
    }
    if (bytes == 4) {
        a[0] = quad_low_32(a[0], a[1]);
        a[1] = quad_low_32(a[2], a[3]);
    }
    return bytes == 16 ? a[0] : quad_low_64(a[0], a[1]);
}

INLINE size_t gather_row(char *to, const char *from, ptrdiff_t stride, size_t size, size_t n, quad positions,
                         size_t bytes)
{
    const size_t lanes = QUAD_BYTES / size, apart = (size_t)(stride < 0 ? -stride : stride);
    const size_t beyond = (QUAD_BYTES - size + apart - 1) / apart; /* elements that the last quad may reach over */
    const ptrdiff_t step = stride * (ptrdiff_t)(bytes / size);
    size_t done = 0;
    from -= stride < 0 ? QUAD_BYTES - (ptrdiff_t)size : 0;
    for (; done + lanes + beyond <= n; done += lanes, from += stride * (ptrdiff_t)lanes, to += QUAD_BYTES) {
        quad_store(to, gathered(from, step, positions, bytes));
    }
    return done;
}

INLINE void move_gathered(char *to, const char *from, const struct move *move, size_t size)
{
    const ptrdiff_t stride = move->from[0], item = (ptrdiff_t)size;
    const size_t elements = elements_in_quad(stride, size), n = move->length[0];
    const quad positions = positions_of(stride, size, elements);
    for (size_t row = move->length[1]; row > 0; row--, to += move->to[1], from += move->from[1]) {
        size_t done;
        switch (elements * size) {
            case 4: done = gather_row(to, from, stride, size, n, positions, 4); break;
            case 8: done = gather_row(to, from, stride, size, n, positions, 8); break;
            default: done = gather_row(to, from, stride, size, n, positions, 16);
        }
        move_one_by_one(to + (ptrdiff_t)done * item, item, from + (ptrdiff_t)done * stride, stride, size, n - done);
    }
}

/* A quad of elements of 4 or 8 bytes that are `by` bytes apart. */
INLINE quad quad_apart(const char *from, ptrdiff_t by, size_t size)
{
    return size == 4 ? quad_of_32s(from, from + by, from + 2 * by, from + 3 * by) : quad_of_64s(from, from + by);
}

/* Rows of elements of 4 or 8 bytes, however far apart, two quads at a time. */
INLINE void move_apart(char *to, const char *from, const struct move *move, size_t size)
{
    const size_t count = QUAD_BYTES / size;
    const ptrdiff_t by = move->from[0], item = (ptrdiff_t)size;
    for (size_t row = move->length[1]; row > 0; row--, to += move->to[1], from += move->from[1]) {
        const char *at = from;
        size_t done = 0;
        for (; done + 2 * count <= move->length[0]; done += 2 * count, at += 2 * by * (ptrdiff_t)count) {
            quad_store(to + done * size, quad_apart(at, by, size));
            quad_store(to + done * size + QUAD_BYTES, quad_apart(at + by * (ptrdiff_t)count, by, size));
        }
        move_one_by_one(to + done * size, item, at, by, size, move->length[0] - done);
    }
}

/* Rows of elements of 4 or 8 bytes that are a few elements apart: a vector at a time, made of as many vectors as they are apart. Lanes
 * that are permuted have 32 bits; an element of 8 bytes is two of them. */

enum { MOST_LANES = 16, ASKED_BEHIND = 4096 /* bytes, of what is far and runs backwards */ };

/* Lane by lane, the index in a row of elements `apart` from each other, the first of which is the last where the row runs
 * backwards. */
INLINE bits places_of(size_t apart, bool backwards, size_t size, size_t lane_count)
{
    int32_t place[MOST_LANES];
    const size_t each = size / 4, last = lane_count * apart / each - 1;
    for (size_t lane = 0; lane < lane_count; lane++) {
        const size_t element = lane / each * apart;
        place[lane] = (int32_t)((backwards ? last - element : element) * each + lane % each);
    }
    return bits_load((const char *)place, lane_count * 4);
}

/* The lanes in the vector of that number, and where they are in it. */
INLINE mask lanes_in(bits places, size_t vector, size_t lane_count)
{
    const bits from = set1_32((int32_t)(vector * lane_count)), all = set1_32(-(int32_t)lane_count);
    return eq_32(bits_and(places, all), from);
}

/* A vector of elements, from `apart` vectors that lie one after the other. */
INLINE bits permuted_vectors(const char *from, size_t bytes, size_t apart, bits places, const mask *in)
{
    bits a = permuted_32(bits_load(from, bytes), places);
    for (size_t i = 1; i < apart; i++) {
        a = select_32(in[i], permuted_32(bits_load(from + i * bytes, bytes), places), a);
    }
    return a;
}

/* All but the last few of n elements; how many. The row goes on where the last vector ends, or it is left. */
INLINE size_t take_row(char *to, const char *from, size_t apart, bool backwards, size_t size, size_t n, bool far)
{
    const size_t lane_count = lanes(4), bytes = lane_count * 4, count = bytes / size;
    const ptrdiff_t step = (ptrdiff_t)(bytes * apart);
    const bits places = places_of(apart, backwards, size, lane_count);
    mask in[4];
    for (size_t i = 1; i < apart; i++) {
        in[i] = lanes_in(places, i, lane_count);
    }
    from -= backwards ? step - (ptrdiff_t)size : 0;
    size_t done = 0;
    for (; done + count < n; done += count, to += bytes, from += backwards ? -step : step) {
        if (backwards && far) {
            __builtin_prefetch((const char *)((uintptr_t)from - ASKED_BEHIND));
        }
        const bits a =
            HAS_HALVES ? near_load(from, apart, backwards, size) : permuted_vectors(from, bytes, apart, places, in);
        bits_store(to, a, bytes);
    }
    return done;
}

INLINE void move_near(char *to, const char *from, const struct move *move, size_t size)
{
    const ptrdiff_t by = move->from[0], item = (ptrdiff_t)size;
    for (size_t row = move->length[1]; row > 0; row--, to += move->to[1], from += move->from[1]) {
        size_t done;
        switch (by / item) {
            case -1:
                done = move->far ? take_row(to, from, 1, true, size, move->length[0], true)
                                 : take_row(to, from, 1, true, size, move->length[0], false);
                break;
            case -2: done = take_row(to, from, 2, true, size, move->length[0], false); break;
            case 2: done = take_row(to, from, 2, false, size, move->length[0], false); break;
            case -3: done = take_row(to, from, 3, true, size, move->length[0], false); break;
            case 3: done = take_row(to, from, 3, false, size, move->length[0], false); break;
            case -4: done = take_row(to, from, 4, true, size, move->length[0], false); break;
            default: done = take_row(to, from, 4, false, size, move->length[0], false);
        }
        move_one_by_one(to + done * size, item, from + (ptrdiff_t)done * by, by, size, move->length[0] - done);
    }
}

INLINE bool within(ptrdiff_t stride, size_t size, size_t n, int most)
{
    const ptrdiff_t by = stride / (ptrdiff_t)size;
    return size >= 4 && size <= 8 && stride % (ptrdiff_t)size == 0 && by != 0 && by <= most && -by <= most &&
           n >= 2 * VECTOR_BYTES / size;
}

/* Whether elements are close enough together, and a row long enough to be worth the table of positions. */
INLINE bool is_gathered(const struct move *move, size_t size)
{
    const ptrdiff_t stride = move->from[0], item = (ptrdiff_t)size;
    if (move->to[0] != item || stride == 0 || move->length[0] * move->length[1] < 64 || move->length[0] < 16) {
        return false;
    }
    const size_t elements = elements_in_quad(stride, size);
    return elements > 1 && elements * size >= 4;
}

INLINE void move_of_size(char *to, const char *from, const struct move *move, size_t size)
{
    const ptrdiff_t item = (ptrdiff_t)size;
    const bool turned =
        (move->to[0] == item && move->from[1] == item) || (move->to[1] == item && move->from[0] == item);
    if (move->to[0] == item && move->from[0] == item) {
        move_contiguous(to, from, move, size);
    } else if (HAS_QUADS && size < QUAD_BYTES && turned) {
        move_turned(to, from, move, size);
    } else if (move->to[0] == item && within(move->from[0], size, move->length[0], NEAR_STRIDE)) {
        move_near(to, from, move, size);
    } else if (HAS_QUADS && size == 8 && move->to[0] == item) {
        move_apart(to, from, move, size);
    } else if (HAS_SHUFFLE && size < QUAD_BYTES && is_gathered(move, size)) {
        move_gathered(to, from, move, size);
    } else if (HAS_QUADS && size == 4 && move->to[0] == item) { /* a shuffle is quicker where two lie within a quad */
        move_apart(to, from, move, size);
    } else {
        move_strided(to, from, move, size);
    }
}

move_rows JOIN(ISA, move_rows);

void JOIN(ISA, move_rows)(char *to, const char *from, const struct move *move, size_t size)
{
    switch (size) {
        case 1: move_of_size(to, from, move, 1); break;
        case 2: move_of_size(to, from, move, 2); break;
        case 4: move_of_size(to, from, move, 4); break;
        case 8: move_of_size(to, from, move, 8); break;
        default: move_of_size(to, from, move, sizeof(long double));
    }
}
