"""The command `relu-ufunc`: what it prints, and how it ends where something is in its way."""

import os
import pty
import signal
import subprocess
import sys
import sysconfig
import time
import tomllib
from itertools import product
from pathlib import Path

import numpy as np
import pytest
from processes import ROOT, output, python, run, variables

import relu_ufunc
from relu_ufunc import _proof, _relu_ufunc
from relu_ufunc.__main__ import main

INSTALLED = Path(sysconfig.get_path("scripts")) / "relu-ufunc"
EVERY_WAY_TO_PRINT = ("info", "--help", "--version", "", "check --help")
BAD_VARIABLES = {
    "RELU_UFUNC_ISA": "mmx",
    "RELU_UFUNC_ENTRY": "quick",
    "RELU_UFUNC_NUM_THREADS": "x",
    "RELU_UFUNC_STREAMING_BYTES": "x",
    "RELU_UFUNC_LEARNING": "x",
}


@pytest.fixture
def command():
    """What runs the command, as a list of words."""
    return [sys.executable, "-P", "-m", "relu_ufunc"]


@pytest.fixture(scope="module", params=["python -m relu_ufunc", "relu-ufunc"])
def each_command(request, tmp_path_factory):
    """As a module and as a script, which begin differently and go on alike."""
    if request.param.startswith("python"):
        return [sys.executable, "-P", "-m", "relu_ufunc"]
    if INSTALLED.exists():
        return [str(INSTALLED)]
    # `spin` installs no scripts: this is what pip would write.
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    module, function = project["scripts"]["relu-ufunc"].split(":")
    script = tmp_path_factory.mktemp("scripts") / "relu-ufunc"
    script.write_text(f"import sys\nfrom {module} import {function}\nsys.exit({function}())\n")
    return [sys.executable, str(script)]


def end(command, arguments="", stdout=subprocess.PIPE, **environment):
    """The exit status, and the lines on standard error."""
    process = subprocess.run(
        [*command, *arguments.split()],
        stdout=stdout,
        stderr=subprocess.PIPE,
        env=variables(**environment),
        text=True,
        timeout=120,
    )
    return process.returncode, process.stderr.splitlines()


def test_info(each_command):
    printed = output(run(*each_command, "info"))
    for word in (relu_ufunc.__version__, *_relu_ufunc.isas(), "NumPy", np.__version__):
        assert word in printed
    assert "compiler" in printed.lower()
    assert "learned:" in printed
    assert "learned:       off" in output(run(*each_command, "info", RELU_UFUNC_LEARNING="off"))


def test_help_and_errors(command):
    for arguments in ((), ("--help",)):
        printed = output(run(*command, *arguments))
        assert "usage: relu-ufunc" in printed
        assert "info" in printed
    for arguments in ("nonsense", "check --isa mmx", "check --threads 0", "check --threads 1025"):
        status, lines = end(command, arguments)
        assert status == 2
        assert arguments.split()[-1] in lines[-1]
        assert not any(line.startswith("Traceback") for line in lines)


def test_help_tells_the_exit_statuses(command):
    for arguments in EVERY_WAY_TO_PRINT:
        if "help" in arguments:
            printed = output(run(*command, *arguments.split()))
            assert all(f"\n  {status} " in printed for status in (0, 1, 2, 130, 141))


# Output that can't be written. An unbuffered one fails at once, else where it is flushed.
PRINTED = pytest.mark.parametrize(
    ("arguments", "unbuffered"),
    [
        *product(("info", "check"), ("", "1")),
        *zip(("--help", "--version", "check --help"), ("", "1", ""), strict=True),
    ],
)


@PRINTED
def test_a_closed_pipe_is_no_error(command, arguments, unbuffered):
    reader, writer = os.pipe()
    os.close(reader)
    try:
        got = end(command, arguments, writer, PYTHONUNBUFFERED=unbuffered)
    finally:
        os.close(writer)
    assert got == (141, [])


def test_a_pipe_closed_under_a_bar(command):
    """With colours into a pipe, rich draws its bar."""
    environment = variables(FORCE_COLOR="1", TERM="xterm")
    with subprocess.Popen(
        [*command, "check"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment
    ) as process:
        assert b"relu_ufunc" in process.stdout.readline()
        process.stdout.close()
        assert process.wait(timeout=60) == 141
        assert process.stderr.read() == b""


@PRINTED
@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="there is no full disk to write to")
def test_a_full_disk(command, arguments, unbuffered):
    with open("/dev/full", "w") as full:
        status, lines = end(command, arguments, full, PYTHONUNBUFFERED=unbuffered)
    assert status == (2 if arguments == "check" else 1)
    assert len(lines) == 1
    assert "No space left" in lines[0]


@pytest.mark.parametrize(("arguments", "status"), [("info", 1), ("check", 2)])
def test_a_closed_output(each_command, arguments, status):
    closed = ["sh", "-c", 'exec "$@" >&-', "sh", *each_command]
    assert end(closed, arguments) == (status, ["relu-ufunc: error: standard output is closed"])
    silent = ["sh", "-c", 'exec "$@" >&- 2>&-', "sh", *each_command]
    assert end(silent, arguments) == (status, [])


