"""Developer commands beside spin's own: pyproject.toml lists them all, under [tool.spin]."""

import os
import shlex
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import click
from spin import util
from spin.cmds import meson

COVERED = "build-coverage"
# Of the stack that a call takes, and of the flags of other builds.
NOT_COVERED = ("tests/memory/test_stack.py", "tests/package/test_build_flags.py")
# What Cython has written is left out.
C_COVERAGE = ("--root=.", "--filter=src/", "--exclude=src/python/")
SANITIZED = "build-sanitize"
# The library and its programs in C, for what looks at these from outside.
IN_C = ("-Dpython=disabled", "-Dlibrary_for_c=enabled", "-Dtests_in_c=enabled")
# Where memory is addressed by hand: layouts, tails, overlap, outputs.
SANITIZED_TESTS = (
    *("memory/test_layouts", "memory/test_overlap", "memory/test_recycling"),
    *("calls/test_broadcasting", "calls/test_out_and_where", "exactness/test_one_answer"),
)
# What threads do to each other: in the pool, in calls of Python's threads, in recycled outputs.
THREADED_TESTS = (
    *("threads/test_threads", "threads/test_threads_in_calls", "threads/test_learning"),
    *("threads/test_affinity", "memory/test_recycling", "memory/test_recycling_context"),
    "calls/test_locks",
)
# These count the threads of a process, of which the sanitizer has one; end a child of fork with
# threads, of which it loses count; preload a library.
NOT_SANITIZED = (
    *("started_by_the_first_call", "on_these_arrays_are_shared", "a_child_may_end"),
    "cores_that_processors_share",
)
# The rest of the library is the same for all: vectors of others take minutes to compile.
FEW_ISAS = ("-Doptimization=1", "-Dinstruction_sets=sse2")
# What the whole suite is without there, and why.
LEFT_OUT_OF_WHOLE = (
    "tests/faults",  # allocations that fail before the sanitizer sees them, limits of addresses
    "tests/memory/test_stack.py",  # how deep the stack is: frames have fences there
    "tests/threads/test_pool.py",  # programs in C of their own build: --memory and --threads
    "tests/package/test_binaries.py",  # which symbols and libraries a wheel has
    "tests/package/test_build_flags.py",  # builds of its own
)
# The package, and as its users see it.
TYPE_CHECKS = (
    ["mypy"],
    ["mypy", "--strict", "--follow-imports=silent", "tests/typing"],
    ["pyright"],
)


@click.command()
def check():
    """✅ Check all that must hold before a change lands, as CI does"""
    util.run([".ci/run"])


@click.option("--isa", metavar="NAME", help="Run on this instruction set, and no other.")
@util.extend_command(meson.test)
def test(*, parent_callback, isa, **options):
    if isa:
        os.environ["RELU_UFUNC_ISA"] = isa
    parent_callback(**options)


def build_in_c(folder, *options):
    """Build the programs in C, with these options for meson."""
    if not Path(folder, "build.ninja").exists():
        util.run(["meson", "setup", folder, *IN_C, *options])
    util.run(["meson", "compile", "-C", folder, "-j", "2"])


@click.command()
@click.option("--threads", is_flag=True, help="Look for races instead, in programs of C.")
@click.option("--python", is_flag=True, help="With --threads: in calls from Python.")
@click.option("--memory", is_flag=True, help="Look for errors of memory in programs of C alone.")
@click.option("--whole", is_flag=True, help="Run the whole suite, but for what can't be run so.")
@click.argument("pytest_args", nargs=-1)
@click.pass_context
def sanitize(ctx, *, threads, python, memory, whole, pytest_args):
    """🧪 Run tests on a build that looks for errors of memory, undefined behaviour or races

    It is built in a folder of its own. In programs of C leaks are errors, too. For Python it needs
    GCC; PYTEST_ARGS take the place of the tests that run by default, or go with the whole suite:

    \b
      spin sanitize
      spin sanitize --whole -- -n 2
      spin sanitize --memory
      spin sanitize --threads
      spin sanitize --threads --python
      spin sanitize -- tests/memory/test_overlap.py -k elu
      RELU_UFUNC_ISA=avx2 spin sanitize
    """
    if threads and python:
        look_for_races(ctx, pytest_args)
        return
    if threads or memory:
        looks = "thread" if threads else "address,undefined"
        folder = f"{SANITIZED}-{'threads' if threads else 'memory'}"
        build_in_c(folder, f"-Db_sanitize={looks}", "-Db_lundef=false", "-Doptimization=1")
        util.run(["meson", "test", "-C", folder, "--suite", "library", "--print-errorlogs"])
        return
    folder = f"{SANITIZED}-whole" if whole else SANITIZED
    options = ("-Db_sanitize=address,undefined", "-Db_lundef=false", "-Dbuildtype=debugoptimized")
    ctx.invoke(meson.build, build_dir=folder, meson_args=(*options, *(FEW_ISAS if whole else ())))
    # Python keeps what it has until the end; tests ask for more memory than there is.
    os.environ["ASAN_OPTIONS"] = "detect_leaks=0:allocator_may_return_null=1"
    os.environ["UBSAN_OPTIONS"] = "halt_on_error=1:print_stacktrace=1"
    if whole:
        tests = ("tests", *(f"--ignore={path}" for path in LEFT_OUT_OF_WHOLE), "-q", *pytest_args)
    else:
        tests = pytest_args or quietly(SANITIZED_TESTS)
    sys.exit(run_sanitized(ctx, folder, ("libasan.so", "libubsan.so"), tests))


