"""C programs get the functions of the package: the same names, and the same bits in any layout."""

import re

import abi_1
import numpy as np
import oracle
import pytest
from cases import in_turn
from compilers import compiler
from processes import ROOT, output, python, run

import relu_ufunc
from relu_ufunc import _relu_ufunc

API = abi_1.api()
KERNELS = {kernel.name: kernel for kernel in _relu_ufunc.KERNELS}


def find(name, dtype):
    return API.find(name.encode(), abi_1.TYPES[np.dtype(dtype)])


def dtypes_of(ufunc):
    return {np.dtype(loop[0]) for loop in ufunc.types}


def operands_of(name, dtype, shape):
    """Inputs of a call with these shapes, and empty outputs."""
    ufunc = getattr(relu_ufunc, name)
    rng = np.random.default_rng(len(name))
    inputs = [(rng.normal(0, 3, shape)).astype(dtype) for _ in range(ufunc.nin)]
    return inputs, [np.empty(shape, dtype) for _ in range(ufunc.nout)]


def results_of(name, inputs):
    """What Python gives, as a list."""
    with np.errstate(all="ignore"):
        results = getattr(relu_ufunc, name)(*inputs)
    return [*results] if isinstance(results, tuple) else [results]


def bits(arrays):
    return [array.tobytes() for array in arrays]


@in_turn("name", oracle.NAMES)
def test_every_function_is_found_for_its_types(name):
    ufunc = getattr(relu_ufunc, name)
    for dtype in abi_1.TYPES:
        function = find(name, dtype)
        assert (function is not None) == (dtype in dtypes_of(ufunc)), dtype
    function = find(name, "f4")
    assert (API.inputs(function), API.outputs(function)) == (ufunc.nin, ufunc.nout)
    assert API.signature(function).decode() == KERNELS[name].signature
    assert API.find(name.encode(), abi_1.BFLOAT16) is not None


@pytest.mark.parametrize(("name", "type_"), [(b"relo", 11), (b"", 11), (b"relu", 0), (b"relu", 14)])
def test_what_there_is_not_is_not_found(name, type_):
    assert API.find(name, type_) is None


@in_turn("name", oracle.NAMES)
def test_contiguous_memory(name):
    for dtype in dtypes_of(getattr(relu_ufunc, name)) & abi_1.TYPES.keys():
        for n in (0, 1, 2, 37, 5000):
            inputs, outputs = operands_of(name, dtype, n)
            assert abi_1.apply(find(name, dtype), n, inputs, 0, outputs) == abi_1.OK
            assert bits(outputs) == bits(results_of(name, inputs)), (dtype, n)


@in_turn("name", [name for name in oracle.NAMES if getattr(relu_ufunc, name).nin > 1])
def test_one_number_for_all(name):
    """Each input in turn is a single element."""
    for i in range(getattr(relu_ufunc, name).nin):
        inputs, outputs = operands_of(name, "f4", 100)
        inputs[i] = inputs[i][:1]
        assert abi_1.apply(find(name, "f4"), 100, inputs, 1 << i, outputs) == abi_1.OK
        assert bits(outputs) == bits(results_of(name, inputs))


LAYOUTS = {
    "no axes": ((), lambda array: array),
    "C": ((6, 7, 8), lambda array: array),
    "transposed": ((8, 7, 6), lambda array: array.T),
    "reversed": ((6, 7, 8), lambda array: array[::-1, :, ::-1]),
    "every other": ((6, 7, 16), lambda array: array[..., ::2]),
    "none": ((6, 0, 8), lambda array: array),
}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_layouts(layout):
    shape, view = LAYOUTS[layout]
    for name in ("relu", "elu", "silu_backward", "swiglu_backward"):
        for dtype in ("f2", "f4", "f8"):
            given, made = operands_of(name, dtype, shape)
            inputs, outputs = [*map(view, given)], [*map(view, made)]
            status = abi_1.call(find(name, dtype), outputs[0].shape, [*inputs, *outputs])
            assert status == abi_1.OK
            assert bits(outputs) == bits(results_of(name, inputs))


def test_a_parameter_for_each_channel():
    x = np.random.default_rng(0).standard_normal((4, 3, 50), dtype=np.float32)
    slope, y = np.float32([0.1, 0.2, 0.3]), np.empty_like(x)
    broadcast = np.broadcast_to(slope[:, None], x.shape)
    assert abi_1.call(find("prelu", "f4"), x.shape, [x, broadcast, y]) == abi_1.OK
    assert y.tobytes() == relu_ufunc.prelu(x, slope[:, None]).tobytes()


