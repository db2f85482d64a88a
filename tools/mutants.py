"""Break the formulas in src/kernels/, a little at a time, and see that a test notices.

    python tools/mutants.py [--isa avx2] [--seconds 600] [--at 17 [--alone]] [FAMILY ...]

All mutants of all families are compiled at once, into a copy of the sources: where a formula has
`Select(m, a, b)`, the copy has `(MUTANT(17) ? Select(m, b, a) : Select(m, a, b))`. A mutant is put
in force in a child of fork, which runs the tests of its kernels; so a mutant takes seconds, of
which most are the tests'. What no test notices is printed: a survivor.

`run` as a family is src/engine/run.c, whose compares, constants and operators are changed in the
text: that is compiled anew for each mutant.

What became of each is kept in build-mutants/, and a run that was broken off goes on from there;
--at tries again. --alone compiles no other mutant, and so takes minutes, and has tests of
floating-point flags that are left out else: with so many choices compiled in, a long double raises
a flag of a choice not taken.
"""

import argparse
import ctypes
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import time
from functools import cache, partial
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
WORK = ROOT / "build-mutants"
SECONDS_EACH = 120  # a mutant that takes longer hangs, and is noticed
TESTS = {
    "kernels": [
        *("special_values", "half_precision", "exactness", "floating_point_flags"),
        *("gradients", "short_formulas", "fast_parts", "one_answer", "properties"),
    ],
    "run": [
        "tests/threads/test_learning.py",
        "tests/threads/test_threads.py::test_threads_are_started_by_the_first_call_that_wants_them",
        "tests/threads/test_threads_in_calls.py",
        "tests/memory/test_streaming.py",
        "tests/faults/test_no_memory.py",
    ],
}

# Another word, or the same with operands that trade places, or one of the operands alone.
OTHER_WORD = {
    "mask_and": "mask_or",
    "mask_or": "mask_and",
    "Add": "Mul",
    "Mul": "Add",
    "Scale": "Mul",
    "Total": "Add",
    "IsNegative": "IsOff",
    "IsOff": "IsNegative",
    "IsZero": "IsNan",
    "IsNan": "IsZero",
    "IsBelowZero": "IsNegative",
    "IsPositive": "IsNan",
    "Zero": "One",
    "One": "Zero",
    "Infinity": "One",
    "Six": "One",
}
SWAPPED = {"Select": (0, 2, 1), "Choose": (0, 2, 1), "FirstNan": (1, 0), "IsGreater": (1, 0)}
ALONE = {"WhereOff": 1, "OneWhereNan": 1, "OneWhere": 1, "FirstNan": 1, "OffOrZero": 0, "Select": 2}
OTHER_CONSTANT = {"AS_RESULT": "AS_FACTOR", "AS_FACTOR": "AS_RESULT", "true": "false"}
# In run.c, where a mutant is another text.
OTHER_TEXT = [
    *((" < ", " <= "), (" > ", " >= "), (" >= ", " > "), (" == ", " != "), (" && ", " || ")),
    *((" + ", " - "), (" || ", " && "), ("!", ""), (" << ", " >> "), (" >> ", " << ")),
    *(("true", "false"), ("false", "true"), (r"\b0\b", "1"), (r"\b1\b", "2"), (r"\b2\b", "3")),
    *((" ? 1 : ", " ? 2 : "), ("UNITS_PER_THREAD", "1")),
]


