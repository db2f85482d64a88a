"""The gradients that examples of README and guide compute are those of what they compute before."""

import re
import sys

import numpy as np
import oracle
import pytest
from processes import ROOT

import relu_ufunc
from relu_ufunc._families import families

FORWARD = ("relu", "leaky_relu", "prelu", "elu")
VJPS = {f"{name}_vjp": family.backward.__name__ for name, family in families().items()}
OPERANDS = oracle.OPERANDS | {vjp: oracle.OPERANDS[name] for vjp, name in VJPS.items()}
PARAMETERS = oracle.PARAMETERS | {vjp: oracle.PARAMETERS[name] for vjp, name in VJPS.items()}
GRADIENTS = [name for name, operands in OPERANDS.items() if "dy" in operands]


class Call:
    """A call in an example: its operands by name, as they are and as they were, and its results."""

    def __init__(self, name, function, args, kwargs):
        defaults = {k: v for k, v in PARAMETERS[name].items() if v is not None}
        given = dict(zip(OPERANDS[name], args, strict=False))
        given |= {key: value for key, value in kwargs.items() if key in OPERANDS[name]}
        self.name, self.family = name, re.sub(r"_(backward|grad|vjp).*", "", name)
        self.operands = defaults | given
        self.copies = {key: np.array(value, float) for key, value in self.operands.items()}
        self.result = function(*args, **kwargs)
        self.results = self.result if isinstance(self.result, tuple) else (self.result,)
        self.values = [np.array(value, float) for value in self.results]

    @property
    def parameters(self):
        return {k: self.copies[k].tolist() for k in PARAMETERS[self.name]}


class Recorder:
    """What an example imports as relu_ufunc."""

    def __init__(self):
        self.calls = []

    def __getattr__(self, name):
        if name == "vjp":
            return lambda f: self.recorded(f"{f.name}_vjp", relu_ufunc.vjp(f.function))
        function = getattr(relu_ufunc, name)
        return self.recorded(name, function) if name in OPERANDS else function

    def recorded(self, name, function):
        def record(*args, **kwargs):
            self.calls.append(Call(name, function, args, kwargs))
            return self.calls[-1].result

        record.name, record.function = name, function
        return record


def calls_in(example):
    recorder = Recorder()
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(sys.modules, "relu_ufunc", recorder)
        exec(compile(example, "README.md", "exec"), {})
    return recorder.calls


def assert_gradients_are_right(example):
    """Those with respect to each operand, along a random direction, by finite differences."""
    calls = calls_in(example)
    for i, call in enumerate(calls):
        if call.name not in GRADIENTS:
            continue
        before = [c for c in calls[:i] if c.name == call.family]
        assert before, f"{call.name} is called, and {call.family} is not before it"
        forward = before[-1]
        assert call.parameters == forward.parameters, f"{call.name} and {forward.name} differ"
        dy, at, *_ = (call.operands[name] for name in OPERANDS[call.name])
        outputs = [out for c in calls[:i] if c.name in FORWARD for out in c.results]
        assert not any(dy is out for out in outputs), f"dy of {call.name} is an output"
        first = forward.operands[OPERANDS[forward.name][0]]
        assert at is first or at is forward.results[0], f"{call.name} of other x"
        compare(forward, call)


def compare(forward, call, h=1e-7):
    rng = np.random.default_rng(0)
    inputs = [forward.copies[name] for name in oracle.OPERANDS[forward.name]]
    function, dy = getattr(relu_ufunc, forward.name), call.copies["dy"]

    def loss(*moved):
        return np.sum(dy * function(*moved, *inputs[len(moved) :]))

    for j, gradient in enumerate(call.values):
        step = rng.standard_normal(inputs[j].shape)
        there, back = (loss(*inputs[:j], inputs[j] + d * step) for d in (h, -h))
        scale = np.linalg.norm(dy) + np.linalg.norm(gradient * step)
        error = abs(np.sum(gradient * step) - (there - back) / (2 * h))
        assert error < 1e-3 * scale, f"{call.name}, output {j}"


EXAMPLES = [
    example
    for page in ("README.md", "docs/guide.md")
    for example in re.findall(
        r"^```python\n(.*?)^```",
        (ROOT / page).read_text(encoding="utf-8"),
        re.MULTILINE | re.DOTALL,
    )
]


@pytest.mark.parametrize("example", EXAMPLES, ids=range(len(EXAMPLES)))
def test_gradients_in_the_examples(example):
    assert_gradients_are_right(example)


def test_there_are_some():
    names = [call.name for example in EXAMPLES for call in calls_in(example)]
    assert set(names) & set(GRADIENTS) and set(names) & set(FORWARD)


RIGHT = """
import numpy as np
import relu_ufunc as ru
x, dy = np.random.default_rng(0).standard_normal((2, 3, 200))
y = ru.elu(x, alpha=0.5)
dx = ru.elu_backward(dy, x, alpha=0.5)
dx = ru.elu_backward_from_output(dy, y, 0.5)
slope = np.full((3, 1), 0.25)
z = ru.prelu(x, slope)
dx, dslope = ru.prelu_vjp(dy, x, slope)
"""


@pytest.mark.parametrize(
    ("right", "wrong", "message"),
    [
        ("backward(dy, x", "backward(y, x", "is an output"),
        (", alpha=0.5)\ndx = ru.elu_backward(dy", ")\ndx = ru.elu_backward(dy", "differ"),
        ("vjp(dy, x", "vjp(dy, y", "of other x"),
        ("(dy, y, 0.5)", "(dy, x, 0.5)", "elu_backward_from_output, output 0"),
        ("z = ru.prelu(x, slope)", "", "is not before it"),
    ],
)
def test_wrong_gradients_are_found(right, wrong, message):
    assert_gradients_are_right(RIGHT)
    assert right in RIGHT
    with pytest.raises(AssertionError, match=message):
        assert_gradients_are_right(RIGHT.replace(right, wrong))
