"""The import goes on whatever the system's files hold, and whether or not they can be read."""

import errno
import os
import sys

import numpy as np
import pytest
from processes import output, python

from relu_ufunc import _cpus, _streaming, _system_files

CPU = "sys/devices/system/cpu"
FILES = {
    f"{CPU}/present": "0-3\n",
    f"{CPU}/smt/active": "1\n",
    **{f"{CPU}/cpu{i}/topology/thread_siblings_list": f"{i % 2},{i % 2 + 2}\n" for i in range(4)},
    "proc/self/cgroup": "2:cpu,cpuacct:/a\n0::/b\n",
    "proc/self/mountinfo": "1 1 0:1 / /v1 rw - cgroup cgroup rw,cpu,cpuacct\n"
    "2 1 0:2 / /v2 rw - cgroup2 cgroup2 rw\n",
    "v1/a/cpu.cfs_quota_us": "400000\n",
    "v1/a/cpu.cfs_period_us": "100000\n",
    "v2/b/cpu.max": "300000 100000\n",
    "caches/index0/type": "Data\n",
    "caches/index0/size": "32K\n",
    "caches/index1/type": "Unified\n",
    "caches/index1/size": "8M\n",
}
GARBAGE = {
    "empty": b"",
    "binary": bytes(range(256)) * 40,
    "one line": b"9" * 100_000,
    "a number that no float holds": b"9" * 400 + b" 1",
    "many numbers": b"0-999999999999,5-18446744073709551615",
    "negative": b"-5 -1",
    "no digits of ours": "²".encode(),
    "colons": b"::::\n:\n::\n0::\n" * 9,
    "a path without end": b"0::" + b"/a" * 1_000_000,
    "no path": b"0::/a\0b\n1:cpu:/\xff\xfe/../..\n",
    "dashes": b" - \n - cgroup2\n1 - cgroup2 a b\n1 2 3 4 5 - cgroup2\n- - - - - -",
}


def told(root):
    """All that the files tell."""
    cpus = _cpus.present_cpus(root)
    firsts = _cpus.firsts_on_cores(range(4), root)
    return cpus, firsts, _cpus.quota(root), _streaming.sysfs_cache_bytes(f"{root}/caches")


def assert_sensible(root):
    cpus, firsts, quota, cache = told(root)
    assert cpus >= _cpus.allowed_cpus() and max(cpus) < 1 << 16
    assert all(0 <= first <= cpu for cpu, first in firsts.items())
    assert quota > 0
    assert 0 <= cache < 1 << 62


@pytest.fixture
def root(tmp_path):
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path


def test_all_is_well(root):
    cpus = {0, 1, 2, 3} | _cpus.allowed_cpus()
    assert told(root) == (cpus, {0: 0, 1: 1, 2: 0, 3: 1}, 3, 8 << 20)


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("garbage", GARBAGE)
def test_garbage(root, name, garbage):
    (root / name).write_bytes(GARBAGE[garbage])
    assert_sensible(root)


@pytest.mark.parametrize("name", FILES)
def test_no_file(root, name):
    (root / name).unlink()
    assert_sensible(root)
    (root / name).mkdir()
    assert_sensible(root)
    (root / name).rmdir()
    (root / name).symlink_to(name)  # to itself, or to nowhere
    assert_sensible(root)


@pytest.mark.skipif(sys.platform != "linux", reason="/proc has it")
@pytest.mark.parametrize("name", FILES)
def test_a_file_that_fails_when_it_is_read(root, name):
    (root / name).unlink()
    (root / name).symlink_to("/proc/self/mem")
    with open(root / name, "rb") as file, pytest.raises(OSError):
        file.read(1)
    assert_sensible(root)


@pytest.mark.skipif(not os.path.exists("/dev/zero"), reason="no such device here")
@pytest.mark.parametrize("name", FILES)
def test_a_file_without_end(root, name):
    (root / name).unlink()
    (root / name).symlink_to("/dev/zero")
    assert_sensible(root)


@pytest.mark.parametrize(
    "error", [errno.EACCES, errno.EIO, errno.ENODEV, errno.EMFILE, errno.ELOOP]
)
@pytest.mark.parametrize("folder", ["caches", "caches/index1", CPU, "proc/self", "v1/a", "v2"])
def test_what_is_refused(root, folder, error, monkeypatch):
    """Files and lists of a folder; what another tells still counts."""
    whole = told(root)

    def refusing(function):
        def refuse(path, *arguments, **named):
            if str(path).startswith(str(root / folder)):
                raise OSError(error, os.strerror(error))
            return function(path, *arguments, **named)

        return refuse

    monkeypatch.setattr(_system_files, "open", refusing(open), raising=False)
    monkeypatch.setattr(os, "listdir", refusing(os.listdir))
    assert_sensible(root)
    changed = [now != before for now, before in zip(told(root), whole, strict=True)]
    assert sum(changed) <= (2 if folder == CPU else 1)
    if folder == "v2":
        assert _cpus.quota(root) == 4
    if folder == "caches/index1":
        assert _streaming.sysfs_cache_bytes(f"{root}/caches") == 32 << 10