class Mutants:
    """Rewrites formulas, and knows which mutant is what."""

    def __init__(self, alone):
        self.all = []  # the file, the line, what it is and what it was
        self.alone = alone  # the number of the one that is written, without a choice; or None

    def rewritten(self, path):
        text, parts = path.read_text(), []
        begin = re.search(r"^#(elif|else).*$", text, re.M).end()
        parts.append(text[:begin])
        self.file, self.offset = path, text[:begin].count("\n") + 1
        depth = at = 0
        body = text[begin:]
        while at < len(body):
            if body.startswith("/*", at):
                end = body.index("*/", at) + 2
            elif body[at] == "#":
                end = body.index("\n", at)
            elif body[at] == "{" and depth == 0:
                end = self._closing(body, at)
                parts.append(self._expressions(body[at:end], body[:at].count("\n")))
                at = end
                continue
            else:
                end = at + 1
            parts.append(body[at:end])
            at = end
        return "".join(parts)

    @staticmethod
    def _closing(text, at):
        depth = 0
        for i in range(at, len(text)):
            depth += (text[i] in "({") - (text[i] in ")}")
            if depth == 0:
                return i + 1
        raise ValueError(text[at:])

    def _expressions(self, text, lines):
        """A text, with every call and constant in it that has mutants replaced by a choice."""
        parts, at = [], 0
        while at < len(text):
            word = re.compile(r"/\*.*?\*/|[A-Za-z_]\w*", re.S).match(text, at)
            if word is None:
                parts.append(text[at])
                at += 1
                continue
            name, at, line = word.group(), word.end(), lines + text[: word.start()].count("\n")
            if name.startswith("/*"):
                parts.append(name)
            elif text[at : at + 1] == "(" and name not in ("E", "if", "return"):
                end = self._closing(text, at)
                given = self._split(text[at + 1 : end - 1])
                shown = [self._expressions(argument, line) for argument in given]
                if name == "__builtin_expect":
                    shown[1:] = given[1:]
                parts.append(self._choice(name, given, shown, line))
                at = end
            elif name == "E":
                end = self._closing(text, at)
                parts.append(text[word.start() : end])
                at = end
            elif name in OTHER_CONSTANT:
                parts.append(self._choose(name, [OTHER_CONSTANT[name]], name, line))
            else:
                parts.append(name)
        return "".join(parts)

    @staticmethod
    def _split(text):
        parts, depth = [""], 0
        for letter in text:
            depth += (letter in "({") - (letter in ")}")
            if letter == "," and depth == 0:
                parts.append("")
            else:
                parts[-1] += letter
        return [part.strip() for part in parts]

    def _choice(self, name, given, shown, line):
        others = []
        if name in OTHER_WORD:
            others.append(f"{OTHER_WORD[name]}({', '.join(given)})")
        if name in SWAPPED:
            others.append(f"{name}({', '.join(given[i] for i in SWAPPED[name])})")
        if name in ALONE:
            others.append(given[ALONE[name]])
        original = f"{name}({', '.join(given)})"
        return self._choose(original, others, f"{name}({', '.join(shown)})", line)

    def _choose(self, original, others, shown, line):
        for other in others:
            self.all.append((self.file, self.offset + line, other, original))
            if self.alone is None:
                shown = f"(MUTANT({len(self.all)}) ? {other} : {shown})"
            elif self.alone == len(self.all):
                shown = other
        return shown


def copy_of_sources(isa):
    """A new copy, in build-mutants, of which that instruction set is compiled, and scalar."""
    source = WORK / "source"
    shutil.rmtree(source, ignore_errors=True)
    shutil.copytree(ROOT, source, ignore=shutil.ignore_patterns(".git", "build*", "benchmarks"))
    loops = source / "src" / "loops" / "meson.build"
    before, after = loops.read_text().split("best_first = [")
    after = after[after.index("]") :]
    loops.write_text(f"{before}best_first = ['{isa}', 'scalar'{after}")
    return source


def build(source):
    folder = source / "build"
    steps = [["compile", "-C", str(folder)], ["install", "-C", str(folder), "--quiet"]]
    if not folder.exists():
        prefix = f"-Dpython.install_env=prefix --prefix={WORK / 'installed'}".split()
        steps.insert(0, ["setup", str(folder), str(source), *prefix])
    for step in steps:
        command = [sys.executable, "-m", "mesonbuild.mesonmain", *step]
        done = subprocess.run(command, cwd=source, capture_output=True, text=True)
        if done.returncode != 0:
            return False, done.stdout + done.stderr
    return True, ""


