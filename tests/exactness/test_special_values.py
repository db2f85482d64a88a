"""What the ufuncs answer where a formula is easily got wrong, as a table."""

from itertools import product

import numpy as np
import oracle
import pytest
from cases import case
from kinds import KERNELS, LOOPS
from ml_dtypes import finfo
from samples import quiet_nans, signalling_nans

from relu_ufunc.testing import as_tuple, assert_same_bits, raised_flags, same_bits

# `tiny` is the smallest subnormal number, `subnormal` the largest, `normal` the smallest normal
# one, `max` the largest of all. The outcomes hold for every floating dtype; prelu is leaky_relu.
TABLE = """
relu                      0              -> 0
relu                      -0.0           -> 0
relu                      tiny           -> tiny
relu                      -tiny          -> 0
relu                      subnormal      -> subnormal
relu                      -subnormal     -> 0
relu                      max            -> max
relu                      -max           -> 0
relu                      inf            -> inf
relu                      -inf           -> 0
relu                      nan            -> nan

relu_grad                 0              -> 0
relu_grad                 -0.0           -> 0
relu_grad                 tiny           -> 1
relu_grad                 -tiny          -> 0
relu_grad                 inf            -> 1
relu_grad                 -inf           -> 0
relu_grad                 nan            -> nan

relu_backward             3  0           -> 0
relu_backward             3  -0.0        -> 0
relu_backward             3  tiny        -> 3
relu_backward             -0.0  1        -> -0.0
relu_backward             -tiny  1       -> -tiny
relu_backward             inf  -1        -> 0
relu_backward             nan  -1        -> 0
relu_backward             nan  1         -> nan
relu_backward             inf  inf       -> inf
relu_backward             1  nan         -> nan

leaky_relu                0  2           -> 0
leaky_relu                -0.0  2        -> -0.0
leaky_relu                0  -2          -> -0.0
leaky_relu                -0.0  -2       -> 0
leaky_relu                0  inf         -> nan
leaky_relu                -0.0  nan      -> nan
leaky_relu                -tiny  1       -> -tiny
leaky_relu                -tiny  0.5     -> -0.0
leaky_relu                -tiny  -1      -> tiny
leaky_relu                -normal  0.5   -> -normal/2
leaky_relu                -subnormal  2  -> -subnormal*2
leaky_relu                -max  0.5      -> -max/2
leaky_relu                -max  2        -> -inf
leaky_relu                -max  -2       -> inf
leaky_relu                -1  0          -> -0.0
leaky_relu                -1  -0.0       -> 0
leaky_relu                -1  inf        -> -inf
leaky_relu                -1  nan        -> nan
leaky_relu                -inf  2        -> -inf
leaky_relu                -inf  -2       -> inf
leaky_relu                -inf  0        -> nan
leaky_relu                tiny  inf      -> tiny
leaky_relu                1  nan         -> 1
leaky_relu                max  2         -> max
leaky_relu                inf  0         -> inf
leaky_relu                nan  0         -> nan

leaky_relu_grad           0  0.5         -> 0.5
leaky_relu_grad           -0.0  -0.0     -> -0.0
leaky_relu_grad           -inf  2        -> 2
leaky_relu_grad           -1  inf        -> inf
leaky_relu_grad           -1  nan        -> nan
leaky_relu_grad           tiny  nan      -> 1
leaky_relu_grad           nan  2         -> nan

leaky_relu_backward       3  0  0.5      -> 1.5
leaky_relu_backward       3  -0.0  0.5   -> 1.5
leaky_relu_backward       inf  -1  0     -> nan
leaky_relu_backward       inf  -1  2     -> inf
leaky_relu_backward       inf  1  0      -> inf
leaky_relu_backward       3  1  nan      -> 3
leaky_relu_backward       nan  -1  0     -> nan
leaky_relu_backward       1  nan  0      -> nan

prelu_grad                0  0.5         -> 0.5  0
prelu_grad                -0.0  0.5      -> 0.5  -0.0
prelu_grad                -inf  0        -> 0  -inf
prelu_grad                -tiny  nan     -> nan  -tiny
prelu_grad                inf  nan       -> 1  0
prelu_grad                nan  0         -> nan  nan

prelu_backward            3  0  0.5      -> 1.5  0
prelu_backward            -3  0  0.5     -> -1.5  -0.0
prelu_backward            inf  1  nan    -> inf  0
prelu_backward            nan  1  2      -> nan  0
prelu_backward            inf  0  1      -> inf  nan
prelu_backward            0  -inf  2     -> 0  nan
prelu_backward            2  -max  1     -> 2  -inf
prelu_backward            1  nan  2      -> nan  nan

elu                       0  1           -> 0
elu                       -0.0  1        -> -0.0
elu                       0  -1          -> -0.0
elu                       -0.0  -1       -> 0
elu                       0  inf         -> nan
elu                       -0.0  nan      -> nan
elu                       -tiny  1       -> -tiny
elu                       -tiny  -1      -> tiny
elu                       -subnormal  1  -> -subnormal
elu                       -normal  1     -> -normal
elu                       -max  1        -> -1
elu                       -max  0.5      -> -0.5
elu                       -inf  1        -> -1
elu                       -inf  0        -> -0.0
elu                       -inf  inf      -> -inf
elu                       -inf  -inf     -> inf
elu                       -1  nan        -> nan
elu                       tiny  nan      -> tiny
elu                       max  inf       -> max
elu                       inf  0         -> inf
elu                       nan  0         -> nan

elu_grad                  0  0.5         -> 0.5
elu_grad                  -0.0  -0.0     -> -0.0
elu_grad                  -tiny  1       -> 1
elu_grad                  -max  1        -> 0
elu_grad                  -max  -1       -> -0.0
elu_grad                  -inf  1        -> 0
elu_grad                  -inf  inf      -> nan
elu_grad                  -1  inf        -> inf
elu_grad                  -1  nan        -> nan
elu_grad                  tiny  nan      -> 1
elu_grad                  inf  0         -> 1
elu_grad                  nan  0         -> nan

elu_backward              3  0  0.5      -> 1.5
elu_backward              3  -0.0  -0.5  -> -1.5
elu_backward              3  -inf  1     -> 0
elu_backward              -3  -inf  1    -> -0.0
elu_backward              inf  -inf  1   -> nan
elu_backward              inf  -1  1     -> inf
elu_backward              inf  1  0      -> inf
elu_backward              3  max  nan    -> 3
elu_backward              nan  -1  0     -> nan
elu_backward              1  nan  0      -> nan

elu_backward_from_output  3  0  0.5      -> 1.5
elu_backward_from_output  3  -0.0  0.5   -> 1.5
elu_backward_from_output  3  -0.5  1     -> 1.5
elu_backward_from_output  3  -1  1       -> 0
elu_backward_from_output  inf  -1  1     -> nan
elu_backward_from_output  3  -inf  inf   -> nan
elu_backward_from_output  3  tiny  nan   -> 3
elu_backward_from_output  inf  1  0      -> inf
elu_backward_from_output  1  nan  0      -> nan
elu_backward_from_output  3  -0.5  -0.0  -> -1.5
elu_backward_from_output  3  0.5  -1     -> nan
elu_backward_from_output  3  -0.5  -1    -> nan
elu_backward_from_output  0  1  -tiny    -> nan
elu_backward_from_output  0  0  -inf     -> nan
elu_backward_from_output  nan  1  -1     -> nan
elu_backward_from_output  1  nan  -1     -> nan
"""


