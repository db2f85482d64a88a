"""The command `relu-ufunc`: what it prints, and how it ends where something is in its way."""

import json
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
from cases import in_turn
from processes import ROOT, output, python, run, variables

import relu_ufunc
from relu_ufunc import _bench, _peers, _proof, _relu_ufunc
from relu_ufunc.__main__ import main

INSTALLED = Path(sysconfig.get_path("scripts")) / "relu-ufunc"
QUICK_BENCH = "bench --function elu gelu --size 100 --seconds 0.01"
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


@pytest.fixture(params=["command", "script"])
def each_command(request):
    """As a module and as a script, which begin differently and go on alike."""
    return request.getfixturevalue(request.param)


@pytest.fixture(scope="module")
def script(tmp_path_factory):
    """The script that was installed."""
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
    printed = output(run(*command))
    assert "usage: relu-ufunc" in printed
    assert "info" in printed
    status, lines = end(command, "check --isa mmx")
    assert status == 2
    assert "mmx" in lines[-1]
    assert not any(line.startswith("Traceback") for line in lines)


@pytest.mark.parametrize(
    "arguments",
    [
        *("nonsense", "check --isa mmx", "check --threads 0", "check --threads 1025"),
        *("bench --size 0", "bench --seconds nan", "bench --function elu_grad"),
    ],
)
def test_errors(capsys, arguments):
    with pytest.raises(SystemExit) as caught:
        main(arguments.split())
    assert caught.value.code == 2
    assert arguments.split()[-1] in capsys.readouterr().err.splitlines()[-1]


@pytest.mark.parametrize("arguments", ["--help", "check --help", "bench --help"])
def test_help_tells_the_exit_statuses(capsys, arguments):
    with pytest.raises(SystemExit) as caught:
        main(arguments.split())
    printed = capsys.readouterr().out
    assert not caught.value.code and printed.startswith("usage: relu-ufunc")
    assert all(f"\n  {status} " in printed for status in (0, 1, 2, 130, 141))


