"""What is measured, by the declarations of the kernels beside their formulas, in src/kernels/."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from relu_ufunc import _relu_ufunc
from relu_ufunc._signatures import operands, parameters

from .numpy_code import numpy_function

REQUIRED = 0.25  # for a parameter that has no default
REQUIRED_OF_NUMBERS = 3  # where integers have it too
# with a fast part of float32
BRIEF_LOOPS = ("brief", "brief_at_defaults", "brief_product")
FAST_LOOPS = ("fast", "fast_at_1", "fast_product", "fast_product_at_1")
ROUNDINGS = 16  # of the NumPy code, for each of relu_ufunc's


@dataclass(frozen=True)
class Function:
    """A function of relu_ufunc: what it takes and gives.

    arrays       the inputs of full size, by name
    defaults     the inputs behind them, parameters, by name; None where one may not be left out
    ulp          how far the NumPy code and relu_ufunc may lie apart
    make_numpy   makes the NumPy code that it replaces
    required     a number for a parameter that may not be left out
    constants    whether there are some in the NumPy code, where they are doubles whatever the dtype
    """

    arrays: tuple[str, ...]
    defaults: dict[str, float | None]
    nout: int
    ulp: float
    make_numpy: Callable
    required: float = REQUIRED
    constants: bool = False

    @property
    def inputs(self):
        """The names of all inputs, in their order."""
        return (*self.arrays, *self.defaults)

    @property
    def numbers(self):
        """A number for each parameter."""
        given = self.defaults.items()
        return {name: self.required if default is None else default for name, default in given}

    @cached_property
    def numpy(self):
        return self.make_numpy()


def function_of(kernel):
    defaults = parameters(kernel)
    arrays = tuple(name for name in operands(kernel) if name not in defaults)
    ulp = ROUNDINGS * kernel.error
    required = REQUIRED_OF_NUMBERS if kernel.elements == "numbers" else REQUIRED
    return Function(
        arrays,
        defaults,
        kernel.nout,
        ulp,
        lambda: numpy_function(kernel),
        required,
        kernel.loop in ("costly", "product", *BRIEF_LOOPS, *FAST_LOOPS),
    )


def prelu_vjp(dy, x, slope):
    dx, dslope = FUNCTIONS["prelu_backward"].numpy(dy, x, slope)
    shape = (1,) * (x.ndim - np.ndim(slope)) + np.shape(slope)
    axes = tuple(axis for axis, length in enumerate(shape) if length == 1)
    return dx, dslope.sum(axis=axes).reshape(np.shape(slope))


KERNELS = {kernel.name: kernel for kernel in _relu_ufunc.KERNELS}
FUNCTIONS = {name: function_of(kernel) for name, kernel in KERNELS.items()}
# A function, not a ufunc; NumPy's sums round at every step.
FUNCTIONS["prelu_vjp"] = replace(
    FUNCTIONS["prelu_backward"], ulp=2**10, make_numpy=lambda: prelu_vjp
)

UFUNCS = tuple(KERNELS)
PARAMETRIC = tuple(name for name in UFUNCS if FUNCTIONS[name].defaults)
INTEGER_UFUNCS = tuple(name for name, kernel in KERNELS.items() if kernel.elements == "numbers")
GATED = tuple(name for name in UFUNCS if "gate" in FUNCTIONS[name].arrays)
BRANCHING = tuple(name for name, kernel in KERNELS.items() if kernel.loop == "branch")
FAST = tuple(
    name for name, kernel in KERNELS.items() if kernel.loop in FAST_LOOPS or name in BRANCHING
)