def test_in_place():
    x = np.random.default_rng(0).standard_normal(1000)
    wanted = relu_ufunc.gelu(x)
    assert abi_1.apply(find("gelu", "f8"), x.size, [x], 0, [x]) == abi_1.OK
    assert x.tobytes() == wanted.tobytes()


def test_overlap_is_refused_before_anything_is_written():
    x = np.arange(-50.0, 50.0)
    before = x.copy()
    relu = find("relu", "f8")
    assert abi_1.apply(relu, 99, [x], 0, [x[1:]]) == abi_1.OVERLAP
    assert abi_1.call(relu, (99,), [x[:-1], x[1:]]) == abi_1.OVERLAP
    assert abi_1.call(relu, (5,), [before[:5], np.broadcast_to(x[:1], 5)]) == abi_1.OVERLAP
    backward = find("prelu_backward", "f8")
    operands = [before, before, before, x, x]
    assert abi_1.call(backward, (100,), operands) == abi_1.OVERLAP
    assert x.tobytes() == before.tobytes()


def test_shapes_that_are_none():
    x = np.zeros(1)
    relu = find("relu", "f8")
    shape = (1,) * (abi_1.MAX_AXES + 1)
    assert abi_1.call(relu, shape, [x.reshape(shape)] * 2) == abi_1.BAD_SHAPE
    assert abi_1.call(relu, (-1,), [x, x]) == abi_1.BAD_SHAPE
    assert API.call(relu, -1, None, None, None) == abi_1.BAD_SHAPE


def test_threads_and_isa_are_those_of_the_package():
    before = relu_ufunc.set_num_threads(1)
    try:
        assert API.set_num_threads(3) == 1
        assert (
            relu_ufunc.get_num_threads()
            == API.get_num_threads()
            == (3 if _relu_ufunc.MOST_THREADS > 1 else 1)
        )
    finally:
        relu_ufunc.set_num_threads(before)
    assert API.isa().decode() == relu_ufunc.get_isa()


# The header


def test_the_structure_says_what_it_is():
    assert API.abi == abi_1.ABI
    assert API.size >= abi_1.ctypes.sizeof(abi_1.Api)


@pytest.mark.parametrize("language", ["c", "c++"])
def test_the_header_compiles_alone(language, tmp_path):
    """Without Python, and without a warning."""
    flags = [
        "-Wall",
        "-Wextra",
        "-Wpedantic",
        "-Werror",
        "-fsyntax-only",
        f"-I{relu_ufunc.get_include()}",
    ]
    source = tmp_path / "alone"
    source.write_text(
        "#include <relu_ufunc.h>\nint main(void) { return relu_ufunc_get_api()->abi; }\n"
    )
    process = run(*compiler(), "-x", language, *flags, str(source))
    if language == "c++" and "cc1plus" in process.stderr:
        pytest.skip("this compiler has no C++")
    output(process)


def test_cython_says_what_the_header_says():
    """Each name that the header has is in the `.pxd`."""
    header = (ROOT / "include" / "relu_ufunc.h").read_text()
    pxd = (ROOT / "relu_ufunc" / "__init__.pxd").read_text()
    names = set(re.findall(r"\bRELU_UFUNC_[A-Z0-9_]+\b", header)) - {"RELU_UFUNC_H"}
    members = set(re.findall(r"\(\*(\w+)\)", header))
    assert members == {name for name, _ in abi_1.Api._fields_} - {"abi", "size"}
    for name in names | members:
        assert re.search(rf"\b{name}\b", pxd), name


@pytest.mark.build
def test_an_extension_module_of_cython(tmp_path):
    """The example package, built against the package that is installed."""
    where = ("--no-build-isolation", "--no-deps", "--target", str(tmp_path))
    output(python("-m", "pip", "install", *where, str(ROOT / "examples" / "extension")))
    code = "import dense, numpy as np; print(dense.layer(np.eye(2), np.eye(2) - 0.5).tolist())"
    printed = output(python("-P", "-c", code, PYTHONPATH=str(tmp_path)))
    assert printed == str(relu_ufunc.silu(np.eye(2) - 0.5).tolist())
