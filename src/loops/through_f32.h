/* A 16-bit element by way of float32, for what is costly to compute: block by block, the inputs are converted, the loop of
 * float32 computes, its outputs are converted back. So the formula is compiled once for three elements; it is
 * as fast as a loop of its own (docs/tuning.md).
 *
 * Included with ELEMENT, the 16-bit type, and ACCESS, what loads and stores it as float32. */

extern kernel_loop *const JOIN(JOIN(ISA, f32), kernels)[KERNEL_COUNT];

enum { FEW = 64 * sizeof(float) }; /* bytes of each operand, where there is no room */

NOINLINE void E(widen)(char *to, const char *from, size_t n)
{
    const size_t lanes = A(lanes)();
    for (; n >= lanes; n -= lanes, to += 4 * lanes, from += 2 * lanes) {
        f32_store(to, A(load)(from, lanes), lanes);
    }
    if (n > 0) {
        f32_store(to, A(load)(from, n), n);
    }
}

NOINLINE void E(narrow)(char *to, const char *from, size_t n)
{
    const size_t lanes = A(lanes)();
    for (; n >= lanes; n -= lanes, to += 2 * lanes, from += 4 * lanes) {
        A(store)(to, f32_load(from, lanes), lanes);
    }
    if (n > 0) {
        A(store)(to, f32_load(from, n), n);
    }
}

/* The same for all outputs, from nearest float32. That would round twice: vectors that have an element halfway between two of
 * this type are left to `proper`, which rounds once. Its inputs are there still where outputs go in their place. */
NOINLINE void E(narrow_once)(kernel_loop *proper, int nin, int nout, char *const *to, const ptrdiff_t *stride,
                             char *const *from, size_t n)
{
    for (size_t done = 0, count; done < n; done += count) {
        count = n - done < A(lanes)() ? n - done : A(lanes)();
        char *here[MAX_OPERANDS];
        bool halfway = false;
        for (int i = 0; i < nin + nout; i++) {
            here[i] = to[i] + stride[i] * (ptrdiff_t)done;
            halfway = halfway || (i >= nin && mask_any(A(is_halfway)(f32_load(from[i] + 4 * done, count))));
        }
        if (__builtin_expect(halfway, false)) {
            proper(here, stride, count, NULL);
            continue;
        }
        for (int i = nin; i < nin + nout; i++) {
            A(store)(here[i], f32_load(from[i] + 4 * done, count), count);
        }
    }
}

/* `wide` has `bytes` for each operand, `packed` is the room of the float32 loop. `proper` is NULL where results are to be
 * rounded twice. */
NOINLINE void E(by_blocks)(kernel_loop *loop, kernel_loop *proper, int nin, int nout, char *const *data,
                           const ptrdiff_t *stride, size_t n, char *wide, size_t bytes, char *packed)
{
    char *use[MAX_OPERANDS], *at[MAX_OPERANDS];
    ptrdiff_t use_stride[MAX_OPERANDS];
    for (int i = 0; i < nin + nout; i++) {
        use[i] = wide + (size_t)i * bytes;
        at[i] = data[i];
        use_stride[i] = 2 * stride[i];
        if (stride[i] == 0) {
            E(widen)(use[i], data[i], SPLAT_BYTES / sizeof(float));
        }
    }
    for (size_t count = bytes / sizeof(float); n > 0; n -= count) {
        count = n < count ? n : count;
        for (int i = 0; i < nin; i++) {
            if (stride[i] != 0) {
                E(widen)(use[i], at[i], count);
            }
        }
        loop(use, use_stride, count, packed);
        if (proper != NULL) {
            E(narrow_once)(proper, nin, nout, at, stride, use, count);
        } else {
            for (int i = nin; i < nin + nout; i++) {
                E(narrow)(at[i], use[i], count);
            }
        }
        for (int i = 0; i < nin + nout; i++) {
            at[i] += stride[i] * (ptrdiff_t)count;
        }
    }
}

/* Not inlined, so that calls with room do not reserve this stack space. */
NOINLINE void E(through_f32_on_stack)(kernel_loop *loop, int nin, int nout, char *const *data, const ptrdiff_t *stride,
                                      size_t n)
{
    _Alignas(SPLAT_BYTES) char few[MAX_OPERANDS * FEW];
    E(by_blocks)(loop, NULL, nin, nout, data, stride, n, few, FEW, NULL);
}

static void E(through_f32)(kernel_loop *loop, int nin, int nout, char *const *data, const ptrdiff_t *stride, size_t n,
                           char *room)
{
    if (room == NULL) {
        E(through_f32_on_stack)(loop, nin, nout, data, stride, n);
    } else {
        char *packed = room + MAX_OPERANDS * WIDE_BYTES;
        E(by_blocks)(loop, NULL, nin, nout, data, stride, n, room, WIDE_BYTES, packed);
    }
}

/* The same for a kernel with a fast part, whose results are rounded once. */
static void E(fast_through_f32)(kernel_loop *loop, kernel_loop *proper, int nin, int nout, char *const *data,
                                const ptrdiff_t *stride, size_t n, char *room)
{
    E(by_blocks)(loop, proper, nin, nout, data, stride, n, room, WIDE_BYTES, room + MAX_OPERANDS * WIDE_BYTES);
}
