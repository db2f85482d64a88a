"""Other Python processes, for what happens once in the life of one."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def variables(PYTHONPATH="", LD_PRELOAD="", **given):
    """The environment of a process: of the variables that steer the package, those given alone.

    The folders of the present PYTHONPATH stay, behind those given: the package may be in one. The
    libraries that are preloaded stay before those given: a sanitizer's has to be the first.
    NumPy's linear algebra gets one thread: nothing here uses it, and its threads begin by spinning.
    """
    inherited = {
        key: value
        for key, value in os.environ.items()
        if not key.startswith("RELU_UFUNC_")
        and key not in ("PYTHONPATH", "PYTHONSAFEPATH", "LD_PRELOAD")
    }
    present = os.environ.get("PYTHONPATH", "").split(os.pathsep)
    folders = [PYTHONPATH, *(os.path.abspath(folder) for folder in present if folder)]
    path = os.pathsep.join(filter(None, folders))
    inherited["OPENBLAS_NUM_THREADS"] = "1"
    preloaded = " ".join(filter(None, [os.environ.get("LD_PRELOAD"), LD_PRELOAD]))
    lists = {"PYTHONPATH": path, "LD_PRELOAD": preloaded}
    return inherited | {key: value for key, value in lists.items() if value} | given


def run(*command, cwd=ROOT, timeout=120, **environment):
    """Run a command to its end, in an environment with these variables."""
    return subprocess.run(
        command,
        cwd=cwd,
        env=variables(**environment),
        capture_output=True,
        text=True,
        timeout=timeout,
    )


def python(*arguments, **options):
    """The same of Python, and a program or code for it."""
    return run(sys.executable, *arguments, **options)


def output(process):
    """What a process that must succeed has printed."""
    assert process.returncode == 0, process.stdout + process.stderr
    return process.stdout.strip()
