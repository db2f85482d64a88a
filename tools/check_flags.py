"""Stop the build where the compiler or the linker has been told to compute as -ffast-math does.

python tools/check_flags.py SYNTAX -- COMPILER... -- ITS ARGUMENTS... -- THE LINKER'S ARGUMENTS...

Results would be inexact, or depend on the instruction set, and flags be raised or lost. Linked with
such an option, the module would turn subnormal numbers off for the process that imports it. Of the
parts of -ffast-math, -fno-math-errno changes nothing here, and neither does -fcx-limited-range.

Arguments are judged by name. What comes from elsewhere, such as a script that stands for the
compiler, shows in what the compiler defines, and in what a program computes: where the syntax of
arguments is that of gcc.
"""

import re
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

PROGRAM = Path(__file__).with_suffix(".c")

# Options, each with a pattern of the values that are refused. Of -fno-NAME, the option is -fNAME.
REFUSED = {
    "-O": "fast",
    "-ffast-math": "yes",
    "-funsafe-math-optimizations": "yes",
    "-ffinite-math-only": "yes",
    "-fassociative-math": "yes",
    "-freciprocal-math": "yes",
    "-fsigned-zeros": "no",
    "-ftrapping-math": "no",
    "-fsingle-precision-constant": "yes",
    "-mdaz-ftz": "yes",
    "-mfpmath": ".*387.*|both",
    "-mpc32": "yes",  # fewer digits of long double, for the process
    "-mpc64": "yes",
    "-mlong-double-64": "yes",  # another long double than NumPy's
    "-mlong-double-128": "yes",
    # clang's
    "-fapprox-func": "yes",
    "-fhonor-nans": "no",
    "-fhonor-infinities": "no",
    "-ffp-model": "fast|aggressive",
    "-fdenormal-fp-math": "(?!ieee).*",
    "-fdenormal-fp-math-f32": "(?!ieee).*",
    # Intel's and Microsoft's
    "-fp-model": "fast.*",
    "-fp": "fast.*",
    "-ftz": "yes",
}
DEFINED = {
    "__FAST_MATH__": "-ffast-math",
    "__FINITE_MATH_ONLY__": "-ffinite-math-only",
    "__ASSOCIATIVE_MATH__": "-fassociative-math",
    "__RECIPROCAL_MATH__": "-freciprocal-math",
    "__NO_SIGNED_ZEROS__": "-fno-signed-zeros",
    "__NO_TRAPPING_MATH__": "-fno-trapping-math",
}


def option(argument):
    """An argument as an option and its value."""
    if argument.startswith("-O"):
        return "-O", argument[2:]
    if match := re.fullmatch(r"[-/]([\w-]+)[:=](.+)", argument):
        return f"-{match[1]}", match[2]
    if match := re.fullmatch(r"-([fm]?)no-(.+)", argument):
        return f"-{match[1]}{match[2]}", "no"
    return argument, "yes"


def named(arguments):
    """The arguments that are refused, but for those that a later one takes back."""
    last = {option(argument)[0]: argument for argument in arguments}
    return [
        argument
        for name, argument in last.items()
        if re.fullmatch(REFUSED.get(name, ""), option(argument)[1])
    ]


def output(*command):
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"{' '.join(command)}: {done.stderr}")
    return done.stdout


def defined(compiler, arguments):
    """The options of which the compiler's own definitions tell."""
    defines = output(*compiler, *arguments, "-E", "-dM", str(PROGRAM))
    values = dict(re.findall(r"^#define (\w+) (.+)$", defines, re.MULTILINE))
    return [option for name, option in DEFINED.items() if values.get(name, "0") != "0"]


def computed(compiler, arguments, link_arguments):
    """The options of which a program tells; none where it can't run, built for other machines."""
    with TemporaryDirectory() as folder:
        compiled, program = f"{folder}/program.o", f"{folder}/program"
        output(*compiler, *arguments, "-c", str(PROGRAM), "-o", compiled)
        output(*compiler, compiled, "-o", program, *link_arguments)
        try:
            return subprocess.run([program], capture_output=True, text=True).stdout.splitlines()
        except OSError:
            return []


def split(arguments):
    """The parts between the words "--"."""
    parts = [[]]
    for argument in arguments:
        parts.append([]) if argument == "--" else parts[-1].append(argument)
    return parts


def main():
    [syntax], compiler, arguments, link_arguments = split(sys.argv[1:])
    found = named(compiler + arguments) or named(compiler + link_arguments)
    if syntax == "gcc":
        found = found or defined(compiler, arguments)
        found = found or computed(compiler, arguments, link_arguments)
    if found:
        sys.exit(
            f"{', '.join(found)}: with that, results and floating-point flags are not exact. "
            "Leave it out of CFLAGS, LDFLAGS, CC, or wherever it comes from."
        )


if __name__ == "__main__":
    main()
