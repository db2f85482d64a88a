"""bfloat16 for those who have ml_dtypes, whichever of the two packages is imported first."""

import importlib.abc
import sys

import numpy as np

from ._relu_ufunc import register_bfloat16


def register_with_ml_dtypes():
    """Register bfloat16 now if ml_dtypes has been imported, else whenever it is."""
    sys.meta_path.insert(0, _WhenImported())
    if "ml_dtypes" in sys.modules:
        try:
            import ml_dtypes  # waits for another thread that is half-way through it
        except ImportError:
            return  # blocked, by None in sys.modules
        _register(ml_dtypes)


def _register(ml_dtypes):
    if hasattr(ml_dtypes, "bfloat16"):
        register_bfloat16(np.dtype(ml_dtypes.bfloat16))


class _WhenImported(importlib.abc.MetaPathFinder):
    """Finds ml_dtypes as the other finders do, and has it register once it is executed.

    It stays for good: to find a module is not to import it, and an import may fail and come again.
    """

    def find_spec(self, name, path=None, target=None):
        if name != "ml_dtypes":
            return None
        for finder in sys.meta_path:
            if isinstance(finder, _WhenImported) or not hasattr(finder, "find_spec"):
                continue
            spec = finder.find_spec(name, path, target)
            if spec is not None:
                if spec.loader is not None:
                    spec.loader = _Registering(spec.loader)
                return spec
        return None


class _Registering(importlib.abc.Loader):
    """A loader that leaves all to another one, and registers bfloat16 at the end."""

    def __init__(self, loader):
        self.loader = loader

    def __getattr__(self, name):
        return getattr(self.loader, name)

    def create_module(self, spec):
        return self.loader.create_module(spec)

    def exec_module(self, module):
        module.__spec__.loader = module.__loader__ = self.loader
        self.loader.exec_module(module)
        _register(module)
