"""The contestants: how each library says what a workload asks for, and what it refuses."""

from collections.abc import Callable
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from timeit import Timer

import numpy as np
from benchmarks.functions import FUNCTIONS, KERNELS
from benchmarks.numpy_code import single_call

import relu_ufunc

from .cases import ONE_THREAD, RECYCLED
from .words import numba_outputs, numexpr_outputs

OURS = "relu_ufunc"
NOT_INSTALLED = "not installed"
PAGE = 4096  # or a part of one
CACHED = 2**22  # bytes, at most: a copy of more is slow wherever it lies
NO_OUT = "cannot write into out="
NO_FUNCTION = "has no such function"


class Refused(Exception):
    """The work would not be equal; the message says why."""


@dataclass
class Contestant:
    """Who runs which statement; the names in it are those of `scope`."""

    name: str
    statement: str
    scope: dict
    kind: str = "peer"  # own: relu_ufunc; peer: the same result; yardstick, limit: other work
    threads: int = 1
    around: Callable = nullcontext
    note: str = ""

    @property
    def checked(self):
        return self.kind in ("own", "peer")


class Peer:
    """A library. Making one imports it and holds it to a number of threads, or raises Refused."""

    name = ""
    packages = ()
    has_pool = True

    def __init__(self, threads, enforced):
        modules = [import_module(package) for package in self.packages]
        self.threads = self.hold(threads, enforced, *modules) if self.has_pool else 1
        if self.threads > threads:
            raise Refused(f"cannot be held to {threads} threads, it uses {self.threads}")

    @property
    def version(self):
        return version(self.packages[0])

    def hold(self, threads, enforced, *modules):
        """Restrain the library, and return the number of threads that it will use."""
        raise NotImplementedError

    def prepare(self, work, operands):
        """The statement, and the names in it."""
        raise NotImplementedError

    def contestant(self, work, operands):
        statement, scope = self.prepare(work, operands)
        return Contestant(self.name, statement, scope, threads=self.threads)


def out_of(work, keyword="out"):
    return "" if work.output == "fresh" else f", {keyword}=o"


def scope_of(work, operands, **others):
    """The operands by name, with `o` for the output."""
    return {**operands.named, "o": operands.out, **others}


class Own(Peer):
    """relu_ufunc as a user writes it: defaults are left out, other numbers given by keyword."""

    name = OURS
    packages = ("relu_ufunc",)

    def hold(self, threads, enforced, module):
        module.set_num_threads(threads)
        return module.get_num_threads()

    def prepare(self, work, operands):
        function = FUNCTIONS[work.function]
        arguments = [*function.arrays]
        for name, default in function.defaults.items():
            if work.slope or default is None:
                arguments.append(name)
            elif work.parameter is not None:
                arguments.append(f"{name}={work.parameter:g}")
            # Left out, float16 gets the same number: the parameter is rounded to the dtype.
        scope = scope_of(work, operands, **{work.function: getattr(relu_ufunc, work.function)})
        return f"{work.function}({', '.join(arguments)}{out_of(work)})", scope

    def contestant(self, work, operands):
        mine = super().contestant(work, operands)
        mine.kind = "own"
        return mine

    def variant(self, name, work, operands):
        """relu_ufunc run in another way."""
        mine = self.contestant(work, operands)
        mine.name = name
        if name == ONE_THREAD:
            mine.around, mine.threads = one_thread, 1
        if name == RECYCLED:
            mine.around = relu_ufunc.recycle_outputs
        return mine


@contextmanager
def one_thread():
    before = relu_ufunc.set_num_threads(1)
    try:
        yield
    finally:
        relu_ufunc.set_num_threads(before)


class NumPy(Peer):
    name = "NumPy"
    packages = ("numpy",)
    has_pool = False

    def prepare(self, work, operands):
        call = single_call(KERNELS[work.function])
        if call:  # no Python function is to slow it down
            statement, functions = call
            return f"{statement[:-1]}{out_of(work)})", scope_of(work, operands, **functions)
        function = FUNCTIONS[work.function]
        scope = scope_of(work, operands, plain=function.numpy)
        return f"plain({', '.join(function.inputs)}{out_of(work)})", scope


def typed(work, operands):
    """The operands for those who take a Python float for float64."""
    kind = operands.dtype.type
    return {
        name: value if isinstance(value, np.ndarray) else kind(value)
        for name, value in operands.named.items()
    }


