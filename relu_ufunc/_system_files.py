"""What the system tells in files, which may be missing, unreadable, or hold anything."""

import os

MOST_BYTES = 4 << 20  # more than any of them has


def read(path):
    """The text of a file, empty where it can't be read."""
    try:
        with open(path, "rb") as file:
            return file.read(MOST_BYTES).decode("utf-8", "surrogateescape")
    except (OSError, ValueError):  # ValueError: no path at all
        return ""


def listing(folder):
    """The names in a folder, none where it can't be listed."""
    try:
        return os.listdir(folder)
    except (OSError, ValueError):
        return []


def whole_number(text):
    """The whole number that a text is, None if it is none, or longer than the system has any."""
    text = text.strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None
