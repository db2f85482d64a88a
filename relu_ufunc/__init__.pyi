# mypy: disable-error-code="overload-overlap"
# pyright: reportOverlappingOverload=false
# A number may be passed for an array: the first call that fits is meant.

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any, Final, Literal, SupportsIndex, TypeVar, overload, type_check_only

import numpy as np
from numpy.typing import NDArray

from . import _ufuncs
from . import testing as testing
from ._ufuncs import Reals, Scalar

_Function = TypeVar("_Function", bound=Callable[..., Any])

# names: begin
__all__ = [
    "__version__",
    "add_relu",
    "add_relu_backward",
    "backward_of",
    "celu",
    "celu_backward",
    "celu_grad",
    "clipped_relu",
    "clipped_relu_backward",
    "clipped_relu_grad",
    "elu",
    "elu_backward",
    "elu_backward_from_output",
    "elu_grad",
    "geglu",
    "geglu_backward",
    "geglu_tanh",
    "geglu_tanh_backward",
    "gelu",
    "gelu_backward",
    "gelu_grad",
    "gelu_tanh",
    "gelu_tanh_backward",
    "gelu_tanh_grad",
    "get_include",
    "get_isa",
    "get_num_threads",
    "glu",
    "glu_backward",
    "grad_of",
    "hardsigmoid",
    "hardsigmoid_backward",
    "hardsigmoid_grad",
    "hardswish",
    "hardswish_backward",
    "hardswish_grad",
    "leaky_relu",
    "leaky_relu_backward",
    "leaky_relu_grad",
    "mish",
    "mish_backward",
    "mish_grad",
    "prelu",
    "prelu_backward",
    "prelu_grad",
    "prelu_vjp",
    "recycle_outputs",
    "reglu",
    "reglu_backward",
    "relu",
    "relu6",
    "relu6_backward",
    "relu6_grad",
    "relu_backward",
    "relu_grad",
    "relu_squared",
    "relu_squared_backward",
    "relu_squared_grad",
    "selu",
    "selu_backward",
    "selu_grad",
    "set_num_threads",
    "show_config",
    "sigmoid",
    "sigmoid_backward",
    "sigmoid_grad",
    "silu",
    "silu_backward",
    "silu_grad",
    "softplus",
    "softplus_backward",
    "softplus_grad",
    "swiglu",
    "swiglu_backward",
    "thresholded_relu",
    "thresholded_relu_backward",
    "thresholded_relu_grad",
    "vjp",
]
# names: end

__version__: Final[str]

