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
    "clipped_relu",
    "clipped_relu_backward",
    "clipped_relu_grad",
    "elu",
    "elu_backward",
    "elu_backward_from_output",
    "elu_grad",
    "get_isa",
    "get_num_threads",
    "leaky_relu",
    "leaky_relu_backward",
    "leaky_relu_grad",
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
    "set_num_threads",
    "show_config",
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
# ufuncs: end

@type_check_only
class _Recycling(AbstractContextManager[None]):
    def __call__(self, function: _Function) -> _Function: ...
    def __exit__(self, *exception: object) -> None: ...

def prelu_vjp(dy: ArrayLike, x: ArrayLike, slope: ArrayLike) -> tuple[Any, Any]: ...
def recycle_outputs(max_bytes: SupportsIndex = ...) -> _Recycling: ...
def get_isa() -> Literal["scalar", "sse2", "avx2", "avx512", "neon"]: ...
def get_num_threads() -> int: ...
def set_num_threads(n: SupportsIndex) -> int: ...
@overload
def show_config(mode: Literal["stdout"] = "stdout") -> None: ...
@overload
def show_config(mode: Literal["dicts"]) -> dict[str, Any]: ...
