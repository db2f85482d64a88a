"""What an error says: the function, the argument, and the keyword that was probably meant.

By NumPy's door as by the direct one, before anything is written.
"""

import re

import numpy as np
import oracle
import pytest
from doors import door
from kinds import SIGNATURES, every_signature

import relu_ufunc as ru

X = np.linspace(-3, 3, 4, dtype="f")
REQUIRED = oracle.REQUIRED
WITH_PARAMETERS = [name for name in SIGNATURES if oracle.PARAMETERS[name]]


def error_of(error, function, *args, **kwargs):
    """The message of a call that must fail alike by both doors and write nothing."""
    messages = set()
    given = [a for a in (*args, *kwargs.values()) if isinstance(a, np.ndarray)]
    before = [a.tobytes() for a in given]
    for direct in (True, False):
        with door(direct), pytest.raises(error) as caught:
            function(*args, **kwargs)
        assert caught.type is error
        messages.add(str(caught.value))
    assert [a.tobytes() for a in given] == before
    (message,) = messages
    return message


def inputs_of(name):
    """All operands but the parameters."""
    return [X] * len(oracle.INPUTS[name])


@every_signature
def test_too_few(name):
    function, needed = getattr(ru, name), REQUIRED[name]
    for given in range(len(needed)):
        said = error_of(TypeError, function, *[X] * given)
        verb = "was" if given == 1 else "were"
        assert said.startswith(
            f"{name}() takes from {len(needed)} to {function.nargs} positional arguments "
            f"but {given} {verb} given"
        )
        for i, role in enumerate(needed):
            assert (f"'{role}'" in said) == (i >= given)


@pytest.mark.parametrize("name", WITH_PARAMETERS)
def test_too_few_beside_the_parameters(name):
    """A parameter by keyword takes no place: the inputs that are missing are told."""
    function, inputs = getattr(ru, name), len(oracle.INPUTS[name])
    parameters = dict.fromkeys(oracle.PARAMETERS[name], 0.5)
    for given in range(inputs):
        said = error_of(TypeError, function, *[X] * given, **parameters)
        assert said.startswith(f"{name}() takes from {inputs} to {function.nargs} positional")
        assert f"{given} w" in said and f"'{oracle.OPERANDS[name][given]}'" in said


@every_signature
def test_too_many(name):
    function, least = getattr(ru, name), len(REQUIRED[name])
    for count in (function.nargs + 1, 30):
        said = error_of(TypeError, function, *[X] * count)
        assert said == (
            f"{name}() takes from {least} to {function.nargs} positional arguments "
            f"but {count} were given"
        )


# What is easily misspelt, and the keyword that it is near.
NEAR = {"negativeslope": "negative_slope", "negative_slop": "negative_slope", "Slope": "slope"}
NEAR |= {"alhpa": "alpha", "ALPHA": "alpha"}  # codespell:ignore
NEAR |= {"ot": "out", "were": "where", "dtpye": "dtype"}  # codespell:ignore
FOR_ALL = ("out", "where", "dtype")


@pytest.mark.parametrize("name", oracle.NAMES)
def test_an_unknown_keyword_comes_first_and_the_one_meant_is_told(name):
    function, mine = getattr(ru, name), oracle.PARAMETERS[name]
    others = {parameter for _, parameter in oracle.EACH_PARAMETER}
    for wrong in {*NEAR, *others, "weight", "unheard", "axis"} - {*mine}:
        meant = NEAR.get(wrong) if NEAR.get(wrong) in (*mine, *FOR_ALL) else None
        for given in ([], inputs_of(name), [*inputs_of(name), X, X, X]):
            said = error_of(TypeError, function, *given, **{wrong: 0.1})
            assert said.startswith(f"{name}() got an unexpected keyword argument '{wrong}'")
            if meant:
                assert said.endswith(f"Did you mean '{meant}'?")
            elif mine:
                assert any(f"'{parameter}'" in said for parameter in mine)
            else:
                assert said.endswith(f"'{wrong}'")


@every_signature
def test_inputs_are_given_by_position(name):
    for role in oracle.INPUTS[name]:
        said = error_of(TypeError, getattr(ru, name), **{role: X})
        assert (
            said == f"{name}() got an unexpected keyword argument '{role}': it is given by position"
        )


@pytest.mark.parametrize("name", [name for name in SIGNATURES if len(REQUIRED[name]) > 1])
def test_shapes_that_were_given_are_listed(name):
    function, roles = getattr(ru, name), oracle.OPERANDS[name]
    arrays = [np.ones((4, 5), "f"), *[np.ones(4, "f")] * (len(REQUIRED[name]) - 1)]
    shapes = " ".join(["(4,5)", *["(4,)"] * (len(arrays) - 1)])
    said = error_of(ValueError, function, *arrays)
    listed = f"operands could not be broadcast together with shapes {shapes}"
    assert said == f"{name}({', '.join(roles[: len(arrays)])}): {listed}"
    for parameter in roles[len(arrays) :]:  # a default that somebody passed is one of them
        said = error_of(ValueError, function, *arrays, **{parameter: 1.0})
        assert said == f"{name}({', '.join((*roles[: len(arrays)], parameter))}): {listed} ()"


