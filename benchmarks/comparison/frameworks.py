"""PyTorch, ONNX Runtime and JAX, which have functions of these names."""

import math
from importlib import import_module

import numpy as np
from benchmarks.functions import FUNCTIONS

from .peers import NO_FUNCTION, NO_OUT, Peer, Refused, typed
from .words import jax_outputs

# Statements, for a new output, for out=, for x itself. `nn` is torch._C._nn, `aten` torch.ops.aten;
# `slopes` is a learned parameter as a tensor, `weight` as a vector.


def torch_call(call, inplace=None):
    return call, f"{call[:-1]}, out=o)", inplace


def torch_backward(name, arguments):
    arguments = f"dy, {arguments}"
    return f"aten.{name}({arguments})", f"aten.{name}.grad_input({arguments}, grad_input=o)", None


def torch_gated(activation):
    """`activation`, a call that ends in what is gated, then the product, into the same tensor."""
    into = f"{activation[:-1]}, out=o)"
    return f"{activation}.mul_(up)", f"torch.mul({into}, up, out=o)", None


SELU = "1.6732632423543772, 1.0507009873554805, 1"
CELU = "alpha, 1, 1 / alpha"
TORCH = {
    "relu": ("torch.relu(x)", "torch.clamp_min(x, 0, out=o)", "torch.relu_(x)"),
    "relu_grad": torch_call("torch.heaviside(x, zero)"),
    "relu_backward": torch_backward("threshold_backward", "x, 0"),
    "relu6": torch_call("nn.hardtanh(x, 0, 6)", "nn.relu6_(x)"),
    "relu6_backward": torch_backward("hardtanh_backward", "x, 0, 6"),
    "clipped_relu": torch_call("torch.clamp(x, 0, max_value)", "torch.clamp_(x, 0, max_value)"),
    "clipped_relu_backward": torch_backward("hardtanh_backward", "x, 0, max_value"),
    "thresholded_relu": torch_call("aten.threshold(x, theta, 0)", "torch.threshold_(x, theta, 0)"),
    "thresholded_relu_backward": torch_backward("threshold_backward", "x, theta"),
    "add_relu": (
        "torch.relu_(torch.add(x, y))",
        "torch.clamp_min(torch.add(x, y, out=o), 0, out=o)",
        "torch.relu_(x.add_(y))",
    ),
    "leaky_relu": torch_call(
        "nn.leaky_relu(x, negative_slope)", "nn.leaky_relu_(x, negative_slope)"
    ),
    "leaky_relu_backward": torch_backward("leaky_relu_backward", "x, negative_slope, False"),
    "prelu": ("torch.prelu(x, weight)", None, None),
    "prelu_backward": ("aten._prelu_kernel_backward(dy, x, slopes)", None, None),
    "elu": torch_call("nn.elu(x, alpha)", "nn.elu_(x, alpha)"),
    "elu_backward": torch_backward("elu_backward", "alpha, 1, 1, False, x"),
    "elu_backward_from_output": torch_backward("elu_backward", "alpha, 1, 1, True, y"),
    "selu": torch_call(f"nn.elu(x, {SELU})", "torch.selu_(x)"),
    "selu_backward": torch_backward("elu_backward", f"{SELU}, False, x"),
    "celu": torch_call(f"nn.elu(x, {CELU})", "torch.celu_(x, alpha)"),
    "celu_backward": torch_backward("elu_backward", f"{CELU}, False, x"),
    "sigmoid": torch_call("torch.sigmoid(x)", "torch.sigmoid_(x)"),
    "silu": torch_call("nn.silu(x)", "nn.silu_(x)"),
    "silu_backward": torch_backward("silu_backward", "x"),
    "softplus": torch_call("nn.softplus(x, beta, 20)"),
    "softplus_backward": torch_backward("softplus_backward", "x, beta, 20"),
    "mish": torch_call("nn.mish(x)", "nn.mish_(x)"),
    "mish_backward": ("aten.mish_backward(dy, x)", None, None),
    "gelu": torch_call("nn.gelu(x)", "nn.gelu_(x)"),
    "gelu_backward": torch_backward("gelu_backward", "x"),
    "gelu_tanh": torch_call("nn.gelu(x, approximate='tanh')", "nn.gelu_(x, approximate='tanh')"),
    "gelu_tanh_backward": (
        "aten.gelu_backward(dy, x, approximate='tanh')",
        "aten.gelu_backward.grad_input(dy, x, approximate='tanh', grad_input=o)",
        None,
    ),
    "hardswish": torch_call("nn.hardswish(x)", "nn.hardswish_(x)"),
    "hardswish_backward": ("aten.hardswish_backward(dy, x)", None, None),
    "hardsigmoid": torch_call("nn.hardsigmoid(x)", "nn.hardsigmoid_(x)"),
    "hardsigmoid_backward": torch_backward("hardsigmoid_backward", "x"),
    "glu": torch_gated("torch.sigmoid(gate)"),
    "swiglu": torch_gated("nn.silu(gate)"),
    "geglu": torch_gated("nn.gelu(gate)"),
    "geglu_tanh": torch_gated("nn.gelu(gate, approximate='tanh')"),
    "reglu": (
        "torch.relu(gate).mul_(up)",
        "torch.mul(torch.clamp_min(gate, 0, out=o), up, out=o)",
        None,
    ),
}


