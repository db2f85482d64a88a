"""bfloat16, which ml_dtypes gives to NumPy, is a dtype like the others.

What it answers is for the tests of all dtypes to say.
"""

import os
import shlex
import shutil

import ml_dtypes
import numpy as np
import oracle
import pytest
from kinds import SIGNATURES, every_signature
from processes import ROOT, output, python, run
from samples import operands

import relu_ufunc as ru
from relu_ufunc import prelu_backward, prelu_vjp
from relu_ufunc.testing import as_tuple, assert_same_bits

BF16 = np.dtype(ml_dtypes.bfloat16)
X = np.arange(-3, 4).astype(BF16)

CHECK = """
import numpy as np
dtype = np.dtype(ml_dtypes.bfloat16)
x = np.array([-1, 2], dtype)
results = [relu_ufunc.relu(x), relu_ufunc.elu(x), relu_ufunc.leaky_relu(x, 0.5)]
results += relu_ufunc.prelu_backward(x, x, 2)
for table in map(_relu_ufunc.ufuncs_of, _relu_ufunc.isas()):
    results += [table["relu"](x), table["elu"](x, alpha=0.5)]
assert all(r.dtype == dtype for r in results), results
print("fine")
"""
OURS = "import relu_ufunc; from relu_ufunc import _relu_ufunc"
FAILED_FIRST = f"""{OURS}
import sys, numpy
sys.modules["numpy"] = None
try:
    import ml_dtypes
except ImportError:
    sys.modules["numpy"] = numpy
"""
USED = f"{OURS}; _relu_ufunc.ufuncs_of('scalar')['elu'](1.0)"


@pytest.mark.parametrize(
    "imports",
    [
        f"import ml_dtypes; {OURS}",
        f"{OURS}; import ml_dtypes",
        f"{USED}; import ml_dtypes",
        f"{OURS}; import importlib; ml_dtypes = importlib.import_module('ml_dtypes')",
        f"{OURS}; from ml_dtypes import bfloat16; import ml_dtypes",
        f"{OURS}; import ml_dtypes, importlib; importlib.reload(ml_dtypes)",
        # "Is it installed?" is not an import.
        f"{OURS}; import importlib.util; importlib.util.find_spec('ml_dtypes'); import ml_dtypes",
        f"{FAILED_FIRST}\nimport ml_dtypes",
    ],
)
def test_either_package_may_be_imported_first(imports):
    assert output(python("-W", "error", "-c", f"{imports}\n{CHECK}")) == "fine"


def test_a_blocked_ml_dtypes_is_no_obstacle():
    code = f"import sys; sys.modules['ml_dtypes'] = None; {OURS}; print(relu_ufunc.relu(-1.0))"
    assert output(python("-c", code)) == "0.0"


def test_ml_dtypes_is_not_imported_for_those_who_do_not_use_it():
    code = f"{OURS}; import sys; assert 'ml_dtypes' not in sys.modules"
    output(python("-c", code))


def test_the_import_of_ml_dtypes_is_as_it_was_otherwise():
    code = f"""
import sys
{OURS}
import ml_dtypes, importlib.util
from importlib.machinery import SourceFileLoader
assert type(ml_dtypes.__loader__) is type(ml_dtypes.__spec__.loader) is SourceFileLoader
assert importlib.util.find_spec("ml_dtypes").origin == ml_dtypes.__file__
"""
    output(python("-c", code))


ABSENT = """
import sys
class Blocked:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] == "ml_dtypes":
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
sys.meta_path.insert(0, Blocked())
"""
REMOVED = """
import sys
import importlib.machinery
find = importlib.machinery.PathFinder.find_spec
class Without:
    @staticmethod
    def find_spec(name, path=None, target=None):
        return None if name.partition(".")[0] == "ml_dtypes" else find(name, path, target)
sys.meta_path = [Without if f is importlib.machinery.PathFinder else f for f in sys.meta_path]
"""


@pytest.mark.parametrize("without", [ABSENT, REMOVED], ids=["blocked", "not there"])
def test_without_ml_dtypes(without):
    code = f"""
{without}
import numpy as np
{OURS}
for attempt in range(2):
    try:
        import ml_dtypes
    except ModuleNotFoundError as error:
        assert error.name == "ml_dtypes"
    else:
        raise AssertionError("it was to be blocked")
assert relu_ufunc.elu(np.float32([1, -np.inf])).tolist() == [1, -1]
print("fine")
"""
    assert output(python("-W", "error", "-c", code)) == "fine"


