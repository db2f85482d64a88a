"""One row for each contestant of each case, and the files that rows are kept in."""

import csv
import json
from dataclasses import asdict, dataclass, fields

MEASURED, REFUSED, WRONG = "measured", "refused", "wrong"
MACHINE = "# "  # opens the lines of a CSV that hold the facts about the machine, as JSON


@dataclass
class Row:
    """What was measured. Times are medians in nanoseconds a call; q1 and q3 are quartiles.

    `ratio` is relu_ufunc's time over this one's, the median over the repetitions; `limit_share` the
    time of a memcpy that moves as many bytes over this one's; `ulp` the most that the result was
    off the correctly rounded one.
    """

    case: str
    contestant: str
    kind: str
    status: str = MEASURED
    note: str = ""
    statement: str = ""
    function: str = ""
    dtype: str = ""
    shape: str = ""
    layout: str = ""
    values: str = ""
    cache: str = ""
    output: str = ""
    threads: int | None = None
    cpus: float | None = None
    elements: int | None = None
    bytes: int | None = None
    rounds: int | None = None
    ns: float | None = None
    ns_q1: float | None = None
    ns_q3: float | None = None
    ns_element: float | None = None
    gb_s: float | None = None
    limit_share: float | None = None
    ratio: float | None = None
    ratio_q1: float | None = None
    ratio_q3: float | None = None
    ulp: float | None = None


CASTS = {
    field.name: (int if "int" in str(field.type) else float if "float" in str(field.type) else str)
    for field in fields(Row)
}


def write(folder, rows, machine):
    """Both files hold everything."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "compare.csv").open("w", newline="") as file:
        for key, value in machine.items():
            file.write(f"{MACHINE}{json.dumps({key: value})}\n")
        writer = csv.DictWriter(file, list(CASTS), lineterminator="\n")
        writer.writeheader()
        for row in rows:
            writer.writerow({name: short(value) for name, value in asdict(row).items()})
    content = {"machine": machine, "rows": [known(row) for row in rows]}
    (folder / "compare.json").write_text(json.dumps(content, indent=1) + "\n")


def known(row):
    return {name: value for name, value in asdict(row).items() if value not in (None, "")}


def short(value):
    """Six digits are more than any clock here has."""
    return f"{value:.6g}" if isinstance(value, float) else value


def read(path):
    """The rows of a CSV, and the facts about the machine."""
    lines = path.read_text().splitlines()
    machine = {}
    while lines and lines[0].startswith(MACHINE):
        machine |= json.loads(lines.pop(0).removeprefix(MACHINE))
    return [row_of(record) for record in csv.DictReader(lines)], machine


def row_of(record):
    return Row(**{name: cast(record[name]) for name, cast in CASTS.items() if record[name]})
