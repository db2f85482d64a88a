"""How many threads a call may use: the default, and the ways to change it."""

import os

from . import _build_config, _cpus, _relu_ufunc
from ._arguments import as_integer
from ._when_imported import when_imported

VARIABLE = "RELU_UFUNC_NUM_THREADS"
MOST = _relu_ufunc.MOST_THREADS
RANGE = f"must be from 1 to {MOST}" if MOST > 1 else "must be 1: this build has no threads"


def get_num_threads():
    """
    Say how many threads a call may use.

    Small calls use fewer, and so does a call that is made while another one has the threads. The
    results do not depend on it.

    Returns
    -------
    int
        The number set last, or the default: the least of the processors that the calling thread
        may run on at present, their physical cores, the CPU quota of the process's cgroups and
        ``OMP_NUM_THREADS``. The environment variable ``RELU_UFUNC_NUM_THREADS`` replaces the
        default. 1 in a build without threads.

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
        processors is allowed, and slower. A build without threads has 1 alone.

    Returns
    -------
    int
        The number that held before. Where that was the default, to set it again brings back the
        default, which goes on following the processors that a thread may run on.

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
        raise ValueError(f"set_num_threads(n={n}): {RANGE}")
    by_default = isinstance(n, _Default)
    before = _relu_ufunc.unset_threads() if by_default else _relu_ufunc.set_threads(number)
    return before or _Default(_relu_ufunc.default_threads())


class _Default(int):
    """How many threads there were by default: to set so many is to go back to the default."""

    def __reduce__(self):
        return int, (int(self),)  # to another process it is a number, and nothing to import


def default(environ, cpus, quota):
    """
    How many threads a call may use on all processors of the machine.

    Parameters
    ----------
    environ : mapping
        Environment variables.
    cpus : int
        Processors of the machine.
    quota : float
        Processors' worth of time that this process may use.

    Returns
    -------
    int
        From 1 to `MOST`.

    Raises
    ------
    ImportError
        If ``RELU_UFUNC_NUM_THREADS`` is no number in that range.
    """
    wanted = environ.get(VARIABLE, "")
    if wanted:
        number = _whole(wanted)
        if number is None or not 1 <= number <= MOST:
            raise ImportError(f"{VARIABLE}={wanted!r}: {RANGE}")
        return number
    # OpenMP's list is for nested regions: the first number is for the outermost.
    ceiling = _whole(environ.get("OMP_NUM_THREADS", "").split(",")[0]) or MOST
    return max(1, int(min(cpus, quota, ceiling, MOST)))


def _whole(text):
    """The whole number of a text, None if it is none or longer than a number of threads is."""
    digits = text.strip().lstrip("0") or "0"
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 10 else None


def _start():
    """Set the default, as far as it stays as it is; affinity is looked at by each large call."""
    cpus, quota = _cpus.present_cpus(), _cpus.quota()
    _relu_ufunc.set_cores(_cpus.firsts_on_cores(cpus))
    _relu_ufunc.init_pool(max(1, int(min(len(cpus), quota))))
    most = default(os.environ, len(cpus), quota)
    _relu_ufunc.set_default_threads(most, by_cores=not os.environ.get(VARIABLE))


_start()


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
            """As set_num_threads gives it: threadpoolctl sets it again after a limit."""
            return _relu_ufunc.threads_set() or _Default(_relu_ufunc.default_threads())

        def set_num_threads(self, num_threads):
            """One limit for libraries of all kinds may be out of our range."""
            set_num_threads(max(min(num_threads, MOST), 1))

        def get_version(self):
            return _build_config.VERSION

    return Controller
