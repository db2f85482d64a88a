"""The caller's floating-point modes: never changed, and without a say in what is only selected."""

import platform
import sys
from itertools import cycle, product

import modes
import numpy as np
import oracle
import pytest
from cases import case
from doors import door
from kinds import SIGNATURES, SIGNATURES_AND_DTYPES, every_loop
from ml_dtypes import finfo
from processes import output, python
from samples import operands, signalling_nans

import relu_ufunc as ru
from relu_ufunc import _relu_ufunc, prelu_vjp
from relu_ufunc.testing import as_tuple, assert_same_bits, raised_flags

# These move or choose values: no operation rounds.
CHOOSING = [kernel.name for kernel in _relu_ufunc.KERNELS if kernel.error == 0]


def numbers_of_every_kind(name, dtype):
    """The usual operands; subnormal numbers of both signs, in every place, are among them."""
    rng = np.random.default_rng(0)
    tiny = rng.integers(-9, 10, 100).astype(dtype) * finfo(dtype).smallest_subnormal
    return [np.concatenate([a, rng.permutation(tiny), tiny]) for a in operands(name, dtype, 200)]


def test_the_modes_do_change():
    third, tiny = np.float32([1, -1]) / 3, np.full(2, 1e-310)
    with modes.mode("up"):
        assert (np.float32([1, -1]) / np.float32(3) > third).any()
    with modes.mode("subnormals to zero"):
        changed = modes.current()
        halved = tiny * 0.5
        assert halved.tobytes() == bytes(16)
    assert changed != modes.current()


@every_loop
@np.errstate(all="ignore")
def test_the_mode_stays_as_it_is(isas, name):
    for dtype in oracle.FLOATS:
        inputs = numbers_of_every_kind(name, dtype)
        for (isa, uf), mode in product(isas, modes.MODES):
            function = getattr(uf, name)
            with modes.mode(mode):
                before = modes.current()
                function(*inputs)
                function(*(a[::-2] for a in inputs))
                after = modes.current()
            assert after == before, (isa, dtype, mode)


@pytest.mark.parametrize("name", CHOOSING)
@np.errstate(all="ignore")
def test_what_is_chosen_does_not_depend_on_the_mode(isas, name):
    for (isa, uf), dtype in product(isas, oracle.FLOATS):
        function, inputs = getattr(uf, name), numbers_of_every_kind(name, dtype)
        if name in oracle.SELECTING and dtype != "g":
            inputs[0][:3] = signalling_nans(dtype)
        want = as_tuple(function(*inputs))
        for mode in modes.MODES:
            with modes.mode(mode):
                got = as_tuple(function(*inputs))
                raised = raised_flags(function, *inputs)
            with case(isa, dtype, mode):
                assert_same_bits(got, want)
                assert name not in oracle.SELECTING or raised == set()


@pytest.mark.parametrize("name", oracle.NAMES)
@np.errstate(all="ignore")
def test_float16_does_not_depend_on_subnormals_going_to_zero(isas, name):
    """Subnormal numbers of float16 are normal ones of float32, which it is computed in.

    An exponential may be subnormal there, and 0 then: it makes no difference but to an infinity.
    """
    inputs = [np.where(np.isinf(a), 2, a).astype("e") for a in numbers_of_every_kind(name, "e")]
    for isa, uf in isas:
        function = getattr(uf, name)
        want = as_tuple(function(*inputs))
        with modes.mode("subnormals to zero"):
            got = as_tuple(function(*inputs))
        assert_same_bits(got, want, isa)


# Numbers that take a rounding in one dtype or another, or that are subnormal in one.
NUMBERS = [0.1, -1 / 3, 1e-40, -1e-39, 1e-46, 3e-8, 5e-324, 1 + 2.0**-8 + 2.0**-30, 0.0, -0.0]
NUMBERS += [65519.9, 3.4028235677973362e38, np.inf, 2, 2**24 + 1, 2**60 + 1, -(2**53) - 1]
WITH_NUMBERS = [
    (name, dtype)
    for name, dtype in SIGNATURES_AND_DTYPES
    if len(oracle.OPERANDS[name]) > 1 and dtype in oracle.FLOATS
]
POINTS = [-2.0, -1e-3, 0.0, 0.5, -0.75, 3.0, -1.0]


