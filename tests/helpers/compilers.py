"""The C compiler, for tests that are programs of their own."""

import os
import shlex
import shutil

import pytest


def compiler():
    """The beginning of its command line; skips the test where there is none."""
    found = shlex.split(os.environ.get("CC", "cc"))
    if os.name != "posix" or not shutil.which(found[0]):
        pytest.skip("no C compiler here")
    return found
