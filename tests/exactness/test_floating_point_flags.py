"""A call raises the floating-point flags of the branches that its elements take, and no others."""

from itertools import product

import numpy as np
import oracle
import pytest
from cases import case
from ml_dtypes import finfo
from samples import numbers, operands, quiet_nans

from relu_ufunc import _relu_ufunc
from relu_ufunc.testing import raised_flags

LENGTHS = range(1, 71)


def of_ordinary_data(name, dtype):
    """The flags that a call on ordinary data may raise: tails of smooth functions leave float16."""
    return {"underflow"} if name in oracle.COSTLY and dtype == "e" else set()


def ordinary(dtype, size=1000):
    """Numbers of moderate size, for which nothing overflows or underflows."""
    rng = np.random.default_rng(0)
    x = rng.uniform(0.1, 8, size) * rng.choice([-1, 1], size)
    return x.astype(dtype)


@pytest.mark.parametrize("name", oracle.NAMES)
def test_ordinary_data_is_clean(isas, name):
    for (isa, uf), dtype in product(isas, oracle.DTYPES[name]):
        with case(isa, dtype):
            assert_ordinary_data_is_clean(getattr(uf, name), name, dtype)


def assert_ordinary_data_is_clean(function, name, dtype):
    x = ordinary(dtype) if dtype in oracle.FLOATS else numbers(dtype, 300, 0)
    # A beta above 1 takes float16 into a real underflow.
    parameters = {
        role: abs(x) / x.dtype.type(8) if role == "beta" else abs(x)
        for role in oracle.PARAMETERS[name]
    }
    inputs = [parameters.get(role, x) for role in oracle.OPERANDS[name]]
    for step in (1, 2, -1):
        assert raised_flags(function, *(a[::step] for a in inputs)) <= of_ordinary_data(name, dtype)
    needed = len(oracle.REQUIRED[name])
    assert raised_flags(function, *[x] * needed) <= of_ordinary_data(name, dtype)


@pytest.mark.parametrize("name", oracle.NAMES)
def test_quiet_nan_is_clean(isas, name):
    for (isa, uf), dtype in product(isas, oracle.FLOATS):
        with case(isa, dtype):
            assert_quiet_nan_is_clean(getattr(uf, name), name, dtype)


# What they compute of the other operands, a sum or an exponential, is computed beside a NaN, too.
COMPUTED_ALL_THE_SAME = {
    *("elu", "elu_grad", "elu_backward", "add_relu_backward", "hardsigmoid_backward"),
}
OF_SEVERAL = [
    kernel.name
    for kernel in _relu_ufunc.KERNELS
    if kernel.nin > 1 and kernel.name not in COMPUTED_ALL_THE_SAME
]


@pytest.mark.parametrize("name", OF_SEVERAL)
def test_a_quiet_nan_beside_any_numbers_is_clean(isas, name):
    """Though they overflow, underflow or make a NaN by themselves."""
    for (isa, uf), dtype in product(isas, oracle.SHORT_FLOATS):
        function, info = getattr(uf, name), finfo(np.dtype(dtype))
        ends = np.array([0, 1, info.max, info.smallest_normal, info.smallest_subnormal, np.inf])
        others = [np.concatenate([ends, -ends]).astype(dtype)] * (function.nin - 1)
        others = [a.ravel() for a in np.meshgrid(*others)]
        for at in range(function.nin if function.nout == 1 else 2):  # a second output has no third
            nan = np.full_like(others[0], np.nan)
            with case(isa, dtype, at):
                assert raised_flags(function, *others[:at], nan, *others[at:]) == set()


def assert_quiet_nan_is_clean(function, name, dtype):
    nan = np.resize(quiet_nans(dtype), 70)
    x = ordinary(dtype, 70)
    for at in range(function.nin):
        inputs = [x] * function.nin
        inputs[at] = nan
        assert raised_flags(function, *inputs) <= of_ordinary_data(name, dtype)
    assert raised_flags(function, *[nan] * function.nin) == set()


@pytest.mark.parametrize("name", oracle.SELECTING)
def test_selecting_raises_nothing_whatever_the_data(isas, name):
    for (isa, uf), dtype in product(isas, oracle.SHORT_FLOATS):
        with case(isa, dtype):
            assert raised_flags(getattr(uf, name), *operands(name, dtype, 300)) == set()


