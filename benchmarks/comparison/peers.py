"""The contestants: how each library says what a workload asks for, and what it refuses."""

import math
from collections.abc import Callable
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from timeit import Timer

import numpy as np
from benchmarks.common import FUNCTIONS

import relu_ufunc
from relu_ufunc import _relu_ufunc

from .cases import ONE_THREAD, RECYCLED
from .formulas import FORMULAS

OURS = "relu_ufunc"
NOT_INSTALLED = "not installed"
PAGE = 4096  # or a part of one
CACHED = 2**22  # bytes, at most: a copy of more is slow wherever it lies
NO_OUT = "cannot write into out="
NO_FUNCTION = "has no such function"
PARAMETERS = {kernel.name: kernel.parameter for kernel in _relu_ufunc.KERNELS}


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
    """relu_ufunc as a user writes it: a default is left out, an alpha given by keyword."""

    name = OURS
    packages = ("relu_ufunc",)

    def hold(self, threads, enforced, module):
        if not hasattr(module, "set_num_threads"):
            return 1
        module.set_num_threads(threads)
        return module.get_num_threads()

    def prepare(self, work, operands):
        if not hasattr(relu_ufunc, work.function):
            raise Refused("this version does not have the function")
        arguments = ", ".join(map(self.argument(work), work.arguments)).removesuffix(", ")
        scope = scope_of(work, operands, **{work.function: getattr(relu_ufunc, work.function)})
        return f"{work.function}({arguments}{out_of(work)})", scope

    @staticmethod
    def argument(work):
        keyword = PARAMETERS[work.function]

        def say(name):
            if name != "s" or work.slope or keyword == "slope":
                return name
            # Left out, float16 gets the same number: the parameter is rounded to the dtype.
            return "" if work.parameter is None else f"{keyword}={work.parameter:g}"

        return say

    def contestant(self, work, operands):
        mine = super().contestant(work, operands)
        mine.kind = "own"
        return mine

    def variant(self, name, work, operands):
        """relu_ufunc run in another way."""
        mine = self.contestant(work, operands)
        mine.name = name
        if name == ONE_THREAD:
            mine.around, mine.threads = needs("set_num_threads", one_thread), 1
        if name == RECYCLED:
            mine.around = needs("recycle_outputs", relu_ufunc_recycling)
        return mine


def needs(feature, around):
    if not hasattr(relu_ufunc, feature):
        raise Refused(f"this version has no {feature}")
    return around


@contextmanager
def one_thread():
    before = relu_ufunc.set_num_threads(1)
    try:
        yield
    finally:
        relu_ufunc.set_num_threads(before)


def relu_ufunc_recycling():
    return relu_ufunc.recycle_outputs()


class NumPy(Peer):
    name = "NumPy"
    packages = ("numpy",)
    has_pool = False

    def prepare(self, work, operands):
        if work.function == "relu":  # a call of its own: no Python function is to slow it down
            scope = scope_of(work, operands, maximum=np.maximum)
            return f"maximum(x, 0{out_of(work)})", scope
        scope = scope_of(work, operands, plain=FUNCTIONS[work.function].numpy)
        return f"plain({', '.join(work.arguments)}{out_of(work)})", scope


def typed(work, operands):
    """The operands for those who take a Python float for float64."""
    kind = operands.dtype.type
    named = dict(operands.named)
    if "s" in named and not work.slope:
        named["s"] = kind(named["s"])
    return named | {"zero": kind(0), "one": kind(1)}


class Numexpr(Peer):
    name = "numexpr"
    packages = ("numexpr",)

    def hold(self, threads, enforced, module):
        module.set_num_threads(threads)
        return module.get_num_threads()

    def prepare(self, work, operands):
        evaluate = import_module("numexpr").evaluate
        names = typed(work, operands)
        scope = {"evaluate": evaluate, "names": names}
        calls = []
        for i, (tested, negative, otherwise) in enumerate(FORMULAS[work.function]):
            scope[f"o{i}"] = operands.new[i]
            out = "" if work.output == "fresh" else f", out=o{i}"
            expression = f"where({tested} <= 0, {negative}, {otherwise})"
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
        make = numba_loop if self.splits(work) else numba_ufunc
        scope = typed(work, operands) | {"empty_like": np.empty_like}
        arguments = ", ".join(work.arguments)
        calls = []
        for i, branches in enumerate(FORMULAS[work.function]):
            scope |= {f"f{i}": make(branches, work.arguments, work.dtype), f"o{i}": operands.new[i]}
            out = f", o{i}"
            if work.output == "fresh":
                out = f", empty_like({work.arguments[0]})" if make is numba_loop else ""
            calls.append(f"f{i}({arguments}{out})")
        return ", ".join(calls), scope

    def contestant(self, work, operands):
        theirs = super().contestant(work, operands)
        theirs.threads = self.threads if self.splits(work) else 1
        return theirs


def scalar_function(branches, arguments, dtype):
    kind = np.dtype(dtype).type
    constants = {"zero": kind(0), "one": kind(1), "exp": math.exp, "expm1": math.expm1}
    tested, negative, otherwise = branches
    source = f"lambda {', '.join(arguments)}: ({negative}) if {tested} <= 0 else ({otherwise})"
    return eval(source, constants)


@cache
def numba_ufunc(branches, arguments, dtype):
    import numba

    signature = f"{dtype}({', '.join([dtype] * len(arguments))})"
    return numba.vectorize([signature])(scalar_function(branches, arguments, dtype))


@cache
def numba_loop(branches, arguments, dtype):
    import numba

    each = ", ".join(name if name == "s" else f"{name}[i]" for name in arguments)
    source = f"""
def loop({", ".join(arguments)}, o):
    for i in prange(o.size):
        o[i] = f({each})
    return o
"""
    scope = {"f": numba.njit(scalar_function(branches, arguments, dtype)), "prange": numba.prange}
    exec(source, scope)
    return numba.njit(parallel=True)(scope["loop"])


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