@np.errstate(all="ignore")
def fits(number, dtype):
    return np.isinf(number) or not np.isinf(np.array(float(number), dtype))


def ways_to_call(function, dtype):
    """The ways of a call, by what they do with the inputs."""
    where = np.arange(len(POINTS)) % 3 != 1

    def outs():
        return tuple(np.full(len(POINTS), 77, dtype) for _ in range(function.nout))

    def strided(a):
        return np.repeat(a, 3)[::-3] if np.ndim(a) else a

    return {
        "new": lambda *inputs: function(*inputs),
        "out": lambda *inputs: function(*inputs, out=outs()),
        "where": lambda *inputs: function(*inputs, out=outs(), where=where),
        "strided": lambda *inputs: function(*map(strided, inputs)),
        "one": lambda *inputs: function(*(a[:1] if np.ndim(a) else a for a in inputs)),
    }


@pytest.mark.parametrize("direct", [True, False], ids=["direct", "numpy"])
@pytest.mark.parametrize(("name", "dtype"), WITH_NUMBERS)
@np.errstate(all="ignore")
def test_a_number_is_the_array_of_it_in_every_mode(name, dtype, direct):
    """In the place of each operand, in all modes; the ways to call take turns."""
    function, x = getattr(ru, name), np.array(POINTS, dtype)
    ways = cycle(ways_to_call(function, dtype).items())
    numbers = [n for n in NUMBERS if fits(n, dtype)]
    for number, at, mode in product(numbers, range(function.nin), modes.MODES):
        of_it = np.full(x.shape, float(number) if dtype == "bfloat16" else number, dtype)
        given, arrays = [x] * function.nin, [x] * function.nin
        given[at], arrays[at] = number, of_it
        if mode == modes.MODES[0]:
            next(ways)  # so that each mode meets them all
        label, way = next(ways)
        at_rest = as_tuple(way(*arrays))
        with modes.mode(mode), door(direct):
            before = modes.current()
            got, want = as_tuple(way(*given)), as_tuple(way(*arrays))
            after = modes.current()
        with case(number, at, mode, label):
            assert after == before
            assert_same_bits(got, want)
            if name in CHOOSING:
                assert_same_bits(got, at_rest)


@pytest.mark.parametrize(
    ("name", "dtype"), [loop for loop in WITH_NUMBERS if oracle.PARAMETERS[loop[0]]]
)
@np.errstate(all="ignore")
def test_a_parameter_however_it_is_given_is_the_same_in_every_mode(name, dtype):
    for mode, direct in product(modes.MODES, (True, False)):
        with case(mode, "direct" if direct else "numpy"):
            assert_same_however_it_is_given(name, dtype, direct, mode)


def assert_same_however_it_is_given(name, dtype, direct, mode):
    function, parameters = getattr(ru, name), oracle.PARAMETERS[name]
    inputs, slope = [np.array(POINTS, dtype)] * len(oracle.INPUTS[name]), np.array(-0.1, dtype)
    standard = [np.array(-0.1 if d is None else d, dtype) for d in parameters.values()]
    needed = [value for value in parameters.values() if value is None]
    with modes.mode(mode), door(direct):
        want = function(*inputs, *[slope] * len(parameters))
        by_keyword = function(*inputs, **dict.fromkeys(parameters, -0.1))
        types = {"signature": (np.dtype(dtype),) * function.nargs, "casting": "unsafe"}
        by_list = function(*inputs, **{p: [-0.1] for p in parameters}, **types)
        left_out = function(*inputs, *[-0.1] * len(needed))
        given = function(*inputs, *standard)
    assert_same_bits(as_tuple(by_keyword), as_tuple(want))
    assert_same_bits(as_tuple(by_list), as_tuple(want))
    assert_same_bits(as_tuple(left_out), as_tuple(given))


