"""How a parameter is given: by position, by keyword, or not at all."""

import doctest
import inspect
from operator import attrgetter

import numpy as np
import oracle
import pytest

import relu_ufunc
from relu_ufunc.testing import assert_same_bits

X = np.linspace(-3, 3, 31, dtype="f")
DEFAULTED = {name: p for name, p in oracle.PARAMETER.items() if p in oracle.DEFAULTS}
UNDEFAULTED = [name for name in oracle.PARAMETER if name not in DEFAULTED]


def inputs_of(name):
    """All operands but the parameter."""
    return [X] * (len(oracle.OPERANDS[name]) - len(oracle.PARAMETERS[name]))


@pytest.mark.parametrize(("name", "parameter"), DEFAULTED.items())
def test_default(uf, name, parameter):
    function = getattr(uf, name)
    default = oracle.DEFAULTS[parameter]
    assert_same_bits(function(*inputs_of(name)), function(*inputs_of(name), default))


@pytest.mark.parametrize("value", [0.25, -2, np.float32(3), np.float64(0.1), X], ids=type)
@pytest.mark.parametrize(("name", "parameter"), oracle.PARAMETER.items())
@np.errstate(invalid="ignore")  # elu_backward_from_output takes no negative alpha
def test_keyword_is_the_same_as_position(uf, name, parameter, value):
    function = getattr(uf, name)
    by_position = function(*inputs_of(name), value)
    assert_same_bits(function(*inputs_of(name), **{parameter: value}), by_position)
    if function.nout == 1:
        out = np.empty_like(by_position)
        for keywords in ({parameter: value, "out": out}, {"out": out, parameter: value}):
            assert function(*inputs_of(name), **keywords) is out
            assert_same_bits(out, by_position)


@pytest.mark.parametrize("name", UNDEFAULTED)
def test_slope_has_no_default(uf, name):
    with pytest.raises(TypeError, match=rf"{name}\(\)"):
        getattr(uf, name)(*inputs_of(name))


@pytest.mark.parametrize(("name", "parameter"), oracle.PARAMETER.items())
def test_given_twice(uf, name, parameter):
    function = getattr(uf, name)
    out = np.full_like(X, 77)
    message = rf"^{name}\(\) got multiple values for argument '{parameter}'$"
    with pytest.raises(TypeError, match=message):
        function(*inputs_of(name), 0.5, **{parameter: 0.5})
    # The next argument by position is the parameter, even where it was meant for `out`.
    with pytest.raises(TypeError, match=message):
        function(*inputs_of(name), out, **{parameter: 0.5})
    assert (out == 77).all()


@pytest.mark.parametrize("wrong", ["beta", "x", "negativeslope", "Alpha"])
@pytest.mark.parametrize("name", oracle.NAMES)
def test_unknown_keyword(uf, name, wrong):
    function = getattr(uf, name)
    out = np.full_like(X, 77)
    outs = (out,) + (None,) * (function.nout - 1)
    with pytest.raises(
        TypeError, match=rf"{name}\(\) got an unexpected keyword argument '{wrong}'"
    ):
        function(*[X] * function.nin, **{wrong: 1}, out=outs)
    if name in DEFAULTED:
        with pytest.raises(TypeError, match=f"'{wrong}'"):
            function(*inputs_of(name), **{wrong: 1}, out=outs)
    assert (out == 77).all()


@pytest.mark.parametrize("name", oracle.NAMES)
def test_the_parameter_of_another_ufunc_is_unknown(uf, name):
    needed = [0.5] if name in UNDEFAULTED else []
    for parameter in {"negative_slope", "slope", "alpha"} - {oracle.PARAMETER.get(name)}:
        with pytest.raises(TypeError, match=f"'{parameter}'"):
            getattr(uf, name)(*inputs_of(name), *needed, **{parameter: 0.5})


@pytest.mark.parametrize("name", oracle.NAMES)
def test_too_few_arguments(uf, name):
    function = getattr(uf, name)
    for count in range(len(inputs_of(name))):
        with pytest.raises(TypeError, match=rf"{name}\(\)"):
            function(*[X] * count)
        # A parameter by keyword must not slip into the place of a missing input.
        if name in oracle.PARAMETER:
            with pytest.raises(TypeError, match=rf"{name}\(\)"):
                function(*[X] * count, **{oracle.PARAMETER[name]: 0.5})


@pytest.mark.parametrize("name", oracle.NAMES)
def test_too_many_arguments(uf, name):
    function = getattr(uf, name)
    out = np.full_like(X, 77)
    with pytest.raises(TypeError, match=rf"{name}\(\) takes from"):
        function(*[X] * function.nin, *[out] * function.nout, X)
    assert (out == 77).all()


