"""How a parameter is given: by position, by keyword, or not at all."""

import doctest
import inspect
from operator import attrgetter

import numpy as np
import oracle
import pytest
from kinds import SIGNATURES, every_signature

import relu_ufunc as ru
from relu_ufunc.testing import assert_same_bits

X = np.linspace(-3, 3, 31, dtype="f")
WITH_PARAMETERS = [name for name in SIGNATURES if oracle.PARAMETERS[name]]
each_parameter = pytest.mark.parametrize(
    ("name", "parameter"), [(n, p) for n in WITH_PARAMETERS for p in oracle.PARAMETERS[n]]
)


def inputs_of(name):
    """All operands but the parameters."""
    return [X] * len(oracle.INPUTS[name])


def parameters_of(name, **given):
    """The parameters and a value for each: 0.5 where none is given."""
    return {parameter: given.get(parameter, 0.5) for parameter in oracle.PARAMETERS[name]}


def before(parameter, parameters):
    """The values that stand before a parameter, by position."""
    return list(parameters.values())[: list(parameters).index(parameter)]


@pytest.mark.parametrize("name", oracle.WITH_DEFAULTS)
def test_defaults(name):
    """From the last one on, they may be left out; each may be given alone, by keyword."""
    function, inputs = getattr(ru, name), inputs_of(name)
    standard = {p: 0.5 if d is None else d for p, d in oracle.PARAMETERS[name].items()}
    needed = [p for p in standard if oracle.PARAMETERS[name][p] is None]
    want = function(*inputs, *standard.values())
    for count in range(len(needed), len(standard) + 1):
        assert_same_bits(function(*inputs, *list(standard.values())[:count]), want)
    for parameter in standard:
        alone = {p: standard[p] for p in needed} | {parameter: 0.75}
        want = function(*inputs, *(standard | alone).values())
        assert_same_bits(function(*inputs, **alone), want)


@pytest.mark.parametrize("value", [0.25, -2, np.float32(3), np.float64(0.1), X], ids=type)
@each_parameter
@np.errstate(invalid="ignore")  # elu_backward_from_output takes no negative alpha
def test_keyword_is_the_same_as_position(name, parameter, value):
    function = getattr(ru, name)
    inputs, given = inputs_of(name), parameters_of(name, **{parameter: value})
    by_position = function(*inputs, *given.values())
    first = before(parameter, given)
    rest = dict(list(given.items())[len(first) :])
    assert_same_bits(function(*inputs, *first, **rest), by_position)
    assert_same_bits(function(*inputs, **given), by_position)
    assert_same_bits(function(*inputs, **dict(reversed(given.items()))), by_position)
    if function.nout == 1:
        out = np.empty_like(by_position)
        for keywords in (given | {"out": out}, {"out": out} | given):
            assert function(*inputs, **keywords) is out
            assert_same_bits(out, by_position)


@pytest.mark.parametrize(("name", "parameter"), oracle.EACH_PARAMETER)
def test_a_parameter_without_a_default_must_be_given(name, parameter):
    given = parameters_of(name)
    del given[parameter]
    if oracle.PARAMETERS[name][parameter] is None:
        with pytest.raises(TypeError, match=rf"{name}\(\).*'{parameter}'"):
            getattr(ru, name)(*inputs_of(name), **given)
    else:
        getattr(ru, name)(*inputs_of(name), **given)


@each_parameter
def test_given_twice(name, parameter):
    function = getattr(ru, name)
    out = np.full_like(X, 77)
    first = before(parameter, parameters_of(name))
    message = rf"^{name}\(\) got multiple values for argument '{parameter}'$"
    with pytest.raises(TypeError, match=message):
        function(*inputs_of(name), *first, 0.5, **{parameter: 0.5})
    # The next argument by position is the parameter, even where it was meant for `out`.
    with pytest.raises(TypeError, match=message):
        function(*inputs_of(name), *first, out, **{parameter: 0.5})
    assert (out == 77).all()


@pytest.mark.parametrize("wrong", ["unheard", "x", "negativeslope", "Alpha"])
@every_signature
def test_unknown_keyword(name, wrong):
    function = getattr(ru, name)
    out = np.full_like(X, 77)
    outs = (out,) + (None,) * (function.nout - 1)
    with pytest.raises(
        TypeError, match=rf"{name}\(\) got an unexpected keyword argument '{wrong}'"
    ):
        function(*[X] * function.nin, **{wrong: 1}, out=outs)
    with pytest.raises(TypeError, match=f"'{wrong}'"):
        function(*inputs_of(name), **{wrong: 1}, out=outs)
    assert (out == 77).all()


@every_signature
def test_the_parameter_of_another_ufunc_is_unknown(name):
    given = parameters_of(name)
    for _, parameter in oracle.EACH_PARAMETER:
        if parameter not in given:
            with pytest.raises(TypeError, match=f"'{parameter}'"):
                getattr(ru, name)(*inputs_of(name), *given.values(), **{parameter: 0.5})


