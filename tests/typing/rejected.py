"""Uses of the package that type checkers reject, each for the reason that mypy gives behind it.

A comment that rejects nothing is an error as well (`spin lint`). tests/package/test_typing.py runs
each of these lines, and has it fail.
"""

import numpy as np

import relu_ufunc as ru

x = np.linspace(-2.0, 2.0, 5)
complex_numbers = np.ones(3, np.complex128)
words = np.ones(3, np.str_)
objects = np.ones(3, np.object_)

# Keywords that there are not.
ru.elu(x, alphas=0.5)  # type: ignore[call-overload]
ru.elu(x, negative_slope=0.5)  # type: ignore[call-overload]
ru.relu(x, inplace=True)  # type: ignore[call-overload]
ru.relu(x, alpha=1.0)  # type: ignore[call-overload]
ru.relu(x=x)  # type: ignore[call-overload]
ru.gelu(x, approximate="tanh")  # type: ignore[call-overload]
ru.prelu_grad(x, weight=0.5)  # type: ignore[call-overload]
ru.prelu_vjp(x, x, negative_slope=0.5)  # type: ignore[call-overload]

# Operands that are missing, or too many.
ru.prelu(x)  # type: ignore[call-overload]
ru.clipped_relu(x)  # type: ignore[call-overload]
ru.elu_backward(x)  # type: ignore[call-overload]
ru.swiglu(x)  # type: ignore[call-overload]
ru.relu(x, x, x)  # type: ignore[call-overload]

# Operands and options of types that are refused.
ru.elu("abc")  # type: ignore[call-overload]
ru.elu(["abc"])  # type: ignore[list-item]
ru.elu(b"abc")  # type: ignore[call-overload]
ru.relu(1j)  # type: ignore[call-overload]
ru.relu(complex_numbers)  # type: ignore[arg-type]
ru.relu(words)  # type: ignore[arg-type]
ru.relu(objects)  # type: ignore[arg-type]
ru.relu(None)  # type: ignore[call-overload]
ru.elu(x, alpha="large")  # type: ignore[call-overload]
ru.elu(x, out=3.0)  # type: ignore[call-overload]
ru.elu(x, order="rows")  # type: ignore[call-overload]
ru.elu(x, casting="always")  # type: ignore[call-overload]
ru.prelu_grad(x, 0.5, out=x)  # type: ignore[call-overload]

# Other functions.
ru.set_num_threads("many")  # type: ignore[arg-type]
ru.show_config("json")  # type: ignore[call-overload]
ru.recycle_outputs(1.5)  # type: ignore[arg-type]
ru.gelu_new(x)  # type: ignore[attr-defined]
