"""The processors that a call may use are those of its thread at the time, as Linux has it."""

import os
import sys
import textwrap

import pytest
from compilers import compiler
from processes import ROOT, output, python, run

ALLOWED = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []
pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="only Linux lets a program say"),
    pytest.mark.skipif(len(ALLOWED) < 2, reason="one processor"),
]

BEGIN = f"""
import os, subprocess, sys, threading, time
import numpy as np
wide, narrow = {set(ALLOWED)}, {{{ALLOWED[0]}}}
os.sched_setaffinity(0, wide)
import relu_ufunc
from relu_ufunc import _relu_ufunc
_relu_ufunc.set_cores({{cpu: cpu for cpu in wide}})  # whatever this machine is
count = relu_ufunc.get_num_threads
most = count()

def default():
    return relu_ufunc.show_config("dicts")["Threads"]["default"]

def move(cpus, thread=0):
    os.sched_setaffinity(thread, cpus)

def tasks():
    return set(map(int, os.listdir("/proc/self/task")))

def call():
    '''Large enough for all threads that are allowed, up to four.'''
    x = np.ones(2 << 20, "f")
    relu_ufunc.elu(-x, out=x)
"""


def process(code, *, begin=BEGIN, **environment):
    """Run this and print nothing."""
    assert output(python("-c", begin + textwrap.dedent(code), **environment)) == ""


# How many


def test_it_follows_what_the_thread_may_run_on():
    process("""
        assert most == default() > 1
        for cpus in (narrow, wide, narrow, wide):
            move(cpus)
            assert count() == default() == (1 if cpus == narrow else most)
    """)


def test_imported_on_one_processor():
    late = BEGIN.replace("os.sched_setaffinity(0, wide)", "os.sched_setaffinity(0, narrow)")
    process("assert most == 1; move(wide); assert count() == default() > 1", begin=late)


def test_moved_by_another_process():
    """As by taskset -p."""
    process("""
        other = "import os, sys; os.sched_setaffinity(int(sys.argv[1]), eval(sys.argv[2]))"
        for cpus in (narrow, wide):
            subprocess.run([sys.executable, "-c", other, str(os.getpid()), repr(cpus)], check=True)
            assert count() == (1 if cpus == narrow else most)
    """)


def test_a_child_of_fork():
    """Moved before the fork or after it, after its parent has used the pool or not."""
    process("""
        for before, after in ((wide, narrow), (narrow, wide)) * 2:
            move(before)
            child = os.fork()
            if child == 0:
                first = count()
                move(after)
                call()
                os._exit((first, count()) != ((most, 1) if after == narrow else (1, most)))
            assert os.waitpid(child, 0)[1] == 0
            assert count() == (1 if before == narrow else most)
            move(wide)
            call()
    """)


def test_each_thread_has_its_own():
    process("""
        seen = []
        def pin():
            move(narrow)
            call()
            seen.append(count())
        thread = threading.Thread(target=pin)
        thread.start()
        thread.join()
        assert seen == [1] and count() == most
    """)


def test_what_is_said_stays():
    process("""
        relu_ufunc.set_num_threads(most)
        move(narrow)
        assert (count(), default()) == (most, 1)
        assert relu_ufunc.set_num_threads(3) == most
        call()
        move(wide)
        assert (count(), default()) == (3, most)
    """)
    process("move(narrow); assert count() == default() == 3", RELU_UFUNC_NUM_THREADS="3")


def test_other_limits_stay():
    process("assert most == 1; move(narrow); assert count() == 1", OMP_NUM_THREADS="1")


def test_what_was_the_default_is_again():
    """After it has been set for a while, by hand or by threadpoolctl."""
    process("""
        import threadpoolctl
        before = relu_ufunc.set_num_threads(1)
        assert before == most and isinstance(before, int)
        assert relu_ufunc.set_num_threads(before) == 1
        assert count() == most
        move(narrow)
        assert count() == 1
        with threadpoolctl.threadpool_limits(2):
            assert count() == 2
        assert count() == 1
        move(wide)
        assert count() == most
    """)


# Cores


@pytest.fixture(scope="module")
def pretending(tmp_path_factory):
    """The environment of a process that is to believe that it may run on these processors."""
    library = str(tmp_path_factory.mktemp("pretend") / "pretend.so")
    source = str(ROOT / "tests" / "c" / "pretend_affinity.c")
    output(run(*compiler(), "-std=c11", "-O1", "-shared", "-fPIC", source, "-o", library))
    return lambda cpus: {"LD_PRELOAD": library, "PRETEND_CPUS": cpus}


