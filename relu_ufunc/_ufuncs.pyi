"""The types of the ufuncs, for type checkers alone: there is no such module when a program runs.

Each class says how the ufuncs of one signature are called. `Numbers…` take integers as they are,
`Floats…` make floats of them. Arrays are typed as those of `numpy.exp`: their dtype is left open,
since it follows from all the operands.
"""

# mypy: disable-error-code="misc, overload-overlap"
# pyright: reportGeneralTypeIssues=false, reportOverlappingOverload=false
# pyright: reportIncompatibleMethodOverride=false
# NumPy calls its class final, for programs. And an int may be passed for a float, a number for an
# array: the first call that fits is meant.

from collections.abc import Iterator
from typing import Any, Literal, Protocol, TypeAlias, TypedDict, Unpack, overload, type_check_only

import numpy as np
from numpy.typing import DTypeLike, NDArray
from typing_extensions import TypeVar

T = TypeVar("T", covariant=True)
# The array that the output is written to, a new one by default.
Out = TypeVar("Out", bound=np.ndarray[Any, Any], default=NDArray[Any])
Out2 = TypeVar("Out2", bound=np.ndarray[Any, Any], default=NDArray[Any])
Single: TypeAlias = Out | tuple[Out | None] | None
Pair: TypeAlias = tuple[Out | None, Out2 | None] | None

@type_check_only
class Nest(Protocol[T]):
    """A sequence of sequences, however deep.

    No string is one, since it can't be asked for just any object; nor is an array, which has no
    method to run through it backwards.
    """
    def __len__(self) -> int: ...
    def __getitem__(self, index: int, /) -> T | Nest[T]: ...
    def __contains__(self, item: object, /) -> bool: ...
    def __reversed__(self) -> Iterator[object]: ...

Real: TypeAlias = np.floating | np.integer | np.bool
Scalar: TypeAlias = float | Real

@type_check_only
class RealArray(Protocol):
    """An array of real numbers, or what NumPy makes one of."""
    def __array__(self) -> np.ndarray[Any, np.dtype[Real]]: ...

@type_check_only
class Overrides(Protocol):
    """What computes ufuncs by itself, as do the types of pandas, xarray and Dask.

    NumPy's own arrays do not count: they take certain methods, and not any string.
    """
    def __array_ufunc__(self, ufunc: Any, method: str, /, *inputs: Any, **kwargs: Any) -> Any: ...

Reals: TypeAlias = Scalar | RealArray | Nest[Scalar | RealArray]

class Plain(TypedDict, total=False):
    casting: Literal["no", "equiv", "safe", "same_kind", "unsafe"]
    order: Literal["K", "A", "C", "F"]
    subok: bool

class Typed(Plain, total=False):
    dtype: DTypeLike | None
    signature: str | tuple[DTypeLike | None, ...]

Bools: TypeAlias = bool | np.bool | NDArray[np.bool]

class Options(Typed, total=False):
    where: Bools | Nest[Bools]

@type_check_only
class Ufunc(np.ufunc):
    """A ufunc whose methods take parameters as a call does."""
    def at(self, *args: Any, **kwargs: Any) -> None: ...
    def outer(self, *args: Any, **kwargs: Any) -> Any: ...

# classes: begin

@type_check_only
class FloatsDyGateUpBetaPair(Ufunc):
    @overload
    def __call__(
        self,
        dy: Scalar,
        gate: Scalar,
        up: Scalar,
        /,
        beta: Scalar = 1.0,
        out: None = None,
        **options: Unpack[Typed],
    ) -> tuple[np.floating, np.floating]: ...
    @overload
    def __call__(
        self,
        dy: Overrides,
        gate: Any,
        up: Any,
        /,
        beta: Any = 1.0,
        out: Any = None,
        **options: Unpack[Options],
    ) -> Any: ...
    @overload
    def __call__(
        self,
        dy: Reals,
        gate: Reals,
        up: Reals,
        /,
        beta: Reals = 1.0,
        out: Pair[Out, Out2] = None,
        **options: Unpack[Options],
    ) -> tuple[Out, Out2]: ...

@type_check_only
class FloatsDyGateUpPair(Ufunc):
    @overload
    def __call__(
        self, dy: Scalar, gate: Scalar, up: Scalar, /, out: None = None, **options: Unpack[Typed]
    ) -> tuple[np.floating, np.floating]: ...
    @overload
    def __call__(
        self, dy: Overrides, gate: Any, up: Any, /, out: Any = None, **options: Unpack[Options]
    ) -> Any: ...
    @overload
    def __call__(
        self,
        dy: Reals,
        gate: Reals,
        up: Reals,
        /,
        out: Pair[Out, Out2] = None,
        **options: Unpack[Options],
    ) -> tuple[Out, Out2]: ...