# Environment variables.


@pytest.mark.parametrize(
    ("name", "arguments"),
    [*((name, "info") for name in BAD_VARIABLES), ("RELU_UFUNC_ISA", "check")],
)
def test_a_bad_environment_variable(each_command, name, arguments):
    status, lines = end(each_command, arguments, **{name: BAD_VARIABLES[name]})
    assert status == 2
    assert len(lines) == 1
    assert lines[0].startswith(f"relu-ufunc: error: {name}=")


@pytest.mark.parametrize(
    ("name", "module"),
    [
        *((name, "relu_ufunc") for name in BAD_VARIABLES),
        *(("RELU_UFUNC_ISA", module) for module in ("other.relu_ufunc", "other", "otherm.m")),
    ],
)
def test_it_is_an_import_error_to_other_programs(name, module, tmp_path):
    """Also to those run by -m, and while Python still looks for their module."""
    folder = tmp_path / module.split(".")[0]
    folder.mkdir()
    (folder / "__init__.py").write_text(
        "try:\n    import relu_ufunc\nexcept ImportError as error:\n    print('caught', error)\n"
    )
    (folder / f"{module.split('.')[-1]}.py").touch()
    (folder / "__main__.py").touch()
    if module == "relu_ufunc":
        process = python("-c", "import relu_ufunc", **{name: BAD_VARIABLES[name]})
        assert process.returncode == 1
        assert process.stderr.splitlines()[-1].startswith(f"ImportError: {name}=")
    else:
        variable = {name: BAD_VARIABLES[name]}
        process = python("-m", module, "relu_ufunc", PYTHONPATH=str(tmp_path), **variable)
        assert output(process).startswith(f"caught {name}=")


# Ctrl-C.


def start_check(command, **streams):
    """`check` on all processors, in a process that Ctrl-C reaches even if it doesn't reach this."""
    return subprocess.Popen(
        [*command, "check"],
        env=variables(TERM="xterm"),
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        **streams,
    )


def interrupt(process):
    """Its exit status and what it wrote to standard error: it has to end soon."""
    time.sleep(0.3)
    process.send_signal(signal.SIGINT)
    began = time.monotonic()
    status = process.wait(timeout=60)
    assert time.monotonic() - began < 10
    return status, process.stderr.read()


def test_ctrl_c(each_command):
    with start_check(each_command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert b"relu_ufunc" in process.stdout.readline()
        assert interrupt(process) == (130, b"relu-ufunc: interrupted\n")


def test_ctrl_c_in_a_terminal(command):
    terminal, end_of_it = pty.openpty()
    with start_check(command, stdout=end_of_it, stderr=subprocess.PIPE) as process:
        os.close(end_of_it)
        shown = b""
        while b"\x1b[?25l" not in shown:  # until the cursor is hidden, and the bar shown
            shown += os.read(terminal, 4096)
        assert interrupt(process) == (130, b"relu-ufunc: interrupted\n")
        os.set_blocking(terminal, False)
        while b"\x1b[?25h" not in shown:  # until it is shown again
            shown += os.read(terminal, 4096)
    os.close(terminal)


def test_the_proof_can_be_broken_off(monkeypatch):
    """What has begun ends, what waits does not begin."""
    begun = []

    def slow(block, isas, cases):
        begun.append(block)
        time.sleep(0.5 if block else 0)
        return []

    monkeypatch.setattr(_proof, "check_block", slow)
    results = _proof.check(["scalar"], threads=4, blocks_to_check=range(100))
    next(results)
    results.close()
    assert len(begun) < 8  # of twice as many as there are threads, which it hands in at first


# The answer of `check`.


@pytest.mark.parametrize("wrong", [0, 3])
def test_check_answers_by_its_exit_status(monkeypatch, capsys, wrong):
    isa = relu_ufunc.get_isa()
    mismatch = _proof.Mismatch(_proof.CASES[0], isa, wrong, *np.float32([1, 2, 3]))
    monkeypatch.setattr(_proof, "check", lambda *args, **kwargs: [[], [mismatch] if wrong else []])
    assert main(["check", "--isa", isa]) == (1 if wrong else 0)
    lines = capsys.readouterr().out.splitlines()
    (row,) = (line for line in lines if " relu " in line)
    assert ("3: 0x1" in row) == bool(wrong)
    assert ("none" in row) == (not wrong)
    has_fast_parts = isa in ("avx512", "avx2")
    assert any(" sigmoid " in line and "1 in " in line for line in lines) == has_fast_parts


def test_check_without_rich(command, tmp_path):
    (tmp_path / "rich.py").write_text("raise ImportError\n")
    status, lines = end(command, "check", PYTHONPATH=str(tmp_path))
    assert status == 2
    assert len(lines) == 1
    assert "pip install 'relu_ufunc[check]'" in lines[0]