def look_for_races(ctx, pytest_args):
    """Run tests under ThreadSanitizer, in this process and in those that they start.

    Those may be meant to fail, or have their output read: what is found goes to files, and each is
    an error. Python and NumPy are not built so: what they do to memory is not looked at, but the
    locks that they take are seen.
    """
    folder = f"{SANITIZED}-python-threads"
    options = ("-Db_sanitize=thread", "-Db_lundef=false", "-Dbuildtype=debugoptimized")
    ctx.invoke(meson.build, build_dir=folder, meson_args=(*options, *FEW_ISAS))
    reports = Path(folder, "reports").resolve()
    reports.mkdir(exist_ok=True)
    for report in reports.iterdir():
        report.unlink()
    # A child of fork that has threads goes on; a process that ends does not wait for reports.
    os.environ["TSAN_OPTIONS"] = f"log_path={reports}/report:die_after_fork=0:atexit_sleep_ms=0"
    others = ("-k", f"not ({' or '.join(NOT_SANITIZED)})")
    tests = pytest_args or quietly(THREADED_TESTS, *others)
    status = run_sanitized(ctx, folder, ("libtsan.so",), tests)
    races = [path.read_text() for path in sorted(reports.iterdir())]
    if races:
        raise click.ClickException("\n".join(["ThreadSanitizer reports:", *races]))
    click.echo("ThreadSanitizer reports nothing")
    sys.exit(status)


def quietly(names, *options):
    """These files of tests, but for what takes long."""
    return ("-q", "-m", "not exhaustive", *options, *(f"tests/{name}.py" for name in names))


def run_sanitized(ctx, folder, libraries, tests):
    """Run pytest on a build with these libraries of the compiler's; returns its exit status."""
    # Python itself is not built so: the first library that it loads is to be the sanitizer's, with
    # which a shell may crash.
    preload = f"LD_PRELOAD={shlex.quote(' '.join(map(library, libraries)))}"
    pytest = [sys.executable, "-P", "-m", "pytest", "-p", "no:cacheprovider", *tests]
    try:
        command = f"{preload} {shlex.join(pytest)}"
        ctx.invoke(meson.run, args=(command,), build=False, build_dir=folder)
    except SystemExit as ended:
        return ended.code


@click.command()
@click.argument("pytest_args", nargs=-1)
@click.pass_context
def coverage(ctx, *, pytest_args):
    """🔦 Show which lines and branches of the C and the Python the tests reach

    It builds into a folder of its own, by GCC, runs the suite, or what PYTEST_ARGS name, and writes
    a table by file, and pages for a browser, into `build-coverage/report`:

    \b
      spin coverage
      spin coverage -- tests/memory
    """
    options = (
        "-Db_coverage=true",
        "-Dc_args=-fprofile-update=atomic",
        "-Dbuildtype=debugoptimized",
    )
    ctx.invoke(meson.build, build_dir=COVERED, meson_args=options)
    folder, report = Path(COVERED).resolve(), Path(COVERED, "report")
    report.mkdir(exist_ok=True)
    for counts in (*folder.rglob("*.gcda"), *folder.glob(".coverage*")):
        counts.unlink()
    tests = pytest_args or ("-q", *(f"--ignore={path}" for path in NOT_COVERED))
    python = [sys.executable, "-P", "-m"]
    c_report = ["gcovr", "--root=.", "--add-tracefile", str(report / "c.json")]
    os.environ["COVERAGE_FILE"] = str(folder / ".coverage")
    pytest = [*python, "coverage", "run", "-m", "pytest", "-p", "no:cacheprovider", *tests]
    with suppress(SystemExit):  # a tracer holds references: a few tests fail for that
        ctx.invoke(meson.run, args=(shlex.join(pytest),), build=False, build_dir=COVERED)
    for command in (
        ["coverage", "combine", "--quiet"],
        ["coverage", "html", "--quiet", "--directory", str(report / "python")],
        ["coverage", "report"],
        ["gcovr", *C_COVERAGE, "--json", str(report / "c.json"), COVERED],
        [*c_report, "--html-details", str(report / "c.html"), "--txt"],
        # Not of headers: what is inline has the branches of each place where it is compiled.
        [*c_report, "--filter=.*[.]c$", "--txt-metric=branch", "--txt"],
    ):
        util.run([*python, *command])


