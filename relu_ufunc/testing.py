"""Checks for the promises that a ufunc makes about its bits and its floating-point flags.

They are what the tests of relu_ufunc use, and take any ufunc of NumPy's kind. Each raises an
AssertionError that shows the first elements that fail.
"""

import sys
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = [
    "LAYOUTS",
    "VARIATIONS",
    "assert_everywhere",
    "assert_one_answer",
    "assert_same_bits",
    "lay_out",
    "raised_flags",
    "same_bits",
    "ulp_distance",
]

VECTOR_BYTES = 64  # the widest vector of any processor that NumPy runs on
LONG = 20_011  # more than one of NumPy's buffers
SENTINEL = 0x5A


def ulp_distance(a: ArrayLike, b: ArrayLike) -> Any:
    """
    Count the steps from one floating-point number to another.

    Parameters
    ----------
    a, b : array_like
        Numbers of one dtype, whose shapes broadcast: float16, float32, float64, longdouble or the
        bfloat16 of ml_dtypes, in any byte order.

    Returns
    -------
    ndarray or scalar
        How many times the one number has to be replaced by the next one towards the other, until
        they are equal: exact, of dtype uint64. For a longdouble wider than 64 bits it is an array
        of Python ints. The shape is that of ``a`` and ``b`` broadcast.

    Raises
    ------
    TypeError
        If the dtypes differ, or are not one of those above.

    See Also
    --------
    assert_same_bits : Tells -0.0 from 0.0, and one NaN from another.

    Notes
    -----
    From 0.0 to -0.0 it is no step, and from the largest number to infinity one. From NaN to NaN it
    is none, whatever their payloads; from NaN to a number it is one more than from -infinity to
    infinity.

    Examples
    --------
    >>> import numpy as np
    >>> from relu_ufunc.testing import ulp_distance
    >>> ulp_distance(np.float32([1, -0.0, np.inf]), np.float32([1 + 2**-22, 1e-45, 3.4028235e38]))
    array([2, 1, 1], dtype=uint64)
    """
    a, b = (np.asarray(v) for v in (a, b))
    a, b = (v.astype(v.dtype.newbyteorder("="), copy=False) for v in (a, b))
    if a.dtype != b.dtype:
        raise TypeError(f"a and b must have one dtype, not {a.dtype} and {b.dtype}")
    shape = np.broadcast_shapes(a.shape, b.shape)
    (from_zero, infinite), (to_zero, _) = _steps_from_zero(a), _steps_from_zero(b)
    far, near = np.maximum(from_zero, to_zero), np.minimum(from_zero, to_zero)
    steps = np.where(np.signbit(a) == np.signbit(b), far - near, far + near)
    nans = np.isnan(a), np.isnan(b)
    furthest = np.array(2 * infinite + 1, steps.dtype)
    steps = np.where(nans[0] | nans[1], furthest, steps)
    return np.where(nans[0] & nans[1], np.zeros_like(furthest), steps).reshape(shape)[()]


def _steps_from_zero(a):
    """The steps from 0 to each magnitude, and to infinity: its bits, less the sign."""
    a = np.ascontiguousarray(a)
    if a.dtype.kind != "f" and a.dtype.name != "bfloat16":
        raise TypeError(f"must be floating-point numbers, not {a.dtype}")
    if a.dtype.itemsize > 8:
        steps, infinity = _steps_of_longdouble(a)
    else:
        word = np.dtype(f"u{a.dtype.itemsize}")
        magnitude = np.array((1 << (8 * word.itemsize - 1)) - 1, word)
        infinity = np.full(1, np.inf, a.dtype).view(word).astype(np.uint64)[0]
        steps = (a.view(word) & magnitude).astype(np.uint64)
    return steps, infinity


def _steps_of_longdouble(a):
    """As Python ints, since NumPy has none that large."""
    digits = np.finfo(a.dtype).nmant
    if digits not in (63, 112):
        raise TypeError(f"longdouble with {digits} bits of fraction is not supported")
    bits = raw_bytes(a)[..., :: 1 if sys.byteorder == "little" else -1]
    places = np.array([1 << 8 * i for i in range(bits.shape[-1])], dtype=object)
    words = (bits.astype(object) * places).sum(axis=-1)
    fraction = (1 << digits) - 1
    # x87 writes out the leading 1 of the significand, between fraction and exponent.
    exponent = (words >> (64 if digits == 63 else 112)) & 0x7FFF
    return exponent * (fraction + 1) + (words & fraction), 0x7FFF << digits