def torch_scope():
    torch = import_module("torch")
    return {"torch": torch, "nn": torch._C._nn, "aten": torch.ops.aten}


class Torch(Peer):
    """PyTorch without autograd, on tensors that share the arrays' memory."""

    name = "PyTorch"
    packages = ("torch",)

    def hold(self, threads, enforced, module):
        module.set_grad_enabled(False)
        module.set_num_threads(threads)
        return module.get_num_threads()

    def prepare(self, work, operands):
        torch = import_module("torch")
        if work.function not in TORCH:
            raise Refused(NO_FUNCTION)
        statement = TORCH[work.function][("fresh", "out", "inplace").index(work.output)]
        if statement is None:
            raise Refused(NO_OUT)
        scope = torch_scope()
        for name, value in operands.named.items():
            scope[name] = torch.from_numpy(value) if isinstance(value, np.ndarray) else value
        function = FUNCTIONS[work.function]
        first = scope[function.arrays[0]]
        scope["zero"] = torch.zeros((), dtype=first.dtype)
        for name, default in function.defaults.items():
            if default is None:
                scope["slopes"] = torch.as_tensor(scope[name], dtype=first.dtype)
                scope["weight"] = self.weight(work, scope["slopes"])
        if isinstance(operands.out, np.ndarray):
            scope["o"] = torch.from_numpy(operands.out)
        return statement, scope

    @staticmethod
    def weight(work, slope):
        """One slope for each channel, which is the second axis, as PyTorch takes it."""
        if work.slope and work.shape[1] != math.prod(work.slope):
            raise Refused("takes slopes along the second axis only")
        return slope.reshape(-1)


# The operator, its attributes, and its inputs behind x; a parameter is named for its value.
ONNX = {
    "relu": ("Relu", {}),
    "relu6": ("Clip", {}, 0, 6),
    "clipped_relu": ("Clip", {}, 0, "max_value"),
    "thresholded_relu": ("ThresholdedRelu", {"alpha": "theta"}),
    "leaky_relu": ("LeakyRelu", {"alpha": "negative_slope"}),
    "prelu": ("PRelu", {}, "slope"),
    "elu": ("Elu", {"alpha": "alpha"}),
    "selu": ("Selu", {}),
    "celu": ("Celu", {"alpha": "alpha"}),
    "sigmoid": ("Sigmoid", {}),
    "silu": ("Swish", {"alpha": "beta"}),
    "softplus": ("Softplus", {}),
    "mish": ("Mish", {}),
    "gelu": ("Gelu", {}),
    "gelu_tanh": ("Gelu", {"approximate": "tanh"}),
    "hardswish": ("HardSwish", {}),
    "hardsigmoid": ("HardSigmoid", {"alpha": "alpha", "beta": "beta"}),
}


