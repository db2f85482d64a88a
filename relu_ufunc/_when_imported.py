"""What is to happen when another package is imported, whether before or after this one.

Nothing but a finder on `sys.meta_path` gets to know of an import that is still to come, and
threadpoolctl has no other way to hear of us. A process can hold several copies of this package, by
a second import or in another folder: they share the one finder.
"""

import importlib
import os
import sys
from _thread import get_ident

from . import _relu_ufunc


def when_imported(name, action):
    """Call `action` with the module `name` now if it has been imported, and whenever it is.

    It may be called again with a module that it knows. Of the copies of this package that share a
    compiled module, and so all that an action changes, the last one's is called.
    """
    _shared_finder().relu_ufunc_actions.setdefault(name, {})[_relu_ufunc.__file__] = action
    if name in sys.modules:
        try:
            # This waits for another thread that is half-way through it.
            module = importlib.import_module(name)
        except Exception:
            return  # blocked by None in sys.modules, or failed: it may be tried again
        action(module)


def _shared_finder():
    """The finder on `sys.meta_path`, which may be another copy's."""
    for finder in sys.meta_path:
        if "relu_ufunc_actions" in getattr(finder, "__dict__", ()):
            return finder
    finder = _Finder()
    sys.meta_path.insert(0, finder)
    return finder


class _Finder:
    """Finds modules as the finders behind it do, and has something happen once they are executed.

    It stays for good: to find a module is not to import it, and an import may fail and come again.
    """

    def __init__(self):
        self.relu_ufunc_actions = {}  # by the name of the module and our compiled file
        self._asking = set()  # who is asking the other finders, for which name
        if hasattr(os, "register_at_fork"):  # the child has none of the other threads
            os.register_at_fork(after_in_child=self._asking.clear)

    def find_spec(self, name, path=None, target=None):
        asked = get_ident(), name
        if name not in self.relu_ufunc_actions or asked in self._asking:
            return None  # the latter where one of the others asks all finders in its turn
        self._asking.add(asked)
        try:
            spec = self._ask_the_others(name, path, target)
        finally:
            self._asking.discard(asked)
        if not hasattr(getattr(spec, "loader", None), "exec_module"):
            return spec  # there is none, or nothing is executed
        from copy import copy  # not while this package is imported

        spec = copy(spec)  # its finder may give it again
        spec.loader = _Following(spec.loader, self.relu_ufunc_actions[name])
        return spec

    def _ask_the_others(self, name, path, target):
        finders = list(sys.meta_path)
        if self in finders:
            del finders[: finders.index(self) + 1]  # those have been asked
        for finder in finders:
            find_spec = getattr(finder, "find_spec", None)
            spec = None if find_spec is None else find_spec(name, path, target)
            if spec is not None:
                return spec
        return None


class _Following:
    """A loader that leaves all to another one, and calls actions with the module at the end."""

    def __init__(self, loader, actions):
        self._loader, self._actions = loader, actions

    def __getattr__(self, name):
        if name == "_loader":
            raise AttributeError(name)  # in the middle of being copied
        return getattr(self._loader, name)

    def create_module(self, spec):
        return self._loader.create_module(spec)

    def exec_module(self, module):
        for holder, name in ((module, "__loader__"), (module.__spec__, "loader")):
            if getattr(holder, name, None) is self:
                setattr(holder, name, self._loader)
        self._loader.exec_module(module)
        for action in list(self._actions.values()):
            action(module)
