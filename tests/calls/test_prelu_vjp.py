"""prelu_vjp: the gradients of PReLU, each summed to the shape of what it belongs to."""

import array
import math
import tracemalloc
from itertools import product

import numpy as np
import pytest
from oracle import FLOATS, SHORT_FLOATS

import relu_ufunc
from relu_ufunc import prelu_backward, prelu_vjp
from relu_ufunc.testing import assert_same_bits

PATTERNS = [
    # x            slope
    ((), ()),
    ((6,), ()),
    ((6,), (1,)),
    ((6,), (6,)),
    ((1,), (6,)),
    ((), (6,)),
    ((5, 6), ()),
    ((5, 6), (1,)),
    ((5, 6), (6,)),
    ((5, 6), (5, 1)),
    ((5, 6), (1, 6)),
    ((5, 6), (1, 1)),
    ((5, 6), (5, 6)),
    ((5, 1), (6,)),
    ((1, 6), (5, 1)),
    ((5, 1), (5, 6)),
    ((6,), (5, 6)),
    ((6,), (4, 5, 1)),
    ((4, 5, 6), (5, 1)),
    ((4, 5, 6), (4, 1, 1)),
    ((4, 5, 6), (4, 1, 6)),
    ((4, 5, 6), (4, 5, 1)),
    ((4, 5, 6), (5, 6)),
    ((1, 5, 1), (4, 1, 6)),
    ((3, 4, 5, 6), (4, 1, 1)),
    ((3, 4, 5, 6), (3, 1, 5, 1)),
    ((30, 17, 19), (17, 1)),
    ((0, 6), (6,)),
    ((0, 6), (1,)),
    ((5, 0), (5, 1)),
    ((5, 0), ()),
    ((1, 6), (0, 1)),
]


def data(x_shape, slope_shape, dtype="f", whole=False):
    rng = np.random.default_rng(3)
    shapes = (np.broadcast_shapes(x_shape, slope_shape), x_shape, slope_shape)
    if whole:
        return [rng.integers(-4, 5, shape).astype(dtype) for shape in shapes]
    return [rng.standard_normal(shape).astype(dtype) for shape in shapes]


def summed(terms, shape):
    """The terms that fall on each element of a shape they were broadcast from, as lists."""
    terms = np.asarray(terms)
    padded = (1,) * (terms.ndim - len(shape)) + shape
    groups = {index: [] for index in np.ndindex(padded)}
    for index in np.ndindex(terms.shape):
        groups[tuple(0 if n == 1 else i for i, n in zip(index, padded, strict=True))].append(
            float(terms[index])
        )
    return list(groups.values())


@pytest.mark.parametrize(("x", "slope"), PATTERNS, ids=str)
@pytest.mark.parametrize("dtype", FLOATS)
def test_sums_of_whole_numbers_are_exact(x, slope, dtype):
    dy, x, slope = data(x, slope, dtype, whole=True)
    results = prelu_vjp(dy, x, slope)
    for got, terms, like in zip(results, prelu_backward(dy, x, slope), (x, slope), strict=True):
        assert got.shape == like.shape
        assert got.dtype == like.dtype
        want = [math.fsum(group) for group in summed(terms, like.shape)]
        assert np.ravel(got).tolist() == want


@pytest.mark.parametrize(("x", "slope"), PATTERNS, ids=str)
@pytest.mark.parametrize("dtype", "efd")
def test_sums_are_rounded_once_from_float64(x, slope, dtype):
    dy, x, slope = data(x, slope, dtype)
    results = prelu_vjp(dy, x, slope)
    for got, terms, like in zip(results, prelu_backward(dy, x, slope), (x, slope), strict=True):
        groups = summed(terms, like.shape)
        want = np.array([math.fsum(group) for group in groups])
        # Any order of summation stays within this, and one rounding adds half a unit.
        error = np.array([len(g) * 2.0**-53 * math.fsum(map(abs, g)) for g in groups])
        unit = np.spacing(np.abs(np.ravel(got))).astype("d") if dtype != "d" else 0
        assert (np.abs(np.ravel(got) - want) <= error + 0.5 * unit).all()


@pytest.mark.parametrize(("x", "slope"), PATTERNS, ids=str)
def test_what_is_not_summed_is_what_prelu_backward_gives(x, slope):
    dy, x, slope = data(x, slope)
    dx, dslope = prelu_vjp(dy, x, slope)
    full_dx, full_dslope = prelu_backward(dy, x, slope)
    if x.shape == dy.shape:
        assert_same_bits(dx, full_dx)
    if slope.shape == dy.shape:
        assert_same_bits(dslope, full_dslope)