# Output that can't be written. An unbuffered one fails at once, else where it is flushed.
PRINTED = pytest.mark.parametrize(
    ("arguments", "unbuffered"),
    [
        *product(("info", "check", QUICK_BENCH), ("", "1")),
        ("info --json", ""),
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
    assert status == (2 if arguments in ("check", QUICK_BENCH) else 1)
    assert len(lines) == 1
    assert "No space left" in lines[0]


@pytest.mark.parametrize(("arguments", "status"), [("info", 1), ("check", 2), ("bench", 2)])
def test_a_closed_output(each_command, arguments, status):
    closed = ["sh", "-c", 'exec "$@" >&-', "sh", *each_command]
    assert end(closed, arguments) == (status, ["relu-ufunc: error: standard output is closed"])
    silent = ["sh", "-c", 'exec "$@" >&- 2>&-', "sh", *each_command]
    assert end(silent, arguments) == (status, [])


# Environment variables.


@pytest.mark.parametrize(
    ("name", "arguments"), [("RELU_UFUNC_ISA", "check"), ("RELU_UFUNC_NUM_THREADS", "info")]
)
def test_a_bad_environment_variable(each_command, name, arguments):
    assert_ends_in_a_line(each_command, name, arguments)


@pytest.mark.parametrize("name", BAD_VARIABLES)
def test_any_bad_environment_variable(command, name):
    assert_ends_in_a_line(command, name, "info")


def assert_ends_in_a_line(command, name, arguments):
    status, lines = end(command, arguments, **{name: BAD_VARIABLES[name]})
    assert status == 2
    assert len(lines) == 1
    assert lines[0].startswith(f"relu-ufunc: error: {name}=")


@pytest.mark.parametrize(
    ("name", "module"),
    [
        *((name, "relu_ufunc") for name in ("RELU_UFUNC_ENTRY", "RELU_UFUNC_LEARNING")),
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


def test_ctrl_c(command):
    with start_check(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert b"relu_ufunc" in process.stdout.readline()
        assert interrupt(process) == (130, b"relu-ufunc: interrupted\n")


def test_ctrl_c_in_a_terminal(script):
    terminal, end_of_it = pty.openpty()
    with start_check(script, stdout=end_of_it, stderr=subprocess.PIPE) as process:
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


@pytest.mark.parametrize("wrong", [0, 3])
def test_check_answers_programs(monkeypatch, capsys, wrong):
    isa = relu_ufunc.get_isa()
    mismatch = _proof.Mismatch(_proof.CASES[0], isa, wrong, *np.float32([1, 2, 3]))
    monkeypatch.setattr(_proof, "check", lambda *args, **kwargs: [[], [mismatch] if wrong else []])
    assert main(["check", "--json"]) == (1 if wrong else 0)
    answer = json.loads(capsys.readouterr().out)
    first = {"x": "0x1.0000000000000p+0", "got": "0x1.0000000000000p+1", "want": float(3).hex()}
    assert answer["exact"] == (not wrong)
    assert answer["results"][0] == {
        "function": "relu",
        "parameters": [],
        "isa": isa,
        "wrong": wrong,
        "first": first if wrong else None,
        "in_doubt": 0.0,
    }
    assert len(answer["results"]) == len(_proof.CASES)


def test_info_answers_programs(capsys):
    assert main(["info", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == relu_ufunc.show_config("dicts")


def test_without_rich(command, tmp_path):
    (tmp_path / "rich.py").write_text("raise ImportError\n")
    for arguments in ("check", "bench"):
        status, lines = end(command, arguments, PYTHONPATH=str(tmp_path))
        assert status == 2
        assert len(lines) == 1
        assert "pip install 'relu_ufunc[check]'" in lines[0]
    for arguments in ("info --json", f"{QUICK_BENCH} --json"):
        printed = output(run(*command, *arguments.split(), PYTHONPATH=str(tmp_path)))
        assert json.loads(printed)


# The measurements of `bench`.


def test_bench_says_what_it_compares(capsys):
    threads = relu_ufunc.get_num_threads()
    assert main([*QUICK_BENCH.split(), "--threads", "1", "--chart"]) == 0
    printed = capsys.readouterr().out
    for word in (relu_ufunc.get_isa(), "1 thread", f"NumPy {np.__version__}", "float32", "│ elu "):
        assert word in printed
    assert "where(x > 0, x, alpha * expm1(x))" in printed
    assert "logarithmic" in printed
    assert relu_ufunc.get_num_threads() == threads


def test_bench_answers_programs(capsys, monkeypatch):
    monkeypatch.setattr(_peers, "find_spec", lambda name: None)  # neither SciPy nor PyTorch
    arguments = "bench --json --function gelu swiglu --size 100 10 --seconds 0.01 --dtype float64"
    assert main(arguments.split()) == 0
    answer = json.loads(capsys.readouterr().out)
    assert (answer["isa"], answer["dtype"]) == (relu_ufunc.get_isa(), "float64")
    assert answer["code"]["gelu"] == {"NumPy": None}
    assert [(row["function"], row["size"]) for row in answer["results"]] == [
        *(("swiglu", 10), ("swiglu", 100), ("gelu", 10), ("gelu", 100)),
    ]
    for row in answer["results"]:
        assert set(row["seconds"]) == {"relu_ufunc", *row["ratios"]}
        assert list(row["ratios"]) == ([] if row["function"] == "gelu" else ["NumPy"])
        assert all(0 < seconds < 1 for seconds in row["seconds"].values())


@in_turn("name", _bench.CHOICES)
def test_bench_measures_the_same_function(name):
    """As NumPy's code computes, in every type: what differs would not be measured."""
    (kernel,) = (kernel for kernel in _relu_ufunc.KERNELS if kernel.name == name)
    peer = _peers.NumPy(1)
    code = peer.code(kernel)
    for dtype in map(np.dtype, ("float16", "float32", "float64") if code else ()):
        inputs = _bench._inputs(kernel, 100, dtype)
        ours = getattr(relu_ufunc, name)(*inputs.values())
        assert _bench._agree(ours, peer.call(code, inputs)(), peer), dtype


def test_bench_does_not_measure_what_differs(monkeypatch, capsys):
    monkeypatch.setattr(_peers.NumPy, "code", lambda peer, kernel: "x * 1.0")
    assert main(QUICK_BENCH.split()) == 0
    rows = [line for line in capsys.readouterr().out.splitlines() if "│ elu " in line]
    assert rows[0].count("differs") == 2


def test_bench_measures_pytorch(command, tmp_path):
    """Where it is installed: this one is made of NumPy, and knows what the command asks of it."""
    package = tmp_path / "torch"
    (package / "nn").mkdir(parents=True)
    (package / "nn" / "__init__.py").write_text("from . import functional\n")
    (package / "nn" / "functional.py").write_text("def relu(x): return x.relu()\n")
    (package / "__init__.py").write_text(
        "import numpy as np\n"
        "from . import nn\n"
        "__version__ = '2.0'\n"
        "def set_num_threads(n): assert n == 1\n"
        "def set_grad_enabled(mode): assert mode is False\n"
        "class from_numpy:\n"
        "    def __init__(self, array): self.array = array\n"
        "    def relu(self): return from_numpy(np.maximum(self.array, 0))\n"
        "    def numpy(self): return self.array\n"
    )
    arguments = "bench --json --function relu --size 10 --seconds 0.01 --threads 1"
    answer = json.loads(output(run(*command, *arguments.split(), PYTHONPATH=str(tmp_path))))
    assert answer["peers"][1] == "PyTorch 2.0 on 1 thread(s)"
    assert set(answer["results"][0]["ratios"]) == {"NumPy", "PyTorch"}
    assert set(_peers.TORCH) <= set(_bench.CHOICES)
