"""Other machines: kernels are built for them, run by an emulator, and compared with this machine.

python tools/emulate.py FOLDER [--here BUILD] [--machine NAME] [--count N] [--step N]
                        [--whole NAME [--blocks FIRST LAST]]

FOLDER is for the builds, which are kept. tests/c/machines.c runs every kernel on N inputs, and
tests/c/every_float.c a few functions on every Nth float32 number: each machine has to print what
this one does. --whole has it try all of these for the functions named, which takes up to an
hour each, or those of some of the 4096 blocks; what is done is kept, and not done again.

Machines are the files of tools/machines/, for meson. One that needs a compiler which is missing is
skipped, with a word; one without an emulator is built alone. Of x86-64 there are models besides, by
the features that they lack: dispatch has to see that.
"""

import argparse
import configparser
import os
import shlex
import shutil
import subprocess
import sys
import time
from ast import literal_eval
from pathlib import Path

ROOT = Path(__file__).parents[1]
OPTIONS = ("python=disabled", "library_for_c=enabled", "tests_in_c=enabled", "werror=true")
SAMPLED = "elu", "silu", "gelu"
X86 = "qemu-x86_64"
# Models of qemu, and the instruction set that is to be used: AVX2 takes FMA, F16C and a system that
# saves its registers.
MODELS = {
    **dict.fromkeys(("qemu64", "Conroe", "Nehalem", "SandyBridge", "IvyBridge"), "sse2"),
    **dict.fromkeys(("Haswell,-fma", "Haswell,-f16c", "Haswell,-avx2", "Haswell,-xsave"), "sse2"),
    **dict.fromkeys(("Haswell", "Skylake-Server", "EPYC"), "avx2"),  # qemu 7.2 has no AVX-512
}
COMPUTING = "Nehalem"  # qemu 7.2 computes AVX2's VGATHERQPD wrongly


def run(*command, quiet=False, cwd=None):
    """Its output; where it fails, so does this program."""
    command = list(map(str, command))
    errors = subprocess.DEVNULL if quiet else None
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=errors, text=True, cwd=cwd)
    if done.returncode:
        sys.exit(f"{done.stdout}\nfailed: {shlex.join(command)}")
    return done.stdout


def build(folder, *options):
    """Build the library and its programs in C; returns the folder of these."""
    if not (folder / "build.ninja").exists():
        folder.mkdir(parents=True, exist_ok=True)  # zig leaves a file where it is asked what it is
        options = (*options, *(f"-D{option}" for option in OPTIONS))
        run("meson", "setup", ".", ROOT, *options, cwd=folder)
    programs = [f"tests/c/{name}" for name in ("machines", "every_float", "plain")]
    run("meson", "compile", "-C", folder, "-j", 2, *programs)
    return folder / "tests" / "c"


def program(folder, name):
    """On Windows their names end otherwise."""
    path = folder / name
    return path if path.exists() else path.with_suffix(".exe")


def machines(programs, count, emulator=(), quiet=False):
    """The instruction sets that there are, and the checksums."""
    first, *lines = run(*emulator, program(programs, "machines"), count, quiet=quiet).splitlines()
    return first.split(": ")[1].split(), lines


def results(programs, given, emulator=(), quiet=False):
    """The same, with a sample of all float32 numbers."""
    isas, lines = machines(programs, given.count, emulator, quiet)
    for name in SAMPLED:
        every_float = program(programs, "every_float")
        lines += run(*emulator, every_float, name, 0, 4095, given.step).splitlines()
    return isas, lines


def compare(machine, here, there):
    different = [f"{a} here, {b} there" for a, b in zip(here, there, strict=True) if a != b]
    if different:
        sys.exit(f"{machine} differs in {len(different)}:\n" + "\n".join(different[:20]))


