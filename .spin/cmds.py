"""Developer commands beside spin's own: pyproject.toml lists them all, under [tool.spin]."""

import os
import shlex
import subprocess
import sys
from pathlib import Path

import click
from spin import util
from spin.cmds import meson

SANITIZED = "build-sanitize"
# Where memory is addressed by hand: layouts, tails, overlap, outputs.
SANITIZED_TESTS = (
    *("memory/test_layouts", "memory/test_overlap", "memory/test_recycling"),
    *("calls/test_broadcasting", "calls/test_out_and_where", "exactness/test_one_answer"),
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


@click.command()
@click.argument("pytest_args", nargs=-1)
@click.pass_context
def sanitize(ctx, *, pytest_args):
    """🧪 Run tests on a build that looks for errors of memory and undefined behaviour

    It is built in a folder of its own, and needs GCC. PYTEST_ARGS take the place of the tests that
    run by default:

    \b
      spin sanitize
      spin sanitize -- tests/memory/test_overlap.py -k elu
      RELU_UFUNC_ISA=avx2 spin sanitize
    """
    options = ("-Db_sanitize=address,undefined", "-Db_lundef=false", "-Dbuildtype=debugoptimized")
    ctx.invoke(meson.build, build_dir=SANITIZED, meson_args=options)
    # Python itself is not built so: the first library that it loads is to be the sanitizer's.
    os.environ["LD_PRELOAD"] = " ".join(map(library, ("libasan.so", "libubsan.so")))
    os.environ["ASAN_OPTIONS"] = "detect_leaks=0"  # Python keeps what it has until the end
    os.environ["UBSAN_OPTIONS"] = "halt_on_error=1:print_stacktrace=1"
    tests = pytest_args or [f"tests/{name}.py" for name in SANITIZED_TESTS]
    options = () if pytest_args else ("-q", "-m", "not exhaustive")
    pytest = [sys.executable, "-P", "-m", "pytest", "-p", "no:cacheprovider", *options, *tests]
    ctx.invoke(meson.run, args=(shlex.join(pytest),), build=False, build_dir=SANITIZED)


def library(name):
    """The path of a library of the compiler's own."""
    command = [*shlex.split(os.environ.get("CC", "gcc")), f"-print-file-name={name}"]
    path = subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    if not os.path.isabs(path):
        raise click.ClickException(f"{command[0]} has no {name}")
    return path


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
def figures(*, check):
    """📈 Write docs/speed.md, its plots and the README's table from the measurements"""
    command = [sys.executable, "benchmarks/figures.py", *(["--check"] if check else [])]
    util.run(command)


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