@pytest.mark.parametrize("direct", [True, False], ids=["direct", "numpy"])
@pytest.mark.parametrize("name", [name for name in SIGNATURES if name in CHOOSING])
@np.errstate(all="ignore")
def test_what_is_cast_first_is_the_same_in_every_mode(name, direct):
    """Arrays and lists of other dtypes, and outputs of one."""
    function = getattr(ru, name)
    wide = np.array([0.1, -1e-40, 1e-46, 1 / 3, -(2.0**-126)])
    swapped = wide.astype("f").astype(np.dtype("f").newbyteorder())

    def call():
        inputs = [wide] * function.nin
        outs = tuple(np.empty(wide.shape, "f") for _ in range(function.nout))
        return (
            *as_tuple(function(*inputs, dtype="f")),
            *as_tuple(function(*(a.tolist() for a in inputs), dtype="f")),
            *as_tuple(function(*inputs, out=outs)),
            *as_tuple(function(*[swapped] * function.nin)),
            *as_tuple(function(*np.broadcast_arrays(*inputs), dtype="e")),
        )

    want = call()
    for mode in modes.MODES:
        with modes.mode(mode), door(direct):
            got = call()
        assert_same_bits(got, want, mode)


@pytest.mark.parametrize("mode", modes.MODES)
@np.errstate(all="ignore")
def test_methods_convert_numbers_alike_in_every_mode(mode):
    x, grad, number = np.array(POINTS, "f"), ru.leaky_relu_grad, np.float32(0.1)

    def at(*parameter, **keyword):
        a = x.copy()
        grad.at(a, [0, 2, 4], *parameter, **keyword)
        return a

    def made(value):
        return (
            at(value),
            at(negative_slope=value),
            grad.outer(x, [value], dtype="f"),
            grad.outer(x, value),
            grad.reduce(x[:0], initial=value, keepdims=True),
            grad.accumulate(np.full(3, value), dtype="f"),
            grad.reduceat(np.full(3, value), [0, 1], dtype="f"),
        )

    want, default = made(number), np.float32(0.01)
    with modes.mode(mode):
        before = modes.current()
        got, left_out = made(0.1), (at(), grad.outer(x))
        assert modes.current() == before
    assert_same_bits(got, want)
    assert_same_bits(left_out, (at(default), grad.outer(x, default)))


@pytest.mark.parametrize("mode", modes.MODES)
def test_errors_leave_the_mode_as_it_is(mode):
    x = np.float32([-1e38, 2])
    with modes.mode(mode):
        before = modes.current()
        calls = [
            lambda: ru.elu(x, "1"),
            lambda: ru.elu(x, np.ones(3, "f")),
            lambda: ru.elu(x, 0.5, out=0.5),
            lambda: ru.leaky_relu(x, 1e30, where=True),
            lambda: ru.elu.at(x, [5]),
            lambda: ru.elu.outer(x, "1"),
        ]
        for call in calls:
            expected = (TypeError, ValueError, FloatingPointError, IndexError)
            with pytest.raises(expected), np.errstate(all="raise"):
                call()
            assert modes.current() == before