def raw_bytes(a):
    """The bytes of each element along a last axis, less the padding of an 80-bit longdouble."""
    a = np.array(a, order="C", subok=False)
    a = a.astype(a.dtype.newbyteorder("="), copy=False)
    padded = a.dtype == np.longdouble and np.finfo(a.dtype).nmant == 63
    return a[..., np.newaxis].view(np.uint8)[..., : 10 if padded else a.itemsize]


def as_tuple(result):
    """The outputs of a ufunc, also where there is only one."""
    return result if isinstance(result, tuple) else (result,)


def same_bits(a: ArrayLike, b: ArrayLike) -> NDArray[np.bool] | np.bool:
    """
    Tell where two arrays agree to the bit.

    Parameters
    ----------
    a, b : array_like
        Arrays of one dtype, whose shapes broadcast.

    Returns
    -------
    ndarray or scalar of bool
        True where the elements have the same bits, of the shape of ``a`` and ``b`` broadcast. The
        padding of a longdouble does not count.

    See Also
    --------
    assert_same_bits : Raises where they do not.

    Examples
    --------
    >>> import numpy as np
    >>> from relu_ufunc.testing import same_bits
    >>> same_bits([np.nan, 0.0], [np.nan, -0.0])
    array([ True, False])
    """
    x, y = raw_bytes(a), raw_bytes(b)
    if (size := x.shape[-1]) == y.shape[-1] and size in (1, 2, 4, 8):
        word = f"u{size}"  # all bytes of an element at once
        return (x.view(word) == y.view(word))[..., 0][()]
    return (x == y).all(axis=-1)


def assert_everywhere(condition: ArrayLike, note: str = "", **shown: ArrayLike) -> None:
    """
    Raise unless a condition is true of all elements.

    Parameters
    ----------
    condition : array_like of bool
        Has to be true throughout.
    note : str, optional
        Opens the message.
    **shown : array_like
        Arrays of the shape of `condition`, of which the message shows the first elements where it
        is false: with their bits where they differ, but print alike.

    Raises
    ------
    AssertionError
        If it is false anywhere.

    Examples
    --------
    >>> import numpy as np
    >>> from relu_ufunc.testing import assert_everywhere
    >>> x = np.array([1.0, -2.0])
    >>> assert_everywhere(x > 0, "x is positive", x=x)
    Traceback (most recent call last):
        ...
    AssertionError: x is positive: 1 of 2 fail
      [1] x np.float64(-2.0)
    """
    condition = np.asarray(condition)
    if condition.all():
        return
    failures = [
        f"  [{','.join(map(str, at))}] "
        + _side_by_side({key: np.asarray(a)[(*at, np.newaxis)] for key, a in shown.items()})
        for at in np.argwhere(~condition)[:8]
    ]
    failed = condition.size - np.count_nonzero(condition)
    raise AssertionError("\n".join([f"{note}: {failed} of {condition.size} fail", *failures]))


def _side_by_side(numbers):
    """The one element of each array, by name; with its bits where another prints like it."""
    texts = {key: repr(a[0]) for key, a in numbers.items()}
    bits = {key: "" if a.dtype.hasobject else _bits(a) for key, a in numbers.items()}

    def is_ambiguous(key):
        return any(texts[key] == texts[other] and bits[key] != bits[other] for other in numbers)

    return ", ".join(
        f"{key} {text}{f' of bits {bits[key]}' if is_ambiguous(key) else ''}"
        for key, text in texts.items()
    )


def _bits(a):
    """The bits of an array's first element, as one hexadecimal number."""
    return "0x" + raw_bytes(a)[0, :: -1 if sys.byteorder == "little" else 1].tobytes().hex()


def assert_same_bits(
    actual: ArrayLike | tuple[ArrayLike, ...],
    desired: ArrayLike | tuple[ArrayLike, ...],
    note: str = "",
) -> None:
    """
    Raise unless two results agree in dtype, shape and every bit.

    Parameters
    ----------
    actual, desired : array_like or tuple of array_like
        The results: an array, or a tuple of them where a ufunc has several outputs.
    note : str, optional
        Opens the message.

    Raises
    ------
    AssertionError
        If they differ. Unlike in `numpy.testing`, -0.0 is not 0.0, and a NaN equals only a NaN of
        the same sign and payload.

    See Also
    --------
    ulp_distance : How far two numbers are apart.

    Examples
    --------
    >>> import numpy as np
    >>> from relu_ufunc.testing import assert_same_bits
    >>> assert_same_bits(np.maximum([-1.0, 2.0], 0), [0.0, 2.0])
    >>> assert_same_bits(np.array([0.0]), np.array([-0.0]), "zeros")
    Traceback (most recent call last):
        ...
    AssertionError: zeros: 1 of 1 fail
      [0] actual np.float64(0.0), desired np.float64(-0.0)

    Where two numbers print alike, the message shows their bits:

    >>> nan = np.float16([np.nan])
    >>> assert_same_bits(nan, -nan, "NaNs")
    Traceback (most recent call last):
        ...
    AssertionError: NaNs: 1 of 1 fail
      [0] actual np.float16(nan) of bits 0x7e00, desired np.float16(nan) of bits 0xfe00
    """
    results = [tuple(map(np.asanyarray, as_tuple(r))) for r in (actual, desired)]
    kinds = [[(out.dtype, out.shape) for out in result] for result in results]
    if kinds[0] != kinds[1]:
        raise AssertionError(f"{note}: dtype and shape are {kinds[0]}, not {kinds[1]}")
    for a, d in zip(*results, strict=True):
        # Quick to tell, and nearly always so. NumPy 2.2 has no bytes of more than 32 axes.
        if a.dtype.hasobject or a.ndim > 32 or a.tobytes() != d.tobytes():
            assert_everywhere(same_bits(a, d), note, actual=a, desired=d)


