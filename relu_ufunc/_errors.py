"""Errors that NumPy raises for a call, in terms of what the caller may give.

To NumPy a parameter is an input like the others: it counts a default that nobody passed, and does
not know the parameter's name.
"""

from inspect import Parameter

import numpy as np

from ._signatures import inputs_of, is_parameter

NO_ARRAY = "return arrays must be of ArrayType"
NO_SHAPE = "operands could not be broadcast together with shapes"
CASTINGS = ("no", "equiv", "safe", "same_kind", "unsafe")


def reword(error, ufunc, args, kwargs):
    """Give a TypeError or ValueError of NumPy's for ``ufunc(*args, **kwargs)`` a better message."""
    call, said = _Call(ufunc, args, kwargs), str(error)
    better = call.unknown_keyword() or call.wrong_count()
    if better is None and said == NO_ARRAY:
        better = call.no_array()
    elif better is None and said.startswith(NO_SHAPE):
        better = call.no_shape()
    elif better is None and call.name not in said:
        better = f"{call.name}(): {said}"
    if better is not None:
        error.args = (better,)


class _Call:
    """A call as it was made, and what the signature says that it could have been."""

    def __init__(self, ufunc, args, kwargs):
        self.name, self.most, self.outputs = ufunc.__name__, ufunc.nargs, ufunc.nout
        self.args, self.kwargs = args, kwargs
        known = ufunc.__signature__.parameters.values()
        self.inputs = inputs_of(ufunc)
        self.input_names = [p.name for p in self.inputs]
        self.parameters = [p.name for p in self.inputs if is_parameter(p)]
        self.keywords = [p.name for p in known if p.kind is not Parameter.POSITIONAL_ONLY]

    def unknown_keyword(self):
        unknown = next((k for k in self.kwargs if k not in (*self.keywords, "sig")), None)
        if unknown is None:
            return None
        message = f"{self.name}() got an unexpected keyword argument '{unknown}'"
        if unknown in self.input_names:
            return f"{message}: it is given by position"
        from difflib import get_close_matches  # not while the package is imported: it takes 3 ms

        if near := get_close_matches(unknown.lower(), self.keywords, 1):
            return f"{message}. Did you mean '{near[0]}'?"
        if self.parameters:
            return f"{message}; the parameter is {_quoted(self.parameters)}"
        return message

    def wrong_count(self):
        needed = [
            p.name
            for p in self.inputs
            if p.default is Parameter.empty and p.name not in self.kwargs
        ]
        given = len(self.args)
        missing = [name for name in self.input_names[given:] if name in needed]
        if not missing and given <= self.most:
            return None
        message = (
            f"{self.name}() takes from {len(needed)} to {self.most} positional arguments "
            f"but {given} {'was' if given == 1 else 'were'} given"
        )
        return f"{message}: {_quoted(missing)} missing" if missing else message

    def no_array(self):
        """Something else than an array as an output, often what was meant for a keyword."""
        said, first = f"{self.name}(): {NO_ARRAY}", len(self.inputs)
        for i, value in enumerate(self.args[first:], start=first + 1):
            if not _may_be_out(value):
                kind = type(value).__name__
                return f"{said}, argument {i} ('out') is of type {kind}{self._meant_for(value)}"
        out = self.kwargs["out"]
        wrong = next(o for o in (out if isinstance(out, tuple) else (out,)) if not _may_be_out(o))
        return f"{said}, 'out' is of type {type(wrong).__name__}"

    def _meant_for(self, value):
        if option := _option_for(value):
            return f". Did you mean '{option}'?"
        if self.parameters:
            place = self.input_names.index(self.parameters[-1]) + 1
            return f". Did you mean '{self.parameters[-1]}', argument {place}?"
        return f"; {self.name} has no parameter"

    def no_shape(self):
        """The shapes of all that was given, by name."""
        given = {name: value for name, value in zip(self.input_names, self.args, strict=False)}
        given |= {name: self.kwargs[name] for name in self.parameters if name in self.kwargs}
        out = self.args[len(self.inputs) :] or self.kwargs.get("out")
        outputs = out if isinstance(out, tuple) else (out,)
        for i, array in enumerate(outputs):
            if array is not None:
                given["out" if self.outputs == 1 else f"out[{i}]"] = array
        if self.kwargs.get("where", True) is not True:
            given["where"] = self.kwargs["where"]
        shapes = " ".join(str(np.shape(value)).replace(" ", "") for value in given.values())
        return f"{self.name}({', '.join(given)}): {NO_SHAPE} {shapes}"


def _quoted(names):
    return ", ".join(f"'{name}'" for name in names)


def _may_be_out(value):
    return value is None or isinstance(value, np.ndarray)


def _option_for(value):
    """The keyword, of those that every ufunc has, that a value looks like."""
    if isinstance(value, (bool, np.bool)):
        return "where"
    if isinstance(value, (np.dtype, type)):
        return "dtype"
    if not isinstance(value, str):
        return None
    if value in CASTINGS:
        return "casting"
    if "->" in value:
        return "signature"
    return "order" if value in ("C", "F", "A", "K") else "dtype"