def with_schemata(source, alone=None):
    """Put a choice of mutants into the formulas, or one alone; returns what they are."""
    mutants = Mutants(alone)
    for path in sorted((source / "src" / "kernels").glob("*.h")):
        if path.stem != "families":
            path.write_text(mutants.rewritten(path))
    inline = source / "src" / "simd" / "inline.h"
    declared = "extern int relu_ufunc_mutant;\n#define MUTANT(n) (relu_ufunc_mutant == (n))\n"
    before, end, after = inline.read_text().rpartition("#endif")
    inline.write_text(before + declared + end + after)
    doubts = source / "src" / "loops" / "doubts.c"
    visible = '__attribute__((visibility("default"))) int relu_ufunc_mutant = 0;\n'
    doubts.write_text(doubts.read_text() + visible)
    return mutants.all


def texts_of_run(text):
    """Each mutant of run.c: its line, what it is, and the whole text."""
    code = re.sub(r"/\*.*?\*/", lambda comment: " " * len(comment.group()), text, flags=re.S)
    for pattern, other in OTHER_TEXT:
        literal = pattern if pattern.startswith("\\b") else re.escape(pattern)
        for found in re.finditer(literal, code):
            line = text[: found.start()].count("\n") + 1
            whole = text[text.rindex("\n", 0, found.start()) + 1 :].split("\n")[0]
            if not whole.startswith("#"):
                yield (
                    line,
                    f"{found.group()!r} is {other!r}: {whole.strip()}",
                    (text[: found.start()] + other + text[found.end() :]),
                )


def noticed(arguments, prepare=None):
    """Whether a test fails, or crashes or hangs, in a child of this process."""
    child = os.fork()
    if child == 0:
        os.setsid()
        signal.alarm(SECONDS_EACH)
        sink = os.open(os.devnull, os.O_WRONLY)
        os.dup2(sink, 1), os.dup2(sink, 2)
        if prepare is None:
            os.execv(sys.executable, [sys.executable, "-P", "-m", "pytest", *arguments])
        prepare()
        import pytest

        os._exit(int(pytest.main(arguments)))
    status = os.waitpid(child, 0)[1]
    if os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGALRM:
        print(f"longer than {SECONDS_EACH} s:", end=" ")  # by itself, or as the machine was busy
    return status != 0


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("families", nargs="*", help="kernels of src/kernels/, or run")
    parser.add_argument("--isa", default="avx2")
    parser.add_argument("--seconds", type=float, default=1e9, help="stop after so many")
    parser.add_argument("--seed", type=int, default=0, help="of the order")
    parser.add_argument("--at", type=int, nargs="*", help="try these mutants alone")
    parser.add_argument("--alone", action="store_true", help="compile but that one, of --at")
    given = parser.parse_args()
    known = {path.stem for path in (ROOT / "src" / "kernels").glob("*.h")} - {"families"}
    if given.families != ["run"] and not known.issuperset(given.families):
        parser.error(f"families: run alone, or of {', '.join(sorted(known))}")
    families = given.families or sorted(known)
    os.environ["RELU_UFUNC_ISA"] = given.isa
    os.chdir(ROOT)
    find = mutants_of_run if families == ["run"] else mutants_of_kernels
    jobs = find(copy_of_sources(given.isa), families, given.alone)
    kept = WORK / f"tried-{'run' if families == ['run'] else given.isa}.txt"
    fates = fates_in(kept, jobs)
    order = given.at or [n for n in shuffled(jobs, given.seed) if n not in fates]
    begin = time.monotonic()
    for number in order:
        if time.monotonic() - begin > given.seconds:
            break
        what, try_it = jobs[number]
        fates[number] = "noticed" if try_it() else "SURVIVES"
        line = f"{fates[number]}: {number}: {what}\n"
        print(line, end="", flush=True)
        with kept.open("a") as file:
            file.write(line)
    survivors = sorted(number for number, fate in fates.items() if fate == "SURVIVES")
    print(f"{len(fates)} of {len(jobs)} mutants tried; these survive:")
    print(*(f"{number}: {jobs[number][0]}" for number in survivors), sep="\n")