def raised_flags(function: Callable[..., object], *args: Any, **kwargs: Any) -> set[str]:
    """
    Name the floating-point errors that NumPy reports for a call.

    Parameters
    ----------
    function : callable
        A ufunc, or a function that calls some.
    *args, **kwargs
        Its arguments.

    Returns
    -------
    set of str
        Some of ``"divide"``, ``"invalid"``, ``"overflow"`` and ``"underflow"``.

    Notes
    -----
    NumPy does not report the flag for an inexact result.

    Examples
    --------
    >>> import numpy as np
    >>> from relu_ufunc.testing import raised_flags
    >>> raised_flags(np.exp, 1000.0)
    {'overflow'}
    >>> raised_flags(np.exp, np.nan)
    set()
    """
    raised = set()
    with np.errstate(all="call", call=lambda kind, _: raised.add(kind.split()[0])):
        function(*args, **kwargs)
    return raised


def _strided(step):
    def room(values):
        return np.empty(len(values) * abs(step), values.dtype)[::step]

    return room


def _packed(before, after):
    """Elements between bytes of something else: off their alignment, an odd distance apart."""

    def room(values):
        record = [("before", "u1", before), ("value", values.dtype), ("after", "u1", after)]
        return np.empty(len(values), record)["value"]

    return room


def _misaligned(values):
    return np.empty(values.nbytes + 1, np.uint8)[1:].view(values.dtype)


def _swapped(values):
    return np.empty(len(values), values.dtype.newbyteorder())


# Each takes a 1-d array and returns room for it.
_ROOMS = {
    "contiguous": np.empty_like,
    "stride 2": _strided(2),
    "stride 3": _strided(3),
    "stride -1": _strided(-1),
    "stride -2": _strided(-2),
    "odd byte stride": _packed(0, 1),
    "misaligned and odd byte stride": _packed(1, 2),
    "misaligned": _misaligned,
    "byte-swapped": _swapped,
}
LAYOUTS: tuple[str, ...] = tuple(_ROOMS)


def lay_out(values: NDArray[Any], layout: str) -> NDArray[Any]:
    """
    Copy a 1-d array to memory of a given layout.

    Parameters
    ----------
    values : ndarray, 1-d
        What to copy.
    layout : str
        One of `LAYOUTS`.

    Returns
    -------
    ndarray, 1-d
        The same values, in the same or the swapped byte order.

    Examples
    --------
    >>> import numpy as np
    >>> from relu_ufunc.testing import lay_out
    >>> lay_out(np.array([1.0, 2.0]), "stride -2").strides
    (-16,)
    """
    copy = _ROOMS[layout](values)
    copy[...] = values
    return copy


