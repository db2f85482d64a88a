"""How many processors this process may keep busy: affinity, the quota of its cgroups, cores.

Linux says all of it in files; where they are missing, nothing limits. `root` stands for the root of
the file system, so that tests can put files of their own there.
"""

import os
import re

from ._system_files import read, whole_number

MOST_CPUS = 8192  # as many as Linux can be built for
LONGEST_PATH = 4096  # that a file can be opened by


def allowed_cpus():
    """The numbers of the processors that this thread may run on."""
    try:
        return os.sched_getaffinity(0)
    except (AttributeError, OSError):
        return set(range(os.cpu_count() or 1))


def present_cpus(root="/"):
    """The numbers of all processors, those that this process may not run on at present too."""
    return _numbers(read(f"{root}/sys/devices/system/cpu/present")) | allowed_cpus()


def firsts_on_cores(cpus, root="/"):
    """The first processor on the core of each, by processor; what is missing has its own core.

    Two threads on one core get in each other's way: they share its vector units.
    """
    folder = f"{root}/sys/devices/system/cpu"
    firsts = {}
    if read(f"{folder}/smt/active").strip() == "0":
        return firsts
    for cpu in sorted(cpus):
        if cpu not in firsts:
            siblings = _numbers(read(f"{folder}/cpu{cpu}/topology/thread_siblings_list"))
            if cpu in siblings:
                firsts |= dict.fromkeys(siblings, min(siblings))
    return firsts


def quota(root="/"):
    """The processors' worth of time that the cgroups allow: the tightest limit, or infinity."""
    mounts = _mounts(root)
    allowed = [float("inf")]
    for line in read(f"{root}/proc/self/cgroup").splitlines():
        _, controllers, path = (*line.split(":", 2), "", "")[:3]
        kind = "cgroup2" if controllers == "" else "cgroup"
        if 0 < len(path) <= LONGEST_PATH and (kind == "cgroup2" or "cpu" in controllers.split(",")):
            for folder in _folders(_parts(path), mounts[kind]):
                allowed.append(_QUOTAS[kind](f"{root}{folder}"))
    return min(allowed)


def _mounts(root):
    """What is mounted where, by kind: cgroups of version 2, and of version 1's controller `cpu`.

    Any number may be, each showing a part of the whole. A mount hides what was at its place before.
    """
    mounts = {"cgroup": {}, "cgroup2": {}}
    for line in read(f"{root}/proc/self/mountinfo").splitlines():
        mount, _, system = line.partition(" - ")
        mount, system = mount.split(" "), system.split(" ")
        if system[0] in mounts and len(mount) > 4:
            cgroup, place = map(_unescaped, mount[3:5])
            for there in mounts.values():
                there.pop(place, None)
            if system[0] == "cgroup2" or "cpu" in system[-1].split(","):
                mounts[system[0]][place] = _parts(cgroup)
    return mounts


def _folders(path, mounts):
    """The folders of the cgroup `path` and of all above it, in every mount that shows it.

    A process in a container may see a path from outside, which none of its mounts shows, and which
    says nothing: what is mounted is its own cgroup then.
    """
    ways = {place: _way(cgroup, path) for place, cgroup in mounts.items()}
    shown = {place: way for place, way in ways.items() if way is not None}
    for place, way in (shown or dict.fromkeys(mounts, ())).items():
        for depth in range(len(way), -1, -1):
            yield "/".join((place, *way[:depth]))


def _parts(path):
    """The names in a path."""
    return tuple(name for name in path.split("/") if name not in ("", "."))


def _way(cgroup, path):
    """The way from a mounted cgroup down to `path`, None where it does not lead there.

    What is above the root of the own namespace is written as /.. and has no name: that a cgroup of
    there is above `path` can be told, but not the way.
    """
    is_below = path[: len(cgroup)] == cgroup
    if set(cgroup) == {".."} and not is_below:
        return ()
    way = path[len(cgroup) :]
    return way if is_below and ".." not in way else None


def _quota_v1(folder):
    return _ratio(*(read(f"{folder}/cpu.cfs_{name}_us") for name in ("quota", "period")))


def _quota_v2(folder):
    return _ratio(*read(f"{folder}/cpu.max").split()[:2])


_QUOTAS = {"cgroup": _quota_v1, "cgroup2": _quota_v2}


def _ratio(time="", period=""):
    """No limit where there is no number: "max", -1, or no such file."""
    time, period = whole_number(time), whole_number(period)
    return time / period if time and period else float("inf")


def _numbers(text):
    """The numbers in a list as the kernel writes it, 0-3,8; none where it is no such list."""
    numbers = set()
    for part in text.split(","):
        first, _, last = part.partition("-")
        first, last = whole_number(first), whole_number(last or first)
        if first is None or last is None or last >= MOST_CPUS:
            return set()
        numbers.update(range(first, last + 1))
    return numbers


def _unescaped(path):
    r"""A path of mountinfo, which writes spaces and the like as numbers: \040."""
    return re.sub(r"\\([0-7]{3})", lambda code: chr(int(code[1], 8)), path)
