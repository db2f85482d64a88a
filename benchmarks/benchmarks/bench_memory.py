"""The memory of a process that makes one call: inputs, output, and whatever lies between."""

import relu_ufunc

from .common import Case
from .functions import FUNCTIONS
from .suite import cut


class PeakMemory:
    param_names = ("function",)
    params = (cut(tuple(FUNCTIONS)),)

    def setup(self, function):
        relu_ufunc.set_num_threads(1)
        # Arrays of 64 MiB: what the interpreter and NumPy take is less. Nothing is checked first,
        # for the peak is that of the whole process.
        self._case = Case(function, "float32", 2**24)

    def peakmem_relu_ufunc(self, function):
        self._case.bind(self._case.ours)()

    def peakmem_numpy(self, function):
        self._case.bind(self._case.numpy)()
