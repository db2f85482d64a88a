"""What this build is and what it runs on."""

import numpy as np

from . import _build_config, _learning, _streaming, _threads
from ._relu_ufunc import (
    POOL_KIND,
    default_threads,
    get_isa,
    isas,
    isas_built,
    serves_directly,
    streamed_pages,
)


def show_config(mode="stdout"):
    """
    Show how relu_ufunc was built and what it runs on.

    Parameters
    ----------
    mode : {'stdout', 'dicts'}, optional
        Print the configuration, or return it.

    Returns
    -------
    dict or None
        The configuration where `mode` is ``'dicts'``, else None.

    Raises
    ------
    ValueError
        If `mode` is neither.

    See Also
    --------
    get_isa : The instruction set alone.
    get_num_threads : The number of threads alone.

    Examples
    --------
    >>> import relu_ufunc
    >>> config = relu_ufunc.show_config(mode="dicts")
    >>> config["Instruction sets"]["in use"] == relu_ufunc.get_isa()
    True
    """
    if mode not in ("stdout", "dicts"):
        raise ValueError(f"mode={mode!r}: must be 'stdout' or 'dicts'")
    # Not while the package is imported: they take longer than all of it.
    import json
    import platform
    import shlex

    config = {
        "Version": _build_config.VERSION,
        "Instruction sets": {
            "in use": get_isa(),
            "available": list(isas()),
            "built": list(isas_built()),
        },
        "Calls": {
            "plain ones served by": "relu_ufunc" if serves_directly() else "numpy",
            "outputs written past the caches, from bytes": _streaming.describe(),
            "pages written past the caches in turn": streamed_pages(),
        },
        "Threads": {
            "in use": _threads.get_num_threads(),
            "default": default_threads(),
            "pool": POOL_KIND,
        },
        "Learned": _learning.describe(),
        "Build": {
            "type": _build_config.BUILD_TYPE,
            "optimization": _build_config.OPTIMIZATION,
            "compiler": f"{_build_config.COMPILER} {_build_config.COMPILER_VERSION}",
            "arguments": dict(_build_config.COMPILER_ARGUMENTS),
            "arguments given": {
                name: shlex.join(arguments)
                for name, arguments in _build_config.GIVEN_ARGUMENTS.items()
            },
            "cython": _build_config.CYTHON_VERSION,
            "numpy": _build_config.NUMPY_VERSION,
        },
        "Running on": {
            "machine": platform.machine(),
            "system": platform.system(),
            "python": platform.python_version(),
            "numpy": np.__version__,
        },
    }
    if mode == "dicts":
        return config
    print(json.dumps(config, indent=2))
    return None