@type_check_only
class FloatsDyX(Ufunc):
    @overload
    def __call__(
        self, dy: Scalar, x: Scalar, /, out: None = None, **options: Unpack[Typed]
    ) -> np.floating: ...
    @overload
    def __call__(
        self, dy: Overrides, x: Any, /, out: Any = None, **options: Unpack[Options]
    ) -> Any: ...
    @overload
    def __call__(
        self, dy: Reals, x: Reals, /, out: Single[Out] = None, **options: Unpack[Options]
    ) -> Out: ...

@type_check_only
class FloatsDyXAlpha(Ufunc):
    @overload
    def __call__(
        self,
        dy: Scalar,
        x: Scalar,
        /,
        alpha: Scalar = 1.0,
        out: None = None,
        **options: Unpack[Typed],
    ) -> np.floating: ...
    @overload
    def __call__(
        self,
        dy: Overrides,
        x: Any,
        /,
        alpha: Any = 1.0,
        out: Any = None,
        **options: Unpack[Options],
    ) -> Any: ...
    @overload
    def __call__(
        self,
        dy: Reals,
        x: Reals,
        /,
        alpha: Reals = 1.0,
        out: Single[Out] = None,
        **options: Unpack[Options],
    ) -> Out: ...

@type_check_only
class FloatsDyXAlphaBeta(Ufunc):
    @overload
    def __call__(
        self,
        dy: Scalar,
        x: Scalar,
        /,
        alpha: Scalar = 0.16666666666666666,
        beta: Scalar = 0.5,
        out: None = None,
        **options: Unpack[Typed],
    ) -> np.floating: ...
    @overload
    def __call__(
        self,
        dy: Overrides,
        x: Any,
        /,
        alpha: Any = 0.16666666666666666,
        beta: Any = 0.5,
        out: Any = None,
        **options: Unpack[Options],
    ) -> Any: ...
    @overload
    def __call__(
        self,
        dy: Reals,
        x: Reals,
        /,
        alpha: Reals = 0.16666666666666666,
        beta: Reals = 0.5,
        out: Single[Out] = None,
        **options: Unpack[Options],
    ) -> Out: ...

@type_check_only
class FloatsDyXBeta(Ufunc):
    @overload
    def __call__(
        self,
        dy: Scalar,
        x: Scalar,
        /,
        beta: Scalar = 1.0,
        out: None = None,
        **options: Unpack[Typed],
    ) -> np.floating: ...
    @overload
    def __call__(
        self, dy: Overrides, x: Any, /, beta: Any = 1.0, out: Any = None, **options: Unpack[Options]
    ) -> Any: ...
    @overload
    def __call__(
        self,
        dy: Reals,
        x: Reals,
        /,
        beta: Reals = 1.0,
        out: Single[Out] = None,
        **options: Unpack[Options],
    ) -> Out: ...

@type_check_only
class FloatsDyXNegativeSlope(Ufunc):
    @overload
    def __call__(
        self,
        dy: Scalar,
        x: Scalar,
        /,
        negative_slope: Scalar = 0.01,
        out: None = None,
        **options: Unpack[Typed],
    ) -> np.floating: ...
    @overload
    def __call__(
        self,
        dy: Overrides,
        x: Any,
        /,
        negative_slope: Any = 0.01,
        out: Any = None,
        **options: Unpack[Options],
    ) -> Any: ...
    @overload
    def __call__(
        self,
        dy: Reals,
        x: Reals,
        /,
        negative_slope: Reals = 0.01,
        out: Single[Out] = None,
        **options: Unpack[Options],
    ) -> Out: ...

@type_check_only
class FloatsDyXSlopePair(Ufunc):
    @overload
    def __call__(
        self, dy: Scalar, x: Scalar, /, slope: Scalar, out: None = None, **options: Unpack[Typed]
    ) -> tuple[np.floating, np.floating]: ...
    @overload
    def __call__(
        self, dy: Overrides, x: Any, /, slope: Any, out: Any = None, **options: Unpack[Options]
    ) -> Any: ...
    @overload
    def __call__(
        self,
        dy: Reals,
        x: Reals,
        /,
        slope: Reals,
        out: Pair[Out, Out2] = None,
        **options: Unpack[Options],
    ) -> tuple[Out, Out2]: ...

