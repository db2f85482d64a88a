from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any, Final, Literal, SupportsIndex, TypeVar, overload, type_check_only

import numpy as np
from numpy.typing import ArrayLike

from . import testing as testing

_Function = TypeVar("_Function", bound=Callable[..., Any])

# names: begin
__all__ = [
    "__version__",
    "add_relu",
    "add_relu_backward",
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
]
# names: end

__version__: Final[str]

# ufuncs: begin
relu: Final[np.ufunc]
relu_grad: Final[np.ufunc]
relu_backward: Final[np.ufunc]
relu6: Final[np.ufunc]
relu6_grad: Final[np.ufunc]
relu6_backward: Final[np.ufunc]
clipped_relu: Final[np.ufunc]
clipped_relu_grad: Final[np.ufunc]
clipped_relu_backward: Final[np.ufunc]
thresholded_relu: Final[np.ufunc]
thresholded_relu_grad: Final[np.ufunc]
thresholded_relu_backward: Final[np.ufunc]
relu_squared: Final[np.ufunc]
relu_squared_grad: Final[np.ufunc]
relu_squared_backward: Final[np.ufunc]
add_relu: Final[np.ufunc]
add_relu_backward: Final[np.ufunc]
reglu: Final[np.ufunc]
reglu_backward: Final[np.ufunc]
leaky_relu: Final[np.ufunc]
leaky_relu_grad: Final[np.ufunc]
leaky_relu_backward: Final[np.ufunc]
prelu: Final[np.ufunc]
prelu_grad: Final[np.ufunc]
prelu_backward: Final[np.ufunc]
elu: Final[np.ufunc]
elu_grad: Final[np.ufunc]
elu_backward: Final[np.ufunc]
elu_backward_from_output: Final[np.ufunc]
sigmoid: Final[np.ufunc]
sigmoid_grad: Final[np.ufunc]
sigmoid_backward: Final[np.ufunc]
silu: Final[np.ufunc]
silu_grad: Final[np.ufunc]
silu_backward: Final[np.ufunc]
glu: Final[np.ufunc]
glu_backward: Final[np.ufunc]
swiglu: Final[np.ufunc]
swiglu_backward: Final[np.ufunc]
softplus: Final[np.ufunc]
softplus_grad: Final[np.ufunc]
softplus_backward: Final[np.ufunc]
mish: Final[np.ufunc]
mish_grad: Final[np.ufunc]
mish_backward: Final[np.ufunc]
selu: Final[np.ufunc]
selu_grad: Final[np.ufunc]
selu_backward: Final[np.ufunc]
celu: Final[np.ufunc]
celu_grad: Final[np.ufunc]
celu_backward: Final[np.ufunc]
gelu: Final[np.ufunc]
gelu_grad: Final[np.ufunc]
gelu_backward: Final[np.ufunc]
gelu_tanh: Final[np.ufunc]
gelu_tanh_grad: Final[np.ufunc]
gelu_tanh_backward: Final[np.ufunc]
geglu: Final[np.ufunc]
geglu_backward: Final[np.ufunc]
geglu_tanh: Final[np.ufunc]
geglu_tanh_backward: Final[np.ufunc]
hardswish: Final[np.ufunc]
hardswish_grad: Final[np.ufunc]
hardswish_backward: Final[np.ufunc]
hardsigmoid: Final[np.ufunc]
hardsigmoid_grad: Final[np.ufunc]
hardsigmoid_backward: Final[np.ufunc]
# ufuncs: end

@type_check_only
class _Recycling(AbstractContextManager[None]):
    def __call__(self, function: _Function) -> _Function: ...
    def __exit__(self, *exception: object) -> None: ...

def prelu_vjp(dy: ArrayLike, x: ArrayLike, slope: ArrayLike) -> tuple[Any, Any]: ...
def recycle_outputs(max_bytes: SupportsIndex = ...) -> _Recycling: ...
def get_include() -> str: ...
def get_isa() -> Literal["scalar", "sse2", "avx2", "avx512", "neon"]: ...
def get_num_threads() -> int: ...
def set_num_threads(n: SupportsIndex) -> int: ...
@overload
def show_config(mode: Literal["stdout"] = "stdout") -> None: ...
@overload
def show_config(mode: Literal["dicts"]) -> dict[str, Any]: ...
