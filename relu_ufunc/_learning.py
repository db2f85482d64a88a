"""Whether the library finds out what calls cost on this machine."""

import os

from ._relu_ufunc import is_learning, learned, set_learning

VARIABLE = "RELU_UFUNC_LEARNING"
WISHES = {"": True, "on": True, "off": False}


def set_up():
    """As the environment says: those who measure may want the same decisions in each process."""
    wanted = os.environ.get(VARIABLE, "")
    if wanted.lower() not in WISHES:
        raise ImportError(f"{VARIABLE}={wanted!r}: must be on or off")
    set_learning(WISHES[wanted.lower()])


def describe():
    """What has been found out so far, for show_config."""
    return learned() if is_learning() else "off"