@type_check_only
class FloatsDyYAlpha(Ufunc):
    @overload
    def __call__(
        self,
        dy: Scalar,
        y: Scalar,
        /,
        alpha: Scalar = 1.0,
        out: None = None,
        **options: Unpack[Typed],
    ) -> np.floating: ...
    @overload
    def __call__(
        self,
        dy: Overrides,
        y: Any,
        /,
        alpha: Any = 1.0,
        out: Any = None,
        **options: Unpack[Options],
    ) -> Any: ...
    @overload
    def __call__(
        self,
        dy: Reals,
        y: Reals,
        /,
        alpha: Reals = 1.0,
        out: Single[Out] = None,
        **options: Unpack[Options],
    ) -> Out: ...

@type_check_only
class FloatsGateUp(Ufunc):
    @overload
    def __call__(
        self, gate: Scalar, up: Scalar, /, out: None = None, **options: Unpack[Typed]
    ) -> np.floating: ...
    @overload
    def __call__(
        self, gate: Overrides, up: Any, /, out: Any = None, **options: Unpack[Options]
    ) -> Any: ...
    @overload
    def __call__(
        self, gate: Reals, up: Reals, /, out: Single[Out] = None, **options: Unpack[Options]
    ) -> Out: ...

@type_check_only
class FloatsGateUpBeta(Ufunc):
    @overload
    def __call__(
        self,
        gate: Scalar,
        up: Scalar,
        /,
        beta: Scalar = 1.0,
        out: None = None,
        **options: Unpack[Typed],
    ) -> np.floating: ...
    @overload
    def __call__(
        self,
        gate: Overrides,
        up: Any,
        /,
        beta: Any = 1.0,
        out: Any = None,
        **options: Unpack[Options],
    ) -> Any: ...
    @overload
    def __call__(
        self,
        gate: Reals,
        up: Reals,
        /,
        beta: Reals = 1.0,
        out: Single[Out] = None,
        **options: Unpack[Options],
    ) -> Out: ...

@type_check_only
class FloatsX(Ufunc):
    @overload
    def __call__(self, x: float, /, out: None = None, **options: Unpack[Plain]) -> np.float64: ...
    @overload
    def __call__(self, x: Scalar, /, out: None = None, **options: Unpack[Typed]) -> np.floating: ...
    @overload
    def __call__(self, x: Overrides, /, out: Any = None, **options: Unpack[Options]) -> Any: ...
    @overload
    def __call__(self, x: Reals, /, out: Single[Out] = None, **options: Unpack[Options]) -> Out: ...

@type_check_only
class FloatsXAlpha(Ufunc):
    @overload
    def __call__(
        self, x: float, /, alpha: float = 1.0, out: None = None, **options: Unpack[Plain]
    ) -> np.float64: ...
    @overload
    def __call__(
        self, x: Scalar, /, alpha: Scalar = 1.0, out: None = None, **options: Unpack[Typed]
    ) -> np.floating: ...
    @overload
    def __call__(
        self, x: Overrides, /, alpha: Any = 1.0, out: Any = None, **options: Unpack[Options]
    ) -> Any: ...
    @overload
    def __call__(
        self, x: Reals, /, alpha: Reals = 1.0, out: Single[Out] = None, **options: Unpack[Options]
    ) -> Out: ...

@type_check_only
class FloatsXAlphaBeta(Ufunc):
    @overload
    def __call__(
        self,
        x: float,
        /,
        alpha: float = 0.16666666666666666,
        beta: float = 0.5,
        out: None = None,
        **options: Unpack[Plain],
    ) -> np.float64: ...
    @overload
    def __call__(
        self,
        x: Scalar,
        /,
        alpha: Scalar = 0.16666666666666666,
        beta: Scalar = 0.5,
        out: None = None,
        **options: Unpack[Typed],
    ) -> np.floating: ...
    @overload
    def __call__(
        self,
        x: Overrides,
        /,
        alpha: Any = 0.16666666666666666,
        beta: Any = 0.5,
        out: Any = None,
        **options: Unpack[Options],
    ) -> Any: ...
    @overload
    def __call__(
        self,
        x: Reals,
        /,
        alpha: Reals = 0.16666666666666666,
        beta: Reals = 0.5,
        out: Single[Out] = None,
        **options: Unpack[Options],
    ) -> Out: ...

@type_check_only
class FloatsXBeta(Ufunc):
    @overload
    def __call__(
        self, x: float, /, beta: float = 1.0, out: None = None, **options: Unpack[Plain]
    ) -> np.float64: ...
    @overload
    def __call__(
        self, x: Scalar, /, beta: Scalar = 1.0, out: None = None, **options: Unpack[Typed]
    ) -> np.floating: ...
    @overload
    def __call__(
        self, x: Overrides, /, beta: Any = 1.0, out: Any = None, **options: Unpack[Options]
    ) -> Any: ...
    @overload
    def __call__(
        self, x: Reals, /, beta: Reals = 1.0, out: Single[Out] = None, **options: Unpack[Options]
    ) -> Out: ...