def assert_one_answer(
    ufunc: np.ufunc,
    *inputs: NDArray[Any],
    answer: tuple[NDArray[Any], ...] | NDArray[Any] | None = None,
    variations: Iterable[str] | None = None,
) -> None:
    """
    Raise unless the bits of a ufunc's results depend on the value of the element alone.

    The ufunc is called on the same elements in many ways, and has to give each of them the same
    bits in all. Memory around the outputs must stay as it is.

    Parameters
    ----------
    ufunc : numpy.ufunc
        What to check; elementwise, without a core signature.
    *inputs : ndarray, 1-d
        One for each input, all of one length, 100 or more: elements of every kind, in the byte
        order of the machine and of dtypes that the ufunc takes without a cast.
    answer : tuple of ndarray, 1-d, optional
        What each output has to be. By default, what the ufunc gives for each element in a call of
        its own.
    variations : iterable of str, optional
        Which ways to try, of `VARIATIONS`; all by default:

        ``"lengths"``
            pieces of every length from 0 to several vectors, from anywhere in the inputs
        ``"offsets"``
            inputs and outputs at every offset from the alignment of a vector
        ``"layouts"``
            strides, also negative and odd ones, misaligned and byte-swapped, in each operand
        ``"broadcasts"``
            one element for all, in some operands or in all; rows and columns
        ``"long"``
            more elements than fit into NumPy's buffers, in every layout
        ``"casts"``
            inputs and outputs of another dtype, which NumPy casts in its buffers
        ``"where"``
            some elements masked out

    Raises
    ------
    AssertionError
        If any bit differs, or memory around an output is written.
    TypeError
        If `ufunc` is not a ufunc.
    ValueError
        If the inputs do not suit it, or a variation is not known.

    See Also
    --------
    assert_same_bits : Compares two results.

    Notes
    -----
    Floating-point errors are ignored meanwhile. Whether the answer is right is not asked.

    Examples
    --------
    >>> import numpy as np
    >>> from relu_ufunc.testing import assert_one_answer
    >>> x = np.random.default_rng(0).standard_normal(100)
    >>> assert_one_answer(np.sqrt, np.abs(x))
    >>> assert_one_answer(np.multiply, x, x[::-1].copy(), variations=["lengths", "layouts"])
    """
    if not isinstance(ufunc, np.ufunc):
        raise TypeError(f"must be a numpy.ufunc, not {type(ufunc).__name__}")
    if len(inputs) != ufunc.nin:
        raise ValueError(f"{ufunc.__name__} takes {ufunc.nin} inputs, not {len(inputs)}")
    if any(np.ndim(a) != 1 or len(a) != len(inputs[0]) or len(a) < 100 for a in inputs):
        raise ValueError("the inputs must be 1-d arrays of one length, 100 or more")
    chosen = VARIATIONS if variations is None else tuple(variations)
    if unknown := set(chosen) - set(VARIATIONS):
        raise ValueError(f"variations={unknown}: must be of {', '.join(VARIATIONS)}")
    with np.errstate(all="ignore"):
        if answer is None:
            answer = _one_by_one(ufunc, inputs)
        for variation in chosen:
            _VARIATIONS[variation](ufunc, inputs, as_tuple(answer))


def _one_by_one(ufunc, inputs):
    single = [as_tuple(ufunc(*(a[i : i + 1] for a in inputs))) for i in range(len(inputs[0]))]
    return tuple(map(np.concatenate, zip(*single, strict=True)))


def _guarded(dtype, room):
    """An output buffer in which a stray write shows."""
    return np.full(room * dtype.itemsize, SENTINEL, np.uint8).view(dtype)


def _assert_writes(ufunc, inputs, answer, note, start=0, **keywords):
    """The outputs, written from `start` on, are right, and nothing around them is touched."""
    size = len(answer[0])
    where = keywords.get("where", True)
    outs = tuple(_guarded(a.dtype, start + size + VECTOR_BYTES) for a in answer)
    expected = tuple(out.copy() for out in outs)
    for out, a in zip(expected, answer, strict=True):
        np.copyto(out[start : start + size], a, where=where)
    ufunc(*inputs, out=tuple(out[start : start + size] for out in outs), **keywords)
    assert_same_bits(outs, expected, f"{ufunc.__name__}, {note}, {size} elements from {start} on")


def _lanes(answer):
    return VECTOR_BYTES // min(a.itemsize for a in answer)


def _native(outputs):
    return tuple(out.astype(out.dtype.newbyteorder("=")) for out in outputs)


def _check_lengths(ufunc, inputs, answer):
    for size in range(min(4 * _lanes(answer), 2 * VECTOR_BYTES, len(inputs[0]) - 7) + 4):
        first = size % 7 if size + 7 <= len(inputs[0]) else 0  # so that elements change lanes
        part = slice(first, first + size)
        _assert_writes(ufunc, [a[part] for a in inputs], [a[part] for a in answer], "lengths")


def _check_offsets(ufunc, inputs, answer):
    lanes = _lanes(answer)
    for size in (1, lanes - 1, lanes + 1, 2 * lanes + 3, 8 * lanes + 3):
        size = min(size, len(inputs[0]) - lanes)
        for start in range(lanes + 1):
            part = slice(start, start + size)
            shifted, right = [a[part] for a in inputs], [a[part] for a in answer]
            _assert_writes(ufunc, shifted, right, "offsets")
            _assert_writes(ufunc, shifted, right, "offsets", start)
            _assert_writes(ufunc, [a.copy() for a in shifted], right, "offsets", start)