TABLE += """
sigmoid                   0              -> 0.5
sigmoid                   -0.0           -> 0.5
sigmoid                   max            -> 1
sigmoid                   inf            -> 1
sigmoid                   -max           -> 0
sigmoid                   -inf           -> 0
sigmoid                   nan            -> nan
sigmoid_grad              0              -> 0.25
sigmoid_grad              inf            -> 0
sigmoid_grad              -inf           -> 0

silu                      0  1           -> 0
silu                      -0.0  1        -> -0.0
silu                      max  1         -> max
silu                      inf  1         -> inf
silu                      -max  1        -> -0.0
silu                      -inf  1        -> -0.0
silu                      -inf  -1       -> -inf
silu                      inf  -1        -> 0
silu                      inf  0         -> nan
silu                      0  inf         -> nan
silu                      nan  1         -> nan
silu                      1  nan         -> nan
silu_grad                 0  1           -> 0.5
silu_grad                 inf  1         -> 1
silu_grad                 -inf  1        -> -0.0
silu_backward             3  inf  1      -> 3
silu_backward             inf  -inf  1   -> nan
silu_backward             nan  -inf  1   -> nan

softplus                  max  1         -> max
softplus                  inf  1         -> inf
softplus                  -inf  1        -> 0
softplus                  -max  1        -> 0
softplus                  inf  0         -> nan
softplus                  1  0           -> inf
softplus                  -1  inf        -> 0
softplus_grad             0  1           -> 0.5
softplus_grad             inf  1         -> 1
softplus_grad             -inf  1        -> 0

mish                      0              -> 0
mish                      -0.0           -> -0.0
mish                      max            -> max
mish                      inf            -> inf
mish                      -max           -> -0.0
mish                      -inf           -> -0.0
mish_grad                 inf            -> 1
mish_grad                 -inf           -> -0.0

selu                      0              -> 0
selu                      -0.0           -> -0.0
selu                      inf            -> inf
selu                      max            -> inf
selu_grad                 -inf           -> 0
celu                      0  1           -> 0
celu                      -0.0  1        -> -0.0
celu                      -0.0  -1       -> -0.0
celu                      max  1         -> max
celu                      -max  1        -> -1
celu                      -inf  2        -> -2
celu                      -inf  -1       -> -inf
celu                      -1  -0.0       -> nan
celu                      0  0           -> 0
celu                      2  nan         -> 2
celu_grad                 0  1           -> 1
celu_grad                 -inf  1        -> 0
celu_grad                 1  nan         -> 1

glu                       0  3           -> 1.5
glu                       -inf  inf      -> nan
glu                       inf  3         -> 3
glu_backward              3  0  2        -> 1.5  1.5
glu_backward              3  inf  2      -> 0  3
swiglu                    inf  3  1      -> inf
swiglu                    -inf  3  1     -> -0.0
swiglu                    0  inf  1      -> nan
swiglu_backward           3  inf  2  1   -> 6  inf
swiglu_backward           3  -inf  2  1  -> -0.0  -0.0
"""


