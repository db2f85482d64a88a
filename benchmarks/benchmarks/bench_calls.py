"""What a call costs where there is next to nothing to compute."""

from timeit import Timer

import numpy as np

import relu_ufunc

from .suite import CLOCK, cut, in_turn

CALLS = (
    "np.positive(x)",  # the least that NumPy's own machinery costs
    "np.positive(x, out=out)",
    "np.maximum(x, 0)",
    "ru.relu(x)",
    "ru.relu(x, out=out)",
    "ru.elu(x)",
    "ru.elu(x, 0.5)",
    "ru.elu(x, alpha=0.5)",
    "ru.elu(x, alpha=0.5, out=out)",
    "ru.elu_backward(x, x)",
)


class Calls:
    """Nanoseconds a call."""

    param_names = ("call", "elements")
    params = (CALLS, cut((16, 0)))
    unit = "ns"

    def track_overhead(self, call, elements):
        relu_ufunc.set_num_threads(1)
        x = np.linspace(-1, 1, elements, dtype=np.float32)
        scope = {"np": np, "ru": relu_ufunc, "x": x, "out": np.empty_like(x)}
        timers = [Timer(code, timer=CLOCK, globals=scope) for code in (call, "pass")]
        seconds, of_loop = in_turn(timers)
        return float(np.median(seconds - of_loop)) * 1e9
