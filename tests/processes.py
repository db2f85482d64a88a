"""Other Python processes, for what happens once in the life of one."""

import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


def run(*command, cwd=ROOT, **environment):
    """Run a command; variables that steer the package or the module search are as given here."""
    inherited = {
        key: value
        for key, value in os.environ.items()
        if not key.startswith("RELU_UFUNC_") and key != "PYTHONSAFEPATH"
    }
    return subprocess.run(
        command, cwd=cwd, env=inherited | environment, capture_output=True, text=True, timeout=120
    )


def python(*arguments, cwd=ROOT, **environment):
    return run(sys.executable, *arguments, cwd=cwd, **environment)


def output(process):
    """What a process that must succeed has printed."""
    assert process.returncode == 0, process.stdout + process.stderr
    return process.stdout.strip()


def c_compiler():
    """The command of the C compiler; skips the test where there is none."""
    command = shlex.split(os.environ.get("CC", "cc"))
    if os.name != "posix" or not shutil.which(command[0]):
        pytest.skip("no C compiler here")
    return command
