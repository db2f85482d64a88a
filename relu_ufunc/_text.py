"""What is written by hand for the docstring of a ufunc."""

from typing import NamedTuple


class Text(NamedTuple):
    """The parts of a docstring; what there is none of is left out."""

    summary: str
    returns: str = "The value of the formula."
    notes: str = ""
    see_also: str = ""
    reference: str = ""
    examples: str = ""
    inputs: dict[str, str] = {}  # what an input is, where that is not what its name is elsewhere