class Numexpr(Peer):
    name = "numexpr"
    packages = ("numexpr",)

    def hold(self, threads, enforced, module):
        module.set_num_threads(threads)
        return module.get_num_threads()

    def prepare(self, work, operands):
        evaluate = import_module("numexpr").evaluate
        named = typed(work, operands)
        expressions, names = numexpr_outputs(work.function, named, operands.dtype)
        scope = {"evaluate": evaluate, "names": names}
        calls = []
        for i, expression in enumerate(expressions):
            scope[f"o{i}"] = operands.new[i]
            out = "" if work.output == "fresh" else f", out=o{i}"
            calls.append(f'evaluate("{expression}", names{out})')
        return ", ".join(calls), scope


class Numba(Peer):
    """A compiled ufunc; with threads, a loop: the ufuncs that numba splits are far slower."""

    name = "numba"
    packages = ("numba",)

    def hold(self, threads, enforced, module):
        module.set_num_threads(threads)
        return module.get_num_threads()

    def splits(self, work):
        """Whether one loop over the elements does the work."""
        vector = len(work.shape) == 1 and work.layout == "contiguous" and not work.slope
        return self.threads > 1 and vector

    def prepare(self, work, operands):
        compiled = numba_loops if self.splits(work) else numba_ufuncs
        scope = typed(work, operands) | {"empty_like": np.empty_like}
        inputs = FUNCTIONS[work.function].inputs
        calls = []
        for i, function in enumerate(compiled(work.function, work.dtype)):
            scope |= {f"f{i}": function, f"o{i}": operands.new[i]}
            out = f", o{i}"
            if work.output == "fresh":
                out = f", empty_like({inputs[0]})" if self.splits(work) else ""
            calls.append(f"f{i}({', '.join(inputs)}{out})")
        return ", ".join(calls), scope

    def contestant(self, work, operands):
        theirs = super().contestant(work, operands)
        theirs.threads = self.threads if self.splits(work) else 1
        return theirs


@cache
def numba_ufuncs(name, dtype):
    import numba

    signature = f"{dtype}({', '.join([dtype] * len(FUNCTIONS[name].inputs))})"
    return [numba.vectorize([signature])(function) for function in numba_outputs(name, dtype)]


@cache
def numba_loops(name, dtype):
    import numba

    function = FUNCTIONS[name]
    each = ", ".join([*(f"{array}[i]" for array in function.arrays), *function.defaults])
    source = f"""
def loop({", ".join(function.inputs)}, o):
    for i in prange(o.size):
        o[i] = f({each})
    return o
"""
    loops = []
    for output in numba_outputs(name, dtype):
        scope = {"f": numba.njit(output), "prange": numba.prange}
        exec(source, scope)
        loops.append(numba.njit(parallel=True)(scope["loop"]))
    return loops


def load(kind, threads, enforced):
    """The peer, or the reason why it is none."""
    try:
        return kind(threads, enforced)
    except Refused as refusal:
        return str(refusal)
    except ImportError as error:
        return missing(kind) or f"cannot be imported: {first_line(error)}"


def missing(kind):
    for package in kind.packages:
        try:
            version(package)
        except PackageNotFoundError:
            return NOT_INSTALLED if package == kind.packages[0] else f"{package} {NOT_INSTALLED}"
    return None


def first_line(error):
    lines = str(error).strip().splitlines()
    return f"{type(error).__name__}: {lines[0] if lines else ''}"[:120]


def yardstick(statement, work, operands):
    """A statement of NumPy's that does other work; `np.` is looked up beforehand."""
    functions = {name: getattr(np, name) for name in ("negative", "copyto", "add", "multiply")}
    code = statement.replace("np.", "")
    return Contestant(statement, code, scope_of(work, operands, **functions), kind="yardstick")


def memcpy(size):
    """A copy that moves so many bytes, reading half of them and writing half.

    A limit has no bad luck: where two arrays lie may make a copy half as fast, if they fit into a
    cache. Of several places, it is the best.
    """
    places = 5 if size <= CACHED else 1
    return min((copy_of(size // 2) for _ in range(places)), key=quickest)


def copy_of(size):
    a, b = paged(max(1, size), 2)
    return Contestant("memcpy", "copyto(b, a)", {"copyto": np.copyto, "a": a, "b": b}, kind="limit")


def quickest(contestant):
    timer = Timer(contestant.statement, globals=contestant.scope)
    return min(timer.repeat(20, 20))


def paged(size, count):
    """Vectors of so many bytes, all of them written to, each of which begins at a page."""
    stride = -(-size // PAGE) * PAGE
    block = np.ones(count * stride + PAGE, np.uint8)
    start = -block.ctypes.data % PAGE
    return [block[start + i * stride :][:size] for i in range(count)]
