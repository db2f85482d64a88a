"""Many cases in one test."""

import inspect
from contextlib import contextmanager
from functools import wraps


@contextmanager
def case(*words):
    """What goes wrong inside says of which case, by a note below its message."""
    try:
        yield
    except Exception as error:
        error.add_note(f"in the case of {', '.join(map(str, words))}")
        raise


def in_turn(arguments, values):
    """As pytest.mark.parametrize, but in one test: for what is quicker than to start a test.

    The values may be told by a function of the kernel's name, which the test is given too. It stops
    at the first that fails, and says which.
    """
    names = [name.strip() for name in arguments.split(",")]

    def decorate(test):
        @wraps(test)
        def test_all(*args, **kwargs):
            for value in values(kwargs["name"]) if callable(values) else values:
                given = value if len(names) > 1 else (value,)
                with case(*given):
                    test(*args, **kwargs, **dict(zip(names, given, strict=True)))

        asked = inspect.signature(test)
        kept = [p for name, p in asked.parameters.items() if name not in names]
        test_all.__signature__ = asked.replace(parameters=kept)
        return test_all

    return decorate
