"""Activation functions from ReLU to GELU and SwiGLU, and their gradients, as NumPy ufuncs.

One pass over memory, every float dtype, and one exact answer on every instruction set, for every
length, offset and stride.

>>> import numpy as np
>>> import relu_ufunc
>>> relu_ufunc.relu(np.array([-1.0, 0.0, 2.0]))
array([0., 0., 2.])
>>> relu_ufunc.elu(np.array([-np.inf, 2.0]), alpha=0.5)
array([-0.5,  2. ])
"""

from importlib.util import find_spec

if find_spec(f"{__name__}._relu_ufunc") is None:
    # This is the source folder, not the built package: the installed one takes its place.
    from ._source_tree import hand_over_to_installed

    hand_over_to_installed(__name__)
else:
    from ._command import errors_in_one_line

    with errors_in_one_line():  # of the environment, where a command is run
        from ._bfloat16 import register_with_ml_dtypes
        from ._build_config import VERSION as __version__
        from ._config import show_config
        from ._families import backward_of, grad_of
        from ._include import get_include
        from ._learning import set_up as set_up_learning
        from ._recycling import recycle_outputs
        from ._relu_ufunc import C_API as _C_API  # noqa: F401  # for PyCapsule_Import
        from ._relu_ufunc import get_isa, ufuncs_of
        from ._streaming import set_up as set_up_streaming
        from ._threads import get_num_threads, register_with_threadpoolctl, set_num_threads
        from ._vjp import prelu_vjp, vjp

        set_up_learning()
        set_up_streaming()

    _ufuncs = ufuncs_of(get_isa())
    register_with_ml_dtypes()
    register_with_threadpoolctl()

    globals().update(_ufuncs)
    _functions = (
        backward_of,
        get_include,
        get_isa,
        get_num_threads,
        grad_of,
        prelu_vjp,
        recycle_outputs,
        set_num_threads,
        show_config,
        vjp,
    )
    __all__ = ["__version__", *_ufuncs, *(_function.__name__ for _function in _functions)]

    for _function in _functions:
        # Pickled by the package's name. To unpickle it by a submodule's would take the locks of the
        # two imports in the other order than the package does as it imports that submodule.
        _function.__module__ = __name__

    del errors_in_one_line, register_with_ml_dtypes, register_with_threadpoolctl
    del set_up_learning, set_up_streaming, ufuncs_of, _function, _functions, _ufuncs

del find_spec


def __getattr__(name):
    """Import `relu_ufunc.testing` for whoever names it."""
    if name == "testing":
        from importlib import import_module

        return import_module(f"{__name__}.testing")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__():
    return sorted({*globals(), "testing"})
