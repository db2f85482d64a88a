"""The ufuncs in functions that numba compiles: on arrays and on single numbers.

numba imports this by itself, by way of the entry point ``numba_extensions``, as it compiles its
first function. Compiled code calls the C API: kernels, threads and bits are those of the ufuncs in
Python.

The arrays of a call say what its type is; a single number beside them does not change it, as
Python's own numbers do not in NumPy. ``out`` is an array, or a tuple of them. Of NumPy's other
keywords numba knows none.

>>> import numba
>>> import numpy as np
>>> import relu_ufunc
>>> @numba.njit
... def layer(x, weights):
...     return relu_ufunc.relu(np.dot(x, weights))
>>> layer(np.array([[-1.0, 2.0]]), np.eye(2))
array([[0., 2.]])
"""

import ctypes
from functools import cache

import numpy as np

import relu_ufunc

from ._extras import from_extra
from ._signatures import inputs_of, is_parameter

with from_extra("numba"):
    import numba
    from llvmlite import binding, ir
    from numba import types
    from numba.core import cgutils
    from numba.core.errors import TypingError
    from numba.core.typing.templates import builtin_registry, infer_global
    from numba.extending import intrinsic, overload
    from numba.np.numpy_support import as_dtype, from_dtype

# As include/relu_ufunc.h numbers them. numba has no float16 on CPUs.
TYPES: dict[np.dtype, int] = {
    **{np.dtype(f"i{1 << n}"): 2 * n + 1 for n in range(4)},
    **{np.dtype(f"u{1 << n}"): 2 * n + 2 for n in range(4)},
    **{np.dtype("f4"): 11, np.dtype("f8"): 12},
}
OK = 0
MOST_AXES = 16

INT, SIZE, POINTER = ir.IntType(32), ir.IntType(64), ir.IntType(8).as_pointer()
SYMBOLS = {
    "find": ir.FunctionType(POINTER, [POINTER, INT]),
    "apply": ir.FunctionType(INT, [POINTER, SIZE, POINTER, INT, POINTER]),
    "call": ir.FunctionType(INT, [POINTER, INT, POINTER, POINTER, POINTER]),
}


class Api(ctypes.Structure):
    """The beginning of the structure of include/relu_ufunc.h."""

    _fields_ = (
        ("abi", ctypes.c_int32),
        ("size", ctypes.c_uint32),
        ("find", ctypes.c_void_p),
        ("signature", ctypes.c_void_p),
        ("inputs", ctypes.c_void_p),
        ("outputs", ctypes.c_void_p),
        ("apply", ctypes.c_void_p),
        ("call", ctypes.c_void_p),
    )


@cache
def init():
    """Tell numba of every ufunc, once: numba calls it."""
    get_pointer = ctypes.pythonapi.PyCapsule_GetPointer
    get_pointer.restype, get_pointer.argtypes = ctypes.c_void_p, (ctypes.py_object, ctypes.c_char_p)
    api = Api.from_address(get_pointer(relu_ufunc._C_API, b"relu_ufunc._C_API"))
    for name in SYMBOLS:
        binding.add_symbol(f"relu_ufunc_{name}", getattr(api, name))
    for name in relu_ufunc.__all__:
        if isinstance(getattr(relu_ufunc, name), np.ufunc):
            teach(getattr(relu_ufunc, name))


# How a call is compiled. numba asks for functions that have the signature of the ufunc: they are
# made from texts.


def teach(ufunc):
    """Tell numba of one ufunc."""
    names = [operand.name for operand in inputs_of(ufunc)]
    given = ", ".join(text_of(operand) for operand in inputs_of(ufunc))

    def implementation(inputs, out):
        dtype = dtype_of_loop(ufunc, inputs)
        if any(isinstance(input_, types.Array) for input_ in inputs):
            scope = {
                "run": arrays_runner(ufunc, dtype, out),
                "as_": as_array,
                "t": from_dtype(dtype),
            }
        else:
            scope = {
                "run": numbers_runner(ufunc, dtype, out),
                "as_": as_number,
                "t": from_dtype(dtype),
            }
        inputs = ", ".join(f"as_({name}, t)" for name in names)
        return eval(f"lambda {given}, out=None: run(({inputs},), out)", scope)

    # numba takes a call of a ufunc apart into elements, and loses its keywords: it is told of a
    # function that stands for it.
    def stand_in():
        """What numba knows in place of the ufunc."""

    stand_in.__name__ = stand_in.__qualname__ = ufunc.__name__

    text = f"lambda {given}, out=None: implementation(({', '.join(names)},), out)"
    overload(stand_in)(eval(text, {"implementation": implementation}))
    of_stand_in, type_ = builtin_registry.globals[-1]
    assert of_stand_in is stand_in
    infer_global(ufunc, type_)


