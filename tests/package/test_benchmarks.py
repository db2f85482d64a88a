"""The benchmarks know a kernel from its declaration: what they set beside it computes the same."""

import ast
import math
import sys
from itertools import product

import numpy as np
import oracle
import pytest
from cases import case
from processes import ROOT
from relu_ufunc._relu_ufunc import KERNELS, Kernel

sys.path.append(str(ROOT / "benchmarks"))

from benchmarks import common, expressions, functions, numpy_code

TO_COME = {  # shapes of declarations that no kernel has yet, each with what it means
    Kernel("relu6", 1, 1, "numbers", "select", "x", 0.0, "minimum(maximum(x, 0), 6)"):
        lambda x: min(max(x, 0), 6),
    Kernel("hardsigmoid", 3, 1, "floats", "compute", "x, /, alpha=1/6, beta=0.5", 1.0,
           "clip(alpha * x + beta, 0, 1)"):
        lambda x, alpha, beta: min(max(alpha * x + beta, 0), 1),
    Kernel("hardsigmoid_grad", 3, 1, "floats", "select", "x, /, alpha=1/6, beta=0.5", 0.0,
           "where((alpha * x + beta > 0) & (alpha * x + beta < 1), alpha, 0)"):
        lambda x, alpha, beta: alpha if 0 < alpha * x + beta < 1 else 0,
    Kernel("reglu", 2, 1, "floats", "compute", "gate, up", 0.5, "maximum(gate, 0) * up"):
        lambda gate, up: max(gate, 0) * up,
    Kernel("swiglu_backward", 3, 2, "floats", "branch", "dy, gate, up", 2.0,
           "dy * up / (1 + exp(-gate)); dy * gate / (1 + exp(-gate))"):
        lambda dy, gate, up: (
            dy * up / (1 + math.exp(-gate)), dy * gate / (1 + math.exp(-gate))
        ),
    Kernel("gelu_tanh", 1, 1, "floats", "branch", "x", 0.52,
           "0.5 * x * (1 + tanh(sqrt(2 / pi) * (x + 0.044715 * x**3)))"):
        lambda x: x / 2 * (1 + math.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3))),
    Kernel("softplus", 1, 1, "floats", "branch", "x", 0.6, "logaddexp(x, 0)"):
        lambda x: math.log1p(math.exp(x)),
}  # fmt: skip


def by_name(kernel):
    return kernel.name


def of_numpy(function):
    """The NumPy code, if SciPy is there where it takes that."""
    try:
        return function.numpy
    except NotImplementedError as missing:
        pytest.skip(str(missing))


def check(name, dtype, *case):
    of_numpy(functions.FUNCTIONS[name])
    try:
        common.Case(name, dtype, *case).check()
    except NotImplementedError as lacking:
        if "SciPy has no" not in str(lacking):
            raise


@pytest.mark.parametrize("name", oracle.NAMES)
def test_numpy_code_agrees(name):
    for layout, output in product(common.LAYOUTS, common.OUTPUTS):
        for dtype in oracle.DTYPES[name] if layout == "contiguous" else "f":
            if dtype != "bfloat16":
                with case(layout, output, dtype):
                    check(name, dtype, 2**10, layout, output)


@pytest.mark.parametrize("name", oracle.FAST)
def test_numpy_code_agrees_where_fast_parts_doubt(name):
    for values in common.DOUBTS:
        with case(values), np.errstate(all="ignore"):
            check(name, "float32", 2**10, "contiguous", "out", values)


@pytest.mark.parametrize("layout", ["contiguous", "channel"])
def test_numpy_vjp_agrees(layout):
    common.Case("prelu_vjp", "float32", 2**12, layout).check()


@pytest.mark.parametrize("name", oracle.NAMES)
def test_numpy_code_agrees_on_all_values(name):
    for values in common.VALUES:
        with case(values):
            check(name, "float32", 2**10, "contiguous", "out", values)


def test_every_kernel_is_measured():
    assert functions.UFUNCS == oracle.NAMES
    assert functions.INTEGER_UFUNCS == oracle.FOR_INTEGERS
    assert functions.BRANCHING == oracle.BRANCHING
    gated = ("reglu", "glu", "swiglu", "geglu", "geglu_tanh")
    assert {*functions.GATED} == {name + end for name in gated for end in ("", "_backward")}
    assert functions.FAST == oracle.FAST
    assert set(numpy_code.FASTER) < set(oracle.NAMES)


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
@pytest.mark.parametrize("kernel", TO_COME, ids=by_name)
def test_numpy_code_of_any_declaration(kernel, dtype):
    """It takes the dtype of the arrays, and writes to `out`."""
    function = functions.function_of(kernel)
    rng = np.random.default_rng(1)
    arrays = [common.draw(rng, dtype, 99) for _ in function.arrays]
    inputs = [*arrays, *function.numbers.values()]
    got = common.as_tuple(function.numpy(*inputs))
    out = tuple(np.empty(99, dtype) for _ in got)
    function.numpy(*inputs, out=out if len(out) > 1 else out[0])
    rows = zip(*(array.tolist() for array in arrays), strict=True)
    want = [common.as_tuple(TO_COME[kernel](*row, *function.numbers.values())) for row in rows]
    for y, o, w in zip(got, out, np.transpose(want), strict=True):
        assert y.dtype == o.dtype == dtype
        np.testing.assert_array_equal(y, o)
        eps = float(np.finfo(dtype).eps)
        np.testing.assert_allclose(y.astype(float), w, 8 * eps, 8 * eps)


@pytest.mark.parametrize("kernel", [*TO_COME, *KERNELS], ids=by_name)
def test_expression_of_one_element(kernel):
    """Without NumPy: the code that is given to numba and mpmath, on Python's numbers."""
    function = functions.function_of(kernel)
    trees = [expressions.of_one_element(tree) for tree in expressions.outputs(kernel)]
    source = f"lambda {', '.join(function.inputs)}: ({', '.join(map(ast.unparse, trees))},)"
    for_one = eval(source, vars(math).copy())
    numbers = function.numbers.values()
    for row in np.random.default_rng(2).standard_normal((50, len(function.arrays))).tolist():
        want = common.as_tuple(of_numpy(function)(*map(np.float64, row), *numbers))
        np.testing.assert_allclose(for_one(*row, *numbers), want, 1e-14, 1e-14)


def test_branch_not_taken_is_not_computed():
    tree = expressions.of_one_element(ast.parse("where(x > 0, x, exp(x))", mode="eval").body)
    assert eval(ast.unparse(tree), {"x": 1.0, "exp": None}) == 1.0


def test_what_appears_twice_is_computed_once():
    kernel = next(kernel for kernel in TO_COME if kernel.name == "swiglu_backward")
    lines, _ = numpy_code.body(kernel)
    assert "\n".join(lines).count("exp(") == 1


def test_inputs_are_told_by_the_record_not_by_their_names():
    kernel = Kernel("y", 3, 1, "floats", "compute", "s, dy, /, x=2.0", 1.0, "s * dy * x")
    function = functions.function_of(kernel)
    assert (function.arrays, function.defaults) == (("s", "dy"), {"x": 2.0})
    assert function.numpy(np.float32([3]), np.float32([5]), 7.0).tolist() == [105]


def test_halves_are_parts_of_one_array():
    gate, up = common.make_inputs("swiglu", size=2**10, layout="halves")[:2]
    assert gate.base is up.base is not None
    assert gate.strides == (2 * 32 * 4, 4) and gate.shape == (32, 32)
    assert up.ctypes.data == gate.ctypes.data + 32 * 4