@type_check_only
class FloatsXNegativeSlope(Ufunc):
    @overload
    def __call__(
        self, x: float, /, negative_slope: float = 0.01, out: None = None, **options: Unpack[Plain]
    ) -> np.float64: ...
    @overload
    def __call__(
        self,
        x: Scalar,
        /,
        negative_slope: Scalar = 0.01,
        out: None = None,
        **options: Unpack[Typed],
    ) -> np.floating: ...
    @overload
    def __call__(
        self,
        x: Overrides,
        /,
        negative_slope: Any = 0.01,
        out: Any = None,
        **options: Unpack[Options],
    ) -> Any: ...
    @overload
    def __call__(
        self,
        x: Reals,
        /,
        negative_slope: Reals = 0.01,
        out: Single[Out] = None,
        **options: Unpack[Options],
    ) -> Out: ...

@type_check_only
class FloatsXSlope(Ufunc):
    @overload
    def __call__(
        self, x: float, /, slope: float, out: None = None, **options: Unpack[Plain]
    ) -> np.float64: ...
    @overload
    def __call__(
        self, x: Scalar, /, slope: Scalar, out: None = None, **options: Unpack[Typed]
    ) -> np.floating: ...
    @overload
    def __call__(
        self, x: Overrides, /, slope: Any, out: Any = None, **options: Unpack[Options]
    ) -> Any: ...
    @overload
    def __call__(
        self, x: Reals, /, slope: Reals, out: Single[Out] = None, **options: Unpack[Options]
    ) -> Out: ...

@type_check_only
class FloatsXSlopePair(Ufunc):
    @overload
    def __call__(
        self, x: Scalar, /, slope: Scalar, out: None = None, **options: Unpack[Typed]
    ) -> tuple[np.floating, np.floating]: ...
    @overload
    def __call__(
        self, x: Overrides, /, slope: Any, out: Any = None, **options: Unpack[Options]
    ) -> Any: ...
    @overload
    def __call__(
        self, x: Reals, /, slope: Reals, out: Pair[Out, Out2] = None, **options: Unpack[Options]
    ) -> tuple[Out, Out2]: ...

@type_check_only
class NumbersDyGateUpPair(Ufunc):
    @overload
    def __call__(
        self, dy: Scalar, gate: Scalar, up: Scalar, /, out: None = None, **options: Unpack[Typed]
    ) -> tuple[np.integer | np.floating, np.integer | np.floating]: ...
    @overload
    def __call__(
        self, dy: Overrides, gate: Any, up: Any, /, out: Any = None, **options: Unpack[Options]
    ) -> Any: ...
    @overload
    def __call__(
        self,
        dy: Reals,
        gate: Reals,
        up: Reals,
        /,
        out: Pair[Out, Out2] = None,
        **options: Unpack[Options],
    ) -> tuple[Out, Out2]: ...

@type_check_only
class NumbersDyX(Ufunc):
    @overload
    def __call__(
        self, dy: Scalar, x: Scalar, /, out: None = None, **options: Unpack[Typed]
    ) -> np.integer | np.floating: ...
    @overload
    def __call__(
        self, dy: Overrides, x: Any, /, out: Any = None, **options: Unpack[Options]
    ) -> Any: ...
    @overload
    def __call__(
        self, dy: Reals, x: Reals, /, out: Single[Out] = None, **options: Unpack[Options]
    ) -> Out: ...

@type_check_only
class NumbersDyXMaxValue(Ufunc):
    @overload
    def __call__(
        self,
        dy: Scalar,
        x: Scalar,
        /,
        max_value: Scalar,
        out: None = None,
        **options: Unpack[Typed],
    ) -> np.integer | np.floating: ...
    @overload
    def __call__(
        self, dy: Overrides, x: Any, /, max_value: Any, out: Any = None, **options: Unpack[Options]
    ) -> Any: ...
    @overload
    def __call__(
        self,
        dy: Reals,
        x: Reals,
        /,
        max_value: Reals,
        out: Single[Out] = None,
        **options: Unpack[Options],
    ) -> Out: ...

