"""A build with flags that make arithmetic inexact is refused, wherever they come from.

What decides is tools/check_flags.py, which runs here as meson runs it, or within this process; the
tests marked `build` run meson, and what it then builds tells which flags it was given.
"""

import os
import platform
import shlex
import shutil
import sys
from pathlib import Path
from runpy import run_path
from types import SimpleNamespace
from unittest.mock import patch

import modes
import pytest
from compilers import compiler
from processes import ROOT, output, python, run

import relu_ufunc

EXACT = ["-O3", "-ffp-contract=off"]
PARTS = [
    *("-Ofast", "-ffast-math", "-funsafe-math-optimizations", "-ffinite-math-only"),
    *("-fno-signed-zeros", "-fassociative-math", "-freciprocal-math", "-fno-trapping-math"),
    *("-fsingle-precision-constant", "-mfpmath=387", "-mdaz-ftz"),
    *("-mpc32", "-mpc64", "-mlong-double-64"),
]
OF_OTHER_COMPILERS = [
    *("-ffp-model=fast", "-ffp-model=aggressive", "-fapprox-func", "-fno-honor-nans"),
    *("-fno-honor-infinities", "-fdenormal-fp-math=preserve-sign", "-fp-model=fast=2"),
    *("/fp:fast", "-fp:fast", "-ftz"),
]
ACCEPTED = [
    *("", "-O0", "-O1", "-Os", "-Og", "-O3", "-g3 -pipe", "-flto", "-fno-math-errno"),
    *("-fcx-limited-range", "-frounding-math", "-ffp-contract=fast", "-DFAST=-Ofast"),
    *("-ffast-math -fno-fast-math", "-fno-signed-zeros -fsigned-zeros"),
    "-fno-trapping-math -ftrapping-math",
]


def arguments(flags, command=None, link=(), syntax="gcc"):
    """What check_flags.py is given: these flags before those that the build itself gives."""
    parts = [syntax], command or compiler(), [*flags, *EXACT], link
    return [word for part in parts for word in ("--", *part)][1:]


def check(*flags, **given):
    """What it says."""
    return python("tools/check_flags.py", *arguments(flags, **given))


@pytest.fixture(scope="module")
def check_here():
    """What it says without a process of its own."""
    main = run_path(str(ROOT / "tools/check_flags.py"))["main"]

    def checked(*flags, **given):
        with patch.object(sys, "argv", ["check_flags.py", *arguments(flags, **given)]):
            try:
                main()
            except SystemExit as end:
                return SimpleNamespace(returncode=1, stderr=end.code)
            return SimpleNamespace(returncode=0, stderr="")

    return checked


def assert_refused(process, *flags):
    assert process.returncode == 1
    assert "results and floating-point flags are not exact" in process.stderr
    assert any(flag in process.stderr for flag in flags), process.stderr


@pytest.mark.parametrize("flag", PARTS + OF_OTHER_COMPILERS)
def test_refused_by_name(check_here, flag):
    if flag != "-Ofast":  # the build's own -O comes later
        assert_refused(check_here(flag, "-Wall"), f"{flag}: ")
    assert_refused(check_here(command=[*compiler(), flag]), f"{flag}: ")
    assert_refused(check_here(link=["-Wl,-O1", flag, "-lm"]), f"{flag}: ")
    assert_refused(check_here(flag, "-O2", syntax="msvc", link=[flag]), f"{flag}: ")


@pytest.mark.parametrize("flags", ACCEPTED)
def test_accepted(check_here, flags):
    given = shlex.split(flags)
    if run(*compiler(), *given, "-E", os.devnull).returncode != 0:
        pytest.skip("this compiler does not know them")
    assert check_here(*given, link=given).stderr == ""
    assert check_here(*given, syntax="msvc").stderr == ""


def test_instructions_of_this_machine_are_accepted():
    """They change no result, as long as products are rounded before they are added to."""
    if run(*compiler(), "-march=native", "-E", os.devnull).returncode == 0:
        assert output(check("-march=native", link=["-march=native"])) == ""


@pytest.fixture
def wrapped(tmp_path):
    """A script that stands for the compiler: its command, with the arguments in between."""

    def wrap(words):
        script = tmp_path / "cc"
        script.write_text(f"#!/bin/sh\nexec {shlex.join(compiler())} {words}\n")
        script.chmod(0o755)
        return [str(script)]

    return wrap


HIDDEN = ["-ffast-math", "-funsafe-math-optimizations", "-ffinite-math-only", "-fno-signed-zeros"]


@pytest.mark.parametrize("flag", [*HIDDEN, "-freciprocal-math"])
def test_hidden_in_a_script(wrapped, flag):
    parts = [*PARTS, "-mdaz-ftz"]
    assert_refused(check(command=wrapped(f'{flag} "$@"')), *parts)
    assert_refused(check(command=wrapped(f'"$@" {flag}')), *parts)