class Onnxruntime(Peer):
    """A model of one node, without the arena that would keep outputs for the next run.

    out= is a bound output. Its threads stop spinning when a run ends, and so disturb nobody else.
    """

    name = "ONNX Runtime"
    packages = ("onnxruntime", "onnx")

    def hold(self, threads, enforced, *modules):
        return threads  # an option of each session

    def prepare(self, work, operands):
        if work.function not in ONNX:
            raise Refused(NO_FUNCTION)
        x = operands.named["x"]
        if work.output == "inplace" or not x.flags.c_contiguous:
            raise Refused("has contiguous arrays only, and no in-place operation")
        model = onnx_model(work.function, operands.dtype, work.shape, operands.named)
        session = onnx_session(model, self.threads)
        if work.output == "fresh":
            return "run(None, feed)", {"run": session.run, "feed": {"x": x}}
        binding, new = session.io_binding(), operands.new[0]
        binding.bind_cpu_input("x", x)
        binding.bind_output("o", "cpu", 0, new.dtype.type, list(new.shape), new.ctypes.data)
        return "run(binding)", {"run": session.run_with_iobinding, "binding": binding}


def onnx_model(name, dtype, shape, numbers):
    """A model of one node; `numbers`, by the names of parameters, may be arrays."""
    from onnx import helper, numpy_helper

    operator, attributes, *weights = ONNX[name]
    element = helper.np_dtype_to_tensor_dtype(np.dtype(dtype))
    x, o = (helper.make_tensor_value_info(name, element, shape) for name in "xo")
    weights = [
        numpy_helper.from_array(np.asarray(numbers.get(weight, weight), dtype), f"w{i}")
        for i, weight in enumerate(weights)
    ]
    attributes = {
        key: float(numbers[value]) if value in numbers else value
        for key, value in attributes.items()
    }
    inputs = ["x", *(weight.name for weight in weights)]
    nodes = [helper.make_node(operator, inputs, ["o"], **attributes)]
    graph = helper.make_graph(nodes, "one", [x], [o], weights)
    # As old as can be: versions of ONNX Runtime read no newer numbers than they know.
    version = 24 if operator == "Swish" else 20
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", version)])
    model.ir_version = 10 if operator == "Swish" else 9
    return model.SerializeToString()


def onnx_session(model, threads):
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
    options.enable_cpu_mem_arena = False
    options.log_severity_level = 4  # what it cannot do, it also raises
    options.add_session_config_entry("session.force_spinning_stop", "1")
    providers = ["CPUExecutionProvider"]
    return onnxruntime.InferenceSession(model, options, providers=providers)


JAX_NAMED = {
    "relu": "relu(x)",
    "relu6": "relu6(x)",
    "leaky_relu": "leaky_relu(x, negative_slope)",
    "elu": "elu(x, alpha)",
    "selu": "selu(x)",
    "celu": "celu(x, alpha)",
    "sigmoid": "sigmoid(x)",
    "silu": "silu(x)",
    "softplus": "softplus(x)",
    "mish": "mish(x)",
    "gelu": "gelu(x, False)",
    "gelu_tanh": "gelu(x, True)",
    "hardswish": "hard_swish(x)",
    "hardsigmoid": "hard_sigmoid(x)",
}


class Jax(Peer):
    """JAX's own function, or the expression, compiled by XLA."""

    name = "JAX"
    packages = ("jax", "jaxlib")

    def hold(self, threads, enforced, *modules):
        if not enforced:
            raise Refused("cannot be held to a number of threads on this system")
        jax = modules[0]
        jax.config.update("jax_platforms", "cpu")
        jax.config.update("jax_enable_x64", True)  # float64 would become float32
        # Hand no work to another thread just to wait for it.
        jax.config.update("jax_cpu_enable_async_dispatch", False)
        return threads

    def prepare(self, work, operands):
        import jax

        if work.output != "fresh":
            raise Refused(NO_OUT)
        if work.layout != "contiguous":
            raise Refused("has contiguous arrays only")
        function = FUNCTIONS[work.function]
        if work.function in JAX_NAMED:
            sources, scope = [JAX_NAMED[work.function]], vars(jax.nn)
        else:
            sources, scope = jax_outputs(work.function, operands.dtype)
        inputs = ", ".join(function.inputs)
        compiled = jax.jit(eval(f"lambda {inputs}: ({', '.join(sources)})", dict(scope)))
        names = {name: jax.device_put(value) for name, value in typed(work, operands).items()}
        if function.nout == 1:
            return f"f({inputs}).block_until_ready()", names | {"f": compiled}
        ready = jax.block_until_ready
        return f"ready(f({inputs}))", names | {"f": compiled, "ready": ready}
