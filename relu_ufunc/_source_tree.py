"""What happens when Python finds the source folder `relu_ufunc` before the installed package.

It does so in the checkout's root, for `python -m pytest`, `python -m relu_ufunc` and an
interactive session: the current folder comes first on `sys.path`.
"""

import importlib.util
import sys
from importlib.machinery import PathFinder
from pathlib import Path


def hand_over_to_installed(name):
    """Put the installed package `name` in the place of this unbuilt one, or raise ImportError."""
    spec = _find_built(name)
    if spec is None:
        raise ImportError(
            f"{name} was found as the source folder {Path(__file__).resolve().parent}, which is "
            "not built, and no installed copy was found: run `pip install .` in the checkout first",
            name=name,
        )
    module = importlib.util.module_from_spec(spec)
    spec._initializing = True  # or another thread that imports it takes it for complete
    try:
        sys.modules[name] = module
        spec.loader.exec_module(module)
    finally:
        spec._initializing = False


def _find_built(name):
    """The first package of that name on sys.path that has its compiled module."""
    for entry in sys.path:
        if not isinstance(entry, str):
            continue  # as Python itself does
        spec = PathFinder.find_spec(name, [entry])
        if spec is None or spec.loader is None:
            continue
        if PathFinder.find_spec(f"{name}._{name}", spec.submodule_search_locations):
            return spec
    return None