class Overrider:
    """Records what NumPy hands to `__array_ufunc__`."""

    def __array_ufunc__(self, ufunc, method, *inputs, **kwargs):
        return ufunc, method, inputs, kwargs


OVERRIDER = Overrider()


@pytest.mark.parametrize(("name", "parameter"), oracle.PARAMETER.items())
def test_overriders_see_the_parameter_as_an_input(uf, name, parameter):
    function = getattr(uf, name)
    first = [OVERRIDER, *inputs_of(name)[1:]]
    assert function(*first, 0.5) == (function, "__call__", (*first, 0.5), {})
    assert function(*first, **{parameter: 0.5}) == (function, "__call__", (*first, 0.5), {})
    if name in DEFAULTED:
        default = oracle.DEFAULTS[parameter]
        assert function(*first) == (function, "__call__", (*first, default), {})


@pytest.mark.parametrize(("name", "parameter"), oracle.PARAMETER.items())
def test_a_parameter_may_override(uf, name, parameter):
    function = getattr(uf, name)
    inputs = inputs_of(name)
    want = (function, "__call__", (*inputs, OVERRIDER), {})
    assert function(*inputs, OVERRIDER) == want
    assert function(*inputs, **{parameter: OVERRIDER}) == want


@pytest.mark.parametrize("name", oracle.NAMES)
def test_overriders_see_out_and_the_other_keywords(uf, name):
    function = getattr(uf, name)
    outs = (OVERRIDER,) + (None,) * (function.nout - 1)
    inputs = [OVERRIDER] * len(inputs_of(name))
    if name in oracle.PARAMETER:
        inputs.append(0.5)
    want = (function, "__call__", tuple(inputs), {"out": outs, "where": False, "order": "F"})
    assert function(*inputs, out=outs, where=False, order="F") == want
    assert function(*inputs, *outs, where=False, order="F") == want
    if name in oracle.PARAMETER:
        keywords = {"order": "F", oracle.PARAMETER[name]: 0.5, "where": False, "out": outs}
        assert function(*inputs[:-1], **keywords) == want


def test_operands_that_refuse_ufuncs(uf):
    class Refuser:
        __array_ufunc__ = None

    for call in (lambda: uf.relu(Refuser()), lambda: uf.elu(X, alpha=Refuser())):
        with pytest.raises(TypeError, match="does not support ufuncs"):
            call()


def test_masked_arrays_keep_their_mask(uf):
    x = np.ma.masked_array([-1.0, 2.0, -3.0], [0, 0, 1])
    for got in (uf.leaky_relu(x, 0.5), uf.leaky_relu(x, negative_slope=0.5)):
        assert type(got) is np.ma.MaskedArray
        assert got.tolist() == [-0.5, 2, None]


@pytest.mark.parametrize("name", oracle.NAMES)
def test_names(uf, name):
    for function in (getattr(uf, name), getattr(relu_ufunc, name)):
        assert function.__name__ == name
        assert function.__module__ == "relu_ufunc"
        assert name in repr(function)


@pytest.mark.skipif(
    not hasattr(np.add, "__signature__"), reason="this NumPy gives its ufuncs no signature"
)
@pytest.mark.parametrize("name", oracle.NAMES)
def test_signature(uf, name):
    given = inspect.signature(getattr(uf, name)).parameters
    assert tuple(given)[: len(oracle.OPERANDS[name])] == oracle.OPERANDS[name]
    for operand in oracle.OPERANDS[name]:
        by_keyword = oracle.PARAMETER.get(name) == operand
        assert given[operand].default == oracle.DEFAULTS.get(operand, inspect.Parameter.empty)
        assert (given[operand].kind == inspect.Parameter.POSITIONAL_OR_KEYWORD) == by_keyword
    like_numpy = inspect.signature(np.divmod if getattr(uf, name).nout == 2 else np.add).parameters
    assert given["out"] == like_numpy["out"]
    keywords = [p for p in like_numpy.values() if p.kind == inspect.Parameter.KEYWORD_ONLY]
    assert [p for p in given.values() if p.kind == inspect.Parameter.KEYWORD_ONLY] == keywords


@pytest.mark.parametrize("name", [*relu_ufunc.__all__, "elu.at", "elu.outer"])
def test_examples_in_docstrings(name):
    examples = doctest.DocTestParser().get_doctest(
        attrgetter(name)(relu_ufunc).__doc__,
        {"np": np, "relu_ufunc": relu_ufunc},
        name,
        None,
        None,
    )
    failures = []
    runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE)
    runner.run(examples, out=failures.append)
    assert not failures, "".join(failures)