@every_signature
def test_too_few_arguments(name):
    function = getattr(ru, name)
    for count in range(len(inputs_of(name))):
        with pytest.raises(TypeError, match=rf"{name}\(\)"):
            function(*[X] * count)
        # A parameter by keyword must not slip into the place of a missing input.
        with pytest.raises(TypeError, match=rf"{name}\(\)"):
            function(*[X] * count, **parameters_of(name))


@every_signature
def test_too_many_arguments(name):
    function = getattr(ru, name)
    out = np.full_like(X, 77)
    with pytest.raises(TypeError, match=rf"{name}\(\) takes from"):
        function(*[X] * function.nin, *[out] * function.nout, X)
    assert (out == 77).all()


class Overrider:
    """Records what NumPy hands to `__array_ufunc__`."""

    def __array_ufunc__(self, ufunc, method, *inputs, **kwargs):
        return ufunc, method, inputs, kwargs


OVERRIDER = Overrider()


@each_parameter
def test_overriders_see_the_parameter_as_an_input(name, parameter):
    function = getattr(ru, name)
    inputs, given = [OVERRIDER, *inputs_of(name)[1:]], parameters_of(name, **{parameter: 0.25})
    want = (function, "__call__", (*inputs, *given.values()), {})
    assert function(*inputs, *given.values()) == want
    assert function(*inputs, **given) == want
    default = oracle.PARAMETERS[name][parameter]
    if default is not None:
        standard = parameters_of(name, **{parameter: default})
        del given[parameter]
        want = (function, "__call__", (*inputs, *standard.values()), {})
        assert function(*inputs, **given) == want


@each_parameter
def test_a_parameter_may_override(name, parameter):
    function = getattr(ru, name)
    inputs, given = inputs_of(name), parameters_of(name, **{parameter: OVERRIDER})
    want = (function, "__call__", (*inputs, *given.values()), {})
    assert function(*inputs, *given.values()) == want
    assert function(*inputs, **given) == want


@every_signature
def test_overriders_see_out_and_the_other_keywords(name):
    function = getattr(ru, name)
    outs = (OVERRIDER,) + (None,) * (function.nout - 1)
    inputs, given = [OVERRIDER] * len(inputs_of(name)), parameters_of(name)
    every = (*inputs, *given.values())
    want = (function, "__call__", every, {"out": outs, "where": False, "order": "F"})
    assert function(*every, out=outs, where=False, order="F") == want
    assert function(*every, *outs, where=False, order="F") == want
    keywords = {"order": "F", **given, "where": False, "out": outs}
    assert function(*inputs, **keywords) == want


def test_operands_that_refuse_ufuncs():
    class Refuser:
        __array_ufunc__ = None

    for call in (lambda: ru.relu(Refuser()), lambda: ru.elu(X, alpha=Refuser())):
        with pytest.raises(TypeError, match="does not support ufuncs"):
            call()


def test_masked_arrays_keep_their_mask():
    x = np.ma.masked_array([-1.0, 2.0, -3.0], [0, 0, 1])
    for got in (ru.leaky_relu(x, 0.5), ru.leaky_relu(x, negative_slope=0.5)):
        assert type(got) is np.ma.MaskedArray
        assert got.tolist() == [-0.5, 2, None]


@pytest.mark.parametrize("name", oracle.NAMES)
def test_names(name):
    for function in (getattr(ru, name), getattr(ru, name)):
        assert function.__name__ == name
        assert function.__module__ == "relu_ufunc"
        assert name in repr(function)


@pytest.mark.skipif(
    not hasattr(np.add, "__signature__"), reason="this NumPy gives its ufuncs no signature"
)
@pytest.mark.parametrize("name", oracle.NAMES)
def test_signature(name):
    given = inspect.signature(getattr(ru, name)).parameters
    assert tuple(given)[: len(oracle.OPERANDS[name])] == oracle.OPERANDS[name]
    for operand in oracle.OPERANDS[name]:
        by_keyword = operand in oracle.PARAMETERS[name]
        default = oracle.PARAMETERS[name].get(operand)
        assert given[operand].default == (inspect.Parameter.empty if default is None else default)
        assert (given[operand].kind == inspect.Parameter.POSITIONAL_OR_KEYWORD) == by_keyword
    like_numpy = inspect.signature(np.divmod if getattr(ru, name).nout == 2 else np.add).parameters
    assert given["out"] == like_numpy["out"]
    keywords = [p for p in like_numpy.values() if p.kind == inspect.Parameter.KEYWORD_ONLY]
    assert [p for p in given.values() if p.kind == inspect.Parameter.KEYWORD_ONLY] == keywords


@pytest.mark.parametrize("name", [*ru.__all__, "elu.at", "elu.outer"])
def test_examples_in_docstrings(name):
    examples = doctest.DocTestParser().get_doctest(
        attrgetter(name)(ru).__doc__,
        {"np": np, "relu_ufunc": ru},
        name,
        None,
        None,
    )
    failures = []
    runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE)
    runner.run(examples, out=failures.append)
    assert not failures, "".join(failures)
