/* A 16-bit element by way of float32, for what is costly to compute: block by block, the inputs are converted, the loop of
 * float32 computes, its outputs are converted back. So the formula is compiled once for three elements; it is
 * as fast as a loop of its own (docs/tuning.md).
 *
 * Included with ELEMENT, the 16-bit type, and ACCESS, what loads and stores it as float32. */

extern kernel_loop *const JOIN(JOIN(ISA, f32), kernels)[KERNEL_COUNT];

enum { FEW = 64 * sizeof(float) }; /* bytes of each operand, where there is no room */

static void E(widen)(char *to, const char *from, size_t n)
{
    const size_t lanes = A(lanes)();
    for (; n >= lanes; n -= lanes, to += 4 * lanes, from += 2 * lanes) {
        f32_store(to, A(load)(from, lanes), lanes);
    }
    if (n > 0) {
        f32_store(to, A(load)(from, n), n);
    }
}

static void E(narrow)(char *to, const char *from, size_t n)
{
    const size_t lanes = A(lanes)();
    for (; n >= lanes; n -= lanes, to += 2 * lanes, from += 4 * lanes) {
        A(store)(to, f32_load(from, lanes), lanes);
    }
    if (n > 0) {
        A(store)(to, f32_load(from, n), n);
    }
}

/* `wide` has `bytes` for each operand, `packed` is the room of the float32 loop. */
static void E(by_blocks)(kernel_loop *loop, int nin, int nout, char *const *data, const ptrdiff_t *stride, size_t n,
                         char *wide, size_t bytes, char *packed)
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
        for (int i = nin; i < nin + nout; i++) {
            E(narrow)(at[i], use[i], count);
        }
        for (int i = 0; i < nin + nout; i++) {
            at[i] += stride[i] * (ptrdiff_t)count;
        }
    }
}

NOINLINE void E(through_f32)(kernel_loop *loop, int nin, int nout, char *const *data, const ptrdiff_t *stride, size_t n,
                             char *room)
{
    _Alignas(SPLAT_BYTES) char few[MAX_OPERANDS * FEW];
    if (room == NULL) {
        E(by_blocks)(loop, nin, nout, data, stride, n, few, FEW, NULL);
    } else {
        char *packed = room + MAX_OPERANDS * WIDE_BYTES;
        E(by_blocks)(loop, nin, nout, data, stride, n, room, WIDE_BYTES, packed);
    }
}