def binaries(path):
    """The compiler's command, and the emulator's, as meson reads them."""
    file = configparser.ConfigParser(inline_comment_prefixes="#")
    file.read(path)
    section = file["binaries"]
    words = [literal_eval(section.get(name, "[]")) for name in ("c", "exe_wrapper")]
    return [[word] if isinstance(word, str) else word for word in words]


def missing(*commands):
    return [command[0] for command in commands if command and not shutil.which(command[0])]


def set_up_wine(folder, build):
    """It keeps its Windows in the one, and finds the library in the other."""
    os.environ["WINEDEBUG"] = "-all"
    os.environ["WINEPREFIX"] = str(folder.resolve() / "wine")
    os.environ["WINEPATH"] = f"Z:{build.resolve()}/src/c_api"


def compare_models(programs, given, here):
    for model, isa in MODELS.items():
        emulator = X86, "-cpu", model
        isas, _ = machines(programs, 0, emulator, quiet=True)
        if isas[0] != isa:
            sys.exit(f"{model} uses {isas[0]}, and not {isa}")
        if model == COMPUTING:
            compare(model, here, results(programs, given, emulator)[1])
    return f"{len(MODELS)} use what they can, and {COMPUTING} gives equal results"


def compare_whole(name, blocks, folder, programs, emulator):
    """Block by block; what the emulator has said is kept, and asked again where it differs."""
    kept = folder / f"{name}.txt"
    said = (
        dict(line.split(" ", 1) for line in kept.read_text().splitlines()) if kept.exists() else {}
    )
    with kept.open("a") as file:
        for block in range(blocks[0], blocks[1] + 1):
            here = run(programs / "every_float", name, block, block, 1).strip()
            if said.get(str(block)) == here:
                continue
            there = program(folder / "tests" / "c", "every_float")
            there = run(*emulator, there, name, block, block, 1).strip()
            if here != there:
                sys.exit(f"they differ: {here} here, {there} there")
            file.write(f"{block} {there}\n")
            file.flush()
    print(f"{name}: blocks {blocks[0]} to {blocks[1]} are equal")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--here", type=Path, metavar="BUILD", help="what is built for this machine")
    parser.add_argument("--count", type=int, default=1000, help="inputs of each kernel")
    parser.add_argument("--step", type=int, default=997, help="one float32 of so many")
    parser.add_argument("--machine", help="this one alone, by the name of its file")
    parser.add_argument("--whole", action="append", default=[], help="a function to try all of")
    parser.add_argument("--blocks", nargs=2, type=int, default=(0, 4095), metavar=("FIRST", "LAST"))
    given = parser.parse_args()
    paths = sorted((ROOT / "tools" / "machines").glob(f"{given.machine or '*'}.ini"))
    if not paths:
        parser.error(f"--machine {given.machine}: there is no such file in tools/machines/")

    programs = given.here / "tests" / "c" if given.here else build(given.folder / "here")
    isas, here = results(programs, given)
    print(f"here: {' '.join(isas)}; {len(here)} checksums")
    for path in paths:
        compiler, emulator = binaries(path)
        if missing(compiler):
            print(f"{path.stem}: skipped: no {compiler[0]} here")
            continue
        began, folder = time.monotonic(), given.folder / path.stem
        set_up_wine(given.folder, folder)
        there = build(folder, f"--cross-file={path}")
        said = "built without a warning"
        if missing(emulator):
            said += f", not run: no {emulator[0]} here"
        elif emulator:
            of_there, lines = results(there, given, emulator)
            compare(path.stem, here, lines)
            said += f", equal results on {' and '.join(of_there)}"
            for name in given.whole:
                compare_whole(name, given.blocks, folder, programs, emulator)
        print(f"{path.stem}: {said}; {time.monotonic() - began:.0f} s")
    if given.machine is None and "sse2" in isas:
        said = f"skipped: no {X86} here"
        if not missing([X86]):
            said = compare_models(programs, given, here)
        print(f"models of x86-64: {said}")


if __name__ == "__main__":
    main()
