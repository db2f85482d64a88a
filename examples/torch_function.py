"""Use relu_ufunc in PyTorch on the CPU: its tensors and NumPy's arrays share their memory.

    pip install '.[torch]' && python examples/torch_function.py

`Function.apply(f, x, *parameters)` is f of tensors, differentiable once with respect to each.
The example checks the gradients as torch does, and times gelu beside torch's own.
"""

from statistics import median
from time import perf_counter

import torch

import relu_ufunc as ru


class Function(torch.autograd.Function):
    """A function of relu_ufunc of tensors on the CPU."""

    @staticmethod
    def forward(ctx, f, *inputs):
        ctx.f = f
        ctx.save_for_backward(*inputs)
        return torch.as_tensor(f(*(t.detach().numpy() for t in inputs)))

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx, dy):
        inputs = [t.detach().numpy() for t in ctx.saved_tensors]
        gradients = ru.vjp(ctx.f)(dy.numpy(), *inputs)
        return None, *map(torch.as_tensor, gradients)


def check():
    """Raise unless the gradients of all inputs are those of finite differences."""
    x = torch.linspace(-3, 3, 12, dtype=torch.float64).reshape(3, 4).requires_grad_()
    alpha = torch.full((4,), 0.7, dtype=torch.float64, requires_grad=True)
    for f in (ru.elu, ru.celu, ru.silu, ru.softplus, ru.prelu):
        torch.autograd.gradcheck(lambda x, alpha, f=f: Function.apply(f, x, alpha), (x, alpha))
    torch.autograd.gradcheck(lambda x: Function.apply(ru.gelu, x), (x,))


def seconds(f, x):
    """The median time of f and of its gradient."""
    times = []
    for _ in range(15):
        begin = perf_counter()
        f(x).backward(torch.ones_like(x))
        times.append(perf_counter() - begin)
    return median(times)


def main():
    check()
    x = torch.randn(1000, 1000, requires_grad=True)
    ours = seconds(lambda x: Function.apply(ru.gelu, x), x)
    theirs = seconds(torch.nn.functional.gelu, x)
    print("the gradients are right")
    print(f"gelu and its gradient of 1000 x 1000: {ours * 1e3:.2f} ms, torch {theirs * 1e3:.2f} ms")


if __name__ == "__main__":
    main()
