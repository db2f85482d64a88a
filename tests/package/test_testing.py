"""The checkers of relu_ufunc.testing find what they are there to find, and nothing else."""

import doctest
import math
import re
import sys

import faulty
import numpy as np
import pytest
from ml_dtypes import finfo

from relu_ufunc import testing
from relu_ufunc.testing import (
    LAYOUTS,
    VARIATIONS,
    assert_everywhere,
    assert_one_answer,
    assert_same_bits,
    lay_out,
    raised_flags,
    same_bits,
    ulp_distance,
)

X = np.random.default_rng(0).standard_normal(150)
FLOATS = ["e", "bfloat16", "f", "d", "g"]


# Distances.


@pytest.mark.parametrize("dtype", ["e", "bfloat16"])
def test_ulp_distance_is_the_place_on_the_number_line(dtype):
    every = np.arange(1 << 16, dtype=np.uint16).view(dtype)
    with np.errstate(invalid="ignore"):
        line = np.sort(every[~np.isnan(every)])
    place = np.cumsum(np.concatenate([[0], line[1:] != line[:-1]]))
    for at in (0, 1, 1000, len(line) // 2, len(line) - 1):
        got = ulp_distance(line, line[at])
        assert got.dtype == np.uint64
        assert np.array_equal(got, np.abs(place - place[at]))


@pytest.mark.parametrize("dtype", FLOATS)
def test_ulp_distance_of_some_numbers(dtype):
    info = finfo(dtype)
    kind = np.dtype(dtype).type
    tiny, one, zero, inf = info.smallest_subnormal, kind(1), kind(0), kind(np.inf)
    to_infinity = (2 * info.maxexp if dtype != "bfloat16" else 256) - 1 << info.nmant
    for a, b, want in [
        (one, one, 0),
        (one, one + info.eps, 1),
        (one, one - info.eps, 2),
        (-one, -one + info.eps, 2),
        (zero, -zero, 0),
        (-tiny, tiny, 2),
        (tiny, zero, 1),
        (info.max, inf, 1),
        (one, one + one, 1 << info.nmant),
        (zero, inf, to_infinity),
        (-inf, inf, 2 * to_infinity),
        (kind(np.nan), -kind(np.nan), 0),
        (kind(np.nan), one, 2 * to_infinity + 1),
        (-inf, kind(np.nan), 2 * to_infinity + 1),
    ]:
        assert ulp_distance(a, b) == ulp_distance(b, a) == want, (a, b)


@pytest.mark.parametrize("dtype", FLOATS)
def test_ulp_distance_counts_steps(dtype):
    x = np.asarray(X).astype(dtype)
    toward = np.array(np.inf, dtype)
    y = x
    for count in range(4):
        assert (ulp_distance(x, y) == count).all()
        y = np.nextafter(y, toward)


def test_ulp_distance_of_any_shape():
    a = np.ones((2, 3))
    assert ulp_distance(a, a[0]).shape == (2, 3)
    assert ulp_distance(a[::-1, ::2], 1.0).tolist() == [[0, 0], [0, 0]]
    assert (
        ulp_distance(a.astype(">f8"), a.astype(">f8") + np.finfo("d").eps).tolist() == [[1] * 3] * 2
    )
    assert ulp_distance(1.0, math.nextafter(1, 2)) == 1
    assert ulp_distance(np.ones(0), np.ones(0)).shape == (0,)


@pytest.mark.parametrize(("a", "b"), [("f", "d"), ("i", "i"), ("D", "D")])
def test_ulp_distance_wants_one_floating_dtype(a, b):
    with pytest.raises(TypeError, match=r"must be|must have one"):
        ulp_distance(np.ones(3, a), np.ones(3, b))


# Bits.


@pytest.mark.parametrize("dtype", FLOATS)
def test_same_bits(dtype):
    zeros = np.array([0.0, -0.0], dtype)
    assert same_bits(zeros, zeros).all()
    assert not same_bits(zeros, zeros[::-1]).any()
    nans = np.array([np.nan], dtype)
    assert same_bits(nans, nans).all() and not same_bits(nans, -nans).any()


def test_the_padding_of_a_longdouble_does_not_count():
    one, other = np.ones(3, "g"), np.frombuffer(b"\xff" * 3 * np.dtype("g").itemsize, "g").copy()
    other[...] = 1
    assert same_bits(one, other).all()


@pytest.mark.parametrize(
    ("actual", "desired"),
    [
        (np.zeros(3), -np.zeros(3)),
        (np.zeros(3), np.zeros(3, "f")),
        (np.zeros(3), np.zeros((3, 1))),
        (np.zeros(3), np.zeros(2)),
        ((np.zeros(3), np.zeros(3)), np.zeros(3)),
        ((np.zeros(3), np.ones(3)), (np.zeros(3), np.zeros(3))),
        (np.zeros(3), np.zeros(3).astype(">f8")),
        (np.array([np.nan]), np.array([-np.nan])),
    ],
)
def test_assert_same_bits_raises(actual, desired):
    with pytest.raises(AssertionError, match="a note"):
        assert_same_bits(actual, desired, "a note")
    assert_same_bits(actual, actual)
    assert_same_bits(desired, desired)


def test_the_message_shows_the_first_failures():
    x = np.arange(20.0).reshape(4, 5)
    with pytest.raises(AssertionError) as caught:
        assert_everywhere(x < 10, "small", x=x)
    lines = str(caught.value).splitlines()
    assert lines[0] == "small: 10 of 20 fail"
    assert lines[1] == "  [2,0] x np.float64(10.0)"
    assert len(lines) == 9
    assert_everywhere(x < 20)
    assert_everywhere([])


NAN_BITS = {  # of the quiet NaN without a payload
    "e": "7e00",
    "bfloat16": "7fc0",
    "f": "7fc00000",
    "d": "7ff8000000000000",
    "g": {52: "7ff8000000000000", 63: "7fffc000000000000000", 112: "7fff8000" + 24 * "0"}[
        finfo("g").nmant
    ],
}


def nan_of(bits, dtype):
    """The number with these hexadecimal digits, in memory that may have padding behind it."""
    number, order = np.zeros(1, dtype), 1 if sys.byteorder == "big" else -1
    number.view(np.uint8)[: len(bits) // 2] = bytearray.fromhex(bits)[::order]
    return number


@pytest.mark.parametrize("swap", [False, True], ids=["native", "byte-swapped"])
@pytest.mark.parametrize("dtype", FLOATS)
def test_nans_that_print_alike_are_shown_with_their_bits(dtype, swap):
    plain = NAN_BITS[dtype]
    for other in (f"{plain[:-1]}5", f"f{plain[1:]}"):  # a payload, and a sign
        pair = [nan_of(bits, dtype) for bits in (plain, other)]
        if swap:
            pair = [a.astype(a.dtype.newbyteorder()) for a in pair]
        with pytest.raises(AssertionError) as caught:
            assert_same_bits(*pair)
        shown = str(caught.value).splitlines()[1]
        assert re.findall(r"of bits 0x(\w+)", shown) == [plain, other]


def test_bits_are_shown_where_values_do_not_tell():
    def message(**shown):
        with pytest.raises(AssertionError) as caught:
            assert_everywhere(False, **shown)
        return str(caught.value).splitlines()[1]

    nan = np.float32(np.nan)
    assert "bits" not in message(got=nan, want=nan, x=-1.0)
    assert "bits" not in message(got=np.float32(0), want=np.float32(-0.0))
    assert "bits" not in message(got=np.array(None), want=np.array([None])[0])
    assert message(got=nan, want=-nan, x=np.float32(1)) == (
        f"  [] got {nan!r} of bits 0x7fc00000, want {nan!r} of bits 0xffc00000, x {np.float32(1)!r}"
    )


# Flags.


def test_raised_flags():
    assert raised_flags(np.divide, 1.0, 0.0) == {"divide"}
    assert raised_flags(np.divide, [1.0, 0.0], 0.0) == {"divide", "invalid"}
    assert raised_flags(np.multiply, [1e300, 1e-300], [1e300, 1e-300]) == {"overflow", "underflow"}
    assert raised_flags(np.multiply, 2.0, 3.0) == set()
    with np.errstate(all="raise"):
        assert raised_flags(lambda: np.exp(np.float32(-100))) == {"underflow"}
        with pytest.raises(FloatingPointError):
            np.divide(1.0, 0.0)


# One answer.


@pytest.mark.parametrize("layout", LAYOUTS)
def test_layouts(layout):
    for dtype in ("i1", "e", "d", "g"):
        values = np.arange(9).astype(dtype)
        copy = lay_out(values, layout)
        assert np.array_equal(copy, values)
        assert copy.base is not values
        stride = copy.strides[0] / copy.itemsize
        number = re.search(r"stride (-?\d)", layout)
        if number:
            assert stride == int(number[1])
        if "odd" in layout:
            assert copy.strides[0] % 2 == (copy.itemsize + 1) % 2
        if copy.itemsize > 1:
            assert copy.flags.aligned == (layout.find("misaligned") < 0 and "odd" not in layout)
            assert copy.dtype.isnative == ("swapped" not in layout)


@pytest.mark.parametrize(
    "call",
    [
        (np.negative, X),
        (np.sqrt, np.abs(X)),
        (np.add, X, X[::-1].copy()),
        (np.copysign, X.astype("f"), np.arange(150, dtype="f")),
        (np.divmod, np.arange(150, dtype="i2"), np.full(150, 7, "i2")),
        (np.ldexp, X, np.arange(150, dtype="i4") % 9),
        (np.logical_or, X, X),
        (np.greater, X, X[::-1].copy()),
        (np.logical_not, X > 0),
        (faulty.elementwise(), X),
        (faulty.elementwise(nin=2), X, X),
    ],
    ids=lambda call: f"{call[0].__name__}-{len(call)}",
)
def test_sound_ufuncs_pass(call):
    assert_one_answer(*call)


FAULTS = {
    # What is wrong, of the operands as (address, stride), their number and the indices; then the
    # variations that have to notice.
    "the rest of 4": (lambda ops, n, i: i >= n - n % 4 if n > 4 else False, "lengths offsets"),
    "long calls only": (lambda ops, n, i: n > 3000, "long"),
    "every 8th element": (lambda ops, n, i: i % 8 == 7, "lengths"),
    "input not contiguous": (lambda ops, n, i: n > 1 and ops[0][1] not in (8, 0), "layouts long"),
    "input backwards": (lambda ops, n, i: n > 1 and ops[0][1] < 0, "layouts"),
    "output not contiguous": (lambda ops, n, i: n > 1 and ops[-1][1] != 8, "layouts long"),
    "input of stride 0": (lambda ops, n, i: n > 1 and ops[0][1] == 0, "broadcasts"),
    "input off a vector": (lambda ops, n, i: ops[0][0] % 32 == 8 and n > 2, "offsets"),
    "output off a vector": (lambda ops, n, i: ops[-1][0] % 64 == 8 and n > 2, "offsets"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_faults_are_found(fault):
    broken, variations = FAULTS[fault]
    for variation in variations.split():
        with pytest.raises(AssertionError, match=variation):
            assert_one_answer(faulty.elementwise(broken), X, variations=[variation])
    with pytest.raises(AssertionError):
        assert_one_answer(faulty.elementwise(broken), X)


def test_a_fault_where_only_the_parameter_is_one_element():
    ufunc = faulty.elementwise(lambda ops, n, i: ops[1][1] == 0 and ops[0][1] and n > 1, nin=2)
    with pytest.raises(AssertionError, match="broadcasts"):
        assert_one_answer(ufunc, X, X)


def test_a_fault_in_buffers_of_casts():
    """NumPy's buffers hold no more than 8192 elements: the calls that it makes are as long."""
    ufunc = faulty.elementwise(lambda ops, n, i: n == np.getbufsize())
    with pytest.raises(AssertionError, match="casts"):
        assert_one_answer(ufunc, X, variations=["casts"])


def test_a_fault_behind_a_mask():
    """Where elements are masked out, NumPy calls for those between."""
    ufunc = faulty.elementwise(lambda ops, n, i: n == 4)
    with pytest.raises(AssertionError, match="where"):
        assert_one_answer(ufunc, X, variations=["where"])


def writes_one_more(operands, n):
    x, out = (faulty.view(*operand, n) for operand in operands)
    out[...] = x
    if n % 8 == 5:
        faulty.view(operands[1][0] + 8 * n, 8, 1)[...] = 3


def test_a_stray_write_is_found():
    ufunc = faulty.ufunc(writes_one_more)
    with pytest.raises(AssertionError, match="lengths"):
        assert_one_answer(ufunc, X, variations=["lengths"])


def test_the_answer_may_come_from_elsewhere():
    assert_one_answer(np.negative, X, answer=-X)
    assert_one_answer(np.divmod, X, X, answer=np.divmod(X, X))
    for variation in set(VARIATIONS) - {"casts"}:
        with pytest.raises(AssertionError):
            assert_one_answer(np.negative, X, answer=X, variations=[variation])


def test_what_does_not_suit_is_refused():
    for stand_in in (np.vectorize(abs), abs, lambda x: x):
        with pytest.raises(TypeError, match=r"numpy\.ufunc"):
            assert_one_answer(stand_in, X)
    for inputs in ((), (X, X), (X[:99],), (X.reshape(10, 15),)):
        with pytest.raises(ValueError, match="inputs"):
            assert_one_answer(np.negative, *inputs)
    with pytest.raises(ValueError, match="inputs must be"):
        assert_one_answer(np.add, X, X[1:])
    with pytest.raises(ValueError, match="nonsense"):
        assert_one_answer(np.negative, X, variations=["nonsense"])


# Documentation.


@pytest.mark.parametrize("name", [name for name in testing.__all__ if name.islower()])
def test_documentation(name):
    doc = getattr(testing, name).__doc__
    sections = re.findall(r"^ *(\w[\w ]*)\n *-+$", doc, re.MULTILINE)
    assert sections[0] == "Parameters" and sections[-1] == "Examples"
    assert {"Returns", "Raises"} & set(sections)


def test_examples():
    assert doctest.testmod(testing).failed == 0
    assert doctest.testmod(testing).attempted > 10
