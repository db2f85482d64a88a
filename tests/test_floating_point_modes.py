"""The caller's floating-point modes: never changed, and without a say in what is only selected."""

import modes
import numpy as np
import oracle
import pytest
from ml_dtypes import finfo
from samples import operands, signalling_nans

from relu_ufunc import _relu_ufunc
from relu_ufunc.testing import as_tuple, assert_same_bits, raised_flags

# These move or choose values: no operation rounds.
CHOOSING = [kernel.name for kernel in _relu_ufunc.KERNELS if kernel.error == 0]
LOOPS = [(name, dtype) for name, dtype in oracle.LOOPS if dtype in oracle.FLOATS]


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


@pytest.mark.parametrize("mode", modes.MODES)
@pytest.mark.parametrize(("name", "dtype"), LOOPS)
def test_the_mode_stays_as_it_is(uf, name, dtype, mode):
    function, inputs = getattr(uf, name), numbers_of_every_kind(name, dtype)
    with modes.mode(mode), np.errstate(all="ignore"):
        before = modes.current()
        function(*inputs)
        function(*(a[::-2] for a in inputs))
        after = modes.current()
    assert after == before


@pytest.mark.parametrize("mode", modes.MODES)
@pytest.mark.parametrize(("name", "dtype"), [loop for loop in LOOPS if loop[0] in CHOOSING])
def test_what_is_chosen_does_not_depend_on_the_mode(uf, name, dtype, mode):
    function, inputs = getattr(uf, name), numbers_of_every_kind(name, dtype)
    if name in oracle.SELECTING and dtype != "g":
        inputs[0][:3] = signalling_nans(dtype)
    with np.errstate(all="ignore"):
        want = as_tuple(function(*inputs))
        with modes.mode(mode):
            got = as_tuple(function(*inputs))
    assert_same_bits(got, want)
    if name in oracle.SELECTING:
        with modes.mode(mode):
            raised = raised_flags(function, *inputs)
        assert raised == set()


@pytest.mark.parametrize("name", oracle.NAMES)
@np.errstate(all="ignore")
def test_float16_does_not_depend_on_subnormals_going_to_zero(uf, name):
    """Subnormal numbers of float16 are normal ones of float32, which it is computed in."""
    function, inputs = getattr(uf, name), numbers_of_every_kind(name, "e")
    want = as_tuple(function(*inputs))
    with modes.mode("subnormals to zero"):
        got = as_tuple(function(*inputs))
    assert_same_bits(got, want)