def test_hidden_in_a_file(tmp_path):
    (tmp_path / "flags").write_text("-ffast-math\n")
    assert_refused(check(f"@{tmp_path / 'flags'}"), "-ffast-math")


@pytest.mark.skipif(modes.MACHINE != "x86_64" or platform.libc_ver()[0] != "glibc", reason="no GCC")
def test_hidden_from_all_but_the_linker(wrapped):
    """With it gcc links what turns subnormal numbers off, and clang may."""
    command = wrapped("""$(case " $* " in *" -c "*|*" -E "*) ;; *) echo -Ofast ;; esac) "$@" """)
    done = run(*compiler(), "-Ofast", "-###", "-x", "c", os.devnull)
    if "crtfastmath" in done.stderr:
        assert_refused(check(command=command), "-mdaz-ftz, or -ffast-math for the linker")


def test_a_compiler_that_fails_is_shown():
    process = check("--no-such-option")
    assert process.returncode == 1
    assert "no-such-option" in process.stderr


# What was built


MODES = """
import modes
before = modes.current()
import relu_ufunc
assert modes.current() == before
relu_ufunc.elu(-1.0)
assert modes.current() == before
assert 5e-324 / 1 > 0
"""


def test_importing_changes_no_modes():
    code = f"import sys; sys.path.append({str(ROOT / 'tests' / 'helpers')!r})\n{MODES}"
    output(python("-c", code))


def test_show_config_tells():
    build = relu_ufunc.show_config(mode="dicts")["Build"]
    assert set(build["arguments given"]) == {"compiler", "linker"}
    assert all(isinstance(text, str) for text in build["arguments given"].values())
    assert build["optimization"] in ("plain", "0", "g", "1", "2", "3", "s")
    assert all("-ffp-contract=off" in text for text in build["arguments"].values())


# By meson

# With it the build is configured in a quarter of the time; it looks at the flags in the same way.
WITHOUT_PYTHON = "-Dpython=disabled"


def configure(folder, *options, **environment):
    command = [*(shutil.which("meson"), "setup", str(folder), str(ROOT)), *options]
    flags = dict.fromkeys(("CFLAGS", "CPPFLAGS", "LDFLAGS"), "")
    return run(*command, **flags | {"CC": shlex.join(compiler())} | environment)


def in_a_file(folder, words):
    """The options of meson that have it read a file of its own with these words."""
    path = folder / "native.ini"
    path.write_text(f"[built-in options]\n{words}\n")
    return [f"--native-file={path}"]


@pytest.mark.build
@pytest.mark.parametrize("origin", ["CFLAGS", "CPPFLAGS", "LDFLAGS", "CC", "file", "script"])
def test_meson_refuses_it_from_anywhere(tmp_path, wrapped, origin):
    options, environment = [], {origin: "-Wall -Ofast"}
    if origin == "CC":
        environment = {"CC": f"{shlex.join(compiler())} -Ofast"}
    elif origin == "file":
        options, environment = in_a_file(tmp_path, "c_args = ['-O2', '-Ofast']"), {}
    elif origin == "script":
        environment = {"CC": wrapped('-Ofast "$@"')[0]}
    assert_refused_by_meson(configure(tmp_path / "build", WITHOUT_PYTHON, *options, **environment))


@pytest.mark.build
@pytest.mark.parametrize("option", ["c_args", "c_link_args"])
def test_meson_refuses_it_in_an_option(tmp_path, option):
    """At once, or when the option is changed."""
    build, flag = tmp_path / "build", f"-D{option}=-ffast-math"
    assert_refused_by_meson(configure(build, WITHOUT_PYTHON, flag))
    output(configure(build, "--wipe"))
    assert_refused_by_meson(configure(build, "--reconfigure", flag))


def assert_refused_by_meson(process):
    assert process.returncode == 1
    assert ": with that, results and floating-point flags are not exact" in process.stdout
    assert any(flag in process.stdout for flag in ("-Ofast: ", "-ffast-math"))


@pytest.mark.build
def test_meson_tells_the_package_what_it_was_given(tmp_path):
    """Flags that make each compilation warn too, without losing those that keep results exact."""
    given = ["-O2", "-march=native", '-DWORDS="a \' b"', "-DBACK=\\n", "-Wall"]
    warning = [*given, "-DWARNING=it's"]
    environment = {
        "CFLAGS": shlex.join(warning),
        "LDFLAGS": "-Wl,-O1",
        "CC": f"{shlex.join(compiler())} -pipe",
    }
    output(configure(tmp_path / "build", **environment))
    told = {}
    exec(Path(tmp_path / "build" / "relu_ufunc" / "_build_config.py").read_text(), told)
    assert told["GIVEN_ARGUMENTS"]["compiler"] == ["-pipe", *warning]
    assert told["GIVEN_ARGUMENTS"]["linker"][0] == "-Wl,-O1"
    assert all("-ffp-contract=off" in text for text in told["COMPILER_ARGUMENTS"].values())