@pytest.fixture(scope="module")
def faulty(tmp_path_factory):
    """Python that lets the registrations with NumPy fail: `fail_after(n)`."""
    compiler = shlex.split(os.environ.get("CC", "cc"))
    if os.name != "posix" or not shutil.which(compiler[0]):
        pytest.skip("no C compiler here")
    source = ROOT / "tests" / "c" / "faulty_registration.c"
    library = tmp_path_factory.mktemp("faulty") / "faulty_registration.so"
    undefined = ["-undefined", "dynamic_lookup"] if os.uname().sysname == "Darwin" else []
    output(run(*compiler, "-std=c11", "-shared", "-fPIC", *undefined, source, "-o", library))
    return f"""
import ctypes, sys
import numpy as np
import relu_ufunc
from relu_ufunc import _relu_ufunc

pointer = ctypes.pythonapi.PyCapsule_GetPointer
pointer.restype, pointer.argtypes = ctypes.c_void_p, [ctypes.py_object, ctypes.c_char_p]
library = ctypes.PyDLL({str(library)!r})
library.stand_in(ctypes.c_void_p(pointer(np._core._multiarray_umath._UFUNC_API, None)))
fail_after = library.fail_after

def forget():
    for name in [name for name in sys.modules if name.partition(".")[0] == "ml_dtypes"]:
        del sys.modules[name]

def fails(function, *arguments):
    try:
        function(*arguments)
    except MemoryError:
        return True
    return False

def check(bfloat16, isas):
    x = np.array([-1, 2], bfloat16)
    for table in map(_relu_ufunc.ufuncs_of, isas):
        for name, ufunc in table.items():
            arguments = [x] + [0.5] * (ufunc.nin - 1)
            results = ufunc(*arguments), ufunc(*reversed(arguments)), ufunc(*[x] * ufunc.nin)
            for result in results:
                for out in result if ufunc.nout == 2 else [result]:
                    assert out.dtype == x.dtype, name
"""


@pytest.mark.parametrize(
    "first", [0, 7, *(pytest.param(n, marks=pytest.mark.exhaustive) for n in (3, 11))]
)
def test_registration_goes_on_where_memory_has_run_out(faulty, first):
    """On importing ml_dtypes, with a dtype of its own each time."""
    code = f"""
for n in range({first}, 400, 15):
    forget()
    fail_after(n)
    if not fails(__import__, "ml_dtypes"):
        break
    fail_after(0)  # once more in the same place
    assert fails(__import__, "ml_dtypes")
    assert fail_after(-1) == 0
    import ml_dtypes
    check(ml_dtypes.bfloat16, [relu_ufunc.get_isa()])
assert n > 100
"""
    output(python("-c", faulty + code))


def test_registration_for_the_other_instruction_sets_goes_on_too(faulty):
    code = """
import ml_dtypes
for n, isa in enumerate(_relu_ufunc.isas()):
    fail_after(n * 30)
    made = isa == relu_ufunc.get_isa()
    assert made != fails(_relu_ufunc.ufuncs_of, isa)
    fail_after(-1)
    check(ml_dtypes.bfloat16, [isa])
forget()
fail_after(200)
assert fails(__import__, "ml_dtypes") or len(_relu_ufunc.isas()) == 1
fail_after(-1)
import ml_dtypes
check(ml_dtypes.bfloat16, _relu_ufunc.isas())
"""
    output(python("-c", faulty + code))


def test_a_registration_that_failed_as_relu_ufunc_was_imported(faulty):
    code = """
import ml_dtypes
for name in [name for name in sys.modules if name.partition(".")[0] == "relu_ufunc"]:
    del sys.modules[name]
forget()
finders = list(sys.meta_path)
del sys.meta_path[0]  # relu_ufunc's
import ml_dtypes
sys.meta_path[:] = finders
for n in (0, 50):
    fail_after(n)
    assert fails(__import__, "relu_ufunc")
fail_after(-1)
import relu_ufunc
check(ml_dtypes.bfloat16, _relu_ufunc.isas())
"""
    output(python("-c", faulty + code))


@pytest.mark.parametrize("number", [0.5, 2, True, -1.5])
@every_signature
@np.errstate(invalid="ignore")  # elu_backward_from_output takes no negative alpha
def test_python_numbers_leave_it_as_it_is(name, number):
    function = getattr(ru, name)
    for at in range(function.nin):
        inputs = [number] * function.nin
        inputs[at] = X
        got = as_tuple(function(*inputs))
        arrays = [np.full(X.shape, a, BF16) if a is number else a for a in inputs]
        assert_same_bits(got, as_tuple(function(*arrays)))
        assert all(out.dtype == BF16 for out in got)
    inputs, parameters = [X] * len(oracle.INPUTS[name]), oracle.PARAMETERS[name]
    by_keyword = function(*inputs, **dict.fromkeys(parameters, number))
    assert_same_bits(by_keyword, function(*inputs, *[number] * len(parameters)))