# `max` and `tiny` are the largest and the smallest subnormal number of the dtype, exp(low) is
# subnormal and exp(high) is normal.
EVENTS = """
leaky_relu                  -max 2              overflow
leaky_relu                  -max -2             overflow
leaky_relu                  max 2
leaky_relu                  inf 2
leaky_relu                  -inf 2
leaky_relu                  max inf
leaky_relu                  -inf 0              invalid
leaky_relu                  0 inf               invalid
leaky_relu                  tiny 0.5
leaky_relu                  -tiny 0.5           underflow
leaky_relu                  -tiny 2
prelu                       -max 2              overflow
prelu                       -tiny 0.5           underflow
prelu                       tiny 0.5
prelu                       -inf 2
prelu                       0 inf               invalid
prelu                       inf 0
prelu                       max 2
prelu                       -inf 0              invalid
leaky_relu_grad             -inf inf
leaky_relu_grad             inf inf
leaky_relu_grad             -tiny tiny
leaky_relu_grad             -1 max
leaky_relu_grad             1 tiny
leaky_relu_backward         1 -tiny 0.5
leaky_relu_backward         1 -inf 0
leaky_relu_backward         max -1 2            overflow
leaky_relu_backward         max 1 2
leaky_relu_backward         inf -1 0            invalid
leaky_relu_backward         inf 1 0
leaky_relu_backward         tiny -1 0.5         underflow
prelu_grad                  -tiny tiny
prelu_grad                  -max max
prelu_grad                  -inf inf
prelu_grad                  inf inf
prelu_backward              max -2 0            overflow
prelu_backward              max 2 2
prelu_backward              inf 1 0
prelu_backward              inf 0 1             invalid
prelu_backward              1 -tiny 0.5
prelu_backward              0.5 -tiny 1         underflow
prelu_backward              tiny 1 0.5
prelu_backward              tiny -1 0.5         underflow
prelu_backward              max -2 2            overflow
prelu_backward              inf -inf 0          invalid
elu                         max 1
elu                         inf 1
elu                         -max 1
elu                         -inf 1
elu                         max inf
elu                         -max max
elu                         -max inf
elu                         0 inf               invalid
elu                         -0.0 inf            invalid
elu                         -0.0 max
elu                         low 1
elu                         -tiny 0.5           underflow
elu                         -1 tiny             underflow
elu                         tiny 0.5
elu                         -inf inf
elu                         -inf 0
elu                         -1 0
elu_grad                    max 1
elu_grad                    inf 0
elu_grad                    -inf 1
elu_grad                    -inf inf            invalid
elu_grad                    0 inf
elu_grad                    low 1               underflow
elu_grad                    -max 1              underflow
elu_grad                    high 1
elu_grad                    high tiny           underflow
elu_grad                    -1 tiny             underflow
elu_grad                    0 tiny
elu_grad                    -0.0 tiny
elu_grad                    -1 max
elu_grad                    tiny inf
elu_grad                    tiny tiny
elu_backward                1 max 1
elu_backward                1 low 1             underflow
elu_backward                tiny -1 1           underflow
elu_backward                tiny 0 1
elu_backward                tiny 1 tiny
elu_backward                0 -1 inf            invalid
elu_backward                max 0 -2            overflow
elu_backward                max 0 2             overflow
elu_backward                inf 1 0
elu_backward                inf -inf 1          invalid
elu_backward                max 1 max
elu_backward                nan low 1
elu_backward                nan -1 tiny
elu_backward                nan inf 0
celu                        max 1
celu                        inf 1
celu                        -inf 1
celu                        -max 2
celu_grad                   max 1
celu_grad                   inf 1
celu_grad                   low 1               underflow
silu                        max 1
silu                        inf 1
softplus                    max 1
softplus                    inf 1
softplus                    200 1
mish                        max
mish_grad                   inf
gelu                        max
elu_backward_from_output    max 0 2             overflow
elu_backward_from_output    max -1 1
elu_backward_from_output    1 -max max
elu_backward_from_output    1 -max -max         invalid
elu_backward_from_output    max 0 -2            invalid
elu_backward_from_output    1 1 -tiny           invalid
elu_backward_from_output    0 0 -inf            invalid
elu_backward_from_output    1 -1 -0.0
elu_backward_from_output    nan -max -max
elu_backward_from_output    1 nan -1
elu_backward_from_output    nan nan -inf
elu_backward_from_output    1 max max
elu_backward_from_output    tiny -0.5 1         underflow
elu_backward_from_output    tiny 0 1
elu_backward_from_output    tiny tiny inf
elu_backward_from_output    inf 0 0             invalid
elu_backward_from_output    inf -1 1            invalid
elu_backward_from_output    1 -inf inf          invalid
elu_backward_from_output    max 1 max
elu_backward_from_output    inf 1 inf
elu_backward_from_output    nan -max -max
elu_backward_from_output    nan -inf inf
"""