def rows_of(name):
    """The lines of the table about a ufunc."""
    name = "leaky_relu" if name == "prelu" else name
    return [line for line in TABLE.splitlines() if line.split()[:1] == [name]]


IN_THE_TABLE = [name for name in oracle.NAMES if rows_of(name)]


def columns(rows, side, dtype):
    """The inputs (side 0) or the outputs (side 1) of some lines, each as an array of a dtype."""
    info = finfo(dtype)
    names = {
        "tiny": info.smallest_subnormal,
        "subnormal": info.smallest_normal - info.smallest_subnormal,
        "normal": info.smallest_normal,
        "max": info.max,
        "inf": np.inf,
        "nan": np.nan,
    }
    words = [line.partition(" ")[2].split("->")[side].split() for line in rows]
    columns = zip(*words, strict=True)
    return [np.array([eval(word, {}, names) for word in column], dtype) for column in columns]


@pytest.mark.parametrize("name", IN_THE_TABLE)
@np.errstate(all="ignore")
def test_special_values(isas, name):
    for (isa, uf), dtype in product(isas, oracle.FLOATS):
        with case(isa, dtype):
            assert_as_in_the_table(getattr(uf, name), name, dtype)


def assert_as_in_the_table(function, name, dtype):
    rows = rows_of(name)
    # Each line fills enough elements for it to meet whole vectors as well as the rest.
    inputs = [np.repeat(column, 67) for column in columns(rows, 0, dtype)]
    want = columns(rows, 1, dtype)
    got = as_tuple(function(*inputs))
    for g, w in zip(got, want, strict=True):
        g, w = g.reshape(-1, 67), w[:, np.newaxis].repeat(67, axis=1)
        same = same_bits(g, w).all(axis=1)
        assert same.all(), "\n".join(
            f"{row}, not {value[0]}" for row, value, ok in zip(rows, g, same, strict=True) if not ok
        )


@pytest.mark.parametrize("dtype", oracle.INTEGERS)
def test_special_integers(uf, dtype):
    info = np.iinfo(dtype)
    x = np.repeat(np.array([info.min, info.min + 1, 0, 1, info.max - 1, info.max], dtype), 67)
    dy = x[::-1].copy()
    zero, one = np.zeros_like(x), np.ones_like(x)
    assert_same_bits(uf.relu(x), np.where(x > 0, x, zero))
    assert_same_bits(uf.relu_grad(x), np.where(x > 0, one, zero))
    assert_same_bits(uf.relu_backward(dy, x), np.where(x > 0, dy, zero))


def special_inputs(name, dtype):
    """Each special number of each operand with each of the others, NaNs that can be told apart."""
    info = finfo(dtype)
    magnitudes = [0, info.smallest_subnormal, 1, info.max, np.inf]
    if len(oracle.OPERANDS[name]) < 4:  # or else there are too many combinations
        magnitudes += [info.smallest_normal, 2.5]
    special = np.array([sign * number for number in magnitudes for sign in (1, -1)], dtype)
    special = np.concatenate([special, quiet_nans(dtype)[[1, 6]]])
    return [a.ravel() for a in np.meshgrid(*[special] * len(oracle.OPERANDS[name]))]