NEIGHBOURS = "{cpu: cpu // 2 * 2 for cpu in range(8192)}"
HALVES = "{cpu: cpu % 96 for cpu in range(192)}"
# The processors, the first of each core's, the most threads there may be, and how many there are.
# Those of a list have room in the same words, which are as many as were needed once.
CORES = [
    [
        *(("0-7", "{}", 1024, 8), ("0-7", "{}", 3, 3), ("0-7", NEIGHBOURS, 1024, 4)),
        *(("5,17,40,63", "{}", 64, 4), ("1,3,5", NEIGHBOURS, 1024, 3)),
        *(("4-5", NEIGHBOURS, 1024, 1), ("5-6", NEIGHBOURS, 9, 2)),
        *(("0-191", HALVES, 1024, 96), ("0-1,96-97", HALVES, 1024, 2), ("95-96", HALVES, 9, 2)),
    ],
    [("1023-1024", "{}", 9, 2), ("1022-1025", NEIGHBOURS, 9, 2)],
    [("0-2047", NEIGHBOURS, 1024, 1024), ("0-1999", NEIGHBOURS, 1024, 1000)],
    [("8190-8191", "{}", 9, 2)],
    [("0-9000", "{}", 5, 5)],  # more than Linux can have: as on a system that does not tell
]


@pytest.mark.parametrize("cases", CORES, ids=lambda cases: cases[-1][0])
def test_cores_that_processors_share(pretending, cases):
    code = f"""
import os
import relu_ufunc
from relu_ufunc import _relu_ufunc
for cpus, firsts, most, cores in {cases}:
    os.environ["PRETEND_CPUS"] = cpus  # read whenever the system is asked
    _relu_ufunc.set_cores(eval(firsts))
    _relu_ufunc.set_default_threads(most, True)
    count = relu_ufunc.get_num_threads()
    assert count == cores, (cpus, firsts, most, cores, count)
"""
    output(python("-c", code, **pretending(cases[0][0])))


# Where workers run

WORKERS = """
def workers():
    return [os.sched_getaffinity(task) for task in tasks() if named(task)]

def named(task):
    return open(f"/proc/self/task/{task}/comm").read() == "relu_ufunc\\n"

def beside(cpus):
    '''Where their caller may run, but for one processor of several.'''
    masks = workers()
    assert all(mask <= cpus and len(mask) >= max(len(cpus) - 1, 1) for mask in masks), masks

def start(count):
    relu_ufunc.set_num_threads(count)
    _relu_ufunc.empty_parallel_region()
    while len(workers()) < count - 1:  # they name themselves
        time.sleep(0.001)
"""


def test_none_is_started_for_one_processor():
    process("""
        move(narrow)
        before = tasks()
        call()
        assert tasks() == before
        move(wide)
        call()
        assert len(tasks() - before) >= most - 1
    """)


@pytest.mark.parametrize("pause", [0, 0.02], ids=["awake", "asleep"])
def test_workers_go_where_their_caller_may_run(pause):
    """Those started under any affinity, once there is a call under another."""
    code = """
        for first, second in ((narrow, wide), (wide, narrow)):
            for count in (2, 4):
                move(first)
                start(count)
                beside(first)
                for cpus in (second, first, second):
                    move(cpus)
                    time.sleep({pause})
                    _relu_ufunc.empty_parallel_region()
                    beside(cpus)
    """
    process(WORKERS + textwrap.dedent(code).format(pause=pause))


def test_workers_of_a_caller_that_pinned_itself_are_not_pinned_for_others():
    process(
        WORKERS
        + textwrap.dedent("""
        def pin():
            move(narrow)
            start(4)
            beside(narrow)
        thread = threading.Thread(target=pin)
        thread.start()
        thread.join()
        _relu_ufunc.empty_parallel_region()
        beside(wide)
    """)
    )


def test_workers_that_were_moved_from_outside():
    """As by taskset -a -p, to where their caller is as well."""
    process(
        WORKERS
        + textwrap.dedent("""
        start(4)
        time.sleep(0.02)
        for task in tasks():
            move(wide, task)
        _relu_ufunc.empty_parallel_region()
        assert [len(mask) for mask in workers()] == [len(wide) - 1] * 3
    """)
    )
