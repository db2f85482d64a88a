"""One thread count for everybody. This module imports none of the libraries that it restrains."""

import os
from pathlib import Path

VARIABLES = (
    "OMP_NUM_THREADS",
    "MKL_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
    "NUMEXPR_NUM_THREADS",
    "NUMEXPR_MAX_THREADS",
    "NUMBA_NUM_THREADS",
    "NPROC",  # XLA's pool takes its size from this one
    "RELU_UFUNC_NUM_THREADS",
)


def restrain(threads):
    """Allow everything imported from here on so many threads; say whether the system enforces it.

    Most libraries read their variable when they are loaded. Those that have none, or disregard it,
    are held by the affinity of the process: it runs on so many cores, and no others.
    """
    for name in VARIABLES:
        os.environ[name] = str(threads)
    if threads == 1:
        flags = os.environ.get("XLA_FLAGS", "")
        os.environ["XLA_FLAGS"] = f"{flags} --xla_cpu_multi_thread_eigen=false".strip()
    if not hasattr(os, "sched_setaffinity"):
        if threads > (os.cpu_count() or 1):
            raise ValueError(f"this machine has {os.cpu_count()} cores")
        return False
    cores = distinct_cores()
    if threads > len(cores):
        raise ValueError(f"this process may use {len(cores)} cores")
    os.sched_setaffinity(0, cores[-threads:])  # the first has the interrupts
    return True


def distinct_cores():
    """A logical CPU of each physical core at hand: two on one core would be worth less."""
    cores = {}
    for cpu in sorted(os.sched_getaffinity(0)):
        topology = Path(f"/sys/devices/system/cpu/cpu{cpu}/topology/thread_siblings_list")
        cores.setdefault(topology.read_text() if topology.exists() else cpu, cpu)
    return list(cores.values())
