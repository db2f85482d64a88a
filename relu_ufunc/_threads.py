"""How many threads a call may use: the default, and the ways to change it."""

import os

from . import _build_config, _cpus, _relu_ufunc
from ._arguments import as_integer
from ._when_imported import when_imported

MOST = _relu_ufunc.MOST_THREADS


def get_num_threads():
    """
    Say how many threads a call may use.

    Small calls use fewer, and so does a call that is made while another one has the threads. The
    results do not depend on it.

    Returns
    -------
    int
        The number set last, or the default: the least of the processors that this process may run
        on, their physical cores, the CPU quota of its cgroups and ``OMP_NUM_THREADS``. The
        environment variable ``RELU_UFUNC_NUM_THREADS`` replaces the default.

    See Also
    --------
    set_num_threads : Change it.

    Examples
    --------
    >>> import relu_ufunc
    >>> relu_ufunc.get_num_threads() >= 1
    True
    """
    return _relu_ufunc.get_threads()


def set_num_threads(n):
    """
    Set how many threads a call may use, from any thread and for all of the process.

    Parameters
    ----------
    n : int
        From 1, which is to use no threads beside the caller's own, to 1024. More than there are
        processors is allowed, and slower.

    Returns
    -------
    int
        The number that held before.

    Raises
    ------
    TypeError
        If `n` is not an integer.
    ValueError
        If `n` is out of range.

    See Also
    --------
    get_num_threads : The number that holds.

    Examples
    --------
    >>> import relu_ufunc
    >>> before = relu_ufunc.set_num_threads(1)
    >>> relu_ufunc.get_num_threads()
    1
    >>> relu_ufunc.set_num_threads(before)
    1
    """
    number = as_integer("set_num_threads", "n", n)
    if not 1 <= number <= MOST:
        raise ValueError(f"set_num_threads(n={n}): must be from 1 to {MOST}")
    return _relu_ufunc.set_threads(number)


def default(environ, cpus, quota, cores):
    """
    The number of threads to start with.

    Parameters
    ----------
    environ : mapping
        Environment variables.
    cpus : int
        Processors that this process may run on.
    quota : float
        Processors' worth of time that it may use.
    cores : callable
        Gives the number of physical cores, counted up to the number that it is called with.

    Returns
    -------
    int
        From 1 to `MOST`.

    Raises
    ------
    ImportError
        If ``RELU_UFUNC_NUM_THREADS`` is no number in that range.
    """
    wanted = environ.get("RELU_UFUNC_NUM_THREADS", "")
    if wanted:
        number = _whole(wanted)
        if number is None or not 1 <= number <= MOST:
            raise ImportError(f"RELU_UFUNC_NUM_THREADS={wanted!r}: must be from 1 to {MOST}")
        return number
    # OpenMP's list is for nested regions: the first number is for the outermost.
    ceiling = _whole(environ.get("OMP_NUM_THREADS", "").split(",")[0]) or MOST
    return max(1, cores(int(min(cpus, quota, ceiling, MOST))))


def _whole(text):
    """The whole number of a text, None if it is none or longer than a number of threads is."""
    digits = text.strip().lstrip("0") or "0"
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 10 else None


def _start():
    cpus = _cpus.allowed_cpus()
    quota = _cpus.quota()
    number = default(os.environ, len(cpus), quota, lambda most: _cpus.physical_cores(cpus, most))
    if _relu_ufunc.init_pool(max(1, int(min(len(cpus), quota, MOST)))):
        _relu_ufunc.set_threads(number)  # else what was set for the process stays
    return number


DEFAULT = _start()


def register_with_threadpoolctl():
    """Let threadpoolctl see and limit our threads, now or whenever it is imported."""
    when_imported("threadpoolctl", _register)


def _register(threadpoolctl):
    base = getattr(threadpoolctl, "LibController", None)  # new in 3.2
    if isinstance(base, type) and not any(
        controller.user_api == "relu_ufunc" for controller in base.__subclasses__()
    ):
        threadpoolctl.register(_controller(base))


def _controller(base):
    """The class by which threadpoolctl controls us, derived from its own."""

    class Controller(base):
        user_api = internal_api = "relu_ufunc"
        filename_prefixes = (_relu_ufunc.__name__.rpartition(".")[2],)

        def get_num_threads(self):
            return get_num_threads()

        def set_num_threads(self, num_threads):
            """One limit for libraries of all kinds may be out of our range."""
            set_num_threads(max(1, min(num_threads, MOST)))

        def get_version(self):
            return _build_config.VERSION

    return Controller
