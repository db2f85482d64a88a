"""The library for C exports the functions of its header, and nothing else.

python exports.py READELF HEADER LIBRARY
"""

import re
import subprocess
import sys
from pathlib import Path

readelf, header, library = sys.argv[1:]
command = [readelf, "--wide", "--dyn-syms", library]
lines = map(
    str.split,
    subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines(),
)
exported = {
    fields[7]
    for fields in lines
    if len(fields) > 7 and fields[4] in ("GLOBAL", "WEAK") and fields[6] != "UND"
}
declared = set(
    re.findall(
        r"^const struct \w+ \*(relu_ufunc_\w+)\(void\);", Path(header).read_text("utf-8"), re.M
    )
)
print(f"exported {sorted(exported)}, declared {sorted(declared)}")
sys.exit(not declared or exported - {"Name"} != declared)