def text_of(operand):
    return (
        operand.name if operand.default is operand.empty else f"{operand.name}={operand.default!r}"
    )


def type_of(given):
    """The type of an argument; one that was left out comes as its default, or as what says so."""
    if isinstance(given, types.Omitted):
        return types.none if given.value is None else types.float64
    if isinstance(given, types.Literal):
        return given.literal_type
    return (
        given if isinstance(given, types.Type) else types.none if given is None else types.float64
    )


def dtype_of_loop(ufunc, inputs):
    """The type in which a call is computed, by NumPy's rules."""
    inputs = [*map(type_of, inputs)]
    numbers_are_weak = any(isinstance(input_, types.Array) for input_ in inputs)
    asked = []
    for operand, input_ in zip(inputs_of(ufunc), inputs, strict=True):
        element = input_.dtype if isinstance(input_, types.Array) else input_
        if not isinstance(element, types.Number | types.Boolean):
            raise TypingError(f"{ufunc.__name__}: {operand.name} is a {input_}")
        if not isinstance(input_, types.Array) and (numbers_are_weak or is_parameter(operand)):
            asked.append(int if isinstance(element, types.Integer | types.Boolean) else float)
        else:
            asked.append(as_dtype(element))
    try:
        dtype = ufunc.resolve_dtypes((*asked, *[None] * ufunc.nout))[0]
    except TypeError as error:
        raise TypingError(str(error)) from error
    if dtype not in TYPES:
        raise TypingError(f"{ufunc.__name__}: not of {dtype} in numba")
    return dtype


def arrays_runner(ufunc, dtype, out):
    """A function that computes arrays."""
    call, element, given = caller(ufunc, dtype), from_dtype(dtype), type_of(out)
    if ufunc.nout == 1:
        new = numba.njit(lambda shape: (np.empty(shape, element),))
        result = numba.njit(lambda made: made[0])
        copy = numba.njit(lambda made, arrays: copy_array(made[0], arrays[0]))
    else:
        new = numba.njit(lambda shape: (np.empty(shape, element), np.empty(shape, element)))
        result = numba.njit(lambda made: made)
        copy = numba.njit(
            lambda made, arrays: (copy_array(made[0], arrays[0]), copy_array(made[1], arrays[1]))
        )
    if given == types.none:

        def run(inputs, out):
            made = new(common_shape(inputs))
            call(inputs, made)
            return result(made)

        return numba.njit(run)
    arrays = [*given] if isinstance(given, types.BaseTuple) else [given]
    if len(arrays) != ufunc.nout or any(getattr(a, "dtype", None) != element for a in arrays):
        raise TypingError(f"{ufunc.__name__}: out is {given}, not {ufunc.nout} of array({dtype})")
    tupled = numba.njit(
        (lambda out: out) if isinstance(given, types.BaseTuple) else lambda out: (out,)
    )

    def run_into(inputs, out):
        arrays = tupled(out)
        shape = common_shape(inputs)
        for array in arrays:
            if array.shape != shape:
                raise ValueError("out does not have the shape of the result")
        if call(inputs, arrays) != OK:  # they overlap: as if the inputs had been copied first
            made = new(shape)
            call(inputs, made)
            copy(made, arrays)
        return result(arrays)

    return numba.njit(run_into)


def numbers_runner(ufunc, dtype, out):
    """A function that computes single numbers."""
    if type_of(out) != types.none:
        raise TypingError(f"{ufunc.__name__}: out is for arrays")
    apply = applier(ufunc, dtype)
    return numba.njit(lambda inputs, out: apply(inputs))


# What these call


def as_array(given, element):
    """An input as an array of the type of the call; a number as one without axes."""


@overload(as_array)
def _(given, element):
    type_ = type_of(given)
    if isinstance(type_, types.Array) and type_.dtype == element.dtype:
        return lambda given, element: given
    if isinstance(type_, types.Array):
        return lambda given, element: given.astype(element)
    return lambda given, element: np.full((), given, element)


def as_number(given, element):
    """An input as a number of the type of the call."""


@overload(as_number)
def _(given, element):
    return lambda given, element: element(given)


def common_shape(arrays):
    """The shape to which arrays are broadcast."""


@overload(common_shape)
def _(arrays):
    shapes = ", ".join(f"arrays[{i}].shape" for i in range(len(arrays)))
    return eval(f"lambda arrays: np.broadcast_shapes({shapes})", {"np": np})


