"""However often a ufunc is called, rightly or wrongly, it takes no more memory."""

import pytest

MANY = pytest.param(1_000_000, 1, marks=pytest.mark.soak)


@pytest.mark.parametrize(("times", "step"), [(1000, 8), MANY])
def test_calls_grow_no_memory(faulty_python, times, step):
    seeds = range(1, 1 + step) if step == 1 else [3]
    for seed in seeds:
        assert faulty_python("tests/helpers/growth.py", *map(str, (times, step, seed))) == "fine"
