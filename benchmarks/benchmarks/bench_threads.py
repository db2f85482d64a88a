"""What more threads bring, and that none are used where they cost more than they bring."""

from functools import partial

import relu_ufunc

from .machine import available_cores
from .suite import checked_case, cut, ratio

CASES = {
    "relu": ("relu", "contiguous"),
    "elu": ("elu", "contiguous"),
    "prelu a channel": ("prelu", "channel"),
}


class Threads:
    """By the clock on the wall: processor time would count the work of one thread alone."""

    param_names = ("function", "dtype", "size", "threads")
    params = (
        cut(tuple(CASES)),
        cut(("float32", "float64")),
        cut((2**12, 2**16, 2**20, 2**24), 2**20),
        cut((1, 2, 4, 8, 16, 32), 1, 2),
    )
    timeout = 300

    def setup(self, function, dtype, size, threads):
        if threads > available_cores():
            raise NotImplementedError(f"{available_cores()} cores are too few")
        name, layout = CASES[function]
        self._case = checked_case(name, dtype, size, layout, "out")
        self._calls = range(max(1, 2**20 // size))
        self._ours = self._case.bind(self._case.ours)
        relu_ufunc.set_num_threads(threads)

    def time_relu_ufunc(self, *params):
        """As many calls as 2**20 elements take."""
        call = self._ours
        for _ in self._calls:
            call()

    def track_ratio_to_serial(self, function, dtype, size, threads):
        parallel, serial = (
            self._case.timer(self._case.ours, partial(relu_ufunc.set_num_threads, number))
            for number in (threads, 1)
        )
        return ratio(parallel, serial)

    track_ratio_to_serial.unit = "ratio"
