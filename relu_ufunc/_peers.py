"""What `relu-ufunc bench` measures against: the same function in NumPy, and in PyTorch.

Each is Python's own code over the names of a kernel's inputs, which is also what is shown.
"""

import math
import re
from importlib import import_module
from importlib.util import find_spec

import numpy as np

from ._command import Trouble
from ._signatures import outputs

# In the words of torch and torch.nn.functional. Gradients are computed otherwise there.
TORCH = {
    "relu": "relu(x)",
    "relu6": "relu6(x)",
    "clipped_relu": "clamp(x, 0, max_value)",
    "thresholded_relu": "threshold(x, theta, 0.0)",
    "relu_squared": "square(relu(x))",
    "add_relu": "relu(x + y)",
    "reglu": "relu(gate) * up",
    "leaky_relu": "leaky_relu(x, negative_slope)",
    "elu": "elu(x, alpha)",
    "sigmoid": "sigmoid(x)",
    "silu": "silu(x)",
    "glu": "sigmoid(gate) * up",
    "swiglu": "silu(gate) * up",
    "softplus": "softplus(x, beta)",
    "mish": "mish(x)",
    "selu": "selu(x)",
    "celu": "celu(x, alpha)",
    "gelu": "gelu(x)",
    "gelu_tanh": "gelu(x, approximate='tanh')",
    "geglu": "gelu(gate) * up",
    "geglu_tanh": "gelu(gate, approximate='tanh') * up",
    "hardswish": "hardswish(x)",
    "hardsigmoid": "hardsigmoid(x)",
}


def scipy_function(name):
    """SciPy's function of one array, in the array's dtype: of float16 it is wider otherwise."""
    function = getattr(import_module("scipy.special"), name)

    def typed(x):
        if x.dtype == np.longdouble:
            raise NotImplementedError(f"SciPy has no {name} of long double")
        return function(x).astype(x.dtype, copy=False)

    return typed


class NumPy:
    """The expression that a kernel is declared with: one pass over memory for each operation."""

    name = "NumPy"

    def __init__(self, threads):
        self.about = f"NumPy {np.__version__} on 1 thread"
        # Of numbers alone: NumPy's square root would give a float64, and so make float64 of arrays.
        self.words = vars(np) | {"sqrt": math.sqrt, "pi": math.pi}
        if find_spec("scipy"):
            self.words["erfc"] = scipy_function("erfc")

    def code(self, kernel):
        """The code, or None where it takes what is not installed: gelu takes SciPy."""
        code = ", ".join(outputs(kernel).values())
        code = re.sub(r"(\w+)\*\*3", r"\1 * \1 * \1", code)  # far faster in NumPy
        return None if "erfc(" in code and "erfc" not in self.words else code

    def call(self, code, inputs):
        return _call(code, self.words | inputs)

    def array(self, output):
        return output


class PyTorch:
    """PyTorch's own functions on the same memory, on as many threads, without gradients."""

    name = "PyTorch"

    def __init__(self, threads):
        import torch

        torch.set_num_threads(threads)
        torch.set_grad_enabled(False)
        self.torch = torch
        self.about = f"PyTorch {torch.__version__} on {threads} thread(s)"
        self.words = vars(torch) | vars(torch.nn.functional)

    def code(self, kernel):
        return TORCH.get(kernel.name)

    def call(self, code, inputs):
        tensors = {
            name: self.torch.from_numpy(value) if isinstance(value, np.ndarray) else value
            for name, value in inputs.items()
        }
        return _call(code, self.words | tensors)

    def array(self, output):
        return output.numpy()


def installed(threads):
    """The libraries that there are to measure against."""
    peers = [NumPy(threads)]
    if find_spec("torch"):
        try:
            peers.append(PyTorch(threads))
        except ImportError as error:
            raise Trouble(f"PyTorch is installed, and can't be imported: {error}") from error
    return peers


def _call(code, scope):
    return eval(f"lambda: ({code})", scope)