def _check_layouts(ufunc, inputs, answer):
    for layout in LAYOUTS:
        for size in (1, 2, 5, 33, 95, len(inputs[0])):
            plain, right = [a[:size] for a in inputs], tuple(a[:size] for a in answer)
            moved = [lay_out(a, layout) for a in plain]
            note = f"{ufunc.__name__}, layouts, {layout}"
            assert_same_bits(ufunc(*moved), right, f"{note}: every input")
            for i in range(len(plain)):
                mixed = [*plain[:i], moved[i], *plain[i + 1 :]]
                assert_same_bits(ufunc(*mixed), right, f"{note}: input {i}")
            outs = tuple(map(_ROOMS[layout], right))
            ufunc(*plain, out=outs)
            assert_same_bits(_native(outs), right, f"{note}: output")
            ufunc(*moved, out=outs)
            assert_same_bits(_native(outs), right, f"{note}: every operand")


def _check_broadcasts(ufunc, inputs, answer):
    note = f"{ufunc.__name__}, broadcasts"
    for i in range(0, len(inputs[0]), 5):
        repeated = [np.broadcast_to(a[i], 37) for a in inputs]
        right = tuple(a[i].repeat(37) for a in answer)
        assert_same_bits(ufunc(*repeated), right, f"{note}: one element for all")
        for k in range(len(inputs)):
            one = [r if k == j else r.copy() for j, r in enumerate(repeated)]
            assert_same_bits(ufunc(*one), right, f"{note}: one element of input {k}")
    # Each element of each input in a row or a column of its own, against a whole square of copies.
    side = min(67, len(inputs[0]))
    for k in range(len(inputs)) if len(inputs) > 1 else ():
        column = [
            a[:side, np.newaxis] if k == j else a[np.newaxis, :side] for j, a in enumerate(inputs)
        ]
        square = [a.ravel() for a in map(np.ascontiguousarray, np.broadcast_arrays(*column))]
        right = tuple(out.reshape(side, side) for out in as_tuple(ufunc(*square)))
        assert_same_bits(ufunc(*column), right, f"{note}: input {k} by columns")
        assert_same_bits(
            tuple(out.T for out in as_tuple(ufunc(*(a.T for a in column)))),
            right,
            f"{note}: input {k} by columns, transposed",
        )


def _check_long(ufunc, inputs, answer):
    inputs = [np.resize(a, LONG) for a in inputs]
    answer = tuple(np.resize(a, LONG) for a in answer)
    for layout in LAYOUTS:
        outs = tuple(map(_ROOMS[layout], answer))
        ufunc(*(lay_out(a, layout) for a in inputs), out=outs)
        assert_same_bits(_native(outs), answer, f"{ufunc.__name__}, long, {layout}")


def _check_casts(ufunc, inputs, answer):
    note = f"{ufunc.__name__}, casts"
    loop = tuple(a.dtype for a in (*inputs, *answer))
    for size in (5, len(inputs[0]), LONG):
        plain = [np.resize(a, size) for a in inputs]
        right = tuple(np.resize(a, size) for a in answer)
        outs = tuple(np.empty(size, _wider(a.dtype)) for a in right)
        ufunc(*plain, out=outs)
        assert_same_bits(outs, tuple(map(_widened, right)), f"{note}: outputs")
        wide = [_widened(a) for a in plain]
        cast = [w.astype(a.dtype) for w, a in zip(wide, plain, strict=True)]  # may alter a NaN
        got = ufunc(*wide, signature=loop, casting="unsafe")
        assert_same_bits(got, ufunc(*cast), f"{note}: inputs")


def _wider(dtype):
    """A dtype that holds every number of another, where there is one that is larger."""
    if dtype.kind in "fV":
        return np.dtype(np.float64 if dtype.itemsize < 8 else np.longdouble)
    if dtype.kind in "iu" and dtype.itemsize < 8:
        return np.dtype(f"{dtype.kind}8")
    return dtype


def _widened(a):
    return a.astype(_wider(a.dtype))


def _check_where(ufunc, inputs, answer):
    index = np.arange(len(inputs[0]))
    for where in (index % 2 == 0, index % 7 > 2, index > 40, index < 0):
        _assert_writes(ufunc, inputs, answer, "where", where=where)


_VARIATIONS = {
    "lengths": _check_lengths,
    "offsets": _check_offsets,
    "layouts": _check_layouts,
    "broadcasts": _check_broadcasts,
    "long": _check_long,
    "casts": _check_casts,
    "where": _check_where,
}
VARIATIONS: tuple[str, ...] = tuple(_VARIATIONS)