@click.command()
@click.option("--isa", metavar="NAME", default="sse2", help="The instruction set: sse2 or scalar.")
@click.option("--build", metavar="FOLDER", help="Where the programs in C are built already.")
@click.argument("count", type=int, default=100)
def valgrind(*, isa, build, count):
    """🔬 Run every kernel on COUNT inputs, in many layouts, under valgrind

    What is not initialised, out of bounds or lost is an error. What the program itself says is not:
    valgrind has long double as double, and no floating-point flags. valgrind 3.19 has no AVX-512,
    and not all of AVX2.
    """
    if build is None:
        build = "build-in-c"
        build_in_c(build)
    found = 99
    options = ("-q", f"--error-exitcode={found}", "--leak-check=full")
    program = [f"{build}/tests/c/machines", str(count), isa]
    done = util.run(["valgrind", *options, *program], output=False, sys_exit=False)
    reports = [line for line in done.stdout.decode().splitlines() if line.startswith("==")]
    if done.returncode not in (0, 1) or reports or done.stdout.count(b"\n") < 2:
        raise click.ClickException("\n".join(["valgrind reports, or nothing ran:", *reports]))
    click.echo(f"valgrind finds nothing in every kernel on {count} inputs ({isa})")


@click.command(context_settings={"ignore_unknown_options": True})
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def emulate(*, arguments):
    """🌍 Compare the results of other machines, emulated, with those of this one

    Needs Debian's cross compilers, qemu-user and wine, and ziglang from PyPI; what is missing is
    skipped. ARGUMENTS are passed on to tools/emulate.py.
    """
    util.run([sys.executable, "tools/emulate.py", "build-emulate", *arguments])


def library(name):
    """The path of a library of the compiler's own."""
    command = [*shlex.split(os.environ.get("CC", "gcc")), f"-print-file-name={name}"]
    path = subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    if not os.path.isabs(path):
        raise click.ClickException(f"{command[0]} has no {name}")
    return path


@click.command()
@click.option("--seconds", default=60, show_default=True, help="How long it looks.")
@click.option("--build-dir", default="build-fuzz", show_default=True, help="Where it is built.")
@click.argument("fuzzer_args", nargs=-1)
def fuzz(*, seconds, build_dir, fuzzer_args):
    """🎲 Try calls of any kind, by clang's libFuzzer, between fences and under sanitizers

    What it finds is left in the working folder, as crash-... or timeout-...; what reaches new
    branches in the build folder's corpus. FUZZER_ARGS are passed on:

    \b
      spin fuzz --seconds 600
      FUZZ_SHOW=1 spin fuzz -- crash-0123
    """
    if not (Path(build_dir) / "build.ninja").exists():
        os.environ["CC"] = "clang"
        util.run(["meson", "setup", build_dir, "-Dtests_in_c=enabled", "-Doptimization=1"])
    util.run(["meson", "compile", "-C", build_dir, "fuzz"])
    corpus = Path(build_dir) / "corpus"
    corpus.mkdir(exist_ok=True)
    limits = (f"-max_total_time={seconds}", "-max_len=160", "-len_control=10", "-timeout=60")
    what = fuzzer_args or (*limits, "-print_final_stats=1", str(corpus))
    # The engine's own memory lives as long as the process.
    os.environ["ASAN_OPTIONS"] = "detect_leaks=0"
    os.environ["UBSAN_OPTIONS"] = "halt_on_error=1:print_stacktrace=1"
    util.run([str(Path(build_dir) / "tests" / "c" / "fuzz"), *what])


