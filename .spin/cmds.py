"""Developer commands beside spin's own: pyproject.toml lists them all, under [tool.spin]."""

import os
import shlex
import sys
from pathlib import Path

import click
from spin import util
from spin.cmds import meson


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


@click.command()
@click.option("--fix", is_flag=True, help="Mend what can be mended.")
def lint(*, fix):
    """🧹 Check the style of the Python and C files"""
    folders = Path("src"), Path("tests")
    c_files = [str(path) for folder in folders for path in sorted(folder.rglob("*.[ch]"))]
    if fix:
        commands = [
            ["ruff", "check", "--fix"],
            ["ruff", "format"],
            ["clang-format", "-i", *c_files],
        ]
    else:
        commands = [
            ["ruff", "check"],
            ["ruff", "format", "--check"],
            ["clang-format", "--dry-run", "--Werror", *c_files],
        ]
    # All of them run, so that one go shows everything there is to mend.
    failed = [command for command in commands if util.run(command, sys_exit=False).returncode]
    sys.exit(bool(failed))
