"""How many threads a call may use: the default, and every way to change it."""

import os
import re
import sys

import numpy as np
import pytest
from processes import output, python

import relu_ufunc
from relu_ufunc import _cpus, _relu_ufunc, _threads

MOST = 1024
COUNT = "import relu_ufunc; print(relu_ufunc.get_num_threads())"
NO_LIMITS = {"cpus": 64, "quota": float("inf")}


@pytest.fixture(autouse=True)
def number_kept():
    before = relu_ufunc.get_num_threads()
    yield
    relu_ufunc.set_num_threads(before)


def write(root, files):
    for name, text in files.items():
        path = root / name.lstrip("/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return str(root)


# Control


def test_what_is_set_is_what_holds():
    before = relu_ufunc.get_num_threads()
    assert 1 <= before <= MOST
    assert relu_ufunc.set_num_threads(3) == before
    assert relu_ufunc.set_num_threads(np.int8(1)) == 3
    assert relu_ufunc.set_num_threads(MOST) == 1
    assert relu_ufunc.get_num_threads() == MOST
    assert type(relu_ufunc.get_num_threads()) is int


@pytest.mark.parametrize("n", [0, -1, MOST + 1, 2**31, 2**64, -(2**70), np.uint64(2**63)], ids=str)
def test_out_of_range(n):
    with pytest.raises(ValueError, match=rf"{n}.*1 to {MOST}"):
        relu_ufunc.set_num_threads(n)


@pytest.mark.parametrize("n", [True, False, np.True_, 2.0, "2", None, np.float32(2), 2j], ids=repr)
def test_what_is_no_integer(n):
    before = relu_ufunc.get_num_threads()
    message = f"set_num_threads(n={n!r}): must be an integer, not {type(n).__name__}"
    with pytest.raises(TypeError, match=re.escape(message)):
        relu_ufunc.set_num_threads(n)
    assert relu_ufunc.get_num_threads() == before


@pytest.mark.parametrize("number", [0, -1, -(2**31), MOST + 1, 2**31, 2**32 + 1, 2**64], ids=str)
def test_what_is_private_has_a_range_as_well(number):
    with pytest.raises(ValueError, match=f"={number}: must be from 1 to {MOST}$"):
        _relu_ufunc.set_threads(number)
    with pytest.raises(ValueError, match=f"={number}: must be from 1 to {MOST}$"):
        _relu_ufunc.set_default_threads(number, False)
    if not 1 <= number < 2**31:
        with pytest.raises(ValueError, match=f"={number}: must be from 1 to "):
            _relu_ufunc.init_pool(number)
    if not 0 <= number < 2**31:
        with pytest.raises(ValueError, match=f"={number}: must be from 0 to "):
            _relu_ufunc.set_cores({number: 0})
    if number != 0:
        with pytest.raises(ValueError, match=f"={number}: must be from 0 to 0$"):
            _relu_ufunc.set_cores({0: number})


def test_as_many_threads_as_there_can_be():
    code = f"""
from relu_ufunc import _relu_ufunc
_relu_ufunc.set_threads({MOST})
for _ in range(3):
    _relu_ufunc.empty_parallel_region()
"""
    output(python("-c", code))


def test_it_holds_in_all_threads():
    code = """
import threading, relu_ufunc
def set():
    relu_ufunc.set_num_threads(7)
thread = threading.Thread(target=set)
thread.start()
thread.join()
print(relu_ufunc.get_num_threads())
"""
    assert output(python("-c", code)) == "7"


def test_show_config_tells():
    relu_ufunc.set_num_threads(5)
    threads = relu_ufunc.show_config(mode="dicts")["Threads"]
    assert threads == {
        "in use": 5,
        "default": _relu_ufunc.default_threads(),
        "pool": "pthreads" if os.name == "posix" else "serial",
    }


# Environment variables


@pytest.mark.parametrize("value", ["1", "3", " 4 ", "0007", str(MOST)])
def test_the_variable_decides(value):
    assert output(python("-c", COUNT, RELU_UFUNC_NUM_THREADS=value)) == str(int(value))
    assert _threads.default({"RELU_UFUNC_NUM_THREADS": value}, 1, 0.5) == int(value)


@pytest.mark.parametrize("value", ["0", "-1", "1025", "two", "2.0", "4,2", "1_0", " ", "9" * 5000])
def test_a_bad_value_is_refused_in_one_line(value):
    with pytest.raises(ImportError) as caught:
        _threads.default({"RELU_UFUNC_NUM_THREADS": value}, 1, 0.5)
    assert str(caught.value) == f"RELU_UFUNC_NUM_THREADS={value!r}: must be from 1 to {MOST}"


def test_a_bad_value_stops_the_import():
    process = python("-c", "import relu_ufunc", RELU_UFUNC_NUM_THREADS="two")
    assert process.returncode == 1
    message = process.stderr.strip().splitlines()[-1]
    assert message == f"ImportError: RELU_UFUNC_NUM_THREADS='two': must be from 1 to {MOST}"


def test_an_empty_variable_says_nothing():
    default = output(python("-c", COUNT))
    assert output(python("-c", COUNT, RELU_UFUNC_NUM_THREADS="")) == default


@pytest.mark.parametrize(
    ("value", "number"),
    [
        *(("1", 1), ("3", 3), ("4,2", 4), (" 5 , 2", 5), ("100", 64)),
        *(("0", 64), ("-2", 64), ("two", 64), ("", 64), ("2.5", 64), (",2", 64)),
    ],
)
def test_openmp_has_a_ceiling(value, number):
    assert _threads.default({"OMP_NUM_THREADS": value}, **NO_LIMITS) == number
    both = {"OMP_NUM_THREADS": value, "RELU_UFUNC_NUM_THREADS": "9"}
    assert _threads.default(both, **NO_LIMITS) == 9


def test_openmp_has_a_ceiling_at_import():
    assert output(python("-c", COUNT, OMP_NUM_THREADS="1,8")) == "1"


@pytest.mark.parametrize(
    ("limit", "number"),
    [
        ({"cpus": 3}, 3),
        ({"quota": 2.0}, 2),
        ({"quota": 1.5}, 1),
        ({"quota": 2.9}, 2),
        ({"quota": 0.1}, 1),
        ({"cpus": 2000}, MOST),
    ],
)
def test_the_default_of_the_machine_is_the_least(limit, number):
    assert _threads.default({}, **NO_LIMITS | limit) == number


# The machine


def cgroups(own, mounts, limits):
    """The files of cgroups: what the process sees of its own, of the mounts, of limits."""
    lines = [
        f"{i} 1 0:{i} {root} {point} rw,relatime shared:{i} - {kind} cgroup rw,{options}"
        for i, (root, point, kind, options) in enumerate(mounts)
    ]
    lines.append("9 1 0:9 / /proc rw - proc proc rw")
    return {"/proc/self/cgroup": own, "/proc/self/mountinfo": "\n".join(lines) + "\n", **limits}


V2 = [("/", "/sys/fs/cgroup", "cgroup2", "nsdelegate")]
V1 = [
    ("/", "/sys/fs/cgroup/cpuset", "cgroup", "cpuset"),
    ("/", "/sys/fs/cgroup/cpu,cpuacct", "cgroup", "cpu,cpuacct"),
]


def v1(folder, quota, period=100000):
    return {
        f"{folder}/cpu.cfs_quota_us": f"{quota}\n",
        f"{folder}/cpu.cfs_period_us": f"{period}\n",
    }


CPU1 = "/sys/fs/cgroup/cpu,cpuacct"
QUOTAS = {
    "no cgroups": ({}, np.inf),
    "v2": (cgroups("0::/a\n", V2, {"/sys/fs/cgroup/a/cpu.max": "150000 100000\n"}), 1.5),
    "v2 without a limit": (
        cgroups("0::/a\n", V2, {"/sys/fs/cgroup/a/cpu.max": "max 100000\n"}),
        np.inf,
    ),
    "v2, tighter above": (
        cgroups(
            "0::/a/b/c\n",
            V2,
            {
                "/sys/fs/cgroup/a/cpu.max": "200000 100000\n",
                "/sys/fs/cgroup/a/b/cpu.max": "max 100000\n",
                "/sys/fs/cgroup/a/b/c/cpu.max": "400000 100000\n",
            },
        ),
        2,
    ),
    "v2, tighter within": (
        cgroups(
            "0::/a/b\n",
            V2,
            {
                "/sys/fs/cgroup/a/cpu.max": "800000 100000\n",
                "/sys/fs/cgroup/a/b/cpu.max": "50000 100000\n",
            },
        ),
        0.5,
    ),
    "v2 in a namespace": (cgroups("0::/\n", V2, {"/sys/fs/cgroup/cpu.max": "300000 100000\n"}), 3),
    "v2, not the own part is mounted": (
        cgroups(
            "0::/../other\n",
            [("/", "/sys/fs/cgroup", "cgroup2", "rw")],
            {"/sys/fs/cgroup/cpu.max": "300000 100000\n"},
        ),
        3,
    ),
    "v2 in a container without a namespace": (
        cgroups(
            "0::/docker/1234/sub\n",
            [("/docker/1234", "/sys/fs/cgroup", "cgroup2", "rw")],
            {
                "/sys/fs/cgroup/cpu.max": "300000 100000\n",
                "/sys/fs/cgroup/sub/cpu.max": "200000 100000\n",
            },
        ),
        2,
    ),
    "v2 at a path with spaces": (
        cgroups(
            "0::/a\n",
            [("/", r"/my\040groups", "cgroup2", "rw")],
            {"/my groups/a/cpu.max": "100000 50000\n"},
        ),
        2,
    ),
    "v1": (
        cgroups("3:cpuset:/x\n2:cpu,cpuacct:/a\n", V1, v1(f"{CPU1}/a", 250000)),
        2.5,
    ),
    "v1 without a limit": (cgroups("2:cpu,cpuacct:/a\n", V1, v1(f"{CPU1}/a", -1)), np.inf),
    "v1, tighter above": (
        cgroups(
            "2:cpu,cpuacct:/a/b\n", V1, v1(f"{CPU1}/a", 100000) | v1(f"{CPU1}/a/b", 80000, 20000)
        ),
        1,
    ),
    "v1 in a container without a namespace": (
        cgroups(
            "2:cpu:/docker/1234\n",
            [("/docker/1234", "/sys/fs/cgroup/cpu", "cgroup", "cpu")],
            v1("/sys/fs/cgroup/cpu", 350000),
        ),
        3.5,
    ),
    "v1 and v2": (
        cgroups(
            "2:cpu,cpuacct:/a\n0::/b\n",
            [*V1, ("/", "/sys/fs/cgroup/unified", "cgroup2", "rw")],
            v1(f"{CPU1}/a", 300000) | {"/sys/fs/cgroup/unified/b/cpu.max": "200000 100000\n"},
        ),
        2,
    ),
    "not mounted": (cgroups("0::/a\n", [], {}), np.inf),
    "nonsense": (cgroups("0::/a\n", V2, {"/sys/fs/cgroup/a/cpu.max": "\n"}), np.inf),
}


@pytest.mark.parametrize("case", QUOTAS)
def test_quota(case, tmp_path):
    files, want = QUOTAS[case]
    assert _cpus.quota(write(tmp_path, files)) == want


def siblings(*groups):
    """The topology of processors, of which each group shares a core."""
    return {
        f"/sys/devices/system/cpu/cpu{cpu}/topology/thread_siblings_list": f"{text}\n"
        for text, cpus in groups
        for cpu in cpus
    }


PAIRS = siblings(*((f"{i},{i + 4}", (i, i + 4)) for i in range(4)))
RANGES = siblings(("0-1", (0, 1)), ("2-3", (2, 3)))


@pytest.mark.parametrize(
    ("files", "cpus", "firsts"),
    [
        (PAIRS, range(8), {i: i % 4 for i in range(8)}),
        (PAIRS, (5, 7), {1: 1, 5: 1, 3: 3, 7: 3}),
        (RANGES, range(4), {0: 0, 1: 0, 2: 2, 3: 2}),
        (RANGES, range(6), {0: 0, 1: 0, 2: 2, 3: 2}),
        ({}, range(6), {}),
        ({"/sys/devices/system/cpu/smt/active": "0\n", **PAIRS}, range(8), {}),
        ({"/sys/devices/system/cpu/smt/active": "1\n", **RANGES}, range(2), {0: 0, 1: 0}),
    ],
)
def test_cores(files, cpus, firsts, tmp_path):
    assert _cpus.firsts_on_cores(set(cpus), write(tmp_path, files)) == firsts


def test_all_processors_of_the_machine(tmp_path):
    allowed = _cpus.allowed_cpus()
    more = max(allowed) + 1
    root = write(tmp_path, {"/sys/devices/system/cpu/present": f"0-1,{more}-{more + 1}\n"})
    assert _cpus.present_cpus(root) == {0, 1, more, more + 1} | allowed
    assert _cpus.present_cpus(str(tmp_path / "nothing")) == allowed
    assert _cpus.present_cpus() >= allowed


def test_this_machine():
    assert 1 <= _relu_ufunc.default_threads() <= MOST
    if not {"OMP_NUM_THREADS", "RELU_UFUNC_NUM_THREADS"} & set(os.environ):
        assert len(_cpus.allowed_cpus()) >= _relu_ufunc.default_threads()


# threadpoolctl

OURS = "import relu_ufunc"
THEIRS = "import threadpoolctl"
CHECK = """
infos = threadpoolctl.threadpool_info()
[info] = [info for info in infos if info["user_api"] == "relu_ufunc"]
assert info["num_threads"] == relu_ufunc.get_num_threads() == 5, info
assert info["internal_api"] == "relu_ufunc" and info["prefix"] == "_relu_ufunc", info
assert info["version"] == relu_ufunc.__version__
with threadpoolctl.threadpool_limits(2):
    assert relu_ufunc.get_num_threads() == 2
    with threadpoolctl.threadpool_limits(limits={"relu_ufunc": 3}):
        assert relu_ufunc.get_num_threads() == 3
    assert relu_ufunc.get_num_threads() == 2
    with threadpoolctl.threadpool_limits(1, user_api="blas"):
        assert relu_ufunc.get_num_threads() == 2
    with threadpoolctl.threadpool_limits(10**6):
        assert relu_ufunc.get_num_threads() == 1024
assert relu_ufunc.get_num_threads() == 5
print("fine")
"""


@pytest.mark.parametrize(
    "imports",
    [
        (OURS, THEIRS),
        (THEIRS, OURS),
        (THEIRS, "threadpoolctl.threadpool_info()", OURS),
        (OURS, "import ml_dtypes", THEIRS, "import importlib; importlib.reload(threadpoolctl)"),
    ],
    ids=" ".join,
)
def test_threadpoolctl_sees_and_limits_us(imports):
    code = "\n".join([*imports, CHECK])
    assert output(python("-W", "error", "-c", code, RELU_UFUNC_NUM_THREADS="5")) == "fine"


def test_threadpoolctl_is_not_imported_for_those_who_do_not_use_it():
    output(python("-c", "import relu_ufunc, sys; assert 'threadpoolctl' not in sys.modules"))


def test_a_blocked_or_old_threadpoolctl_is_no_obstacle():
    for stand_in in ("None", "type(sys)('threadpoolctl')"):
        code = f"import sys; sys.modules['threadpoolctl'] = {stand_in}; {COUNT}"
        assert int(output(python("-c", code))) >= 1


# The life of the pool


OUR_END = "from relu_ufunc import _relu_ufunc"
THEIR_END = """
@atexit.register
def end():
    for _ in range(100):
        _relu_ufunc.empty_parallel_region()
    print("fine")
"""


@pytest.mark.parametrize(
    "ends", [(OUR_END, THEIR_END), (THEIR_END, OUR_END)], ids=["last", "first"]
)
def test_the_interpreter_ends_while_others_compute(ends):
    """Daemon threads go on after the end of the pool, and so may what was registered before it."""
    code = """
import atexit, threading, time
{}
{}
def for_ever():
    while True:
        _relu_ufunc.empty_parallel_region()

_relu_ufunc.set_threads(4)
for _ in range(4):
    threading.Thread(target=for_ever, daemon=True).start()
time.sleep(0.05)
"""
    assert output(python("-c", code.format(*ends))) == "fine"


@pytest.mark.skipif(sys.platform != "linux", reason="/proc says what threads there are")
def test_threads_are_started_by_the_first_call_that_wants_them():
    code = """
import os, time, relu_ufunc
import numpy as np
from relu_ufunc import _relu_ufunc

def tasks():
    return os.listdir("/proc/self/task")

def named():
    return sum(open(f"/proc/self/task/{task}/comm").read() == "relu_ufunc\\n" for task in tasks())

few = np.ones(1000, "g")[::2]
before = len(tasks())
for threads, more in ((1, 0), (4, 3), (2, 3)):
    relu_ufunc.set_num_threads(threads)
    for _ in range(20):  # of a kind that may be shared, some would be tried on other numbers
        relu_ufunc.mish(few)
    _relu_ufunc.empty_parallel_region()
    assert len(tasks()) - before == more
while named() < 3:
    time.sleep(0.001)
"""
    output(python("-c", code))


def test_an_import_that_fails_half_way_lets_the_process_end():
    code = """
import sys
sys.modules["relu_ufunc._threads"] = None  # after the compiled half, before there is a pool
try:
    import relu_ufunc
except ImportError:
    print("failed")
"""
    assert output(python("-c", code)) == "failed"


@pytest.mark.parametrize("text", ["", "words", "0::", "1:cpu:/\n::", "\x00\n"])
def test_what_the_system_tells_in_unknown_words_does_not_count(tmp_path, text):
    cpu = "/sys/devices/system/cpu/cpu0/topology/thread_siblings_list"
    root = write(tmp_path, {"/proc/self/cgroup": text, "/proc/self/mountinfo": text, cpu: text})
    assert _cpus.quota(root) == float("inf")
    assert _cpus.firsts_on_cores({0, 1}, root) == {}


def test_a_system_that_does_not_tell_its_processors(monkeypatch):
    def refuse(pid):
        raise OSError

    monkeypatch.setattr(os, "sched_getaffinity", refuse, raising=False)
    assert len(_cpus.allowed_cpus()) == (os.cpu_count() or 1)


def test_threads_of_little_stack_can_call():
    code = """
import threading
import numpy as np
import relu_ufunc

x = np.arange(-60000, 60000, dtype="f").reshape(300, 400)
out = np.empty((400, 300), "f")
outs = tuple(np.empty((400, 300), "f") for _ in range(2))

def call():
    relu_ufunc.relu(x.T, out=out)
    relu_ufunc.prelu_backward(x.T, x.T, x.T, out=outs)

threading.stack_size(32 << 10)  # the least that Python allows
thread = threading.Thread(target=call)
thread.start()
thread.join()
assert np.array_equal(out, np.maximum(x.T, 0))
"""
    output(python("-c", code))


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux lets a program say")
@pytest.mark.skipif(len(_cpus.allowed_cpus()) < 2, reason="one processor")
def test_threads_keep_off_the_processor_of_their_caller():
    code = """
import os, time, relu_ufunc
from relu_ufunc import _relu_ufunc

def workers():
    for task in os.listdir("/proc/self/task"):
        if open(f"/proc/self/task/{task}/comm").read() == "relu_ufunc\\n":
            yield int(task)

allowed = os.sched_getaffinity(0)
relu_ufunc.set_num_threads(3)
while True:  # until a call finds them asleep
    _relu_ufunc.empty_parallel_region()
    masks = [os.sched_getaffinity(task) for task in workers()]
    if len(masks) == 2 and all(mask < allowed and len(allowed - mask) == 1 for mask in masks):
        break
    time.sleep(0.01)
"""
    output(python("-c", code))