def shuffled(jobs, seed):
    return random.Random(seed).sample(sorted(jobs), len(jobs))


def fates_in(kept, jobs):
    """What became of mutants that are still the same, the last time that each was tried."""
    fates = {}
    for line in kept.read_text().splitlines() if kept.exists() else ():
        fate, number, what = line.split(": ", 2)
        if int(number) in jobs and jobs[int(number)][0] == what:
            fates[int(number)] = fate
    return fates


def installed():
    [folder] = (WORK / "installed").glob("lib*/python*/site-packages")
    return str(folder)


OPTIONS = ["-x", "-q", "-p", "no:cacheprovider", "--rootdir", str(ROOT)]
FLAGS = "tests/exactness/test_floating_point_flags.py::test_"
OF_ONE_ALONE = ("events", "smooth_functions_of_any_number_underflow_at_most")


def kernels_of(header):
    return re.findall(r"^KERNEL\((\w+),", header.read_text(), re.M)


def tests_of(family, left_out=()):
    """What pytest is told: first the tests that are named for a kernel of a header; then those that
    are named for no kernel, and go through all.
    """
    folder = ROOT / "src" / "kernels"
    named = " or ".join(kernels_of(folder / family))
    all_names = " or ".join(name for path in folder.glob("*.h") for name in kernels_of(path))
    tests = [f"tests/exactness/test_{name}.py" for name in TESTS["kernels"]]
    options = [*OPTIONS, *(f"--deselect={FLAGS}{name}" for name in left_out)]
    return [[*options, "-k", which, *tests] for which in (named, f"not ({all_names})")]


def mutants_of_kernels(source, families, alone):
    """What each mutant of some families is, by its number, and how to try it."""
    mutants = dict(enumerate(with_schemata(source), 1))
    mutants = {n: mutant for n, mutant in mutants.items() if mutant[0].stem in families}
    try_it = try_alone if alone else choice_in_force(source)
    return {
        n: (f"{path.name}:{line}: {original} is {other}", partial(try_it, n, path.name))
        for n, (path, line, other, original) in mutants.items()
    }


def try_alone(number, family):
    source = copy_of_sources(os.environ["RELU_UFUNC_ISA"])
    with_schemata(source, number)
    fine, words = build(source)
    assert fine, words
    os.environ["PYTHONPATH"] = installed()
    return any(noticed(tests) for tests in tests_of(family))


def choice_in_force(source):
    """All mutants are compiled at once; returns a function that tries one."""
    fine, words = build(source)
    assert fine, words
    sys.path[:0] = [installed()]
    os.environ["PYTHONPATH"] = installed()
    sys.path.insert(0, str(ROOT / "tests" / "helpers"))
    import oracle  # noqa: F401  # once, for all children
    import relu_ufunc._relu_ufunc as compiled

    in_force = ctypes.c_int.in_dll(ctypes.CDLL(compiled.__file__), "relu_ufunc_mutant")

    def is_noticed(number, family):
        def put_in_force():
            in_force.value = number

        return any(noticed(tests, put_in_force) for tests in tests_of(family, OF_ONE_ALONE))

    passes = cache(lambda family: not is_noticed(0, family))

    def try_it(number, family):
        assert passes(family), f"{family}: a test fails without a mutant"
        return is_noticed(number, family)

    return try_it


def mutants_of_run(source, _families, _alone):
    """The same of run.c, of which each mutant is compiled alone."""
    path = source / "src" / "engine" / "run.c"
    original = path.read_text()
    fine, words = build(source)
    assert fine, words
    os.environ["PYTHONPATH"] = installed()
    os.chdir(source)  # where its tests build the programs in C
    tests = [*OPTIONS[:-1], str(source), *TESTS["run"]]
    assert not noticed(tests), "a test fails without a mutant"

    def try_it(text):
        path.write_text(text)
        return not build(source)[0] or noticed(tests)

    return {
        n: (f"run.c:{line}: {what}", partial(try_it, text))
        for n, (line, what, text) in enumerate(texts_of_run(original), 1)
    }


if __name__ == "__main__":
    main()
