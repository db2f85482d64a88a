"""Where operands lie: layouts, overlap, shapes of all kinds, and more than memory holds."""

import mmap
import sys
from itertools import product
from math import prod

import numpy as np
import pytest
from numpy.lib.stride_tricks import as_strided
from subjects import inputs_of, of_any_ufunc, of_few_ufuncs, plain, rooms, values

from relu_ufunc.testing import as_tuple, assert_same_bits

MOST_AXES = 64

# Overlap, in the patterns of NumPy's own tests: slices of one axis, each as input and as output.
SLICES = [
    *(np.s_[0:10], np.s_[1:11], np.s_[2:12], np.s_[9::-1], np.s_[10:0:-1], np.s_[11:1:-1]),
    *(np.s_[0:20:2], np.s_[1:21:2], np.s_[19::-2], np.s_[18::-2], np.s_[0:30:3], np.s_[27::-3]),
]


def assert_as_if_copied(ufunc, inputs, outs, **keywords):
    """Inputs that share memory with outputs give what copies of them give."""
    copies, apart = [a.copy() for a in inputs], tuple(out.copy() for out in outs)
    ufunc(*copies, out=apart, **keywords)
    ufunc(*inputs, out=outs, **keywords)
    assert_same_bits(outs, apart)


@of_any_ufunc
def test_overlap_along_one_axis(ufunc):
    others = [values(10, seed=seed) for seed in range(1, ufunc.nin)]
    outs, mask, first = rooms(ufunc, 10)[1:], values(10, seed=9) > 0, values(30)
    for i, (read, written) in enumerate(product(SLICES, SLICES)):
        memory = first.copy()
        if i % 2:
            assert_as_if_copied(ufunc, [memory[read], *others], (memory[written], *outs))
        else:
            inputs = [*others, memory[read]]
            assert_as_if_copied(ufunc, inputs, (*outs, memory[written]), where=mask)


@of_any_ufunc
def test_overlap_along_all_axes(ufunc):
    rng = np.random.default_rng(0)
    for _ in range(20):
        axes = int(rng.integers(1, 4))
        shape = tuple(map(int, rng.integers(1, (200, 30, 9)[axes - 1], axes)))
        memory = values(9000)

        def view(axes=axes, shape=shape, memory=memory, apart=False):
            steps = rng.integers(-6, 7, axes)
            if apart:
                steps = np.array([prod(shape[i + 1 :]) for i in range(axes)])
                steps *= rng.choice([-1, 1, 1], axes)
            reach = steps * (np.array(shape) - 1)
            start = -reach[reach < 0].sum() + rng.integers(0, 40)
            return as_strided(memory[start:], shape, steps * memory.itemsize)

        inputs = [view(apart=rng.random() < 0.6) for _ in range(ufunc.nin)]
        outs = rooms(ufunc, shape)[1:]
        assert_as_if_copied(ufunc, inputs, (view(apart=True), *outs))


@of_any_ufunc
def test_one_array_for_everything(ufunc):
    x = values(50)
    want = plain(ufunc, *[x] * ufunc.nin)
    got = ufunc(*[x] * ufunc.nin, out=(x, *[None] * (ufunc.nout - 1)))
    assert_same_bits(got, want)
    assert as_tuple(got)[0] is x


@of_any_ufunc
def test_overlap_of_other_dtypes(ufunc):
    memory = values(40)
    inputs = [memory, *[values(40, seed=seed) for seed in range(1, ufunc.nin)]]
    out = memory.view("f")[:40]
    want = tuple(w.astype("f") for w in plain(ufunc, *inputs))[:1]
    ufunc(*inputs, out=(out, *[None] * (ufunc.nout - 1)), casting="same_kind")
    assert_same_bits((out,), want)


@of_any_ufunc
def test_layouts(ufunc):
    layouts = [
        *(np.asfortranarray, lambda a: a[::-1].copy()[::-1], lambda a: np.repeat(a, 3, 1)[:, ::3]),
        *(lambda a: np.pad(a, 2)[2:-2, 2:-2], lambda a: np.broadcast_to(a[:1], a.shape)),
        lambda a: as_strided(a.ravel(), a.shape, (a.itemsize, a.itemsize)),
    ]
    shape = (23, 40)
    for laid, given_out in product(layouts, (False, True)):
        for mixed in (False, True):
            inputs = inputs_of(ufunc, shape)
            inputs = [laid(a) if not mixed or i == 0 else a for i, a in enumerate(inputs)]
            outs = tuple(map(np.asfortranarray, rooms(ufunc, shape))) if given_out else None
            got = ufunc(*inputs, out=outs) if given_out else ufunc(*inputs)
            assert_same_bits(got, plain(ufunc, *inputs))


@of_any_ufunc
def test_any_number_of_axes(ufunc):
    for axes in (0, 1, 2, 5, 16, 17, 31, 32, 33, 63, MOST_AXES):
        shape = (1,) * (axes - min(axes, 5)) + (2, 1, 3, 1, 2)[: min(axes, 5)]
        inputs = inputs_of(ufunc, shape)
        for given in (inputs, [a.T for a in inputs]):
            results = as_tuple(ufunc(*given))
            assert all(r.shape == np.shape(given[0]) for r in results)
            flat = tuple(np.ravel(r, "C") for r in results)
            assert_same_bits(flat, plain(ufunc, *(np.ravel(a, "C") for a in given)))


