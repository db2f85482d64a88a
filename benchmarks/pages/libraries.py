"""The libraries whose accuracy is measured, and what they call the functions.

relu_ufunc, NumPy, numexpr and numba take them from the declarations of the kernels.
"""

import os
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache

import ml_dtypes
import numpy as np
from benchmarks.functions import FUNCTIONS
from comparison.frameworks import JAX_NAMED, ONNX, TORCH, onnx_model, onnx_session, torch_scope
from comparison.peers import numba_ufuncs
from comparison.words import numexpr_outputs

import relu_ufunc
from relu_ufunc._proof import CASES

f16, bf16 = np.dtype(np.float16), np.dtype(ml_dtypes.bfloat16)
f32, f64 = np.dtype(np.float32), np.dtype(np.float64)
ALL = (f16, bf16, f32, f64)
NAMES = tuple(case.name for case in CASES)  # of one input
CLOSELY = ("elu", "elu_grad", "leaky_relu")  # those that all libraries are measured on
SLOPE = FUNCTIONS["leaky_relu"].numbers["negative_slope"]


@dataclass
class Library:
    """A library: its functions by (function, dtype), each from an array to an array."""

    name: str
    version: str
    functions: dict[tuple[str, np.dtype], Callable] = field(default_factory=dict)
    set_threads: Callable | None = None


def for_all(calls, dtypes):
    return {(name, dtype): call for name, call in calls.items() for dtype in dtypes}


def values_and_slopes(table, value, slope):
    """What makes of a name in the table its function, and the derivative of it."""
    names = [name for name in table if name in NAMES and not name.endswith("_grad")]
    slopes = {f"{name}_grad": slope(name) for name in names if f"{name}_grad" in NAMES}
    return {name: value(name) for name in names} | slopes


def relu_ufunc_library():
    def call(name):
        function = FUNCTIONS[name]
        required = [function.required for default in function.defaults.values() if default is None]
        return lambda x: getattr(relu_ufunc, name)(x, *required)

    functions = for_all({name: call(name) for name in NAMES}, ALL)
    text = f"{relu_ufunc.__version__}, {relu_ufunc.get_isa()}"
    return Library("relu_ufunc", text, functions, relu_ufunc.set_num_threads)


def numbers_for(name, x):
    """The parameters of a function as numbers of the dtype, for who takes them for float64."""
    return [x.dtype.type(number) for number in FUNCTIONS[name].numbers.values()]


def numpy_library():
    def call(name):
        numpy = FUNCTIONS[name].numpy
        return lambda x: numpy(x, *numbers_for(name, x))

    functions = {}
    for name in NAMES:
        with suppress(NotImplementedError):  # where SciPy is missing
            functions |= for_all({name: call(name)}, ALL)
    simd = np.show_config(mode="dicts").get("SIMD Extensions", {}).get("found", [])
    return Library("NumPy expression", ", ".join([np.__version__, *simd[-1:]]).lower(), functions)


def pytorch_library():
    import torch

    def to_torch(x):
        if x.dtype == bf16:
            return torch.from_numpy(x.view(np.int16)).view(torch.bfloat16)
        return torch.from_numpy(x)

    def to_numpy(y):
        if y.dtype == torch.bfloat16:
            return y.view(torch.int16).numpy().view(bf16)
        return y.numpy()

    def call(name):
        code = compile(TORCH[name][0], name, "eval")
        numbers = FUNCTIONS[name].numbers

        def evaluated(x):
            weight = torch.tensor([*numbers.values(), 0])[:1].to(x.dtype)
            return eval(code, torch_scope() | numbers | {"x": x, "weight": weight})

        return evaluated

    def value(name):
        f = call(name)
        return lambda x: to_numpy(f(to_torch(x)))

    def slope(name):
        f = call(name)

        def gradient(x):
            x = to_torch(x).requires_grad_()
            y = f(x)
            return to_numpy(torch.autograd.grad(y, x, torch.ones_like(y))[0])

        return gradient

    calls = values_and_slopes(TORCH, value, slope)
    functions = for_all(calls, ALL)
    text = f"{torch.__version__}, {torch.backends.cpu.get_cpu_capability().lower()}"
    return Library("PyTorch", text, functions, torch.set_num_threads)


def onnx_runtime_library():
    import onnxruntime as ort

    ort.set_default_logger_severity(4)
    threads = [0]  # of the session to use: 0 is the default, one for each core

    def call(name, dtype):
        model = onnx_model(name, dtype, [None], FUNCTIONS[name].numbers)
        session = cache(lambda count: onnx_session(model, count))
        session(0)
        return lambda x: session(threads[0]).run(None, {"x": x})[0]

    functions = {}
    for name in ONNX:
        for dtype in (f16, f32, f64):
            try:
                functions[name, dtype] = call(name, dtype)
            except Exception as error:  # onnxruntime has no common base class that says so
                if not any(word in str(error) for word in ("NOT_IMPLEMENTED", "INVALID_GRAPH")):
                    raise

    def set_threads(count):
        threads[0] = count

    return Library("ONNX Runtime", ort.__version__, functions, set_threads)


def jax_library():
    os.environ.setdefault("JAX_PLATFORMS", "cpu")
    import jax

    jax.config.update("jax_enable_x64", True)

    def call(name):
        numbers = FUNCTIONS[name].numbers
        return eval(f"lambda x: {JAX_NAMED[name]}", vars(jax.nn) | numbers)

    def compiled(f):
        f = jax.jit(f)
        return lambda x: np.asarray(f(x))

    def gradient(name):
        def slope(x):
            y, backward = jax.vjp(call(name), x)
            return backward(jax.numpy.ones_like(y))[0]

        return compiled(slope)

    functions = for_all(
        values_and_slopes(JAX_NAMED, lambda name: compiled(call(name)), gradient), ALL
    )
    return Library("JAX", jax.__version__, functions)


def numexpr_library():
    import numexpr

    def call(name):
        def evaluated(x):
            inputs = dict(zip(FUNCTIONS[name].inputs, [x, *numbers_for(name, x)], strict=True))
            (source,), names = numexpr_outputs(name, inputs, x.dtype)
            return numexpr.evaluate(source, names)

        return evaluated

    functions = for_all({name: call(name) for name in CLOSELY}, (f32, f64))
    return Library("numexpr", numexpr.__version__, functions, numexpr.set_num_threads)


def numba_library():
    import numba

    def call(name):
        return lambda x: numba_ufuncs(name, x.dtype.name)[0](x, *numbers_for(name, x))

    functions = for_all({name: call(name) for name in CLOSELY}, (f32, f64))
    return Library("numba @vectorize", numba.__version__, functions)


MAKERS = {
    "relu_ufunc": relu_ufunc_library,
    "NumPy expression": numpy_library,
    "PyTorch": pytorch_library,
    "ONNX Runtime": onnx_runtime_library,
    "JAX": jax_library,
    "numexpr": numexpr_library,
    "numba @vectorize": numba_library,
}


def libraries():
    """A Library for each name, or None where it is not installed."""
    found = {}
    for name, make in MAKERS.items():
        try:
            found[name] = make()
        except ImportError:
            found[name] = None
    return found
