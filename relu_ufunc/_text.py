"""What is written by hand for the docstring of a ufunc."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple


class Text(NamedTuple):
    """The parts of a docstring; what there is none of is left out."""

    summary: str
    returns: str = "The value of the formula."
    notes: str = ""
    see_also: str = ""
    reference: str = ""
    examples: str = ""
    inputs: Mapping[str, str] = MappingProxyType({})  # those that are other than elsewhere


# What is said of products.
AT_THE_END = "float16 and bfloat16 are rounded to their precision at the end alone."
