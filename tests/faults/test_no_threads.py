"""Where the system gives no threads, calls are computed by those there are."""

CODE = """
import numpy as np
from running_out import refuse_threads
import relu_ufunc
from relu_ufunc import _relu_ufunc

x = np.linspace(-5, 5, 3000, dtype="f")
relu_ufunc.set_num_threads(1)
want = relu_ufunc.elu(x).tobytes()
_relu_ufunc.share_always(True)

def refused(times):
    refuse_threads(True)
    for _ in range(times):
        assert relu_ufunc.elu(x).tobytes() == want
    return refuse_threads(False)

relu_ufunc.set_num_threads(3)
print(refused(1), refused(999), refused(1))  # none, and it asks again after a thousand calls
assert relu_ufunc.elu(x).tobytes() == want
relu_ufunc.set_num_threads(2)
for _ in range(1000):
    relu_ufunc.elu(x)  # one can be had
relu_ufunc.set_num_threads(3)
print(refused(1))  # but no second one
assert relu_ufunc.elu(x).tobytes() == want
"""


def test_no_thread_can_be_had_and_then_only_one(faulty_python):
    """The pool asks again after a thousand calls: to be refused takes time as well."""
    assert faulty_python("-c", CODE).split() == ["1", "0", "1", "1"]