def test_products_are_rounded_before_they_are_summed():
    dy, x = np.float16([[1.001], [1.001]]), -np.float16([[1.001], [1.003]])
    assert np.float64(dy[0, 0]) * x[0, 0] != dy[0, 0] * x[0, 0]
    want = np.float16(np.sum((dy * x).astype("d")))
    assert prelu_vjp(dy, x, np.float16(0.5))[1] == want


def test_sums_neither_overflow_nor_lose_the_small_terms():
    x = -np.ones(3, np.float16)
    dy = np.float16([60000, 60000, -60000])
    assert prelu_vjp(dy, x, np.float16(1))[1] == -60000
    x = -np.ones(1 << 16, np.float32)
    dy = np.ones_like(x)
    dy[0] = 2**25
    assert prelu_vjp(dy, x, np.float32(1))[1] == -(2**25 + 2**16)


@pytest.mark.parametrize(
    ("dtypes", "result"),
    [
        ("fff", "f"),
        ("ffd", "d"),
        ("eff", "f"),
        ("dff", "d"),
        ("eee", "e"),
        ("ffg", "g"),
        ("ibi", "d"),
    ],
)
def test_dtype_is_that_of_prelu_backward(dtypes, result):
    dy, x, slope = (np.ones(n, c) for n, c in zip([(5, 6), (5, 6), (6,)], dtypes, strict=True))
    assert [out.dtype.char for out in prelu_backward(dy, x, slope)] == [result] * 2
    assert [out.dtype.char for out in prelu_vjp(dy, x, slope)] == [result] * 2


@pytest.mark.parametrize(
    "inputs",
    [
        (1.0, np.float32(-1), 0.25),
        (np.float16(1), -1.0, np.float16(3)),
        (2, np.float32(-1), 3),
        (1.0, -1.0, 0.25),
    ],
    ids=str,
)
def test_dtype_beside_python_numbers(inputs):
    want = [out.dtype for out in prelu_backward(*inputs)]
    assert [out.dtype for out in prelu_vjp(*inputs)] == want


def test_python_numbers_and_lists():
    dx, dslope = prelu_vjp(np.ones(3, "f"), np.float32([-1, 2, -3]), 0.5)
    assert_same_bits(dx, np.float32([0.5, 1, 0.5]))
    assert_same_bits(dslope, np.float32(-4))
    dx, dslope = prelu_vjp([[1.0, 1.0]], [[-1.0, 2.0]], [0.5, 0.25])
    assert dx.tolist() == [[0.5, 1]] and dslope.tolist() == [-1, 0]


def test_no_axes_give_numpy_scalars():
    for like in (np.float32(-2), np.full((), -2, "f")):
        dx, dslope = prelu_vjp(np.float32(3), like, np.float32(0.5))
        assert type(dx) is type(dslope) is np.float32
        assert (dx, dslope) == (1.5, -6)
    assert type(prelu_vjp(np.ones(3, "f"), -np.ones(3, "f"), 0.5)[1]) is np.float32


@pytest.mark.parametrize(
    ("dy", "x", "slope"),
    [((6,), (5, 6), (6,)), ((1, 6), (5, 6), (6,)), ((2, 5, 6), (5, 6), (6,)), ((), (5,), ())],
)
def test_dy_of_another_shape_is_refused(dy, x, slope):
    with pytest.raises(ValueError, match="dy"):
        prelu_vjp(np.ones(dy, "f"), np.ones(x, "f"), np.ones(slope, "f"))


def test_shapes_that_do_not_broadcast_are_refused():
    with pytest.raises(ValueError, match="broadcast"):
        prelu_vjp(np.ones((5, 6), "f"), np.ones((5, 6), "f"), np.ones(5, "f"))


def test_other_dtypes_are_refused():
    for at in range(3):
        inputs = [np.ones(3, "f")] * 3
        inputs[at] = np.ones(3, complex)
        with pytest.raises(TypeError, match="prelu_backward"):
            prelu_vjp(*inputs)


@pytest.mark.parametrize(
    ("x", "slope"),
    [((64, 33, 70), (33, 1)), ((64, 33, 70), ()), ((64, 33, 70), (70,)), ((33, 1), (64, 1, 70))],
    ids=str,
)
@pytest.mark.parametrize(
    "lay",
    [
        lambda a: a.copy(order="F"),
        lambda a: np.repeat(a, 2, axis=-1)[..., ::2] if a.ndim else a,
        lambda a: np.flip(np.flip(a).copy()),
        lambda a: a.astype(a.dtype.newbyteorder()),
    ],
    ids=["Fortran", "strided", "reversed", "byte-swapped"],
)
def test_the_order_of_the_sum_depends_on_the_shapes_alone(x, slope, lay):
    inputs = data(x, slope)
    want = prelu_vjp(*inputs)
    assert_same_bits(prelu_vjp(*map(lay, inputs)), want)
    for i in range(3):
        mixed = [*inputs[:i], lay(inputs[i]), *inputs[i + 1 :]]
        assert_same_bits(prelu_vjp(*mixed), want)


