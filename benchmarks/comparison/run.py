"""A run of compare.py: what was asked for, measured and shown."""

import os

from benchmarks.machine import machine

from . import report
from .cases import CASES, GROUPS, MEMBERS, ForkJoin, Idle
from .ceilings import measure_ceilings, measure_fork_join
from .contestants import NAMES, PEERS
from .measure import Measurement, Options, measure_idle
from .peers import OURS, Own, load
from .plots import draw_all
from .results import WRONG, write


def show_list():
    console = report.new_console()
    for group, about in GROUPS.items():
        console.print(f"[bold]{group}[/]: {about}")
        for name in MEMBERS[group]:
            console.print(f"  {name}")
    return 0


def selected(cases, groups, peers):
    """The cases by name, each once; LookupError lists what there is."""
    known_peers = [*NAMES, *map(str.lower, NAMES)]
    known_groups = [*GROUPS, "all"]
    for kind, asked, known in (
        ("case", cases, list(CASES)),
        ("group", groups, known_groups),
        ("peer", peers, known_peers),
    ):
        if unknown := [name for name in asked if name not in known]:
            raise LookupError(f"unknown {kind} {', '.join(unknown)}; known: {', '.join(known)}")
    if not cases and not groups:
        groups = ["quick"]
    names = list(cases)
    for group in groups:
        names += CASES if group == "all" else MEMBERS[group]
    return [CASES[name] for name in dict.fromkeys(names)]


def loaded(options, enforced):
    """Every peer that was asked for, or the reason why it cannot take part."""
    wanted = {name.lower() for name in options.peer}
    kinds = [kind for kind in PEERS if not wanted or kind.name.lower() in wanted]
    return {kind.name: load(kind, options.threads, enforced) for kind in (Own, *kinds)}


def facts(peers, options):
    """The machine, whoever takes part, and how to repeat it."""
    versions = {}
    for name, peer in peers.items():
        if name not in (OURS, "NumPy"):
            versions[name] = peer if isinstance(peer, str) else peer.version
    ours = {"cores": os.cpu_count(), "threads": options.threads}
    return machine() | ours | {"peers": versions, "command": options.command}


def run(cases, options, enforced):
    console = report.new_console()
    peers = loaded(options, enforced)
    about = facts(peers, options)
    report.show_machine(console, about)
    how = Options(options.threads, options.repetitions, options.sample / 1000)
    rows = []
    if not options.no_ceilings:
        rows += measure_ceilings(how)
        report.show_ceilings(console, rows)
    for case in cases:
        rows += measured(case, peers, how)
        report.show_case(console, case, [row for row in rows if row.case == case.name])
        write(options.output, rows, about)  # what is there is kept if the run is broken off
    console.print(report.LEGEND, style="dim")
    report.show_losses(console, rows)
    if how.retaken:
        console.print(f"Other processes disturbed {how.retaken} of {how.samples} samples.")
    files = [options.output / f"compare.{kind}" for kind in ("csv", "json")]
    for path in files + draw_all(rows, options.output, about):
        console.print(f"wrote {path}")
    return int(any(row.status == WRONG and row.kind == "own" for row in rows))


def measured(case, peers, how):
    if isinstance(case, ForkJoin):
        return measure_fork_join(case, how)
    if isinstance(case, Idle):
        return measure_idle(case, peers, how)
    return Measurement(case, peers, how).rows
