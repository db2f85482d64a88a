"""Recorded with each run: what asv does not note about the machine by itself."""

import json
import sys

from .machine import machine


class Machine:
    def track_cores(self):
        # The one place where all facts are printed: `asv run --show-stderr`.
        print(json.dumps(machine(), indent=2), file=sys.stderr)
        return machine()["cores"]

    def track_threads(self):
        return machine()["threads"]

    def track_isa(self, isa):
        """1 for the instruction set in use: asv keeps numbers only."""
        return int(machine()["isa"] == isa)

    track_isa.param_names = ("isa",)
    track_isa.params = ("avx512", "avx2", "sse2", "neon", "scalar")

    def track_cache(self, level):
        return machine()["caches"].get(level, 0)

    track_cache.param_names = ("level",)
    track_cache.params = ("L1", "L2", "L3")
    track_cache.unit = "bytes"