PROMOTED = [
    (np.float16(0.5), "f"),
    (np.float32(0.5), "f"),
    (np.float64(0.5), "d"),
    (np.longdouble(0.5), "g"),
    (np.float32([0.5]), "f"),
    (np.int8([2]), BF16),
    (np.int32([2]), "d"),
    (BF16.type(0.5), BF16),
]


@pytest.mark.parametrize(("other", "dtype"), PROMOTED, ids=lambda p: np.asarray(p).dtype.name)
@pytest.mark.parametrize("name", [name for name in SIGNATURES if len(oracle.OPERANDS[name]) > 1])
@np.errstate(invalid="ignore")  # elu_backward_from_output takes no negative alpha
def test_other_dtypes_promote(name, other, dtype):
    function = getattr(ru, name)
    for at in range(function.nin):
        inputs = [X] * function.nin
        inputs[at] = other
        if name in oracle.FOR_INTEGERS and other.dtype.kind == "i":
            continue
        want = function(*(np.asarray(a).astype(dtype) for a in inputs))
        assert_same_bits(function(*inputs), want)
        assert all(out.dtype == dtype for out in as_tuple(want))


@every_signature
@np.errstate(all="ignore")
def test_out_where_and_dtype(name):
    function = getattr(ru, name)
    inputs = operands(name, "bfloat16", 100)
    want = as_tuple(function(*inputs))
    outs = tuple(np.full(100, 77, BF16) for _ in want)
    assert all(g is o for g, o in zip(as_tuple(function(*inputs, out=outs)), outs, strict=True))
    assert_same_bits(outs, want)
    where = np.arange(100) % 3 == 0
    outs = tuple(np.full(100, 77, BF16) for _ in want)
    function(*inputs, out=outs, where=where)
    assert_same_bits(outs, tuple(np.where(where, w, BF16.type(77)) for w in want))
    wide = tuple(np.empty(100, "f") for _ in want)
    function(*inputs, out=wide)
    assert_same_bits(wide, tuple(w.astype("f") for w in want))
    for given in ({"dtype": BF16}, {"signature": (BF16,) * function.nargs}):
        assert_same_bits(function(*inputs, **given), want)
    floats = [a.astype("f") for a in inputs]
    got = function(*floats, out=outs, casting="unsafe")
    assert_same_bits(got, tuple(f.astype(BF16) for f in as_tuple(function(*floats))))


@pytest.mark.parametrize("name", ["prelu", "elu", "relu_backward"])
def test_methods(name):
    function = getattr(ru, name)
    rows = np.resize(X, (4, 6))
    want = [rows[0]]
    for row in rows[1:]:
        want.append(function(want[-1], row))
    assert_same_bits(function.reduce(rows), want[-1])
    assert_same_bits(function.accumulate(rows), np.stack(want))
    assert_same_bits(function.outer(X, X), function(X[:, np.newaxis], X))
    x = X.copy()
    function.at(x, [0, 0, 2], X[1])
    assert_same_bits(
        x[:3], np.stack([function(function(X[0], X[1]), X[1]), X[1], function(X[2], X[1])])
    )


def test_no_axes_give_scalars():
    for got in (ru.relu(BF16.type(-1)), ru.elu(BF16.type(1), 0.5), ru.elu(np.ones((), BF16))):
        assert type(got) is BF16.type


@pytest.mark.parametrize("slope", [(), (6,), (5, 1), (5, 6)])
def test_prelu_vjp(slope):
    rng = np.random.default_rng(0)
    dy, x = rng.standard_normal((2, 5, 6)).astype(BF16)
    slope = rng.standard_normal(slope).astype(BF16)
    dx, dslope = prelu_vjp(dy, x, slope)
    full_dx, products = prelu_backward(dy, x, slope)
    assert_same_bits(dx, full_dx)
    axes = tuple(i for i, n in enumerate((1, 1, *slope.shape)[-2:]) if n == 1)
    want = products.astype("d").sum(axis=axes, keepdims=True).reshape(slope.shape).astype(BF16)
    assert dslope.dtype == BF16 and dslope.shape == slope.shape
    assert np.all(np.abs(dslope.astype("d") - want.astype("d")) <= 2.0**-8 * np.abs(want))
    assert prelu_vjp(dy, x, 0.5)[0].dtype == BF16
    assert prelu_vjp(dy, x, np.float32(0.5))[0].dtype == np.float32
