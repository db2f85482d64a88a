"""Stop the build unless meson.build, pyproject.toml and CHANGELOG.md name the same version.

python tools/check_version.py VERSION_IN_MESON_BUILD
"""

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

PLACES = {
    "pyproject.toml": r'^version = "(.+)"$',
    "CHANGELOG.md": r"^## \[?([0-9][^\s\]]*)",  # the newest entry
}


def version_in(name, pattern):
    match = re.search(pattern, (ROOT / name).read_text(encoding="utf-8"), re.MULTILINE)
    return match.group(1) if match else None


def main():
    versions = {"meson.build": sys.argv[1]}
    versions |= {name: version_in(name, pattern) for name, pattern in PLACES.items()}
    if len(set(versions.values())) != 1:
        listed = ", ".join(f"{version} in {name}" for name, version in versions.items())
        sys.exit(f"the versions differ: {listed}")


if __name__ == "__main__":
    main()