@numba.njit
def copy_array(from_, to):
    to[...] = from_


# Calls of the C API, in LLVM's words


def function_of(context, builder, ufunc, dtype):
    """The function of the C API for a ufunc and type: looked up the first time, and kept."""
    module, name = builder.module, f"relu_ufunc_{ufunc.__name__}_{dtype}"
    kept = module.globals.get(name)
    if kept is None:
        kept = cgutils.add_global_variable(module, POINTER, name)
        kept.initializer, kept.linkage = ir.Constant(POINTER, None), "internal"
    found = cgutils.alloca_once_value(builder, builder.load(kept))
    with builder.if_then(cgutils.is_null(builder, builder.load(found)), likely=False):
        text = context.insert_const_string(module, ufunc.__name__)
        builder.store(call_symbol(builder, "find", text, INT(TYPES[dtype])), found)
        builder.store(builder.load(found), kept)
    return builder.load(found)


def call_symbol(builder, name, *arguments):
    function = cgutils.get_or_insert_function(builder.module, SYMBOLS[name], f"relu_ufunc_{name}")
    return builder.call(function, arguments)


def table(builder, type_, values):
    """The address of an array of values, on the stack."""
    address = cgutils.alloca_once(builder, type_, size=max(len(values), 1))
    for i, value in enumerate(values):
        builder.store(value, builder.gep(address, [INT(i)]))
    return address


def as_pointer(builder, address):
    return builder.bitcast(address, POINTER)


def caller(ufunc, dtype):
    """A function of (inputs, outputs), tuples of arrays, that returns the status."""

    @intrinsic
    def call(typing_context, inputs, outputs):
        types_ = [*inputs, *outputs]
        axes = max(type_.ndim for type_ in types_)
        if axes > MOST_AXES:
            raise TypingError(f"{ufunc.__name__}: {axes} axes, and at most {MOST_AXES} in numba")

        def generate(context, builder, signature, arguments):
            values = [
                value for tuple_ in arguments for value in cgutils.unpack_tuple(builder, tuple_)
            ]
            arrays = [
                context.make_array(type_)(context, builder, value)
                for type_, value in zip(types_, values, strict=True)
            ]
            shape = cgutils.unpack_tuple(builder, arrays[-1].shape)
            strides = [
                strides_along(builder, type_, array, axes)
                for type_, array in zip(types_, arrays, strict=True)
            ]
            data = [as_pointer(builder, array.data) for array in arrays]
            rows = [as_pointer(builder, table(builder, SIZE, row)) for row in strides]
            return call_symbol(
                builder,
                "call",
                function_of(context, builder, ufunc, dtype),
                INT(axes),
                as_pointer(builder, table(builder, SIZE, shape)),
                as_pointer(builder, table(builder, POINTER, data)),
                as_pointer(builder, table(builder, POINTER, rows)),
            )

        return types.int32(inputs, outputs), generate

    return call


def strides_along(builder, type_, array, axes):
    """The strides of an array along the axes of the call: 0 where it is broadcast."""
    lengths = cgutils.unpack_tuple(builder, array.shape, type_.ndim)
    strides = cgutils.unpack_tuple(builder, array.strides, type_.ndim)
    own = [
        builder.select(builder.icmp_signed("==", length, SIZE(1)), SIZE(0), stride)
        for length, stride in zip(lengths, strides, strict=True)
    ]
    return [SIZE(0)] * (axes - type_.ndim) + own


def applier(ufunc, dtype):
    """A function of a tuple of numbers that returns the number, or the tuple of them."""

    @intrinsic
    def apply(typing_context, inputs):
        element = from_dtype(dtype)
        result = element if ufunc.nout == 1 else types.UniTuple(element, ufunc.nout)

        def generate(context, builder, signature, arguments):
            type_ = context.get_data_type(element)
            numbers = [
                cgutils.alloca_once_value(builder, value)
                for value in cgutils.unpack_tuple(builder, arguments[0])
            ]
            outputs = [cgutils.alloca_once(builder, type_) for _ in range(ufunc.nout)]
            call_symbol(
                builder,
                "apply",
                function_of(context, builder, ufunc, dtype),
                SIZE(1),
                as_pointer(
                    builder, table(builder, POINTER, [as_pointer(builder, n) for n in numbers])
                ),
                INT(0),
                as_pointer(
                    builder, table(builder, POINTER, [as_pointer(builder, o) for o in outputs])
                ),
            )
            values = [builder.load(output) for output in outputs]
            return values[0] if ufunc.nout == 1 else cgutils.pack_array(builder, values)

        return result(inputs), generate

    return apply
