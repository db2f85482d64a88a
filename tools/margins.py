"""Measure how large the errors of fast parts are beside what the test of their certainty allows.

    python tools/margins.py                one input in 509, in a minute
    python tools/margins.py --step 1       all: hours

Compiles margins.c for each instruction set that has fast parts and that this machine can run, by
the C compiler that CC names. A ratio of 1 would let a wrong result pass for certain; the head
comments of src/math/*_fast_f32.h have the ratios of one input in 509.
"""

import os
import shlex
import subprocess
import sys
from argparse import ArgumentParser
from pathlib import Path
from tempfile import TemporaryDirectory

from relu_ufunc import _relu_ufunc

ROOT = Path(__file__).resolve().parents[1]
FLAGS = {
    "avx512": "-mavx512f -mavx512bw -mavx512dq -mavx512vl -mavx2 -mfma -mf16c",
    "avx2": "-mavx2 -mfma -mf16c",
}


def build(isa, program):
    command = [
        *shlex.split(os.environ.get("CC", "cc")),
        *("-std=c11", "-O2", "-ffp-contract=off", f"-I{ROOT / 'src'}", *FLAGS[isa].split()),
        *(f"-DISA={isa}", f'-DVOCABULARY="simd/{isa}.h"', str(ROOT / "tools" / "margins.c")),
        *("-lm", "-o", str(program)),
    ]
    subprocess.run(command, check=True)


def ratios(isa, first, step):
    """For each function: the largest ratio, the input that has it, how many were certain."""
    with TemporaryDirectory() as folder:
        program = Path(folder) / "margins"
        build(isa, program)
        command = [str(program), str(first), str(step)]
        printed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    rows = [line.split() for line in printed.splitlines()]
    return {name: (float(ratio), x, int(certain)) for name, ratio, x, certain in rows}


def main(arguments=None):
    parser = ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--step", type=int, default=509)
    given = parser.parse_args(arguments)
    for isa in FLAGS:
        if isa in _relu_ufunc.isas():
            print(f"{isa}: largest error / what the test allows")
            for name, (ratio, x, certain) in ratios(isa, given.first, given.step).items():
                print(f"  {name:14} {ratio:.3f} at {x}, of {certain:,}")


if __name__ == "__main__":
    sys.exit(main())
