"""How many processors this process may keep busy: affinity, the quota of its cgroups, cores.

Linux says all of it in files; where they are missing, nothing limits. `root` stands for the root of
the file system, so that tests can put files of their own there.
"""

import functools
import os
import re
from pathlib import PurePosixPath


def _or(otherwise):
    """What a function gives where the system does not tell, or tells in words unknown here."""

    def decorate(function):
        @functools.wraps(function)
        def told(*args, **kwargs):
            try:
                return function(*args, **kwargs)
            except (OSError, TypeError, ValueError):
                return otherwise(*args, **kwargs)

        return told

    return decorate


def _all_cpus():
    return set(range(os.cpu_count() or 1))


@_or(_all_cpus)
def allowed_cpus():
    """The numbers of the processors that this process may run on."""
    return os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else _all_cpus()


@_or(lambda cpus, most, root="/": min(len(cpus), most))
def physical_cores(cpus, most, root="/"):
    """How many cores the processors `cpus` lie on, which may share them; counts up to `most`.

    Two threads on one core get in each other's way: they share its vector units.
    """
    folder = f"{root}/sys/devices/system/cpu"
    if _read(f"{folder}/smt/active").strip() == "0":
        return min(len(cpus), most)
    left, cores = set(cpus), 0
    while left and cores < most:
        siblings = _read(f"{folder}/cpu{left.pop()}/topology/thread_siblings_list")
        left -= set(_numbers(siblings))
        cores += 1
    return cores


@_or(lambda root="/": float("inf"))
def quota(root="/"):
    """The processors' worth of time that the cgroups allow: the tightest limit, or infinity."""
    mounts = _mounts(root)
    allowed = [float("inf")]
    for line in _read(f"{root}/proc/self/cgroup").splitlines():
        _, controllers, path = line.split(":", 2)
        kind = "cgroup2" if controllers == "" else "cgroup"
        if kind == "cgroup2" or "cpu" in controllers.split(","):
            for folder in _folders(path, *mounts.get(kind, (None, None))):
                allowed.append(_QUOTAS[kind](f"{root}{folder}"))
    return min(allowed)


def _mounts(root):
    """Which cgroup is mounted where: of version 2, and of version 1's controller `cpu`."""
    mounts = {}
    for line in _read(f"{root}/proc/self/mountinfo").splitlines():
        mount, _, system = line.partition(" - ")
        if not system.startswith("cgroup"):
            continue
        kind, *_, options = system.split(" ")
        if kind == "cgroup2" or "cpu" in options.split(","):
            mounts.setdefault(kind, tuple(map(_unescaped, mount.split(" ")[3:5])))
    return mounts


def _folders(path, cgroup, mount):
    """The folders of the cgroup `path` and of all above it that can be seen.

    `cgroup` is the one that is mounted, at `mount`. A process in a container may see a path from
    outside, which says nothing: what is mounted is its own cgroup then.
    """
    if mount is None:
        return
    path = PurePosixPath(path)
    inside = path.relative_to(cgroup) if path.is_relative_to(cgroup) else PurePosixPath()
    if ".." in inside.parts:
        inside = PurePosixPath()
    yield from (PurePosixPath(mount) / folder for folder in (inside, *inside.parents))


def _quota_v1(folder):
    time, period = (_read(f"{folder}/cpu.cfs_{name}_us") for name in ("quota", "period"))
    return _ratio(time, period)


def _quota_v2(folder):
    return _ratio(*_read(f"{folder}/cpu.max").split()[:2])


_QUOTAS = {"cgroup": _quota_v1, "cgroup2": _quota_v2}


def _ratio(time="", period=""):
    """No limit where there is no number: "max", -1, or no such file."""
    try:
        time, period = int(time), int(period)
    except ValueError:
        return float("inf")
    return time / period if time > 0 and period > 0 else float("inf")


def _numbers(text):
    """The numbers in a list as the kernel writes it: 0-3,8."""
    for part in filter(None, text.strip().split(",")):
        first, _, last = part.partition("-")
        yield from range(int(first), int(last or first) + 1)


def _unescaped(path):
    r"""A path of mountinfo, which writes spaces and the like as numbers: \040."""
    return re.sub(r"\\([0-7]{3})", lambda code: chr(int(code[1], 8)), path)


def _read(path):
    """The text of a file, empty where there is none."""
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read()
    except OSError:
        return ""