def event(line, dtype):
    """A line of the table: the name, the inputs as numbers of a dtype, and the flags."""
    info = finfo(dtype)
    named = {"max": info.max, "tiny": info.smallest_subnormal, "inf": np.inf, "nan": np.nan}
    named |= {"low": info.minexp * 0.6931472 - 1, "high": info.minexp * 0.6931472 + 1}
    name, *words = line.split()
    count = len(oracle.OPERANDS[name])
    inputs = [np.array([eval(word, {}, named)], dtype) for word in words[:count]]
    return name, inputs, set(words[count:])


@pytest.mark.parametrize(
    "line", EVENTS.strip().splitlines(), ids=lambda line: "_".join(line.split())
)
def test_events(isas, line):
    for (isa, uf), dtype in product(isas, oracle.FLOATS):
        name, inputs, want = event(line, dtype)
        function = getattr(uf, name)
        for size in (1, 2, 3, 8, 67):
            arrays = [a.repeat(3 * size) for a in inputs]
            assert raised_flags(function, *(a[:size] for a in arrays)) == want, (isa, dtype)
            for step in (2, -1):
                raised = raised_flags(function, *(a[::step] for a in arrays))
                assert raised == want, (isa, dtype, step)


# What is within a function may overflow or underflow while its value does neither.
WITHIN = {
    "silu": [(1e308, 2), (1e308, 1e308), (1e308, 1e-300), (-1e308, -1e300), (400, 1), (-600, 1)],
    "silu_grad": [(1e308, 2), (400, 1), (-600, 1), (5e-324, 1)],
    "softplus": [(1e308, 2), (1e308, 1e308), (3, 300), (400, 1), (-600, 1)],
    "celu": [(1e308, 1e-3), (-1e308, 1e-300), (-1e308, 1e300), (-3e300, 1e-300), (-3, -1e300)],
    "hardsigmoid": [(5e-324,), (-5e-324,)],
    "hardsigmoid_grad": [(5e-324,), (-5e-324,)],
    "celu_grad": [(1e308, 1e-3), (720, 1), (-600, 1), (-1e3, 1e300)],
}


def test_what_is_within_float64_raises_nothing(uf):
    for name, cases in WITHIN.items():
        for size, given in product((1, 17), cases):
            inputs = [np.full(size, float(number)) for number in given]
            assert raised_flags(getattr(uf, name), *inputs) == set(), (name, given)
    for name in oracle.REQUIRED:
        if name in oracle.COSTLY and len(oracle.OPERANDS[name]) == 1:
            x = np.array([12.0] if name.startswith("gelu") else [400.0, -600.0])
            assert raised_flags(getattr(uf, name), x) == set(), name


def test_subnormal_float16_raises_alike_at_every_length(isas):
    """A fast part may give a float16 where the result proper is not one, and underflows."""
    few = np.array([1, 2, 3, 512, 1023]) * 2.0**-24
    for (isa, uf), name in product(isas, oracle.REQUIRED):
        for x in np.concatenate([few, -few]).astype("f2"):
            inputs = [x] * len(oracle.REQUIRED[name])
            one = raised_flags(getattr(uf, name), *(np.full(1, a) for a in inputs))
            assert raised_flags(getattr(uf, name), *(np.full(300, a) for a in inputs)) == one, (
                *(isa, name, x),
            )