@of_any_ufunc
def test_no_elements(ufunc):
    for shape in ((0,), (0, 3), (3, 0), (2, 0, 3), (0, 0), (1 << 40, 0), (0, 1 << 40)):
        inputs = inputs_of(ufunc, shape) if max(shape) < 9 else [np.empty(shape)] * ufunc.nin
        for result in as_tuple(ufunc(*inputs)):
            assert result.shape == shape and result.dtype == np.float64
        outs = rooms(ufunc, shape) if max(shape) < 9 else (np.empty(shape),) * ufunc.nout
        assert as_tuple(ufunc(*inputs, out=outs))[0] is outs[0]
        assert_same_bits(ufunc(*inputs, where=np.array(True), out=outs), outs)
    if ufunc.nin > 1:
        first, *rest = inputs_of(ufunc, (1,))
        for result in as_tuple(ufunc(first[:0], *rest)):
            assert result.shape == (0,)


@of_any_ufunc
def test_broadcasting(ufunc):
    shapes = [(), (1,), (5,), (4, 1), (4, 5), (2, 1, 1), (3, 1, 5), (1, 4, 1)]
    for first, others in product(shapes, shapes if ufunc.nin > 1 else [()]):
        inputs = [values(first), *(values(others, seed=s) for s in range(1, ufunc.nin))]
        try:
            shape = np.broadcast_shapes(*(a.shape for a in inputs))
        except ValueError:
            with pytest.raises(ValueError, match="broadcast"):
                ufunc(*inputs)
            continue
        want = plain(ufunc, *inputs)
        got = as_tuple(ufunc(*inputs))
        assert all(g.shape == shape for g in got)
        assert_same_bits(got, want)
        outs = rooms(ufunc, shape)
        ufunc(*inputs, out=outs)
        assert_same_bits(outs, want)


@of_any_ufunc
def test_shapes_that_do_not_broadcast(ufunc):
    wrong = [((4, 5), (4,)), ((3,), (2,)), ((0,), (2,)), ((2, 3), (3, 2)), ((2, 1, 3), (4, 2))]
    for first, last in wrong if ufunc.nin > 1 else ():
        inputs = [values(first)] * (ufunc.nin - 1) + [values(last)]
        with pytest.raises(ValueError, match="broadcast"):
            ufunc(*inputs)


def huge(size):
    """Address space without memory: only what is touched takes any."""
    no_reserve = 0x4000 if sys.platform == "linux" else 0  # mmap has no name for it before 3.13
    flags = mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | no_reserve
    try:
        return np.frombuffer(mmap.mmap(-1, size, flags=flags), np.uint8)
    except (OSError, OverflowError) as error:
        pytest.skip(f"no address space: {error}")


@of_any_ufunc
def test_huge_strides(ufunc):
    far = 1 << 33
    memory = huge(3 * far + 64)
    for step, dtype in product((far, -far, far + 3), "fd"):
        first = memory[: 1 << 6] if step > 0 else memory[2 * far :]
        spread = [
            as_strided(first[8 * i : 8 * i + 8].view(dtype)[:1], (3,), (step,))
            for i in range(ufunc.nargs)
        ]
        inputs, outs = spread[: ufunc.nin], tuple(spread[ufunc.nin :])
        for a, b in zip(inputs, inputs_of(ufunc, (3,), dtype), strict=True):
            a[...] = b
        want = plain(ufunc, *inputs)
        assert_same_bits(ufunc(*inputs), want)
        ufunc(*inputs, out=outs)
        assert_same_bits(outs, want)


@pytest.mark.exhaustive
@of_few_ufuncs
def test_more_than_2_31_elements(ufunc):
    """Rows of an output that are all the same memory: what is written last stays."""
    if ufunc.nin > 3:
        return  # a minute for what goes the same way as the others, which take seconds
    rows, columns = (1 << 16) + 1, 1 << 15
    inputs = [values(columns, "e", seed) for seed in range(ufunc.nin)]
    outs = rooms(ufunc, columns, "e")
    many = tuple(as_strided(out, (rows, columns), (0, 2)) for out in outs)
    ufunc(*(np.broadcast_to(a, (rows, columns)) for a in inputs), out=many)
    assert_same_bits(outs, plain(ufunc, *inputs))


@pytest.mark.exhaustive
@of_few_ufuncs
def test_an_output_of_more_than_2_31_elements(ufunc):
    if ufunc.nout > 1 or "b" not in {types[0] for types in ufunc.types}:
        return
    size = (1 << 31) + 7
    inputs = [np.broadcast_to(a, (size, 1)) for a in inputs_of(ufunc, (1,), "b")]
    result = ufunc(*inputs)
    (want,) = plain(ufunc, *(a[0] for a in inputs))
    assert result.shape == (size, 1)
    assert (result[:: 1 << 20] == want).all() and (result[-9:] == want).all()