@click.command()
@click.option("--full", is_flag=True, help="Measure every benchmark, instead of a few once.")
@click.option("--compare", metavar="COMMIT", help="Measure HEAD against this commit.")
@click.argument("asv_args", nargs=-1)
@meson.build_option
@meson.build_dir_option
@click.pass_context
def bench(ctx, *, full, compare, asv_args, build, build_dir):
    """🏋 Run the asv benchmarks, by default a few of them once, on the present build

    ASV_ARGS are passed on to asv:

    \b
      spin bench
      spin bench --full -- --bench Layouts
      spin bench --compare main -- --bench Contiguous
    """
    asv = [sys.executable, "-P", "-m", "asv", "--config", "benchmarks/asv.conf.json"]
    if compare:
        util.run([*asv, "continuous", *asv_args, compare, "HEAD"])
        return
    run = [*asv, "run", "--python=same", "--show-stderr", *asv_args]
    if not full:
        os.environ["BENCH_QUICK"] = "1"
        run.append("--quick")
    # asv drops PYTHONPATH, where spin puts the build, and takes this one in its place.
    command = f'ASV_PYTHONPATH="$PYTHONPATH" {shlex.join(run)}'
    ctx.invoke(meson.run, args=(command,), build=build, build_dir=build_dir)


@click.command()
@click.option("--check", is_flag=True, help="Only say whether they are up to date.")
@click.pass_context
def figures(ctx, *, check):
    """📈 Write docs/speed.md, its plots and the README's table from the measurements"""
    on_the_build(ctx, "benchmarks/figures.py", *(["--check"] if check else []))


def on_the_build(ctx, *command):
    """Run a script of Python with the package as it is built from the sources."""
    ctx.invoke(meson.run, args=(shlex.join([sys.executable, *command]),))


@click.command()
@click.option("--check", is_flag=True, help="Write nothing; fail unless it tells of all there is.")
@click.pass_context
def stubs(ctx, *, check):
    """📝 Write the stubs and the table of ufuncs from the declarations of kernels"""
    on_the_build(ctx, "tools/declarations.py", *(["--check"] if check else []))


@click.command()
@click.pass_context
def docs(ctx):
    """📖 Check the links of all pages, and run their examples and those of the docstrings"""
    on_the_build(ctx, "tools/docs.py")


@click.command()
@click.pass_context
def site(ctx):
    """🌐 Build the site of documentation, into build-site/html; a warning is an error"""
    on_the_build(ctx, "docs/site/build.py", "build-site")


@click.command()
@click.argument("arguments", nargs=-1)
@click.pass_context
def accuracy(ctx, *, arguments):
    """🎯 Measure the accuracy: writes docs/accuracy.md and its plot

    ARGUMENTS are passed on to benchmarks/accuracy.py.
    """
    on_the_build(ctx, "benchmarks/accuracy.py", *arguments)


@click.command()
@click.argument("arguments", nargs=-1)
@click.pass_context
def cost(ctx, *, arguments):
    """⏱ Measure where the time of a call goes: writes the tables of docs/cost.md and its plot

    ARGUMENTS are passed on to benchmarks/cost.py.
    """
    on_the_build(ctx, "benchmarks/cost.py", *arguments)


@click.command()
@click.argument("names", nargs=-1)
@click.pass_context
def gallery(ctx, *, names):
    """🖼 Run the examples: writes docs/gallery.md and its pictures

    NAMES are those that are run anew, if not all.
    """
    on_the_build(ctx, "benchmarks/gallery.py", *names)


@click.command()
@click.option("--fix", is_flag=True, help="Mend what can be mended.")
@click.option("--types", is_flag=True, help="Only look at types.")
def lint(*, fix, types):
    """🧹 Check the style of the sources, their spelling and their types"""
    folders = Path("include"), Path("src"), Path("tests")
    c_files = [str(path) for folder in folders for path in sorted(folder.rglob("*.[ch]"))]
    folders = Path("examples"), Path("relu_ufunc"), Path("src")
    cython_files = [str(path) for folder in folders for path in sorted(folder.rglob("*.p?[xd]"))]
    style = [
        ["ruff", "check", *(["--fix"] if fix else [])],
        ["ruff", "format", *([] if fix else ["--check"])],
        ["clang-format", *(["-i"] if fix else ["--dry-run", "--Werror"]), *c_files],
        ["cython-lint", *cython_files],
        ["codespell"],
    ]
    commands = [*([] if types else style), *TYPE_CHECKS]
    # All of them run, so that one go shows everything there is to mend.
    failed = [command for command in commands if util.run(command, sys_exit=False).returncode]
    sys.exit(bool(failed))
