"""Many cases in one test."""

from contextlib import contextmanager


@contextmanager
def case(*words):
    """What goes wrong inside says of which case, by a note below its message."""
    try:
        yield
    except Exception as error:
        error.add_note(f"in the case of {', '.join(map(str, words))}")
        raise