def test_a_garbled_line_does_not_hide_the_others(root):
    for name in ("proc/self/cgroup", "proc/self/mountinfo"):
        path = root / name
        path.write_bytes(b"\xff\n\n:\nwords - words\n" + path.read_bytes() + b"0:cpu\n")
    siblings = root / CPU / "cpu0" / "topology" / "thread_siblings_list"
    siblings.write_bytes(b"\xff")
    assert told(root)[1:] == ({1: 1, 2: 0, 0: 0, 3: 1}, 3, 8 << 20)


REFUSE = """
import os, sys
def refuse(event, arguments):
    if event in ("open", "os.listdir", "os.scandir"):
        path = os.fspath(arguments[0]) if not isinstance(arguments[0], int) else ""
        if str(path).startswith(("/sys", "/proc")):
            refused.append(path)
            raise {error}
refused = []
import numpy
sys.addaudithook(refuse)
import relu_ufunc
if sys.platform == "linux":
    assert refused
assert relu_ufunc.relu(-1.0) == 0
print(relu_ufunc.get_num_threads())
"""


@pytest.mark.parametrize("error", ["PermissionError(13, '')", "OSError(5, '')", "OSError(24, '')"])
def test_the_import_goes_on_without_all_of_them(error):
    """Files and lists of folders; what the processor itself tells is left."""
    assert int(output(python("-c", REFUSE.format(error=error)))) >= 1


# More than one mount

QUOTA = {1: "100000 100000\n", 2: "200000 100000\n", 3: "300000 100000\n"}
MOUNTS = {
    "the second shows it": ("/a", [("/b", "/1", 1), ("/a", "/2", 2)], 2),
    "the first shows it": ("/a", [("/a", "/1", 3), ("/b", "/2", 1)], 3),
    "both show it": ("/a", [("/a", "/1", 3), ("/a", "/2", 2)], 2),
    "both show it, one limits": ("/a", [("/a", "/1", None), ("/a", "/2", 2)], 2),
    "one shows what is above": ("/a/b", [("/a/b", "/1", 3), ("/a", "/2", 2)], 2),
    "one shows what is below": ("/a", [("/a/b", "/1", 1), ("/a", "/2", 2)], 2),
    "one begins with the same letters": ("/ab", [("/a", "/1", 1), ("/ab", "/2", 2)], 2),
    "above the namespace": ("/", [("/..", "/1", 2), ("/", "/2", 3)], 2),
    "far above the namespace": ("/a", [("/../../..", "/1", 2), ("/", "/2", 3)], 2),
    "beside the namespace": ("/", [("/../b", "/1", 1), ("/", "/2", 3)], 3),
    "outside the namespace": ("/../b", [("/../b", "/1", 2), ("/", "/2", 1)], 2),
    "further outside": ("/../../b", [("/..", "/1", 1), ("/../..", "/2", 2)], 2),
    "one hides another": ("/a", [("/a", "/1", None), ("/b", "/1", 1), ("/a", "/2", 2)], 2),
    "none shows it": ("/host/a", [("/b", "/1", 3), ("/c", "/2", 2)], 2),
}


@pytest.mark.parametrize("case", MOUNTS)
@pytest.mark.parametrize("version", [1, 2])
def test_every_mount_that_shows_the_own_cgroup(tmp_path, version, case):
    own, mounts, want = MOUNTS[case]
    kind, options, group = (
        ("cgroup", "rw,cpu", "2:cpu") if version == 1 else ("cgroup2", "rw", "0:")
    )
    (tmp_path / "proc" / "self").mkdir(parents=True)
    (tmp_path / "proc" / "self" / "cgroup").write_text(f"{group}:{own}\n")
    (tmp_path / "proc" / "self" / "mountinfo").write_text(
        "".join(
            f"{i} 1 0:{i} {cgroup} {place} rw - {kind} {kind} {options}\n"
            for i, (cgroup, place, _) in enumerate(mounts)
        )
    )
    for _, place, limit in mounts:
        folder = tmp_path / place[1:]
        folder.mkdir(exist_ok=True)
        if limit is not None:
            quota, period = QUOTA[limit].split()
            (folder / "cpu.max").write_text(QUOTA[limit])
            (folder / "cpu.cfs_quota_us").write_text(quota)
            (folder / "cpu.cfs_period_us").write_text(period)
    assert _cpus.quota(tmp_path) == want


def test_other_mounts_do_not_count(tmp_path):
    """Version 1 of other controllers, and what is no cgroup."""
    (tmp_path / "proc" / "self").mkdir(parents=True)
    (tmp_path / "proc" / "self" / "cgroup").write_text("3:cpuset:/a\n1:name=systemd:/a\n")
    (tmp_path / "proc" / "self" / "mountinfo").write_text(
        "1 1 0:1 / /1 rw - cgroup cgroup rw,cpuset\n2 1 0:2 / /1 rw - tmpfs cgroup2 rw,cpu\n"
    )
    (tmp_path / "1" / "a").mkdir(parents=True)
    (tmp_path / "1" / "a" / "cpu.max").write_text("100000 100000\n")
    assert _cpus.quota(tmp_path) == np.inf
