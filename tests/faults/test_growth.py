"""However often a ufunc is called, rightly or wrongly, it takes no more memory."""

import pytest

HOURS = 4 * 3600  # at most
EACH = pytest.param(1_000_000, 1, marks=pytest.mark.soak)


@pytest.mark.parametrize(("times", "step"), [(1000, 8), EACH])
def test_calls_grow_no_memory(faulty_python, times, step):
    """Of each ufunc, or, quickly, of every eighth."""
    arguments = map(str, (times, step, 3))
    assert faulty_python("tests/helpers/growth.py", *arguments, timeout=HOURS) == "fine"