@pytest.mark.parametrize("name", oracle.NAMES)
@np.errstate(all="ignore")
def test_special_values_are_what_the_formula_says(isas, name):
    """The formula in the oracle says by hand what becomes of a zero and of a NaN."""
    for dtype in oracle.FLOATS:
        oracle.assert_right_on(isas, name, *special_inputs(name, dtype))


# Which NaN a formula makes has been tried above, for each: the loop around it is what remains.
COMPUTING = [name for name in LOOPS if name not in oracle.SELECTING]


def all_pairings(name, dtype):
    """Operands that pair every odd value with every other: most of the NaNs are made of numbers."""
    odd = [-np.inf, np.inf, -0.0, 0.0, -2, 3, *quiet_nans(dtype)[[0, 1, 4, 6]]]
    return [a.ravel() for a in np.meshgrid(*[np.array(odd, dtype)] * len(oracle.OPERANDS[name]))]


@pytest.mark.parametrize("name", COMPUTING)
@np.errstate(all="ignore")
def test_nan_made_of_numbers_is_positive(isas, name):
    """One that is given keeps its sign; however many elements there are, wherever they go."""
    for dtype in oracle.FLOATS:
        pairings = all_pairings(name, dtype)
        oracle.assert_right_on(isas, name, *pairings)
        for isa, uf in isas:
            with case(isa, dtype):
                assert_same_wherever_they_go(getattr(uf, name), pairings)


def assert_same_wherever_they_go(function, pairings):
    answer = as_tuple(function(*pairings))
    for i in range(0, len(pairings[0]), max(1, len(pairings[0]) // 100)):
        alone = function(*(a[i : i + 1] for a in pairings))
        assert_same_bits(as_tuple(alone), tuple(w[i : i + 1] for w in answer))
    for size in (9, 100, 3000):
        inputs = [np.resize(a, size) for a in pairings]
        want = tuple(np.resize(w, size) for w in answer)
        assert_same_bits(as_tuple(function(*inputs)), want)
        assert_same_bits(as_tuple(function(*(a.repeat(2)[::2] for a in inputs))), want)
        for i, k in product(range(function.nin), range(function.nout)):
            given = [a.copy() for a in inputs]
            outs = tuple(given[i] if k == j else None for j in range(function.nout))
            assert_same_bits(as_tuple(function(*given, out=outs)), want)


# Each says by itself with which last inputs that happens.
MAY_MAKE_NAN = [k.name for k in KERNELS if k.nin > 1 and k.loop in ("branch", "compute")]


@pytest.mark.parametrize("name", MAY_MAKE_NAN)
@np.errstate(all="ignore")
def test_nan_made_with_one_parameter_is_positive(isas, name):
    for dtype in oracle.FLOATS:
        *pairings, parameters = all_pairings(name, dtype)
        pairings = [np.resize(a, 1000) for a in pairings]
        tiny = finfo(dtype).smallest_subnormal
        for parameter in (*np.unique(parameters.astype("d")).astype(dtype), tiny, -tiny):
            inputs = [*pairings, np.full(1000, parameter, dtype)]
            oracle.assert_right_on(isas, name, *inputs)
            for isa, uf in isas:
                with case(isa, dtype, parameter):
                    got = as_tuple(getattr(uf, name)(*pairings, parameter))
                    assert_same_bits(got, as_tuple(getattr(uf, name)(*inputs)))
                    in_place = pairings[0].copy()
                    outs = (in_place, *[None] * (len(got) - 1))
                    over = getattr(uf, name)(in_place, *pairings[1:], parameter, out=outs)
                    assert_same_bits(as_tuple(over), got)


@pytest.mark.parametrize("name", oracle.SELECTING)
def test_signalling_nan_is_moved_untouched(isas, name):
    for (isa, uf), dtype in product(isas, oracle.SHORT_FLOATS):
        function, nans = getattr(uf, name), np.repeat(signalling_nans(dtype), 67)
        with case(isa, dtype):
            assert raised_flags(function, *[nans] * function.nin) == set()
            assert_same_bits(as_tuple(function(*[nans] * function.nin)), (nans,) * function.nout)


@pytest.mark.parametrize("dtype", oracle.SHORT_FLOATS)
@pytest.mark.parametrize("name", ["leaky_relu", "prelu", "elu"])
@np.errstate(invalid="ignore")
def test_nan_from_a_product_is_quiet(uf, name, dtype):
    nans = np.repeat(signalling_nans(dtype), 67)
    bit = np.array(1 << (finfo(dtype).nmant - 1), f"u{nans.itemsize}")
    quieted = (nans.view(bit.dtype) | bit).view(dtype)
    assert_same_bits(getattr(uf, name)(-np.ones_like(nans), nans), quieted)