@pytest.mark.parametrize("dtype", oracle.SHORT_FLOATS)
@pytest.mark.parametrize(
    "line",
    [
        "leaky_relu -max 2 overflow",
        "elu 0 inf invalid",
        "elu_backward_from_output max 0 2 overflow",
    ],
)
def test_one_event_at_every_position_of_every_length(uf, line, dtype):
    name, inputs, want = event(line, dtype)
    function = getattr(uf, name)
    for length in LENGTHS:
        data = [np.ones(length, dtype) for _ in inputs]
        assert raised_flags(function, *data) == set()
        for at in range(length):
            for array, value in zip(data, inputs, strict=True):
                array[at] = value[0]
            assert raised_flags(function, *data) == want, (length, at)
            for array in data:
                array[at] = 1


def flags_of_elements(name, dtype):
    """What the scalar kernels raise for each of some elements on its own."""
    function = _relu_ufunc.ufuncs_of("scalar")[name]
    inputs = operands(name, dtype, 300)
    return [raised_flags(function, *(a[i : i + 1] for a in inputs)) for i in range(300)]


@pytest.mark.parametrize("name", oracle.NAMES)
def test_a_call_raises_the_flags_of_its_elements(isas, name):
    for dtype in oracle.SHORT_FLOATS:
        inputs, singly = operands(name, dtype, 300), flags_of_elements(name, dtype)
        for (isa, uf), size in product(isas, (1, 12)):
            for start in range(0, 300, max(size, 3)):  # of the elements alone, one in three
                part = slice(start, start + size)
                raised = raised_flags(getattr(uf, name), *(a[part] for a in inputs))
                with case(isa, dtype, *(a[part] for a in inputs)):
                    assert raised == set().union(*singly[part])


@pytest.mark.parametrize("dtype", oracle.SHORT_FLOATS)
def test_results_on_the_verge_of_underflow(uf, dtype):
    """Whether a result that rounds up to a normal number underflows is for the processor to say."""
    info = finfo(dtype)
    steps = info.eps * np.arange(8, dtype=dtype)
    x, slope = np.meshgrid(steps - 1, info.smallest_normal * (1 + steps))
    scalar = _relu_ufunc.ufuncs_of("scalar")["leaky_relu"]
    for pair in zip(x.ravel(), slope.ravel(), strict=True):
        assert raised_flags(uf.leaky_relu, *pair) == raised_flags(scalar, *pair), pair


@pytest.mark.parametrize("dtype", ["bfloat16", "f", "d"])
def test_elu_never_underflows(uf, dtype):
    info = finfo(dtype)
    x = -np.logspace(float(np.log10(info.smallest_normal)), 30, 3000).astype(dtype)
    subnormal = -np.arange(1, 100).astype(dtype) * info.smallest_subnormal
    assert raised_flags(uf.elu, np.concatenate([x, subnormal])) == set()


def test_real_underflow_of_the_gradient_is_reported(uf):
    assert raised_flags(uf.elu_grad, np.float32([-100])) == {"underflow"}
    assert raised_flags(uf.elu_grad, np.float64([-740])) == {"underflow"}
    assert raised_flags(uf.elu_grad, np.float32([-80])) == set()
    assert raised_flags(uf.elu_grad, np.float64([-700])) == set()


def test_errstate_turns_an_overflow_into_an_error(uf):
    x = np.float32([1, -3e38, 1])
    message = "overflow encountered in leaky_relu"
    with np.errstate(all="raise"), pytest.raises(FloatingPointError, match=message):
        uf.leaky_relu(x, 2)
    with pytest.warns(RuntimeWarning, match=message):
        uf.leaky_relu(x, negative_slope=2)
    with np.errstate(all="raise"):
        assert uf.leaky_relu(x).tolist() == [1, np.float32(-3e38) * np.float32(0.01), 1]


OF_ONE_INPUT = [name for name in oracle.COSTLY if oracle.INPUTS[name] == ("x",)]


@pytest.mark.parametrize("name", OF_ONE_INPUT)
def test_smooth_functions_of_any_number_underflow_at_most(uf, name):
    for dtype in oracle.FLOATS:
        info = finfo(np.dtype(dtype))
        largest = info.max / 2 if name == "selu" else info.max  # selu of that itself overflows
        ends = [0, info.smallest_subnormal, info.smallest_normal, info.eps, largest, np.inf]
        x = np.array([*ends, *np.geomspace(0.1, 2000, 50)], dtype)
        assert raised_flags(getattr(uf, name), np.concatenate([x, -x])) <= {"underflow"}