@type_check_only
class NumbersDyXTheta(Ufunc):
    @overload
    def __call__(
        self,
        dy: Scalar,
        x: Scalar,
        /,
        theta: Scalar = 1,
        out: None = None,
        **options: Unpack[Typed],
    ) -> np.integer | np.floating: ...
    @overload
    def __call__(
        self, dy: Overrides, x: Any, /, theta: Any = 1, out: Any = None, **options: Unpack[Options]
    ) -> Any: ...
    @overload
    def __call__(
        self,
        dy: Reals,
        x: Reals,
        /,
        theta: Reals = 1,
        out: Single[Out] = None,
        **options: Unpack[Options],
    ) -> Out: ...

@type_check_only
class NumbersDyXY(Ufunc):
    @overload
    def __call__(
        self, dy: Scalar, x: Scalar, y: Scalar, /, out: None = None, **options: Unpack[Typed]
    ) -> np.integer | np.floating: ...
    @overload
    def __call__(
        self, dy: Overrides, x: Any, y: Any, /, out: Any = None, **options: Unpack[Options]
    ) -> Any: ...
    @overload
    def __call__(
        self, dy: Reals, x: Reals, y: Reals, /, out: Single[Out] = None, **options: Unpack[Options]
    ) -> Out: ...

@type_check_only
class NumbersGateUp(Ufunc):
    @overload
    def __call__(
        self, gate: Scalar, up: Scalar, /, out: None = None, **options: Unpack[Typed]
    ) -> np.integer | np.floating: ...
    @overload
    def __call__(
        self, gate: Overrides, up: Any, /, out: Any = None, **options: Unpack[Options]
    ) -> Any: ...
    @overload
    def __call__(
        self, gate: Reals, up: Reals, /, out: Single[Out] = None, **options: Unpack[Options]
    ) -> Out: ...

@type_check_only
class NumbersX(Ufunc):
    @overload
    def __call__(self, x: int, /, out: None = None, **options: Unpack[Plain]) -> np.integer: ...
    @overload
    def __call__(self, x: float, /, out: None = None, **options: Unpack[Plain]) -> np.float64: ...
    @overload
    def __call__(
        self, x: Scalar, /, out: None = None, **options: Unpack[Typed]
    ) -> np.integer | np.floating: ...
    @overload
    def __call__(self, x: Overrides, /, out: Any = None, **options: Unpack[Options]) -> Any: ...
    @overload
    def __call__(self, x: Reals, /, out: Single[Out] = None, **options: Unpack[Options]) -> Out: ...

@type_check_only
class NumbersXMaxValue(Ufunc):
    @overload
    def __call__(
        self, x: int, /, max_value: int, out: None = None, **options: Unpack[Plain]
    ) -> np.integer: ...
    @overload
    def __call__(
        self, x: float, /, max_value: float, out: None = None, **options: Unpack[Plain]
    ) -> np.float64: ...
    @overload
    def __call__(
        self, x: Scalar, /, max_value: Scalar, out: None = None, **options: Unpack[Typed]
    ) -> np.integer | np.floating: ...
    @overload
    def __call__(
        self, x: Overrides, /, max_value: Any, out: Any = None, **options: Unpack[Options]
    ) -> Any: ...
    @overload
    def __call__(
        self, x: Reals, /, max_value: Reals, out: Single[Out] = None, **options: Unpack[Options]
    ) -> Out: ...

@type_check_only
class NumbersXTheta(Ufunc):
    @overload
    def __call__(
        self, x: int, /, theta: int = 1, out: None = None, **options: Unpack[Plain]
    ) -> np.integer: ...
    @overload
    def __call__(
        self, x: float, /, theta: float = 1, out: None = None, **options: Unpack[Plain]
    ) -> np.float64: ...
    @overload
    def __call__(
        self, x: Scalar, /, theta: Scalar = 1, out: None = None, **options: Unpack[Typed]
    ) -> np.integer | np.floating: ...
    @overload
    def __call__(
        self, x: Overrides, /, theta: Any = 1, out: Any = None, **options: Unpack[Options]
    ) -> Any: ...
    @overload
    def __call__(
        self, x: Reals, /, theta: Reals = 1, out: Single[Out] = None, **options: Unpack[Options]
    ) -> Out: ...

@type_check_only
class NumbersXY(Ufunc):
    @overload
    def __call__(
        self, x: Scalar, y: Scalar, /, out: None = None, **options: Unpack[Typed]
    ) -> np.integer | np.floating: ...
    @overload
    def __call__(
        self, x: Overrides, y: Any, /, out: Any = None, **options: Unpack[Options]
    ) -> Any: ...
    @overload
    def __call__(
        self, x: Reals, y: Reals, /, out: Single[Out] = None, **options: Unpack[Options]
    ) -> Out: ...

# classes: end