def test_shapes_of_everything():
    a, out, where = np.ones((2, 3)), np.ones((4, 5)), np.ones(7, bool)
    could = "operands could not be broadcast together with shapes"
    cases = [
        ((a, np.ones(2)), {}, "elu(x, alpha): {} (2,3) (2,)"),
        ((a,), {"alpha": [1, 2]}, "elu(x, alpha): {} (2,3) (2,)"),
        ((a,), {"out": out}, "elu(x, out): {} (2,3) (4,5)"),
        ((a,), {"out": (out,)}, "elu(x, out): {} (2,3) (4,5)"),
        ((a, 0.5, out), {}, "elu(x, alpha, out): {} (2,3) () (4,5)"),
        ((a,), {"out": a.copy(), "where": where}, "elu(x, out, where): {} (2,3) (2,3) (7,)"),
        (([1, 2], [1, 2, 3]), {}, "elu(x, alpha): {} (2,) (3,)"),
    ]
    for args, kwargs, message in cases:
        assert error_of(ValueError, ru.elu, *args, **kwargs) == message.format(could)
    said = error_of(ValueError, ru.prelu_grad, a, 1, None, out)
    assert said == f"prelu_grad(x, slope, out[1]): {could} (2,3) () (4,5)"
    said = error_of(ValueError, ru.relu, a, out=np.ones(3))
    assert said.startswith("relu(): non-broadcastable output operand with shape (3,)")


# What stands where `out` would, and the keyword that was meant.
NO_ARRAYS = [
    (0.7, "PARAMETER"),
    (2, "PARAMETER"),
    (np.float32(0.5), "PARAMETER"),
    ([0.5], "PARAMETER"),
    (True, "where"),
    (np.True_, "where"),
    ("f4", "dtype"),
    (np.float32, "dtype"),
    (np.dtype("f"), "dtype"),
    (float, "dtype"),
    ("C", "order"),
    ("same_kind", "casting"),
    ("ff->f", "signature"),
]


@pytest.mark.parametrize(("value", "meant"), NO_ARRAYS, ids=lambda v: str(v))
@every_signature
def test_no_array_in_the_place_of_out(name, value, meant):
    function, kind = getattr(ru, name), type(value).__name__
    said = error_of(TypeError, function, *[X] * function.nin, value)
    start = f"{name}(): return arrays must be of ArrayType, argument {function.nin + 1} ('out')"
    assert said.startswith(f"{start} is of type {kind}")
    if meant != "PARAMETER":
        assert said.endswith(f"Did you mean '{meant}'?")
    elif oracle.PARAMETERS[name]:
        last = oracle.OPERANDS[name][-1]
        assert said.endswith(f"Did you mean '{last}', argument {function.nin}?")
    else:
        assert said.endswith(f"{name} has no parameter")


@every_signature
def test_no_array_as_out(name):
    function = getattr(ru, name)
    inputs = [X] * function.nin
    for value in (0.5, [X], "f"):
        out = (value,) + (None,) * (function.nout - 1)
        said = error_of(TypeError, function, *inputs, out=out)
        kind = type(value).__name__
        assert said == f"{name}(): return arrays must be of ArrayType, 'out' is of type {kind}"
    given = [X.copy()] * function.nout
    for wrong in ((*given, X), ()):
        assert f"{name}(): The 'out' tuple" in error_of(ValueError, function, *inputs, out=wrong)
    assert f"{name}(): cannot specify 'out'" in error_of(
        TypeError, function, *inputs, given[0], out=tuple(given)
    )
    if function.nout == 2:
        said = error_of(TypeError, function, *inputs, X, 0.5)
        assert f"argument {function.nin + 2} ('out')" in said
        assert f"{name}(): 'out' must be a tuple" in error_of(TypeError, function, *inputs, out=X)


@every_signature
def test_other_errors_name_the_function(name):
    function = getattr(ru, name)
    inputs, out = [X] * function.nin, X.copy()
    out.flags.writeable = False
    outs = (out,) + (None,) * (function.nout - 1)
    calls = [
        (ValueError, {"out": outs}, "read-only"),
        (ValueError, {"order": "Z"}, "order"),
        (ValueError, {"casting": "any"}, "casting"),
        (TypeError, {"subok": 3}, "subok"),
        (TypeError, {"dtype": "nonsense"}, "nonsense"),
    ]
    for error, keywords, word in calls:
        assert re.search(rf"{name}.*{word}", error_of(error, function, *inputs, **keywords))


@pytest.mark.parametrize("place", ["override", "array"])
def test_the_callers_own_errors_are_left_alone(place):
    class Failing:
        def fail(self, *args, **kwargs):
            raise TypeError("return arrays must be of ArrayType")

    hook = "__array_ufunc__" if place == "override" else "__array__"
    setattr(Failing, hook, Failing.fail)
    for call in (lambda: ru.elu(Failing()), lambda: ru.elu(X, alpha=Failing())):
        assert error_of(TypeError, call) == "return arrays must be of ArrayType"


def test_an_error_that_cannot_be_put_better_is_numpys(monkeypatch):
    """Where the signature is gone, say."""
    elu = ru.elu
    monkeypatch.delattr(elu, "__signature__")
    assert error_of(TypeError, elu, X, weight=1) == error_of(TypeError, elu, X, 1, weight=1)
    assert "unexpected keyword argument 'weight'" in error_of(TypeError, elu, X, weight=1)