# ufuncs: begin
relu: Final[_ufuncs.NumbersX]
relu_grad: Final[_ufuncs.NumbersX]
relu_backward: Final[_ufuncs.NumbersDyX]
relu6: Final[_ufuncs.NumbersX]
relu6_grad: Final[_ufuncs.NumbersX]
relu6_backward: Final[_ufuncs.NumbersDyX]
clipped_relu: Final[_ufuncs.NumbersXMaxValue]
clipped_relu_grad: Final[_ufuncs.NumbersXMaxValue]
clipped_relu_backward: Final[_ufuncs.NumbersDyXMaxValue]
thresholded_relu: Final[_ufuncs.NumbersXTheta]
thresholded_relu_grad: Final[_ufuncs.NumbersXTheta]
thresholded_relu_backward: Final[_ufuncs.NumbersDyXTheta]
relu_squared: Final[_ufuncs.NumbersX]
relu_squared_grad: Final[_ufuncs.NumbersX]
relu_squared_backward: Final[_ufuncs.NumbersDyX]
add_relu: Final[_ufuncs.NumbersXY]
add_relu_backward: Final[_ufuncs.NumbersDyXY]
reglu: Final[_ufuncs.NumbersGateUp]
reglu_backward: Final[_ufuncs.NumbersDyGateUpPair]
leaky_relu: Final[_ufuncs.FloatsXNegativeSlope]
leaky_relu_grad: Final[_ufuncs.FloatsXNegativeSlope]
leaky_relu_backward: Final[_ufuncs.FloatsDyXNegativeSlope]
prelu: Final[_ufuncs.FloatsXSlope]
prelu_grad: Final[_ufuncs.FloatsXSlopePair]
prelu_backward: Final[_ufuncs.FloatsDyXSlopePair]
elu: Final[_ufuncs.FloatsXAlpha]
elu_grad: Final[_ufuncs.FloatsXAlpha]
elu_backward: Final[_ufuncs.FloatsDyXAlpha]
elu_backward_from_output: Final[_ufuncs.FloatsDyYAlpha]
sigmoid: Final[_ufuncs.FloatsX]
sigmoid_grad: Final[_ufuncs.FloatsX]
sigmoid_backward: Final[_ufuncs.FloatsDyX]
silu: Final[_ufuncs.FloatsXBeta]
silu_grad: Final[_ufuncs.FloatsXBeta]
silu_backward: Final[_ufuncs.FloatsDyXBeta]
glu: Final[_ufuncs.FloatsGateUp]
glu_backward: Final[_ufuncs.FloatsDyGateUpPair]
swiglu: Final[_ufuncs.FloatsGateUpBeta]
swiglu_backward: Final[_ufuncs.FloatsDyGateUpBetaPair]
softplus: Final[_ufuncs.FloatsXBeta]
softplus_grad: Final[_ufuncs.FloatsXBeta]
softplus_backward: Final[_ufuncs.FloatsDyXBeta]
mish: Final[_ufuncs.FloatsX]
mish_grad: Final[_ufuncs.FloatsX]
mish_backward: Final[_ufuncs.FloatsDyX]
selu: Final[_ufuncs.FloatsX]
selu_grad: Final[_ufuncs.FloatsX]
selu_backward: Final[_ufuncs.FloatsDyX]
celu: Final[_ufuncs.FloatsXAlpha]
celu_grad: Final[_ufuncs.FloatsXAlpha]
celu_backward: Final[_ufuncs.FloatsDyXAlpha]
gelu: Final[_ufuncs.FloatsX]
gelu_grad: Final[_ufuncs.FloatsX]
gelu_backward: Final[_ufuncs.FloatsDyX]
gelu_tanh: Final[_ufuncs.FloatsX]
gelu_tanh_grad: Final[_ufuncs.FloatsX]
gelu_tanh_backward: Final[_ufuncs.FloatsDyX]
geglu: Final[_ufuncs.FloatsGateUp]
geglu_backward: Final[_ufuncs.FloatsDyGateUpPair]
geglu_tanh: Final[_ufuncs.FloatsGateUp]
geglu_tanh_backward: Final[_ufuncs.FloatsDyGateUpPair]
hardswish: Final[_ufuncs.FloatsX]
hardswish_grad: Final[_ufuncs.FloatsX]
hardswish_backward: Final[_ufuncs.FloatsDyX]
hardsigmoid: Final[_ufuncs.FloatsXAlphaBeta]
hardsigmoid_grad: Final[_ufuncs.FloatsXAlphaBeta]
hardsigmoid_backward: Final[_ufuncs.FloatsDyXAlphaBeta]
# ufuncs: end

@type_check_only
class _Recycling(AbstractContextManager[None]):
    def __call__(self, function: _Function) -> _Function: ...
    def __exit__(self, *exception: object) -> None: ...

def backward_of(f: np.ufunc) -> np.ufunc: ...
def grad_of(f: np.ufunc) -> np.ufunc: ...
def vjp(f: np.ufunc) -> Callable[..., tuple[Any, ...]]: ...
@overload
def prelu_vjp(dy: Scalar, x: Scalar, slope: Scalar) -> tuple[np.floating, np.floating]: ...
@overload
def prelu_vjp(dy: Reals, x: Reals, slope: Scalar) -> tuple[NDArray[Any], np.floating]: ...
@overload
def prelu_vjp(dy: Reals, x: Reals, slope: Reals) -> tuple[NDArray[Any], NDArray[Any]]: ...
def recycle_outputs(max_bytes: SupportsIndex = ...) -> _Recycling: ...
def get_include() -> str: ...
def get_isa() -> Literal["scalar", "sse2", "avx2", "avx512", "neon"]: ...
def get_num_threads() -> int: ...
def set_num_threads(n: SupportsIndex) -> int: ...
@overload
def show_config(mode: Literal["stdout"] = "stdout") -> None: ...
@overload
def show_config(mode: Literal["dicts"]) -> dict[str, Any]: ...