@pytest.mark.parametrize("mode", modes.MODES)
@pytest.mark.parametrize("direct", [True, False], ids=["direct", "numpy"])
def test_overrides_run_in_the_callers_mode(direct, mode):
    x, slope, seen = np.float32([-1 / 3, 2, -1 / 7]), np.float32(0.1), []

    class Overrider:
        def __array_ufunc__(self, ufunc, method, *inputs, out=None, where=True):
            seen.append(modes.current())
            return getattr(ufunc, method)(x, 0.1)

    ours = Overrider()
    with modes.mode(mode), door(direct):
        before, want = modes.current(), ru.leaky_relu(x, slope)
        got = (
            ru.leaky_relu(ours),
            ru.leaky_relu(x, ours),
            ru.leaky_relu(x, negative_slope=ours),
            ru.leaky_relu(x, out=(ours,)),
            ru.leaky_relu(x, 0.1, out=x.copy(), where=ours),
        )
        outer = ru.leaky_relu.outer(ours, 0.1)
    assert seen == [before] * 6
    assert_same_bits(got, (want,) * 5)
    assert_same_bits(outer, got[0])


@pytest.mark.parametrize("mode", modes.MODES)
def test_code_that_a_call_runs_on_its_way_gets_one_answer(mode):
    """In `__array__`, say: there, a call of ours gives the same by both doors."""
    x, got = np.float32([-1 / 3, 2, -1 / 7]), []

    class Arraylike:
        def __array__(self, dtype=None, copy=None):
            for direct in (True, False):
                with door(direct):
                    got.append(ru.leaky_relu(x, 0.1))
            return x

    with modes.mode(mode):
        want = ru.elu(x)
        after = ru.elu(Arraylike())
    assert_same_bits(got[0], got[1])
    assert_same_bits(after, want)


@pytest.mark.parametrize("mode", modes.MODES)
def test_errors_are_reported_in_every_mode(uf, mode):
    """Those of the kernel, by NumPy's door as by the direct one."""
    x = np.float32([-1e38, 1])
    with modes.mode(mode):
        for direct in (True, False):
            with door(direct):
                assert raised_flags(uf.leaky_relu, x, 1e3) == {"overflow"}
                assert raised_flags(uf.leaky_relu, x, 0.5) == set()
                assert raised_flags(uf.leaky_relu, x, [1e3], dtype="f") == {"overflow"}


@pytest.mark.parametrize("mode", modes.MODES)
def test_prelu_vjp_converts_numbers_alike(mode):
    dy, x = np.ones(3, "f"), np.full(3, -1, "f")
    for slope in (0.1, 1e-40, 3):
        array = np.full(1, slope, "f")[0]  # converted here, to nearest
        with modes.mode(mode):
            got = prelu_vjp(dy, x, slope)
            same = prelu_vjp(dy, x, array)
        assert_same_bits(got, same)


TRAPPED = """
import ctypes, ctypes.util, sys
sys.path[:0] = {path!r}
import numpy as np, oracle, relu_ufunc
from relu_ufunc.testing import raised_flags
libm = ctypes.CDLL(ctypes.util.find_library("m"))
flags, calls = 1 | 4 | 8 | 16, 0
for name in dict.fromkeys([*oracle.FAST, *oracle.BRIEF, *oracle.SHORT]):
    function, count = getattr(relu_ufunc, name), len(oracle.INPUTS[name])
    for number in np.array({numbers!r}, {dtype!r}):
        operands = [np.full(64, number)] * count
        if not raised_flags(function, *operands):
            print(name, number, flush=True)
            libm.feenableexcept(flags)
            function(*operands)
            libm.fedisableexcept(flags)
            calls += 1
print(calls)
"""


@pytest.mark.parametrize("dtype", ["f", "e"])
def test_flags_that_trap(dtype):
    """A number of which a function raises no flag raises none on the way to its result either.

    A trap ends the process: then the last line that is printed names the call.
    """
    if modes.MACHINE != "x86_64" or platform.libc_ver()[0] != "glibc":
        pytest.skip("traps are set by glibc, for x86-64 here")
    most = 128 if dtype == "f" else 15
    numbers = np.outer([1, -1], np.ldexp(1.37, np.arange(-14, most))).ravel().tolist()
    code = TRAPPED.format(path=sys.path, numbers=[*numbers, 89, -89], dtype=dtype)
    assert int(output(python("-c", code)).splitlines()[-1]) > 200
