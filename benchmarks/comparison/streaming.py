"""A copy with non-temporal stores, said to LLVM through numba."""

import numba
from llvmlite import ir
from numba.core import types
from numba.extending import intrinsic

VECTOR = ir.VectorType(ir.IntType(64), 8)


@intrinsic
def move(typingctx, target, source):
    """Copy 64 bytes between aligned addresses, past the caches."""

    def codegen(context, builder, signature, arguments):
        target, source = (builder.inttoptr(a, VECTOR.as_pointer()) for a in arguments)
        store = builder.store(builder.load(source, align=64), target, align=64)
        one = builder.module.add_metadata([ir.Constant(ir.IntType(32), 1)])
        store.set_metadata("nontemporal", one)
        return context.get_dummy_value()

    return types.void(types.uintp, types.uintp), codegen


@numba.njit("void(uintp, uintp, uintp)")
def stream(target, source, vectors):
    for i in range(vectors):
        move(target + 64 * i, source + 64 * i)
