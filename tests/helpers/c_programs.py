"""The programs in C that tests start. meson builds them, as tests/c/meson.build says."""

import os
import shutil
import sys
from pathlib import Path

from compilers import compiler
from processes import ROOT, output, python


def build(folder):
    """Build the programs in a new folder, without the rest of the project; returns theirs."""
    compiler()  # or the test is skipped
    shutil.copy(ROOT / "tests" / "c" / "alone" / "meson.build", folder)
    for name in ("src", "tests", "meson.options"):
        (folder / name).symlink_to(ROOT / name)
    # ninja is beside Python, where it came from the extra `test`.
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    for command in ("setup", "build", "."), ("compile", "-C", "build"):
        output(python("-m", "mesonbuild.mesonmain", *command, cwd=folder, PATH=path))
    return folder / "build" / "tests" / "c"
