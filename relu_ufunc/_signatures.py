"""What the text of a kernel's declaration says: its inputs, parameters and outputs."""

from functools import cache
from inspect import Parameter, Signature, signature

EITHER = Parameter.POSITIONAL_OR_KEYWORD
KEYWORD = Parameter.KEYWORD_ONLY
OPTIONS = {
    "where": True,
    "casting": "same_kind",
    "order": "K",
    "dtype": None,
    "subok": True,
    "signature": None,
}


@cache
def operands(kernel):
    """The inputs of a kernel by name, each as an `inspect.Parameter`."""
    return _parsed(kernel.signature)


@cache
def _parsed(text):
    # The text is Python's own syntax. Without a slash, all inputs are given by position.
    given = text if "/" in text else f"{text}, /"
    return signature(eval(f"lambda {given}: None")).parameters


def inputs_of(ufunc):
    """The inputs of a ufunc, each as an `inspect.Parameter`."""
    return [*ufunc.__signature__.parameters.values()][: ufunc.nin]


def is_parameter(operand):
    """Whether an input may be given by keyword."""
    return operand.kind is EITHER


def parameters(kernel):
    """The parameters of a kernel and their defaults, None where one may not be left out."""
    return {
        name: None if operand.default is Parameter.empty else operand.default
        for name, operand in operands(kernel).items()
        if is_parameter(operand)
    }


def outputs(kernel):
    """The outputs of a kernel by name, each as an expression of its inputs."""
    return dict(output.split(" = ") for output in kernel.expression.split("; "))


def signature_of(kernel):
    """The signature of the ufunc: its inputs, `out`, and what every ufunc takes."""
    return _signature(kernel.signature, kernel.nout)


def written_signature(kernel):
    """The same as text."""
    return f"({_written(kernel.signature)}, {_written_of_every_ufunc(kernel.nout)})"


# Many kernels share one: each is made, and written, once.


@cache
def _signature(text, nout):
    return Signature([*_parsed(text).values(), *_of_every_ufunc(nout)])


@cache
def _of_every_ufunc(nout):
    """What each ufunc takes beside its inputs."""
    out = None if nout == 1 else (None,) * nout
    options = [Parameter(name, KEYWORD, default=default) for name, default in OPTIONS.items()]
    return [Parameter("out", EITHER, default=out), *options]


@cache
def _written(text):
    return str(Signature([*_parsed(text).values()]))[1:-1]


@cache
def _written_of_every_ufunc(nout):
    return str(Signature(_of_every_ufunc(nout)))[1:-1]
