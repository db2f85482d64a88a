"""PyTorch, ONNX Runtime and JAX, which have functions of these names."""

import math
from importlib import import_module

import numpy as np
from benchmarks.functions import FUNCTIONS

from .peers import NO_FUNCTION, NO_OUT, Peer, Refused, typed
from .words import jax_outputs

# For a new output, for out=, for x itself. `nn` is torch._C._nn, `aten` torch.ops.aten; `weight` is
# the slope as a vector.
TORCH = {
    "relu": ("torch.relu(x)", "torch.clamp_min(x, 0, out=o)", "torch.relu_(x)"),
    "leaky_relu": (
        "nn.leaky_relu(x, negative_slope)",
        "nn.leaky_relu(x, negative_slope, out=o)",
        "nn.leaky_relu_(x, negative_slope)",
    ),
    "prelu": ("torch.prelu(x, weight)", None, None),
    "elu": ("nn.elu(x, alpha)", "nn.elu(x, alpha, out=o)", "nn.elu_(x, alpha)"),
    "relu_grad": ("torch.heaviside(x, zero)", "torch.heaviside(x, zero, out=o)", None),
    "relu_backward": (
        "aten.threshold_backward(dy, x, 0)",
        "aten.threshold_backward.grad_input(dy, x, 0, grad_input=o)",
        None,
    ),
    "leaky_relu_backward": (
        "aten.leaky_relu_backward(dy, x, negative_slope, False)",
        "aten.leaky_relu_backward.grad_input(dy, x, negative_slope, False, grad_input=o)",
        None,
    ),
    "prelu_backward": ("aten._prelu_kernel_backward(dy, x, slope)", None, None),
    "elu_backward": (
        "aten.elu_backward(dy, alpha, 1, 1, False, x)",
        "aten.elu_backward.grad_input(dy, alpha, 1, 1, False, x, grad_input=o)",
        None,
    ),
    "elu_backward_from_output": (
        "aten.elu_backward(dy, alpha, 1, 1, True, y)",
        "aten.elu_backward.grad_input(dy, alpha, 1, 1, True, y, grad_input=o)",
        None,
    ),
}


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
        scope = {"torch": torch, "nn": torch._C._nn, "aten": torch.ops.aten}
        for name, value in operands.named.items():
            scope[name] = torch.from_numpy(value) if isinstance(value, np.ndarray) else value
        function = FUNCTIONS[work.function]
        first = scope[function.arrays[0]]
        scope["zero"] = torch.zeros((), dtype=first.dtype)
        for name, default in function.defaults.items():
            if default is None:  # a learned one is a tensor
                scope[name] = torch.as_tensor(scope[name], dtype=first.dtype)
                scope["weight"] = self.weight(work, scope[name])
        if isinstance(operands.out, np.ndarray):
            scope["o"] = torch.from_numpy(operands.out)
        return statement, scope

    @staticmethod
    def weight(work, slope):
        """One slope for each channel, which is the second axis, as PyTorch takes it."""
        if work.slope and work.shape[1] != math.prod(work.slope):
            raise Refused("takes slopes along the second axis only")
        return slope.reshape(-1)


# The operator and its attribute; a learned parameter is an input.
ONNX = {
    "relu": ("Relu", None),
    "leaky_relu": ("LeakyRelu", "alpha"),
    "prelu": ("PRelu", None),
    "elu": ("Elu", "alpha"),
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
        session = onnx_session(model_of(work, operands), self.threads)
        if work.output == "fresh":
            return "run(None, feed)", {"run": session.run, "feed": {"x": x}}
        binding, new = session.io_binding(), operands.new[0]
        binding.bind_cpu_input("x", x)
        binding.bind_output("o", "cpu", 0, new.dtype.type, list(new.shape), new.ctypes.data)
        return "run(binding)", {"run": session.run_with_iobinding, "binding": binding}


def model_of(work, operands):
    from onnx import helper, numpy_helper

    node, attribute = ONNX[work.function]
    element = helper.np_dtype_to_tensor_dtype(operands.dtype)
    x, o = (helper.make_tensor_value_info(name, element, work.shape) for name in "xo")
    attributes, weights = {}, []
    for name, default in FUNCTIONS[work.function].defaults.items():
        value = operands.named[name]
        if default is None:
            weight = np.atleast_1d(np.asarray(value, operands.dtype))
            weights.append(numpy_helper.from_array(weight, name))
        else:
            attributes[attribute] = value
    inputs = ["x", *(weight.name for weight in weights)]
    nodes = [helper.make_node(node, inputs, ["o"], **attributes)]
    graph = helper.make_graph(nodes, "one", [x], [o], weights)
    # Old numbers, which every version of ONNX Runtime in use can read.
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 16)])
    model.ir_version = 8
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
    "leaky_relu": "leaky_relu(x, negative_slope)",
    "elu": "elu(x, alpha)",
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