@pytest.mark.skipif(not hasattr(relu_ufunc, "set_num_threads"), reason="there are no threads")
@pytest.mark.parametrize("slope", [(), (33, 1), (70,), (64, 33, 70)], ids=str)
def test_the_order_of_the_sum_does_not_depend_on_threads(slope):
    inputs, results = data((64, 33, 70), slope), []
    before = relu_ufunc.get_num_threads()
    try:
        for threads in (1, 2, 3):
            relu_ufunc.set_num_threads(threads)
            results.append(prelu_vjp(*inputs))
    finally:
        relu_ufunc.set_num_threads(before)
    for result in results:
        assert_same_bits(result, results[0])


@pytest.mark.parametrize(
    ("x", "slope"),
    [
        ((256, 64, 64), ()),
        ((256, 64, 64), (64,)),
        ((256, 64, 64), (64, 1)),
        ((256, 64, 64), (256, 1, 1)),
        ((256, 64, 64), (256, 1, 64)),
        ((64, 64), (256, 1, 1)),
        ((256, 1, 1), (64, 64)),
    ],
    ids=str,
)
@pytest.mark.parametrize(("dtype", "order"), [*product(SHORT_FLOATS, "C"), ("f", "F")])
def test_no_temporary_as_large_as_dy(x, slope, dtype, order):
    dy, x, slope = (a.copy(order=order) for a in data(x, slope, dtype))
    tracemalloc.start()  # NumPy reports its memory to it
    try:
        dx, dslope = prelu_vjp(dy, x, slope)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < dx.nbytes + dslope.nbytes + dy.nbytes / 4


# What ufuncs hand on or wrap, and what they take as plain arrays.


class Subclass(np.ndarray):
    pass


class Labelled(np.ndarray):
    """Keeps labels through views and results, as a subclass is told to."""

    def __array_finalize__(self, source):
        self.labels = getattr(source, "labels", "ab")

    def __array_wrap__(self, result, context=None, return_scalar=False):
        return result.view(Labelled)


class SubclassOfMemmap(np.memmap):
    pass


class SubclassWithout(np.ndarray):
    __array_ufunc__ = None


class ScalarWithout(np.float32):
    __array_ufunc__ = None


class Untouched:
    """Whoever would compute with it is told on."""

    def __array__(self, dtype=None, copy=None):
        raise AssertionError("a ufunc that is handed on computes nothing")


class Lazy(Untouched):
    """As dask, pandas and xarray do."""

    def __array_ufunc__(self, ufunc, method, *inputs, **kwargs):
        return f"a {method} of {ufunc.__name__}, later"


class Without(Untouched):
    __array_ufunc__ = None


class Holder:
    """An array_like, which NumPy asks for its array."""

    def __init__(self, values):
        self.values, self.asked = values, 0

    def __array__(self, dtype=None, copy=None):
        self.asked += 1
        return np.asarray(self.values, dtype)


class Tensor(Holder):
    """As in PyTorch: nothing but results of its own kind."""

    def __array_wrap__(self, result, context=None, return_scalar=False):
        return Tensor(result)


class Declared(Holder):
    __array_ufunc__ = np.ndarray.__array_ufunc__


class Interface:
    def __init__(self, values):
        self.__array_interface__ = values.__array_interface__
        self.kept = values


def on_instance_alone(values):
    holder = Holder(values)
    holder.__array_ufunc__ = None  # NumPy looks at the type
    return holder


def mapped(values, kind=np.memmap):
    return values.view(kind)


VALUES = -np.arange(1, 7, dtype="f").reshape(2, 3)
PLAIN = {
    "memmap": lambda: mapped(VALUES),
    "list": VALUES.tolist,
    "list of arrays": lambda: list(VALUES),
    "list of masked arrays": lambda: list(np.ma.array(VALUES, mask=VALUES < -4)),
    "tuple of subclasses": lambda: tuple(VALUES.view(Subclass)),
    "memoryview": lambda: memoryview(VALUES),
    "__array__": lambda: Holder(VALUES),
    "__array__ and ndarray's __array_ufunc__": lambda: Declared(VALUES),
    "__array_ufunc__ of the instance": lambda: on_instance_alone(VALUES),
    "__array_interface__": lambda: Interface(VALUES),
}
NOT_PLAIN = {
    "subclass": lambda: VALUES.view(Subclass),
    "subclass with labels": lambda: VALUES.view(Labelled),
    "subclass without ufuncs": lambda: VALUES.view(SubclassWithout),
    "subclass of memmap": lambda: mapped(VALUES, SubclassOfMemmap),
    "scalar without ufuncs": lambda: ScalarWithout(-1),
    "matrix": lambda: VALUES.view(np.matrix),
    "recarray": lambda: VALUES.view(np.recarray),
    "masked array": lambda: np.ma.array(VALUES, mask=VALUES < -4),
    "masked array of no axes": lambda: np.ma.masked,
    "lazy": Lazy,
    "without ufuncs": Without,
    "tensor": lambda: Tensor(VALUES),
}
POSITIONS = pytest.mark.parametrize("at", range(3), ids=["dy", "x", "slope"])


