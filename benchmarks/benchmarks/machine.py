"""The facts about the machine; `python benchmarks/benchmarks/machine.py` prints them."""

import json
import os
import platform
import subprocess
from pathlib import Path

import numpy as np

import relu_ufunc


def machine():
    """The facts that a figure means nothing without."""
    return {
        "cpu": cpu_model(),
        "architecture": platform.machine(),
        "system": platform.system(),
        "cores": available_cores(),
        "caches": cache_sizes(),
        "isa": relu_ufunc.get_isa(),
        "threads": relu_ufunc.get_num_threads(),
        "relu_ufunc": relu_ufunc.__version__,
        "numpy": np.__version__,
        "python": platform.python_version(),
    }


def available_cores():
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def cpu_model():
    if platform.system() == "Darwin":
        return sysctl("machdep.cpu.brand_string") or "unknown"
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        lines = []
    fields = dict(map(str.strip, line.split(":", 1)) for line in lines if ":" in line)
    # Arm has no name of a model there, but the numbers of its maker and part.
    arm = [fields[key] for key in ("CPU implementer", "CPU part") if key in fields]
    return fields.get("model name") or " ".join(arm) or platform.processor() or "unknown"


def cache_sizes():
    """Bytes of each data cache that the first core sees, such as {"L1": 32768, "L2": …}."""
    if platform.system() == "Darwin":
        keys = {"L1": "hw.l1dcachesize", "L2": "hw.l2cachesize", "L3": "hw.l3cachesize"}
        sizes = {level: sysctl(key) for level, key in keys.items()}
        return {level: int(size) for level, size in sizes.items() if size}
    sizes = {}
    for index in sorted(Path("/sys/devices/system/cpu/cpu0/cache").glob("index*")):
        try:
            level, kind, size = (
                (index / name).read_text().strip() for name in ("level", "type", "size")
            )
        except OSError:
            continue
        if kind != "Instruction":
            sizes[f"L{level}"] = int(size.removesuffix("K")) * 1024
    return sizes


def sysctl(key):
    done = subprocess.run(["sysctl", "-n", key], capture_output=True, text=True, check=False)
    return done.stdout.strip()


if __name__ == "__main__":
    print(json.dumps(machine(), indent=2))
