"""What is to happen when another package is imported, whether before or after this one."""

import importlib
import importlib.abc
import sys


def when_imported(name, action):
    """Call `action` with the module `name` now if it has been imported, else whenever it is."""
    _finder.actions[name] = action
    if _finder not in sys.meta_path:
        sys.meta_path.insert(0, _finder)
    if name in sys.modules:
        try:
            # This waits for another thread that is half-way through it.
            module = importlib.import_module(name)
        except ImportError:
            return  # blocked, by None in sys.modules
        action(module)


class _Finder(importlib.abc.MetaPathFinder):
    """Finds modules as the other finders do, and has something happen once they are executed.

    It stays for good: to find a module is not to import it, and an import may fail and come again.
    """

    def __init__(self):
        self.actions = {}  # by the name of the module

    def find_spec(self, name, path=None, target=None):
        if name not in self.actions:
            return None
        for finder in sys.meta_path:
            if isinstance(finder, _Finder) or not hasattr(finder, "find_spec"):
                continue
            spec = finder.find_spec(name, path, target)
            if spec is not None:
                if spec.loader is not None:
                    spec.loader = _Following(spec.loader, self.actions[name])
                return spec
        return None


class _Following(importlib.abc.Loader):
    """A loader that leaves all to another one, and calls `action` with the module at the end."""

    def __init__(self, loader, action):
        self.loader, self.action = loader, action

    def __getattr__(self, name):
        return getattr(self.loader, name)

    def create_module(self, spec):
        return self.loader.create_module(spec)

    def exec_module(self, module):
        module.__spec__.loader = module.__loader__ = self.loader
        self.loader.exec_module(module)
        self.action(module)


_finder = _Finder()