def inputs_with(operand, at):
    inputs = [np.full((2, 3), value, "f") for value in (2, -1, 0.5)]
    inputs[at] = operand
    return inputs


@POSITIONS
@pytest.mark.parametrize("kind", PLAIN)
def test_plain_arrays_are_computed(kind, at):
    inputs = inputs_with(PLAIN[kind](), at)
    want = prelu_vjp(*inputs_with(np.asarray(PLAIN[kind]()), at))
    assert_same_bits(prelu_vjp(*inputs), want)
    assert [type(out) for out in prelu_backward(*inputs)] == [np.ndarray] * 2
    assert [type(out) for out in prelu_vjp(*inputs)] == [np.ndarray] * 2


@POSITIONS
@pytest.mark.parametrize("kind", NOT_PLAIN)
def test_what_ufuncs_hand_on_or_wrap_is_refused(kind, at):
    operand = NOT_PLAIN[kind]()
    message = rf"prelu_vjp: {('dy', 'x', 'slope')[at]} is a .*\b{type(operand).__name__},"
    with pytest.raises(TypeError, match=message):
        prelu_vjp(*inputs_with(operand, at))
    assert getattr(operand, "asked", 0) == 0


@pytest.mark.parametrize("kind", NOT_PLAIN)
def test_they_are_what_prelu_backward_honours(kind):
    operand = NOT_PLAIN[kind]()
    try:
        result = prelu_backward(operand, operand, operand)
    except TypeError as error:
        assert "does not support ufuncs" in str(error)
    else:
        result = result[0] if isinstance(result, tuple) else result
        assert type(result) is not np.ndarray and not isinstance(result, np.generic)


def test_each_array_like_is_asked_once():
    holders = [Holder(VALUES) for _ in range(3)]
    prelu_vjp(*holders)
    assert [holder.asked for holder in holders] == [1] * 3


@pytest.mark.parametrize("number", [-2, -2.0, np.float64(-2), array.array("f", [-2] * 3)], ids=repr)
def test_numbers_are_never_refused(number):
    dx, dslope = prelu_vjp(np.ones(3), number, np.full(3, 0.5))
    assert_same_bits(dslope, np.full(3, -2.0))
    assert np.sum(dx) == 1.5


# As many axes as NumPy has.


def with_axes(shape, axes):
    return (*shape[:2], *(1,) * (axes - len(shape)), *shape[2:])


@pytest.mark.parametrize("axes", [32, 33, 63, 64])
@pytest.mark.parametrize(
    ("x", "slope"),
    [
        ((3, 4, 5), (1, 4, 1)),
        ((3, 4, 5), (1, 1, 5)),
        ((3, 1, 5), (1, 4, 1)),
        ((3, 0, 5), (3, 1, 1)),
    ],
    ids=str,
)
def test_many_axes(x, slope, axes):
    inputs = data(x, slope)
    want = prelu_vjp(*inputs)
    got = prelu_vjp(*(a.reshape(with_axes(a.shape, axes)) for a in inputs))
    assert [a.shape for a in got] == [with_axes(a.shape, axes) for a in want]
    assert_same_bits(tuple(a.reshape(b.shape) for a, b in zip(got, want, strict=True)), want)


@pytest.mark.parametrize("axes", [33, 64])
def test_many_axes_in_blocks(axes):
    dy, x = data((300, 1000), ())[0], -np.ones((300, 1000), "f")
    for slope in (np.full((), 0.5, "f"), np.full((1000,), 0.5, "f"), np.full((300, 1), 0.5, "f")):
        want = prelu_vjp(dy, x, slope)
        wide = [np.expand_dims(a, tuple(range(axes - 2))) for a in (dy, x)]
        dx, dslope = prelu_vjp(*wide, slope)
        assert_same_bits((dx.reshape(want[0].shape), dslope), want)


def test_too_many_axes():
    deep = -1.0
    for _ in range(65):
        deep = [deep]
    with pytest.raises(ValueError, match="64"):
        prelu_vjp(deep, deep, 0.5)
